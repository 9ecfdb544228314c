package models

import (
	"math"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
)

// Fields are named and cut as the operator sees them; strengths are there for the models whose operator has them.
func TestPairs(t *testing.T) {
	b := &batch.Batch{N: 40, Dense: make([]float32, 40*3)}
	for i := range b.Dense {
		b.Dense[i] = float32(math.Sin(float64(i)))
	}
	for f, field := range ctr.Sparse {
		var ids []int32
		for n := range b.N {
			ids = append(ids, int32(n*(f+1)%field.Rows))
		}
		b.Sparse = append(b.Sparse, batch.Bags{IDs: ids})
	}
	sparse := []string{"C1", "C2", "C3", "C4"}
	dense := append([]string{"I1", "I2", "I3"}, sparse...)
	for _, c := range []struct {
		model  string
		fields []string // nil: the model has no strengths
		cuts   []int
	}{
		{"name = \"fm\"\nembedding_dim = 4", dense, []int{0, 4, 8, 12, 16, 20, 24, 28}},
		{"name = \"dcnv2\"\nembedding_dim = 4", dense, []int{0, 1, 2, 3, 7, 11, 15, 19}}, // raw values and vectors in one row
		{"name = \"dlrm\"\nembedding_dim = 4", append([]string{"dense"}, sparse...), []int{0, 4, 8, 12, 16, 20}},
		{"name = \"ffm\"\nembedding_dim = 2", dense, []int{0, 14, 28, 42, 56, 70, 84, 98}},
		{"name = \"xdeepfm\"\nembedding_dim = 4", dense, []int{0, 4, 8, 12, 16, 20, 24, 28}},
		{"name = \"dnn\"\nembedding_dim = 4", nil, []int{0, 1, 2, 3, 7, 11, 15, 19}},
	} {
		config, err := decode(t, c.model)
		if err != nil {
			t.Fatal(err)
		}
		s, err := config.Spec(ctr)
		if err != nil {
			t.Fatal(err)
		}
		m := New(s, 64, 16, 2, 1)
		p, ok := m.Pairs(b)
		if ok != (c.fields != nil) || !slices.Equal(p.Fields, c.fields) || len(p.Strength) != len(c.fields)*(len(c.fields)-1)/2 {
			t.Errorf("%q: strengths %v of %v", c.model, p.Strength, p.Fields)
		}
		for i, v := range p.Strength {
			if !(v > 0) {
				t.Errorf("%q: pair %d has the strength %v", c.model, i, v)
			}
		}
		fields, x, ok := m.Embedded(b)
		if !ok || len(fields) != len(c.cuts)-1 || !slices.Equal(x.Cuts, c.cuts) {
			t.Errorf("%q: fields %v cut at %v, want %v", c.model, fields, x.Cuts, c.cuts)
		}
		// A row of the batch's end, which is in a later shard: C4's vector is its last.
		last := x.Of(39, x.Len()-1)
		if want := m.Lanes[0].groups[0].embeddings.Vectors(3).Row(int(b.Sparse[3].IDs[39])); !slices.Equal(last, want) {
			t.Errorf("%q: the last vector is %v", c.model, last)
		}
	}
}
