package cache

import (
	"fmt"
	"iter"
	"math"
	"sync/atomic"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/order"
)

// Batches walks a split in batches of n rows, the last one shorter. Order number 0 is the rows' own; any other is
// a permutation of all rows of the split, drawn from it: see plan. A batch is valid until the next. One goroutine
// decodes the window after the one that is in use; it ends with the walk.
func (f *File) Batches(s batch.Split, n int, number uint64) iter.Seq2[*batch.Batch, error] {
	return f.BatchesFrom(s, n, number, 0)
}

// BatchesFrom implements batch.Seeker: windows before the first batch are not decoded.
func (f *File) BatchesFrom(s batch.Split, n int, number uint64, first int) iter.Seq2[*batch.Batch, error] {
	if n < 1 {
		panic("cache: a batch has no rows")
	}
	return func(yield func(*batch.Batch, error) bool) {
		rows := f.Rows(s)
		if first*n >= rows {
			return
		}
		r := f.newReader(s, min(n, rows), number, first*n)
		defer r.stop()
		for from := first * n; from < rows; from += n {
			b, err := r.next(min(n, rows-from))
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// reader is one walk.
type reader struct {
	file  *File
	split batch.Split
	plan  *plan
	shape *shape

	full, free chan *window
	stopped    atomic.Bool

	window *window // in use
	used   int     // of its rows
	skip   int     // of the first window's rows
	order  order.Permutation
	places []int // in the window, of the rows that a batch takes from it
	batch  batch.Batch

	touched uint32 // nothing: its sum makes reads happen
}

func (f *File) newReader(s batch.Split, n int, number uint64, from int) *reader {
	r := &reader{file: f, split: s, plan: f.plan(s, number), shape: f.shape(), places: make([]int, n),
		full: make(chan *window, 2), free: make(chan *window, 2)}
	var first int
	first, r.skip = r.plan.find(from)
	r.batch.Dense = make([]float32, n*len(f.meta.Schema.Dense))
	r.batch.Label = make([]float32, n)
	r.batch.Sparse = make([]batch.Bags, len(f.meta.Schema.Sparse))
	for i, field := range f.meta.Schema.Sparse {
		if r.batch.Sparse[i].IDs = make([]int32, n); field.MultiHot {
			r.batch.Sparse[i].Offsets = make([]int32, 1, n+1)
		}
	}
	for range min(r.plan.windows(), cap(r.free)) {
		w, _ := f.windows[s].Get().(*window)
		if w == nil {
			w = new(window)
		}
		r.free <- w
	}
	go r.decode(first)
	return r
}

// decode fills windows from number first on, and ends when all are read, or one cannot be, or nobody wants more.
func (r *reader) decode(first int) {
	defer close(r.full)
	defer r.file.release()
	for k := first; k < r.plan.windows(); k++ {
		w, more := <-r.free
		if !more {
			return
		}
		w.err = r.file.guard(func() error { return r.file.load(w, r.shape, r.plan, r.split, k, r.stopped.Load) })
		if r.full <- w; w.err != nil {
			return
		}
	}
}

// stop ends decode and keeps the windows for the next walk.
func (r *reader) stop() {
	r.stopped.Store(true)
	close(r.free)
	pool := &r.file.windows[r.split]
	for _, from := range []chan *window{r.free, r.full} {
		for w := range from {
			pool.Put(w)
		}
	}
	if r.window != nil {
		pool.Put(r.window)
	}
}

// next makes a batch of n rows, which may come from several windows.
func (r *reader) next(n int) (*batch.Batch, error) {
	b, nd := &r.batch, len(r.file.meta.Schema.Dense)
	b.N, b.Dense, b.Label = n, b.Dense[:n*nd], b.Label[:n]
	for _, f := range r.shape.fields {
		b.Sparse[f].IDs = b.Sparse[f].IDs[:n]
	}
	for _, f := range r.shape.bags {
		b.Sparse[f].IDs, b.Sparse[f].Offsets = b.Sparse[f].IDs[:0], b.Sparse[f].Offsets[:1]
	}
	for at := 0; at < n; {
		if r.window == nil || r.used == r.window.rows {
			if err := r.turn(); err != nil {
				return nil, err
			}
		}
		places := r.places[:min(n-at, r.window.rows-r.used)]
		for i := range places {
			if places[i] = r.used + i; r.plan.order != 0 {
				places[i] = r.order.At(places[i])
			}
		}
		r.take(at, places)
		if err := r.takeBags(places); err != nil {
			return nil, err
		}
		r.used, at = r.used+len(places), at+len(places)
	}
	return b, nil
}

// turn goes on to the next window.
func (r *reader) turn() error {
	if r.window != nil {
		r.free <- r.window
	}
	r.window, r.used, r.skip = <-r.full, r.skip, 0
	if r.window.err != nil {
		return r.window.err
	}
	if r.plan.order != 0 {
		r.order = r.plan.shuffle(r.window.number, r.window.rows)
	}
	return nil
}

// take copies rows of the window to the batch, from its row at on: a few at a time, all of which are touched first, so
// that memory brings them side by side, and then are in the first cache for one column after the other.
func (r *reader) take(at int, places []int) {
	const few = 32
	words, stride := r.window.words, r.shape.stride
	var starts [few]int
	for len(places) > 0 {
		n := min(few, len(places))
		for i, place := range places[:n] {
			starts[i] = place * stride
			for w := starts[i]; w < starts[i]+stride; w += 16 {
				r.touched += words[w]
			}
		}
		r.takeRows(at, starts[:n])
		at, places = at+n, places[n:]
	}
}

// takeRows copies the rows whose words begin at starts.
func (r *reader) takeRows(at int, starts []int) {
	b, words, nd := &r.batch, r.window.words, len(r.file.meta.Schema.Dense)
	for i, start := range starts {
		numbers := b.Dense[(at+i)*nd:][:nd]
		for j, w := range words[start:][:nd] {
			numbers[j] = math.Float32frombits(w)
		}
	}
	words = words[nd:]
	for j, f := range r.shape.fields {
		to, words := b.Sparse[f].IDs[at:][:len(starts)], words[j:]
		for i, start := range starts {
			to[i] = int32(words[start])
		}
	}
	words = words[len(r.shape.fields):]
	for i, start := range starts {
		b.Label[at+i] = math.Float32frombits(words[start])
	}
}

func (r *reader) takeBags(places []int) error {
	stride := r.shape.stride
	for i, f := range r.shape.bags {
		to, list := &r.batch.Sparse[f], r.window.bags[i]
		words := r.window.words[len(r.shape.columns)+2*i:]
		for _, place := range places {
			from := words[place*stride]
			to.IDs = append(to.IDs, list[from:][:words[place*stride+1]]...)
			to.Offsets = append(to.Offsets, int32(len(to.IDs)))
		}
		if len(to.IDs) > math.MaxInt32 {
			return fmt.Errorf("%d rows have %d ids of field %q, want fewer than 2³¹ in a batch", r.batch.N, len(to.IDs), r.file.meta.Schema.Sparse[f].Name)
		}
	}
	return nil
}
