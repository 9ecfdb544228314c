package datasets

import (
	"cmp"
	"fmt"
	"slices"

	"ctrlab/internal/strict"
)

// LinearTruth is a weight for every id and dense feature. Fields, here and below, may name dense features too.
type LinearTruth struct {
	Strength float64  `json:"strength"` // standard deviation of the term, in logits
	Fields   []string `json:"fields,omitempty"`
}

// FMTruth is the product of latent vectors, summed over all pairs of the categorical fields, or of those listed.
type FMTruth struct {
	Strength float64  `json:"strength"`
	Dim      int      `json:"dim"`
	Fields   []string `json:"fields,omitempty"`
}

// ProductTruth is the product of a few fields' latent vectors, summed over dim and over the listed combinations
// of fields; without a list, over count random ones, or all there are if they are fewer.
type ProductTruth struct {
	Strength float64    `json:"strength"`
	Dim      int        `json:"dim"`
	Count    int        `json:"count"`
	Fields   [][]string `json:"fields,omitempty"`
	Order    int        `json:"-"` // which the kind says: 2, 3 or 4
}

// ParityTruth is ProductTruth with latents of ±1, over combinations of any length.
type ParityTruth struct {
	Strength float64    `json:"strength"`
	Order    int        `json:"order"` // of random combinations
	Count    int        `json:"count"`
	Fields   [][]string `json:"fields,omitempty"`
}

// BilinearTruth is FMTruth with a random matrix between the vectors of each pair.
type BilinearTruth struct {
	Strength float64  `json:"strength"`
	Dim      int      `json:"dim"`
	Fields   []string `json:"fields,omitempty"`
}

// MLPTruth is a random network with tanh after each hidden layer, on all columns, or those listed.
type MLPTruth struct {
	Strength float64  `json:"strength"`
	Dim      int      `json:"dim"` // of a column's vector, its input
	Hidden   []int    `json:"hidden"`
	Fields   []string `json:"fields,omitempty"`
}

const (
	maxDim      = 64
	maxStrength = 100
	maxCount    = 1000
	maxOrder    = 8
	maxHidden   = 256
)

func (o LinearTruth) strength() float64   { return o.Strength }
func (o FMTruth) strength() float64       { return o.Strength }
func (o ProductTruth) strength() float64  { return o.Strength }
func (o ParityTruth) strength() float64   { return o.Strength }
func (o BilinearTruth) strength() float64 { return o.Strength }
func (o MLPTruth) strength() float64      { return o.Strength }

// Check refuses values out of range.
func (o LinearTruth) Check() error { return checkStrength(o.Strength) }

// Check refuses values out of range.
func (o FMTruth) Check() error {
	return cmp.Or(checkStrength(o.Strength), checkInt("dim", o.Dim, maxDim))
}

// Check refuses values out of range.
func (o ProductTruth) Check() error {
	return cmp.Or(checkStrength(o.Strength), checkInt("dim", o.Dim, maxDim), checkInt("count", o.Count, maxCount))
}

// Check refuses values out of range.
func (o ParityTruth) Check() error {
	return cmp.Or(checkStrength(o.Strength), checkInt("order", o.Order, maxOrder), checkInt("count", o.Count, maxCount))
}

// Check refuses values out of range.
func (o BilinearTruth) Check() error {
	return cmp.Or(checkStrength(o.Strength), checkInt("dim", o.Dim, maxDim))
}

// Check refuses values out of range.
func (o MLPTruth) Check() error {
	err := cmp.Or(checkStrength(o.Strength), checkInt("dim", o.Dim, maxDim))
	for i, h := range o.Hidden {
		err = cmp.Or(err, checkInt(fmt.Sprintf("hidden[%d]", i), h, maxHidden))
	}
	return err
}

func (o LinearTruth) fit(c columnNames) error   { return c.list(o.Fields, 1) }
func (o FMTruth) fit(c columnNames) error       { return c.list(o.Fields, 2) }
func (o BilinearTruth) fit(c columnNames) error { return c.list(o.Fields, 2) }
func (o MLPTruth) fit(c columnNames) error      { return c.list(o.Fields, 1) }
func (o ProductTruth) fit(c columnNames) error  { return c.combinations(o.Fields, o.Order, o.Order) }
func (o ParityTruth) fit(c columnNames) error   { return c.combinations(o.Fields, o.Order, 0) }

func checkStrength(s float64) error {
	if !between(s, 1e-6, maxStrength) {
		return fmt.Errorf("strength is %g, want more than 0 and at most %d", s, maxStrength)
	}
	return nil
}

func checkInt(key string, v, most int) error {
	if v < 1 || v > most {
		return fmt.Errorf("%s is %d, want 1 to %d", key, v, most)
	}
	return nil
}

// columnNames are a set's columns: its dense features and then its categorical fields.
type columnNames struct{ dense, sparse []string }

// index returns a column's number, -1 if there is none of the name.
func (c columnNames) index(name string) int {
	return slices.Index(slices.Concat(c.dense, c.sparse), name)
}

// list checks the names of distinct columns; without any, that there are enough fields.
func (c columnNames) list(names []string, least int) error {
	if names == nil && least > 1 && len(c.sparse) < least {
		return fmt.Errorf("kind wants %d fields, and data.fields has %d", least, len(c.sparse))
	}
	if names != nil && len(names) < least {
		return fmt.Errorf("fields has %d names, want at least %d", len(names), least)
	}
	for i, name := range names {
		if err := c.name("fields", name, names[:i]); err != nil {
			return err
		}
	}
	return nil
}

func (c columnNames) name(key, name string, before []string) error {
	if slices.Contains(before, name) {
		return fmt.Errorf("%s names %q twice", key, name)
	}
	if c.index(name) >= 0 {
		return nil
	}
	hint := ""
	if near := strict.Nearest(name, slices.Concat(c.dense, c.sparse)); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return fmt.Errorf("%s names %q, which is no field of the data%s", key, name, hint)
}

// combinations checks lists of columns, each of a length unless that is 0; without any, that random ones of
// an order can be drawn.
func (c columnNames) combinations(lists [][]string, order, length int) error {
	if lists == nil && len(c.sparse) < order {
		return fmt.Errorf("kind wants %d fields, and data.fields has %d", order, len(c.sparse))
	}
	if lists != nil && len(lists) == 0 {
		return fmt.Errorf("fields is empty, want lists of fields")
	}
	for i, list := range lists {
		if length > 0 && len(list) != length || len(list) < 1 || len(list) > maxOrder {
			return fmt.Errorf("fields[%d] has %d names, want %d", i, len(list), max(length, 2))
		}
		for j, name := range list {
			if err := c.name(fmt.Sprintf("fields[%d]", i), name, list[:j]); err != nil {
				return err
			}
		}
	}
	return nil
}
