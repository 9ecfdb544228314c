package train

import (
	"iter"
	"slices"
	"sync/atomic"

	"ctrlab/datasets/batch"
)

// ahead reads batches on a goroutine of its own: a group of them while the one before is in use. It copies them, since
// a source's batch lasts until its next; once its buffers have grown it allocates nothing.
type ahead struct {
	groups  [2]load
	reading atomic.Bool // the source is at work now, and takes time from whoever trains
	enough  atomic.Bool // the caller wants no more
}

// load is batches that are handed over together, so that the source rests for a part of the time: the steps
// of that part are the ones whose speed is the model's alone.
type load struct {
	batches [8]batch.Batch
	n       int
	err     error // of the source, behind the batches
	panic   any   // likewise
	last    bool
}

// batches walks seq, ahead of who walks it. A panic of the source goes on in the caller.
func (a *ahead) batches(seq iter.Seq2[*batch.Batch, error]) iter.Seq2[*batch.Batch, error] {
	return func(yield func(*batch.Batch, error) bool) {
		free, full := make(chan *load, len(a.groups)), make(chan *load)
		for i := range a.groups {
			free <- &a.groups[i]
		}
		a.enough.Store(false)
		go a.read(seq, free, full)
		defer func() { // the source has ended when full is closed
			a.enough.Store(true)
			close(free)
			for range full {
			}
		}()
		for g := range full {
			for i := range g.n {
				if !yield(&g.batches[i], nil) {
					return
				}
			}
			if g.panic != nil {
				panic(g.panic)
			}
			if g.err != nil {
				yield(nil, g.err)
				return
			}
			if !g.last {
				free <- g
			}
		}
	}
}

// read fills groups as they come free, until seq ends or free is closed.
func (a *ahead) read(seq iter.Seq2[*batch.Batch, error], free <-chan *load, full chan<- *load) {
	defer close(full)
	g := a.next(free)
	defer func() {
		if g != nil {
			g.panic, g.last = recover(), true
			a.pass(g, full)
		}
	}()
	for b, err := range seq {
		if err != nil {
			g.err = err
			return
		}
		if g.n == len(g.batches) {
			a.pass(g, full)
			if g = a.next(free); g == nil {
				return
			}
		}
		copyBatch(&g.batches[g.n], b)
		if g.n++; a.enough.Load() {
			return
		}
	}
}

// next waits for a group to fill; nil is the end.
func (a *ahead) next(free <-chan *load) *load {
	g := <-free
	if g != nil {
		g.n, g.err, g.panic, g.last = 0, nil, nil, false
		a.reading.Store(true)
	}
	return g
}

func (a *ahead) pass(g *load, full chan<- *load) {
	a.reading.Store(false)
	full <- g
}

// copyBatch makes dst the same as b in memory of its own.
func copyBatch(dst, b *batch.Batch) {
	dst.N = b.N
	dst.Dense = append(dst.Dense[:0], b.Dense...)
	dst.Label = append(dst.Label[:0], b.Label...)
	dst.Truth = copied(dst.Truth, b.Truth)
	dst.Sparse = slices.Grow(dst.Sparse[:0], len(b.Sparse))[:len(b.Sparse)]
	for f, s := range b.Sparse {
		d := &dst.Sparse[f]
		d.IDs = append(d.IDs[:0], s.IDs...)
		d.Offsets = copied(d.Offsets, s.Offsets)
	}
}

// copied is src in dst's memory; nil stays nil, which means something.
func copied[T any](dst, src []T) []T {
	if src == nil {
		return nil
	}
	return append(dst[:0], src...)
}
