package baselines

import (
	"errors"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
)

func rowsOf(items []int32, label []float32) *batch.Batch {
	return &batch.Batch{N: len(items), Label: label, Sparse: []batch.Bags{{IDs: make([]int32, len(items))}, {IDs: items}}}
}

// By hand: item 2 has two positives in two batches, item 1 one; negatives do not count.
func TestPopularity(t *testing.T) {
	p := NewPopularity(batch.Schema{Sparse: []batch.Field{{Name: "user", Rows: 1}, {Name: "item", Rows: 4}}}, 1)
	err := p.Fit(func(yield func(*batch.Batch, error) bool) {
		_ = yield(rowsOf([]int32{2, 3, 1}, []float32{1, 0, 1}), nil) && yield(rowsOf([]int32{2, 1}, []float32{1, 0}), nil)
	})
	got := make([]float32, 4)
	p.Predict(got, rowsOf([]int32{0, 1, 2, 3}, make([]float32, 4)))
	if want := []float32{0, 1, 2, 0}; err != nil || !slices.Equal(got, want) {
		t.Errorf("scores are %v (%v), want %v", got, err, want)
	}
	broken := errors.New("broken")
	if err := p.Fit(func(yield func(*batch.Batch, error) bool) { yield(nil, broken) }); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the rows", err)
	}
	if p.Params() != 4 {
		t.Errorf("%d parameters, want 4", p.Params())
	}
}
