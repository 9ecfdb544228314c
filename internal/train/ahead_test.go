package train

import (
	"errors"
	"iter"
	"reflect"
	"testing"

	"ctrlab/datasets/batch"
)

// counting yields n batches in one buffer, the i-th with label i, and counts how many were asked for and whether it ended.
type counting struct {
	b      batch.Batch
	n      int
	asked  int
	ended  bool
	fail   error
	panics bool
}

func (c *counting) batches(yield func(*batch.Batch, error) bool) {
	defer func() { c.ended = true }()
	for i := range c.n {
		c.asked++
		f := float32(i)
		c.b = batch.Batch{
			N: 1, Dense: append(c.b.Dense[:0], f), Label: append(c.b.Label[:0], f),
			Sparse: append(c.b.Sparse[:0], batch.Bags{IDs: []int32{int32(i)}}, batch.Bags{IDs: []int32{1, 2}, Offsets: []int32{0, 2}}),
		}
		if !yield(&c.b, nil) {
			return
		}
	}
	if c.panics {
		panic("from the source")
	}
	if c.fail != nil {
		yield(nil, c.fail)
	}
}

func TestAheadGivesEveryBatchInOrder(t *testing.T) {
	var a ahead
	for _, n := range []int{0, 1, 7, 8, 9, 16, 40} { // around its groups of 8
		c := &counting{n: n}
		i := 0
		for b, err := range a.batches(c.batches) {
			if err != nil {
				t.Fatal(err)
			}
			if b.Label[0] != float32(i) || b.Dense[0] != float32(i) || b.Sparse[0].IDs[0] != int32(i) || b.Sparse[0].Offsets != nil ||
				len(b.Sparse[1].Offsets) != 2 || b.Truth != nil {
				t.Fatalf("of %d batches, the %d-th is %+v", n, i, b)
			}
			i++
		}
		if i != n || !c.ended {
			t.Errorf("%d of %d batches; the source has ended: %v", i, n, c.ended)
		}
	}
}

func TestAheadStopsItsSource(t *testing.T) {
	var a ahead
	c := &counting{n: 1000}
	for range a.batches(c.batches) {
		break
	}
	if !c.ended || c.asked > 3*8 {
		t.Errorf("after a break the source has ended: %v, and had made %d batches", c.ended, c.asked)
	}
}

func TestAheadPassesFaultsOn(t *testing.T) {
	var a ahead
	want := errors.New("damaged")
	got := 0
	for _, err := range a.batches((&counting{n: 11, fail: want}).batches) {
		if got++; err != nil && (got != 12 || !errors.Is(err, want)) {
			t.Errorf("batch %d: %v", got, err)
		}
	}
	if got != 12 {
		t.Errorf("%d batches and the error, want 11 and it", got)
	}
	defer func() {
		if p := recover(); p != "from the source" {
			t.Errorf("recovered %v", p)
		}
	}()
	for range a.batches((&counting{n: 3, panics: true}).batches) {
		got++
	}
	t.Error("a panic of the source is lost")
}

func TestAheadAllocatesNoBatches(t *testing.T) {
	var a ahead
	same := &batch.Batch{N: 1, Label: []float32{1}, Sparse: []batch.Bags{{IDs: []int32{3}}}}
	walk := func(n int) float64 {
		var seq iter.Seq2[*batch.Batch, error] = func(yield func(*batch.Batch, error) bool) {
			for range n {
				if !yield(same, nil) {
					return
				}
			}
		}
		return testing.AllocsPerRun(5, func() {
			for _, err := range a.batches(seq) {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if few, many := walk(16), walk(1600); many > few+2 { // what a walk costs, its goroutine and channels, does not grow
		t.Errorf("%g allocations for 16 batches, %g for 1600", few, many)
	}
}

func TestAheadCopiesEveryField(t *testing.T) {
	if n := reflect.TypeFor[batch.Batch]().NumField(); n != 5 {
		t.Errorf("batch.Batch has %d fields: let copyBatch copy them all", n)
	}
}
