package describe

import (
	"context"
	"iter"
	"math"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
)

// rows is data given row by row: a label, a dense number, an id and a bag.
type rows struct {
	of [batch.Splits][]row
}

type row struct {
	label, x float32
	id       int32
	bag      []int32
}

func (r rows) Schema() batch.Schema {
	return batch.Schema{Dense: []string{"x"}, Sparse: []batch.Field{{Name: "id", Rows: 6}, {Name: "bag", Rows: 4, MultiHot: true}}}
}
func (r rows) Rows(s batch.Split) int { return len(r.of[s]) }
func (r rows) Batches(s batch.Split, n int, _ uint64) iter.Seq2[*batch.Batch, error] {
	return func(yield func(*batch.Batch, error) bool) {
		for part := range slices.Chunk(r.of[s], 3) { // several batches, and one that is short
			b := &batch.Batch{N: len(part), Sparse: []batch.Bags{{}, {Offsets: []int32{0}}}}
			for _, x := range part {
				b.Label, b.Dense, b.Sparse[0].IDs = append(b.Label, x.label), append(b.Dense, x.x), append(b.Sparse[0].IDs, x.id)
				b.Sparse[1].IDs = append(b.Sparse[1].IDs, x.bag...)
				b.Sparse[1].Offsets = append(b.Sparse[1].Offsets, int32(len(b.Sparse[1].IDs)))
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// Worked out by hand.
func TestOf(t *testing.T) {
	d, err := Of(context.Background(), rows{[batch.Splits][]row{
		{{1, 0, 1, []int32{0, 1}}, {0, 2, 1, nil}, {0, 4, 2, []int32{1}}, {1, 6, 3, []int32{2}}},
		{{1, 0, 1, []int32{3, 3}}, {1, 2, 4, nil}},
		nil,
	}}, func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if d.Rows != [3]int{4, 2, 0} || d.Label.Mean != [3]float64{0.5, 1, 0} || !slices.Equal(d.Label.Parts[0], []float64{1, 0, 0, 1}) || d.Label.Parts[2] != nil {
		t.Errorf("labels %+v of rows %v", d.Label, d.Rows)
	}
	x := d.Dense[0]
	// deviations −3, −1, 1, 3; train's distribution function reaches ½ where valid's reaches 1
	if x.Mean != 3 || math.Abs(x.SD-math.Sqrt(20./3)) > 1e-12 || x.Min != 0 || x.Max != 6 || x.Zero != 0.25 || *x.Drift[batch.Valid] != 0.5 || x.Drift[batch.Test] != nil {
		t.Errorf("%+v", x)
	}
	id, bag := d.Fields[0], d.Fields[1]
	// ids 1, 1, 2, 3 against 1, 4: ½ (|½ − ½| + ¼ + ¼ + ½)
	if id.Distinct != [3]int{3, 2, 0} || id.Once != 2 || id.Unseen[batch.Valid] != 0.5 || *id.Drift[batch.Valid] != 0.5 || id.Drift[batch.Test] != nil || id.Bag != 0 {
		t.Errorf("%+v", id)
	}
	if want := []Share{{1, 0.5}, {2, 0.75}, {3, 1}}; !slices.Equal(id.Top, want) {
		t.Errorf("the head is %v, want %v", id.Top, want)
	}
	if bag.Bag != 1 || bag.Lookups != [3]int64{4, 2, 0} || bag.Unseen[batch.Valid] != 1 || *bag.Drift[batch.Valid] != 1 || bag.Once != 2 {
		t.Errorf("%+v", bag)
	}
	if got := d.TableBytes(3, 1); got != 4*(6+4)*4*2 {
		t.Errorf("tables take %g bytes", got)
	}
}

func TestSampleSpansTheSplit(t *testing.T) {
	var x numbers
	const n = 7*sampleRows + 11
	for i := range n {
		x.add(batch.Train, []float32{float32(i)}, 0, 1)
	}
	got := x.sample[batch.Train]
	if len(got) < sampleRows/2 || len(got) > sampleRows {
		t.Fatalf("%d values", len(got))
	}
	for i := 1; i < len(got); i++ {
		if gap := got[i] - got[i-1]; gap < 1 || gap > 2*n/sampleRows+2 {
			t.Fatalf("a gap of %g between places %d and %d", gap, i-1, i)
		}
	}
	if last := got[len(got)-1]; last < n-3*n/sampleRows-3 {
		t.Errorf("the sample ends at %g of %d", last, n)
	}
}

func TestFollowing(t *testing.T) {
	n, want := 1, []int{2, 5, 10, 20, 50, 100, 200, 500, 1000}
	for _, w := range want {
		if n = following(n); n != w {
			t.Fatalf("%d, want %d", n, w)
		}
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct{ rows, total, want int }{{1, 1, 1}, {99, 99, 99}, {1003, 1003, 100}, {800, 1000, 80}, {10, 1000, 5}, {3, 1000, 3}} {
		l := labels{rows: c.rows, parts: partsOf(c.rows, c.total)}
		l.add(make([]float32, c.rows))
		if _, means := l.end(); len(means) != c.want {
			t.Errorf("%d rows of %d make %d parts, want %d", c.rows, c.total, len(means), c.want)
		}
	}
}
