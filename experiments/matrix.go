package experiments

import (
	"iter"
	"slices"
	"strings"

	"ctrlab/internal/strict"
	"ctrlab/models"
)

// axis is a key with the values that it takes.
type axis struct {
	key    string // model.embedding_dim
	values []any  // raw
	at     strict.Place
}

func (a axis) section() string { s, _, _ := strings.Cut(a.key, "."); return s }
func (a axis) path() []string  { return strings.Split(a.key, ".")[1:] }

// cell is a key with one value.
type cell struct {
	key   string
	value any
}

const maxTrials = 100_000

// readMatrix reads [matrix] and its excludes.
func (d *document) readMatrix() error {
	t, err := d.root.Table("matrix")
	if t == nil || err != nil {
		return err
	}
	if err := d.readAxes(t, ""); err != nil {
		return err
	}
	excludes, err := t.Tables("exclude")
	if err != nil {
		return err
	}
	for _, x := range excludes {
		if len(x.Keys()) == 0 {
			return x.Errorf("", "is empty, want the values of a combination to leave out")
		}
		cells, err := d.readExclude(x, "")
		if err != nil {
			return err
		}
		d.excludes = append(d.excludes, cells)
	}
	return nil
}

// readAxes takes "model.top" = […] and the unquoted model.top = […], which TOML nests, alike.
func (d *document) readAxes(t *strict.Table, prefix string) error {
	for _, k := range t.InOrder() {
		if prefix == "" && k == "exclude" {
			continue
		}
		a := axis{key: prefix + k, at: t.At(k)}
		v, _ := t.Get(k)
		switch v := v.(type) {
		case *strict.Table:
			if err := d.readAxes(v, a.key+"."); err != nil {
				return err
			}
			continue
		case []*strict.Table:
			for _, e := range v {
				a.values = append(a.values, e)
			}
		case []any:
			a.values = v
		default:
			return a.at.Errorf("is %s, want a list of values", show(v))
		}
		if err := d.addAxis(a); err != nil {
			return err
		}
	}
	return nil
}

// addAxis puts an axis in the place of one of the same key, or last.
func (d *document) addAxis(a axis) error {
	if s := a.section(); !slices.Contains([]string{"data", "train", "model"}, s) || s == a.key || strings.HasSuffix(a.key, ".") {
		return a.at.Errorf("is no key to vary, want one of data, train or model, like model.embedding_dim")
	}
	if len(a.values) == 0 {
		return a.at.Errorf("is empty, want a list of values")
	}
	for i, v := range a.values {
		if slices.ContainsFunc(a.values[:i], func(w any) bool { return equal(v, w) }) {
			return a.at.Errorf("has %s twice", show(v))
		}
	}
	if err := d.usable(a); err != nil {
		return err
	}
	i := slices.IndexFunc(d.axes, func(b axis) bool { return b.key == a.key })
	if i < 0 {
		d.axes = append(d.axes, a)
	} else {
		d.axes[i] = a
	}
	return nil
}

// isFor says whether a model has the axis's key, and a use for it.
func (a axis) isFor(model *strict.Table) bool {
	if a.section() != "model" || a.key == "model.preset" {
		return true
	}
	if !strict.HasKey(optionsOf(model), a.path()...) {
		return false
	}
	c, err := models.Decode(model, besideModel...)
	return err != nil || c.Uses(a.path()[0])
}

// usable refuses an axis that no model has.
func (d *document) usable(a axis) error {
	if a.section() != "model" || slices.ContainsFunc(d.models, a.isFor) {
		return nil
	}
	var keys []string
	for _, m := range d.models {
		keys = append(keys, strict.Fields(optionsOf(m))...)
	}
	if near := strict.Nearest(strings.Join(a.path(), "."), keys); near != "" {
		return a.at.Errorf("is a key of no model here; did you mean model.%s?", near)
	}
	return a.at.Errorf("is a key of no model here")
}

func (d *document) readExclude(t *strict.Table, prefix string) (cells []cell, err error) {
	for _, k := range t.InOrder() {
		key := prefix + k
		v, _ := t.Get(k)
		i := slices.IndexFunc(d.axes, func(a axis) bool { return a.key == key })
		if sub, ok := v.(*strict.Table); ok && i < 0 {
			more, err := d.readExclude(sub, key+".")
			if err != nil {
				return nil, err
			}
			cells = append(cells, more...)
			continue
		}
		if i < 0 {
			return nil, t.Errorf(k, "is no key of the matrix")
		}
		if !slices.ContainsFunc(d.axes[i].values, func(w any) bool { return equal(v, w) }) {
			return nil, t.Errorf(k, "is %s, which is no value of that key in the matrix", show(v))
		}
		cells = append(cells, cell{key, v})
	}
	return cells, nil
}

// combinations walks the values of axes, the last one fastest, without what is excluded. The slice is the walk's own.
func (d *document) combinations(axes []axis) iter.Seq[[]cell] {
	return func(yield func([]cell) bool) {
		at := make([]int, len(axes))
		combo := make([]cell, len(axes))
		for {
			for i, a := range axes {
				combo[i] = cell{a.key, a.values[at[i]]}
			}
			if !d.excluded(combo) && !yield(combo) {
				return
			}
			i := len(axes) - 1
			for ; i >= 0; i-- {
				if at[i]++; at[i] < len(axes[i].values) {
					break
				}
				at[i] = 0
			}
			if i < 0 {
				return
			}
		}
	}
}

// excluded says whether some exclude has all its cells in the combination.
func (d *document) excluded(combo []cell) bool {
	return slices.ContainsFunc(d.excludes, func(x []cell) bool {
		return !slices.ContainsFunc(x, func(c cell) bool {
			return !slices.ContainsFunc(combo, func(b cell) bool { return b.key == c.key && equal(b.value, c.value) })
		})
	})
}
