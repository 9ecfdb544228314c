package bench

import (
	"slices"
	"testing"
)

func TestSweepsChangeOneSize(t *testing.T) {
	c, _ := FindConfig("ctr39")
	for _, s := range []struct {
		sizes
		fields, rows int
		width        int64 // of an embedding
	}{
		{sizes{}, 26, 38461, 16},
		{sizes{fields: 4}, 4, 38461, 16},
		{sizes{fields: 40}, 40, 38461, 16},
		{sizes{rows: 1000}, 26, 1000, 16},
		{sizes{dim: 32}, 26, 38461, 32},
	} {
		shaped := c.shaped(s.sizes)
		variants, err := shaped.Variants("deepfm")
		if err != nil {
			t.Fatal(err)
		}
		if n := len(shaped.schema.Sparse); n != s.fields || shaped.schema.Sparse[n-1].Rows != s.rows {
			t.Errorf("%+v: %d fields of %d rows, want %d of %d", s.sizes, n, shaped.schema.Sparse[n-1].Rows, s.fields, s.rows)
		}
		// a row of width and one of the linear term for each id
		if got, want := variants[0].Spec.Cost().Tables, int64(s.fields)*int64(s.rows)*(s.width+1); got != want {
			t.Errorf("%+v: tables of %d numbers, want %d", s.sizes, got, want)
		}
	}
	if len(c.schema.Sparse) != 26 || c.schema.Sparse[0].Rows != 38461 {
		t.Error("a sweep has changed the table of configurations")
	}
}

func TestSweepOptions(t *testing.T) {
	s, err := FindSweep("dim")
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Options(Options{Config: "ncf", Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	var values []int
	for _, o := range all {
		if o.Model != "neumf" || o.shape.dim != o.value || o.sweep != "dim" {
			t.Errorf("%+v", o)
		}
		values = append(values, o.value)
	}
	if !slices.Equal(values, s.Values) {
		t.Errorf("%v, want %v", values, s.Values)
	}
	fields, _ := FindSweep("fields")
	if _, err := fields.Options(Options{Config: "ncf"}); err == nil {
		t.Error("the fields of ncf can be swept")
	}
	if _, err := FindSweep("depth"); err == nil {
		t.Error("depth can be swept")
	}
}
