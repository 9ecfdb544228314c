package train

import (
	"fmt"
	"hash/fnv"
	"iter"
	"math"
	"math/rand/v2"

	"ctrlab/datasets/batch"
)

// rows is a batch in memory of its own that is filled row by row, and used again.
type rows struct {
	batch.Batch
	most int
}

func newRows(s batch.Schema, most int) *rows {
	r := &rows{most: most}
	for _, f := range s.Sparse {
		var bags batch.Bags
		if f.MultiHot {
			bags.Offsets = []int32{0}
		}
		r.Sparse = append(r.Sparse, bags)
	}
	return r
}

// add appends row n of b.
func (r *rows) add(b *batch.Batch, n int) {
	width := len(b.Dense) / b.N
	r.N++
	r.Dense = append(r.Dense, b.Dense[n*width:(n+1)*width]...)
	r.Label = append(r.Label, b.Label[n])
	if b.Truth != nil {
		r.Truth = append(r.Truth, b.Truth[n])
	}
	for f, bags := range b.Sparse {
		to := &r.Sparse[f]
		to.IDs = append(to.IDs, bags.Bag(n)...)
		if to.Offsets != nil {
			to.Offsets = append(to.Offsets, int32(len(to.IDs)))
		}
	}
}

// pass hands the rows on if they fill a batch, or are the last, and empties it.
func (r *rows) pass(last bool, yield func(*batch.Batch, error) bool) bool {
	if r.N < r.most && !last || r.N == 0 {
		return true
	}
	if !yield(&r.Batch, nil) {
		return false
	}
	r.N, r.Dense, r.Label, r.Truth = 0, r.Dense[:0], r.Label[:0], r.Truth[:0]
	for f := range r.Sparse {
		s := &r.Sparse[f]
		s.IDs, s.Offsets = s.IDs[:0], s.Offsets[:min(1, len(s.Offsets))]
	}
	return true
}

// union is data whose train split is train and valid together, and whose valid split is empty. An order draws from both; in order 0
// valid stands behind.
type union struct{ Data }

func (u union) Rows(s batch.Split) int {
	switch s {
	case batch.Train:
		return u.Data.Rows(batch.Train) + u.Data.Rows(batch.Valid)
	case batch.Valid:
		return 0
	}
	return u.Data.Rows(s)
}

func (u union) Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	if s != batch.Train {
		return u.Data.Batches(s, n, order)
	}
	return func(yield func(*batch.Batch, error) bool) {
		parts := [2]reader{u.read(batch.Train, n, order), u.read(batch.Valid, n, order)}
		defer parts[0].stop()
		defer parts[1].stop()
		out, draw := newRows(u.Schema(), n), rand.New(rand.NewPCG(order, stream("union")))
		for {
			at := 0
			if left := parts[0].left + parts[1].left; parts[0].left == 0 || order != 0 && draw.IntN(left) >= parts[0].left {
				at = 1
			}
			p := &parts[at]
			if p.left == 0 {
				break
			}
			if err := p.next(); err != nil {
				yield(nil, err)
				return
			}
			out.add(p.b, p.at)
			if !out.pass(false, yield) {
				return
			}
		}
		out.pass(true, yield)
	}
}

// read returns a reader of a split, whose stop must be called.
func (u union) read(s batch.Split, n int, order uint64) reader {
	pull, stop := iter.Pull2(u.Data.Batches(s, n, order))
	return reader{pull: pull, stop: stop, left: u.Data.Rows(s)}
}

// reader takes a split row by row.
type reader struct {
	pull func() (*batch.Batch, error, bool)
	stop func()
	left int
	b    *batch.Batch
	at   int // the row that was taken last
}

func (r *reader) next() error {
	r.left--
	if r.at++; r.b != nil && r.at < r.b.N {
		return nil
	}
	b, err, ok := r.pull()
	if !ok {
		panic("train: a source has fewer rows than it says")
	}
	r.b, r.at = b, 0
	return err
}

// thinned is data whose train split has every row of label 1, and of the others a share that each order draws anew.
type thinned struct {
	Data
	keep float64
	rows int // about, of train
}

// thin counts the positives; a share of 1 leaves data as it is.
func thin(d Data, keep float64) (Data, error) {
	if keep == 1 {
		return d, nil
	}
	positive := 0
	for b, err := range d.Batches(batch.Train, evalBatch, 0) {
		if err != nil {
			return nil, err
		}
		for _, y := range b.Label {
			if y > 0 {
				positive++
			}
		}
	}
	rows := positive + int(math.Round(keep*float64(d.Rows(batch.Train)-positive)))
	if rows == 0 {
		return nil, fmt.Errorf("train.negative_rate is %g, which leaves nothing of a train split without positives", keep)
	}
	return thinned{d, keep, rows}, nil
}

func (d thinned) Rows(s batch.Split) int {
	if s == batch.Train {
		return d.rows
	}
	return d.Data.Rows(s)
}

func (d thinned) Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	if s != batch.Train {
		return d.Data.Batches(s, n, order)
	}
	return func(yield func(*batch.Batch, error) bool) {
		out, draw := newRows(d.Schema(), n), rand.New(rand.NewPCG(order, stream("negatives")))
		for b, err := range d.Data.Batches(s, n, order) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, y := range b.Label {
				if y == 0 && draw.Float64() >= d.keep {
					continue
				}
				out.add(b, i)
				if !out.pass(false, yield) {
					return
				}
			}
		}
		out.pass(true, yield)
	}
}

// stream is the second half of a generator's seed, by what it is for.
func stream(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
