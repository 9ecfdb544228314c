package datasets

import (
	"context"
	"math"
	"testing"
)

// openPlanted opens a set with terms over five fields and a dense feature.
func openPlanted(t *testing.T, drift float64, terms ...Truth) Planted {
	t.Helper()
	o := syntheticDefaults()
	o.Fields, o.Dense, o.Rows, o.RowsPerField, o.Drift, o.Truth = Fields{Count: 5}, Dense{Count: 1}, 1000, 20, drift, terms
	s, err := openSynthetic(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s.(Planted)
}

var columns = []string{"d0", "f0", "f1", "f2", "f3", "f4"}

// A term's strength is its standard deviation: of one pair alone it is the pair's, of several independent ones the squares add up.
func TestStrengths(t *testing.T) {
	at := func(i, j int) int { return pairAt(len(columns), i, j) }
	for name, c := range map[string]struct {
		terms []Truth
		only  []int // pairs; nil: some
		total float64
	}{
		"one pair":       {[]Truth{{"pairs", ProductTruth{Strength: 2, Dim: 4, Order: 2, Fields: [][]string{{"f3", "f1"}}}}}, []int{at(2, 4)}, 2},
		"a dense one":    {[]Truth{{"pairs", ProductTruth{Strength: 1, Dim: 4, Order: 2, Fields: [][]string{{"d0", "f0"}}}}}, []int{at(0, 1)}, 1},
		"parity of two":  {[]Truth{{"parity", ParityTruth{Strength: 3, Fields: [][]string{{"f0", "f4"}}}}}, []int{at(1, 5)}, 3},
		"fm":             {[]Truth{{"fm", FMTruth{Strength: 2, Dim: 4}}}, nil, 2},
		"bilinear":       {[]Truth{{"bilinear", BilinearTruth{Strength: 2, Dim: 4}}}, nil, 2},
		"fm and a line":  {[]Truth{{"linear", LinearTruth{Strength: 5}}, {"fm", FMTruth{Strength: 1, Dim: 2}}}, nil, 1},
		"nothing of two": {[]Truth{{"linear", LinearTruth{Strength: 1}}, {"order3", ProductTruth{Strength: 1, Dim: 2, Count: 2, Order: 3}}}, []int{}, 0},
	} {
		got := openPlanted(t, 0, c.terms...).Strengths(columns)
		sum := 0.0
		for p, x := range got {
			sum += x * x
			inside := false
			for _, o := range c.only {
				inside = inside || p == o
			}
			if c.only != nil && (x > 0) != inside {
				t.Errorf("%s: pair %d has %v", name, p, x)
			}
		}
		if len(got) != 15 || math.Abs(math.Sqrt(sum)-c.total) > 0.05*c.total { // 4096 rows of the sample, correlated by chance
			t.Errorf("%s: strengths %v come to %v, want %v", name, got, math.Sqrt(sum), c.total)
		}
	}
}

// A network is no sum over pairs, and a column must be the set's.
func TestNoStrengths(t *testing.T) {
	if got := openPlanted(t, 0, Truth{"mlp", MLPTruth{Strength: 1, Dim: 2, Hidden: []int{4}}}).Strengths(columns); got != nil {
		t.Errorf("of an mlp: %v", got)
	}
	if got := openPlanted(t, 0, Truth{"fm", FMTruth{Strength: 1, Dim: 2}}).Strengths([]string{"dense", "f0"}); got != nil {
		t.Errorf("of a column that there is not: %v", got)
	}
}

// The products of the latents that are given are the term.
func TestLatents(t *testing.T) {
	s := openPlanted(t, 0, Truth{"linear", LinearTruth{Strength: 1}}, Truth{"fm", FMTruth{Strength: 2, Dim: 3, Fields: []string{"f1", "f3"}}})
	ids := []int32{0, 7, 19}
	a, dim := s.Latents("f1", ids)
	b, _ := s.Latents("f3", ids)
	if dim != 3 || len(a) != 9 || len(b) != 9 {
		t.Fatalf("%d numbers of %d, %d", len(a), dim, len(b))
	}
	of := s.(*synthetic).terms[1].term.(fmTerm)
	block := &block{n: 3, tmp: make([]float32, 3*7), values: make([]float64, 3)}
	block.bags = append(block.bags, s.(*synthetic).drawer(1).batch.Sparse...)
	block.bags[1].IDs, block.bags[3].IDs = ids, ids
	of.values(block)
	for r, want := range block.values {
		if got := products(a[3*r:][:3], b[3*r:][:3], 3)[0]; math.Abs(got-want) > 1e-5 {
			t.Errorf("row %d: %v, want %v", r, got, want)
		}
	}
	if v, _ := s.Latents("f0", ids); v != nil {
		t.Error("f0 takes no part, and has latents")
	}
	if v, _ := openPlanted(t, 0.5, Truth{"fm", FMTruth{Strength: 2, Dim: 3}}).Latents("f0", ids); v != nil {
		t.Error("latents that turn are given as if they did not")
	}
}
