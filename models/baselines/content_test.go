package baselines

import (
	"math"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
)

// kinds are the values of items 1 to 3: A, both, B. Of three items two have each, so that both weigh the same.
var kinds = [][]int32{{}, {1}, {1, 2}, {2}}

func described(rows [][3]float32) *batch.Batch {
	b := batchOf(rows)
	kind := batch.Bags{Offsets: []int32{0}}
	for _, i := range b.Sparse[item].IDs {
		kind.IDs = append(kind.IDs, kinds[i]...)
		kind.Offsets = append(kind.Offsets, int32(len(kind.IDs)))
	}
	b.Sparse = append(b.Sparse, kind)
	return b
}

func contentOf(t *testing.T, lists bool, rows [][3]float32) *Content {
	t.Helper()
	s := schemaOf(4)
	s.Sparse = append(s.Sparse, batch.Field{Name: "kind", Rows: 3, MultiHot: true})
	if s.Lists = lists; lists {
		s.Rating = nil
	}
	const none = 1e12 // no biases but the mean
	m, err := NewContent(s, ContentOptions{}, BiasOptions{UserShrinkage: none, ItemShrinkage: none, Passes: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Fit(func(yield func(*batch.Batch, error) bool) { yield(described(rows), nil) }); err != nil {
		t.Fatal(err)
	}
	return m
}

func scores(m *Content, pairs ...[3]float32) []float32 {
	out := make([]float32, len(pairs))
	m.Predict(out, described(pairs))
	return out
}

// By hand: user 1 has A, and cosines 1, √½ and 0 with the three; user 2 has A and B apart, which is like both. Negatives count for nothing.
func TestContentRanks(t *testing.T) {
	m := contentOf(t, true, [][3]float32{{1, 1, 1}, {2, 1, 1}, {2, 3, 1}, {1, 2, 0}, {3, 2, 0}})
	got := scores(m, [3]float32{1, 1}, [3]float32{1, 2}, [3]float32{1, 3}, [3]float32{2, 2}, [3]float32{3, 1}, [3]float32{1, 0})
	if half := float32(math.Sqrt(0.5)); !near(got, []float32{1, half, 0, 1, 0, 0}, 1e-6) {
		t.Errorf("cosines are %v", got)
	}
}

// By hand, with a = √½: the mean is 3; user 1 has +2 with item 1 and +1 with item 2, p = (2 + a, a), user 2 −2 with 3 and −1 with 2. Each
// left out, the cosines are a, a, −a, −a, and β = a(2 + 1 + 2 + 1)/(4a²) = 3a.
func TestContentPredicts(t *testing.T) {
	m := contentOf(t, false, [][3]float32{{1, 1, 5}, {1, 2, 4}, {2, 3, 1}, {2, 2, 2}})
	a := math.Sqrt(0.5)
	want := 3 + 3*a*a/math.Hypot(2+a, a)
	if got := scores(m, [3]float32{1, 3}, [3]float32{0, 3}); !near(got, []float32{float32(want), 3}, 1e-5) {
		t.Errorf("%v, want %v, and the mean for a user not met", got, want)
	}
}

func TestContentRefuses(t *testing.T) {
	s := schemaOf(4)
	for want, features := range map[string][]string{"has no field behind": nil, `features has "age"`: {"age"}, "each once": {"item", "item"}} {
		if _, err := NewContent(s, ContentOptions{features}, BiasOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("features %v: %v, want %s", features, err, want)
		}
	}
	s.Sparse = []batch.Field{{Name: "user", Rows: 1 << 20}, {Name: "item", Rows: 4}, {Name: "tags", Rows: 1 << 10}}
	if _, err := NewContent(s, ContentOptions{}, BiasOptions{}); err == nil {
		t.Error("more than memory can have is accepted")
	}
}
