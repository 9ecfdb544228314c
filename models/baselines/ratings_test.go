package baselines

import (
	"math"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
)

// Three users and three items; id 0 is unknown. Rows are user, item, rating.
var few = [][3]float32{{1, 1, 5}, {1, 2, 3}, {2, 1, 4}, {2, 2, 2}, {3, 1, 3}, {3, 3, 1}, {2, 3, 3}}

func batchOf(rows [][3]float32) *batch.Batch {
	b := &batch.Batch{N: len(rows), Sparse: make([]batch.Bags, 2)}
	for _, r := range rows {
		b.Sparse[user].IDs, b.Sparse[item].IDs = append(b.Sparse[user].IDs, int32(r[0])), append(b.Sparse[item].IDs, int32(r[1]))
		b.Label = append(b.Label, r[2])
	}
	return b
}

func schemaOf(n int) batch.Schema {
	return batch.Schema{Sparse: []batch.Field{{Name: "user", Rows: n}, {Name: "item", Rows: n}}, Rating: &batch.Range{Min: 1, Max: 5}}
}

func fitted(t *testing.T, m Model, rows ...[][3]float32) {
	t.Helper()
	if err := m.Fit(func(yield func(*batch.Batch, error) bool) {
		for _, part := range rows {
			if !yield(batchOf(part), nil) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
}

func predicted(m Model, pairs ...[3]float32) []float32 {
	out := make([]float32, len(pairs))
	m.Predict(out, batchOf(pairs))
	return out
}

func near(got, want []float32, eps float64) bool {
	return slices.EqualFunc(got, want, func(a, b float32) bool { return math.Abs(float64(a-b)) <= eps })
}

// By hand: the mean is 3. One pass without shrinkage: item 1 has (2+1+0)/3 = 1, item 2 (0−1)/2 = −½, item 3 (−2+0)/2 = −1; then
// user 1 has (5−4 + 3−2½)/2 = ¾, user 2 (0 − ½ + 1)/3 = 1/6, user 3 (−1 − 1)/2 = −1.
func TestBias(t *testing.T) {
	m := NewBias(schemaOf(4), BiasOptions{Passes: 1})
	fitted(t, m, few[:3], few[3:])
	got := predicted(m, [3]float32{1, 3}, [3]float32{2, 1}, [3]float32{3, 2}, [3]float32{0, 0}, [3]float32{0, 1})
	if want := []float32{2.75, 4 + 1./6, 1.5, 3, 4}; !near(got, want, 1e-6) {
		t.Errorf("%v, want %v", got, want)
	}
	shrunk := NewBias(schemaOf(4), BiasOptions{Passes: 1, ItemShrinkage: 3, UserShrinkage: 1e9})
	fitted(t, shrunk, few)
	if got := predicted(shrunk, [3]float32{1, 1}); !near(got, []float32{3.5}, 1e-6) { // 3 of six ratings' worth
		t.Errorf("shrunk %v, want 3.5", got)
	}
}

// By hand: without a centre, cosines over common users are item 1 with 2: (5·3 + 4·2)/√(41·13), with 3: (3·1 + 4·3)/√(25·10);
// user 3 rated 1 with 3 and 3 with 1; item 2 with 3 have user 2 alone, 2·3/(2·3) = 1.
func TestItemNeighbours(t *testing.T) {
	m, err := NewNeighbours(schemaOf(4), "item", NeighboursOptions{K: 2, Similarity: "cosine", Centre: "none", BiasOptions: BiasOptions{Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	fitted(t, m, few)
	s12 := 23 / math.Sqrt(41*13)
	want := (s12*3 + 1*1) / (s12 + 1)
	if got := predicted(m, [3]float32{3, 2}); !near(got, []float32{float32(want)}, 1e-5) {
		t.Errorf("%v, want %v", got, want)
	}
	m.K = 1 // item 3, of likeness 1, alone
	if got := predicted(m, [3]float32{3, 2}); !near(got, []float32{1}, 1e-6) {
		t.Errorf("with one neighbour %v, want 1", got)
	}
	if got := predicted(m, [3]float32{0, 2}); !near(got, []float32{2.5}, 1e-6) {
		t.Errorf("without neighbours %v, want the item's mean 2.5", got)
	}
}

// By hand: users 1 and 2 differ by 1 on both common items: deviations from means 4 and 3 are (1, −1) and (1, −1), likeness 1,
// shrunk by 2/(2+2). User 2's rating of item 3 is at its mean: user 1's is predicted at theirs.
func TestUserNeighbours(t *testing.T) {
	m, err := NewNeighbours(schemaOf(4), "user", NeighboursOptions{K: 1, Similarity: "pearson", Centre: "mean", Shrinkage: 2, BiasOptions: BiasOptions{Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	fitted(t, m, few)
	if got := m.similar[1*4+2]; math.Abs(float64(got)-0.5) > 1e-6 {
		t.Errorf("likeness %g, want 0.5", got)
	}
	if got := predicted(m, [3]float32{1, 3}); !near(got, []float32{4}, 1e-6) {
		t.Errorf("%v, want 4", got)
	}
}

// By hand: of lists items 1, 2 and 3 have users {1, 2, 3}, {1, 2} and {2, 3}: cosines 2/√6 of 1 with 2 and with 3, 1/2 of 2 with 3. What
// user 3 has is 1 and 3; with a shrinkage of 2 pairs of two in common count half, of one a third. Negatives are not had.
func TestNeighboursRank(t *testing.T) {
	s := schemaOf(4)
	s.Lists, s.Rating = true, nil
	rows := [][3]float32{{1, 1, 1}, {1, 2, 1}, {2, 1, 1}, {2, 2, 1}, {3, 1, 1}, {3, 3, 1}, {2, 3, 1}, {1, 3, 0}, {3, 2, 0}}
	for _, c := range []struct {
		k         int
		shrinkage float64
		want      float64
	}{{9, 0, 2/math.Sqrt(6) + 0.5}, {1, 0, 2 / math.Sqrt(6)}, {9, 2, 1/math.Sqrt(6) + 0.5/3}} {
		m, err := NewNeighbours(s, "item", NeighboursOptions{K: c.k, Shrinkage: c.shrinkage, Similarity: "cosine", Centre: "none", BiasOptions: BiasOptions{Passes: 1}})
		if err != nil {
			t.Fatal(err)
		}
		fitted(t, m, rows)
		if got := predicted(m, [3]float32{3, 2}, [3]float32{0, 2}); !near(got, []float32{float32(c.want), 0}, 1e-6) {
			t.Errorf("%+v: %v, want %v and 0", c, got, c.want)
		}
	}
	if _, err := NewNeighbours(s, "item", NeighboursOptions{Similarity: "pearson", Centre: "none"}); err == nil {
		t.Error("Pearson of lists is accepted")
	}
}

func TestNeighboursRefuse(t *testing.T) {
	if _, err := NewNeighbours(schemaOf(mostNeighbours+1), "item", NeighboursOptions{}); err == nil {
		t.Error("more pairs than memory can have are accepted")
	}
}

// Ratings that are a product of one number a user and one an item are found again, those that were left out too.
func TestALSFindsAProduct(t *testing.T) {
	var rows [][3]float32
	at := func(u, i int) float32 { return float32(u-4) * float32(i-3) / 3 }
	for u := range 9 {
		for i := range 7 {
			if left := [][2]int{{1, 1}, {7, 1}, {2, 4}, {6, 4}}; !slices.Contains(left, [2]int{u, i}) { // which sum to 0, as all do
				rows = append(rows, [3]float32{float32(u), float32(i), at(u, i)})
			}
		}
	}
	m := NewALS(schemaOf(9), ALSOptions{EmbeddingDim: 1, L2: 1e-6, Passes: 20}, BiasOptions{}, 1)
	fitted(t, m, rows)
	for u := range 9 {
		for i := range 7 {
			if got := predicted(m, [3]float32{float32(u), float32(i)}); !near(got, []float32{at(u, i)}, 1e-4) {
				t.Errorf("user %d, item %d: %v, want %v", u, i, got, at(u, i))
			}
		}
	}
	again := NewALS(schemaOf(9), ALSOptions{EmbeddingDim: 1, L2: 1e-6, Passes: 20}, BiasOptions{}, 1)
	fitted(t, again, rows)
	if !slices.Equal(m.users, again.users) {
		t.Error("the same seed gives other factors")
	}
}
