package datasets

import (
	"cmp"
	"encoding/json"
	"fmt"

	"ctrlab/internal/strict"
)

// Dense are a synthetic set's dense features: in a file a number of them, named d0, d1, …, or a list.
type Dense struct {
	Count int
	List  []DenseColumn
}

// DenseColumn is one dense feature, N(0, 1).
type DenseColumn struct {
	Name    string   `json:"name"`              // d and its place in the list where it is not given
	Of      string   `json:"of,omitempty"`      // a one-hot field, of whose id it is a function
	Noise   float64  `json:"noise,omitempty"`   // share of rows in which it is not, with of
	Missing *float64 `json:"missing,omitempty"` // share of rows that have 0; the set's where it is not given
}

// DecodeValue accepts a number or a list of tables.
func (d *Dense) DecodeValue(v any, at strict.Place) error {
	switch v.(type) {
	case []any, []*strict.Table:
		*d = Dense{}
		err := at.Decode(v, &d.List)
		for i := range d.List {
			d.List[i].Name = cmp.Or(d.List[i].Name, numbered("d", i))
		}
		return err
	case int64, float64:
		*d = Dense{}
		if err := at.Decode(v, &d.Count); err != nil || d.Count >= 0 && d.Count <= maxFields {
			return err
		}
		return at.Errorf("is %d, want 0 to %d", d.Count, maxFields)
	}
	return at.Errorf("is neither a number of dense features nor a list of tables { name, of, noise, missing }")
}

// MarshalJSON writes what DecodeValue reads.
func (d Dense) MarshalJSON() ([]byte, error) {
	if d.List != nil {
		return json.Marshal(d.List)
	}
	return json.Marshal(d.Count)
}

// Check refuses values out of range.
func (d DenseColumn) Check() error {
	if d.Missing != nil && !between(*d.Missing, 0, maxMissing) {
		return fmt.Errorf("missing is %g, want 0 to %g", *d.Missing, maxMissing)
	}
	return checkNoise(d.Noise, d.Of)
}

func (d Dense) resolve() []DenseColumn {
	list := make([]DenseColumn, max(d.Count, len(d.List)))
	for i := range list {
		list[i].Name = numbered("d", i)
	}
	copy(list, d.List)
	return list
}

func (d *DenseColumn) resolve(o Synthetic) { d.Missing = cmp.Or(d.Missing, &o.Missing) }
