package models

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"sort"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
)

// Budgets is what models can be sized to have the same of, by the name that files have for it.
var Budgets = []Budget{
	{"params", "dense parameters", func(c Cost) float64 { return float64(c.Params - c.Tables) }},
	{"flops", "operations", func(c Cost) float64 { return c.FLOPs }},
}

// Budget is a row of the table of budgets.
type Budget struct {
	Name, About string
	Of          func(Cost) float64 // embedding tables apart
}

// FindBudget returns the row with a name.
func FindBudget(name string) (Budget, bool) {
	i := slices.IndexFunc(Budgets, func(b Budget) bool { return b.Name == name })
	if i < 0 {
		return Budget{}, false
	}
	return Budgets[i], true
}

// Width is a key of a model's options with sizes that a budget may change.
type Width struct {
	Key   string
	Sizes []int // one, unless the key has a list
	List  bool
}

// String is a width as a file has it.
func (w Width) String() string {
	if !w.List {
		return fmt.Sprintf("%s=%d", w.Key, w.Sizes[0])
	}
	return w.Key + "=" + strings.ReplaceAll(fmt.Sprint(w.Sizes), " ", ",")
}

// Widths are what a budget may change of a model: the hidden sizes of its perceptrons, which its options tag width:"hidden", or
// where it has none, the sizes of its operator, width:"operator". They are empty where there is nothing to size.
func (c Config) Widths() []Width {
	for _, kind := range []string{"hidden", "operator"} {
		var all []Width
		rescale(addressable(c.Options), "", kind, func(w Width) []int {
			all = append(all, w)
			return w.Sizes
		})
		if all != nil {
			return all
		}
	}
	return nil
}

// maxWidest bounds the widest of a model's sizes in the search for those that meet a budget.
const maxWidest = 1 << 14

// Fit returns the model with all its widths in the proportion that they have, as near to a budget as they come; the widest is at
// most 16384. A model without widths is returned as it is.
func (c Config) Fit(schema batch.Schema, of Budget, budget float64) (Config, error) {
	if c.Widths() == nil {
		return c, nil
	}
	if _, err := c.Spec(schema); err != nil {
		return c, err
	}
	// What options refuse, such as halves of an odd size, has no cost: the next narrower one counts in its place.
	at := func(widest int) (best Config, cost float64) {
		for ; widest > 0; widest-- {
			if best, ok := c.sized(widest); ok {
				if s, err := best.Spec(schema); err == nil {
					return best, of.Of(s.Cost())
				}
			}
		}
		return c, 0
	}
	within := sort.Search(maxWidest, func(i int) bool { _, cost := at(i + 1); return cost > budget }) // the widest that does not exceed it
	best, off := c, math.Inf(1)
	for _, widest := range []int{max(within, 1), min(within+1, maxWidest)} {
		if sized, cost := at(widest); cost > 0 && math.Abs(cost-budget) < off {
			best, off = sized, math.Abs(cost-budget)
		}
	}
	return best, nil
}

// sized returns the model with its widest size set and the others in proportion, none under 2 that was not; ok says that its
// options take it.
func (c Config) sized(widest int) (out Config, ok bool) {
	widths, was := c.Widths(), 0
	for _, w := range widths {
		was = max(was, slices.Max(w.Sizes))
	}
	v := addressable(c.Options)
	for _, kind := range []string{"hidden", "operator"} {
		rescale(v, "", kind, func(w Width) []int {
			if !slices.ContainsFunc(widths, func(x Width) bool { return x.Key == w.Key }) {
				return w.Sizes
			}
			var scaled []int
			for _, h := range w.Sizes {
				scaled = append(scaled, max(min(h, 2), (2*h*widest+was)/(2*was)))
			}
			return scaled
		})
	}
	ok = strict.Check(v.Addr().Interface()) == nil
	c.Options = v.Interface()
	return c, ok
}

// addressable is a copy of a struct of options whose fields can be set.
func addressable(options any) reflect.Value {
	v := reflect.New(reflect.TypeOf(options)).Elem()
	v.Set(reflect.ValueOf(options))
	return v
}

// rescale replaces the sizes of a kind in options, in tables of theirs and in lists of tables, by what f makes of them. Lists are
// copied before they change.
func rescale(v reflect.Value, path, kind string, f func(Width) []int) {
	for i := range v.NumField() {
		field, about := v.Field(i), v.Type().Field(i)
		key, _, _ := strings.Cut(about.Tag.Get("json"), ",")
		tagged := about.Tag.Get("width") == kind
		switch {
		case field.Kind() == reflect.Struct && about.Anonymous:
			rescale(field, path, kind, f)
		case field.Kind() == reflect.Struct:
			rescale(field, path+key+".", kind, f)
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct:
			field.Set(reflect.AppendSlice(reflect.MakeSlice(field.Type(), 0, field.Len()), field))
			for k := range field.Len() {
				rescale(field.Index(k), fmt.Sprintf("%s%s[%d].", path, key, k), kind, f)
			}
		case tagged && field.Kind() == reflect.Int:
			field.SetInt(int64(f(Width{path + key, []int{int(field.Int())}, false})[0]))
		case tagged && field.Len() > 0:
			field.Set(reflect.ValueOf(f(Width{path + key, field.Interface().([]int), true})))
		}
	}
}
