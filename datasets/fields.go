package datasets

import (
	"cmp"
	"encoding/json"
	"fmt"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
)

// Fields are a synthetic set's categorical fields: in a file a number of equal ones, named f0, f1, …, or a list.
type Fields struct {
	Count int
	List  []Field
}

// Field is one categorical field of a synthetic set. Rows and Zipf are the set's own where they are not given.
type Field struct {
	Name     string   `json:"name"` // f and its place in the list where it is not given
	Rows     int      `json:"rows,omitempty"`
	Zipf     *float64 `json:"zipf,omitempty"`
	MultiHot int      `json:"multi_hot,omitempty"` // mean length of a bag, which is uniform on 0 … 2·multi_hot, with replacement; 0 is one-hot
	Pool     string   `json:"pool,omitempty"`      // sum (the default) or mean, where multi_hot
}

const maxFields = 10000

// DecodeValue accepts a number or a list of tables.
func (f *Fields) DecodeValue(v any, at strict.Place) error {
	switch v.(type) {
	case []any, []*strict.Table:
		*f = Fields{}
		err := at.Decode(v, &f.List)
		for i := range f.List {
			f.List[i].Name = cmp.Or(f.List[i].Name, numbered(i))
		}
		return err
	case int64, float64:
		*f = Fields{}
		return at.Decode(v, &f.Count)
	}
	return at.Errorf("is neither a number of fields nor a list of tables { name, rows, zipf, multi_hot }")
}

func numbered(i int) string { return fmt.Sprintf("f%d", i) }

// MarshalJSON writes what DecodeValue reads.
func (f Fields) MarshalJSON() ([]byte, error) {
	if f.List != nil {
		return json.Marshal(f.List)
	}
	return json.Marshal(f.Count)
}

func (f Fields) check() error {
	if f.Count < 0 || max(f.Count, len(f.List)) > maxFields {
		return fmt.Errorf("fields is %d, want 0 to %d", max(f.Count, len(f.List)), maxFields)
	}
	seen := map[string]bool{}
	for i, d := range f.List {
		if seen[d.Name] {
			return fmt.Errorf("fields[%d].name is %q, which another field has", i, d.Name)
		}
		seen[d.Name] = true
	}
	return nil
}

// Check refuses values out of range.
func (f Field) Check() error {
	switch {
	case f.Rows < 0 || f.Rows > maxRows:
		return fmt.Errorf("rows is %d, want 1 to %d", f.Rows, maxRows)
	case f.Zipf != nil && !between(*f.Zipf, 0, maxZipf):
		return fmt.Errorf("zipf is %g, want 0 to %d", *f.Zipf, maxZipf)
	case f.MultiHot < 0 || f.MultiHot > maxBag:
		return fmt.Errorf("multi_hot is %d, want 0 to %d", f.MultiHot, maxBag)
	case f.Pool != "" && f.Pool != "sum" && f.Pool != "mean":
		return fmt.Errorf("pool is %q, want sum or mean", f.Pool)
	case f.Pool != "" && f.MultiHot == 0:
		return fmt.Errorf("pool is for fields with multi_hot")
	}
	return nil
}

const (
	maxRows = 1<<31 - 1
	maxZipf = 10
	maxBag  = 1000
)

// resolve returns the fields with nothing left to guess.
func (f Fields) resolve(rows int, s float64) []Field {
	list := make([]Field, max(f.Count, len(f.List)))
	for i := range list {
		list[i].Name = numbered(i)
	}
	copy(list, f.List)
	for i := range list {
		if list[i].Rows == 0 {
			list[i].Rows = rows
		}
		if list[i].Zipf == nil {
			list[i].Zipf = &s
		}
	}
	return list
}

func (f Field) schema() batch.Field {
	pool := batch.Sum
	if f.Pool == "mean" {
		pool = batch.Mean
	}
	return batch.Field{Name: f.Name, Rows: f.Rows, MultiHot: f.MultiHot > 0, Pool: pool}
}

func between(x, lo, hi float64) bool { return x >= lo && x <= hi }
