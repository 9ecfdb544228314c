package datasets

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
)

// Fields are a synthetic set's categorical fields: in a file a number of equal ones, named f0, f1, …, or a list.
type Fields struct {
	Count int
	List  []Field
}

// Field is one categorical field of a synthetic set. What the set has too is the set's where it is not given.
type Field struct {
	Name     string    `json:"name"` // f and its place in the list where it is not given
	Rows     int       `json:"rows,omitempty"`
	Zipf     *float64  `json:"zipf,omitempty"`
	MultiHot int       `json:"multi_hot,omitempty"` // mean length of a bag, which is uniform on 0 … 2·multi_hot, with replacement; 0 is one-hot
	Pool     string    `json:"pool,omitempty"`      // sum (the default) or mean, where multi_hot
	Of       string    `json:"of,omitempty"`        // a one-hot field before it, of whose id this field's are a function
	Noise    float64   `json:"noise,omitempty"`     // share of rows in which they are not, with of
	Missing  *float64  `json:"missing,omitempty"`   // share of rows that have the id 0, which then is no other's, or an empty bag
	Cold     *float64  `json:"cold,omitempty"`      // share of ids that train does not have
	Locality *Locality `json:"locality,omitempty"`
}

const maxFields = 10000

// DecodeValue accepts a number or a list of tables.
func (f *Fields) DecodeValue(v any, at strict.Place) error {
	switch v.(type) {
	case []any, []*strict.Table:
		*f = Fields{}
		err := at.Decode(v, &f.List)
		for i := range f.List {
			f.List[i].Name = cmp.Or(f.List[i].Name, numbered("f", i))
		}
		return err
	case int64, float64:
		*f = Fields{}
		if err := at.Decode(v, &f.Count); err != nil || f.Count >= 0 && f.Count <= maxFields {
			return err
		}
		return at.Errorf("is %d, want 0 to %d", f.Count, maxFields)
	}
	return at.Errorf("is neither a number of fields nor a list of tables { name, rows, zipf, multi_hot }")
}

func numbered(letter string, i int) string { return fmt.Sprintf("%s%d", letter, i) }

// MarshalJSON writes what DecodeValue reads.
func (f Fields) MarshalJSON() ([]byte, error) {
	if f.List != nil {
		return json.Marshal(f.List)
	}
	return json.Marshal(f.Count)
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
	case f.Missing != nil && !between(*f.Missing, 0, maxMissing):
		return fmt.Errorf("missing is %g, want 0 to %g", *f.Missing, maxMissing)
	case f.Cold != nil && !between(*f.Cold, 0, maxCold):
		return fmt.Errorf("cold is %g, want 0 to %g", *f.Cold, maxCold)
	case f.Cold != nil && *f.Cold > 0 && f.Of != "":
		return fmt.Errorf("cold is for fields without of, which have their ids from another")
	case f.Locality != nil && (f.Of != "" || f.MultiHot > 0):
		return fmt.Errorf("locality is for fields without of and multi_hot")
	}
	return checkNoise(f.Noise, f.Of)
}

func checkNoise(noise float64, of string) error {
	switch {
	case !between(noise, 0, 1):
		return fmt.Errorf("noise is %g, want 0 to 1", noise)
	case noise > 0 && of == "":
		return fmt.Errorf("noise is for columns with of")
	}
	return nil
}

const (
	maxRows = 1<<31 - 1
	maxZipf = 10
	maxBag  = 1000
)

// resolve returns a field for each.
func (f Fields) resolve() []Field {
	list := make([]Field, max(f.Count, len(f.List)))
	for i := range list {
		list[i].Name = numbered("f", i)
	}
	copy(list, f.List)
	return list
}

// resolve leaves nothing to guess; a set's cold and locality are not for fields that cannot have them.
func (f *Field) resolve(o Synthetic) {
	none := 0.0
	f.Rows = cmp.Or(f.Rows, o.RowsPerField)
	f.Zipf = cmp.Or(f.Zipf, &o.Zipf)
	f.Missing = cmp.Or(f.Missing, &o.Missing)
	if f.Of == "" {
		f.Cold = cmp.Or(f.Cold, &o.Cold)
	} else {
		f.Cold = &none
	}
	if f.Of == "" && f.MultiHot == 0 {
		f.Locality = cmp.Or(f.Locality, o.Locality)
	}
}

// fit refuses what does not go with the fields before it.
func (f Field) fit(before []Field) error {
	if f.values() < 1 {
		return fmt.Errorf("missing takes the id 0, and rows is %d", f.Rows)
	}
	return checkOf(f.Of, before)
}

// reserves says whether id 0 stands for a missing value.
func (f Field) reserves() bool { return *f.Missing > 0 && f.MultiHot == 0 }

// values is how many ids stand for a value.
func (f Field) values() int {
	if f.reserves() {
		return f.Rows - 1
	}
	return f.Rows
}

// coldFrom is where the first cold id is between the ones before and behind it: behind the most frequent one.
const coldFrom = 0.25

// isCold spreads the cold ids evenly over all, from frequent to rare ones.
func (f *Field) isCold(id int32) bool {
	before := float64(id)**f.Cold + coldFrom
	return math.Floor(before+*f.Cold) > math.Floor(before)
}

// warm is how many of them are not cold.
func (f Field) warm() int { return f.values() - int(float64(f.values())**f.Cold+coldFrom) }

func (f Field) schema() batch.Field {
	pool := batch.Sum
	if f.Pool == "mean" {
		pool = batch.Mean
	}
	return batch.Field{Name: f.Name, Rows: f.Rows, MultiHot: f.MultiHot > 0, Pool: pool}
}

func between(x, lo, hi float64) bool { return x >= lo && x <= hi }
