package train

import (
	"math"
	"slices"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/embeddings"
	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// table is a lookup with its optimiser's state.
type table struct {
	embeddings.Lookup
	key   int // of uses
	state nn.State
	whole // zero where only rows are updated that the batch looked up
}

// piece is rows of a table that one owner updates: places in the rows that its Uses have, or rows of a whole table.
type piece struct{ table, from, to int }

// chunk is rows of a dense parameter that one owner updates.
type chunk struct {
	param    int // of every lane
	from, to int // rows, from a multiple of vec.Panel
	state    nn.State
}

// About how many numbers an owner treats at a time: those of a piece are copied, and stay in the second cache.
const (
	chunkSize = 1 << 15
	pieceSize = 1 << 14
)

// worker is memory of one of the trainer's threads.
type worker struct {
	rows    []int32       // that a key looks up
	scratch []int32       // of Uses.Set, enough for any key
	grad    []float32     // of a piece, enough for any
	turning time.Duration // that Uses took
	_       [64]byte      // workers write at once: not into one cache line
}

// declare makes the owners' lists and memory.
func (t *Trainer) declare() {
	widest := 0
	for _, l := range t.Model.Lookups {
		key := slices.IndexFunc(t.keys, l.Rows.Equal)
		if key < 0 {
			key = len(t.keys)
			t.keys = append(t.keys, l.Rows)
		}
		t.tables = append(t.tables, table{Lookup: l, key: key, state: t.optimizer.NewRowState(l.Table)})
		widest = max(widest, l.Table.D)
	}
	t.uses = make([]nn.Uses, len(t.keys))
	t.declareWhole()
	for i := range t.workers {
		t.workers[i].grad = make([]float32, max(pieceSize, widest))
	}
	for i, p := range t.Model.Params() {
		out, in := p.Dims()
		rows := (chunkSize/in + vec.Panel) / vec.Panel * vec.Panel
		for from := 0; from < out; from += rows {
			to := min(from+rows, out)
			t.chunks = append(t.chunks, chunk{i, from, to, t.optimizer.NewState((to - from) * in)})
		}
	}
}

// pieceRows is how many rows of a table make a piece.
func pieceRows(d int) int { return max(pieceSize/d, 1) }

// ready gives the workers room for a batch.
func (t *Trainer) ready(b *batch.Batch) {
	t.b = b
	t.Model.Ready(b)
	most := 0
	for _, k := range t.keys {
		most = max(most, vec.ByRowScratch(k.Count(b)))
	}
	for i := range t.workers {
		w := &t.workers[i]
		w.turning = 0
		w.scratch = slices.Grow(w.scratch[:0], most)[:most]
	}
}

// turn sorts a key's lookups by row.
func (t *Trainer) turn(w *worker, key int) {
	began := time.Now()
	rows, offsets := t.keys[key].Of(t.b, &w.rows)
	t.unmark(key)
	t.uses[key].Set(t.keys[key].Most, rows, offsets, w.scratch)
	t.mark(key)
	w.turning += time.Since(began)
}

// share cuts the rows that the batch looked up into pieces.
func (t *Trainer) share() {
	t.pieces = t.pieces[:0]
	for i, tb := range t.tables {
		n, size := len(t.uses[tb.key].Rows), pieceRows(tb.Table.D)
		if tb.place != nil {
			n = tb.Table.Rows
		}
		for from := 0; from < n; from += size {
			t.pieces = append(t.pieces, piece{i, from, min(from+size, n)})
		}
	}
	owners := len(t.pieces) + len(t.chunks)
	t.square = slices.Grow(t.square[:0], owners)[:owners]
}

// rows returns the gradient of a piece's rows, in the worker's memory.
func (t *Trainer) rows(w *worker, p piece) []float32 {
	tb := &t.tables[p.table]
	g := w.grad[:(p.to-p.from)*tb.Table.D]
	uses, dy := &t.uses[tb.key], tb.Gradient(t.b.N)
	if tb.place == nil {
		uses.Sum(g, p.from, p.to, dy, tb.Mean)
		return g
	}
	clear(g)
	tb.eachUsed(p, func(i, k int) { uses.Sum(g[i*tb.Table.D:][:tb.Table.D], k, k+1, dy, tb.Mean) })
	return g
}

// penalized is rows with the part of the penalty.
func (t *Trainer) penalized(w *worker, p piece) []float32 {
	g := t.rows(w, p)
	t.ofRows(g, &t.tables[p.table], p)
	return g
}

// dense returns a chunk's values and gradient.
func (t *Trainer) dense(c chunk) (w, g []float32, p *nn.Param) {
	p = t.Model.Params()[c.param]
	_, in := p.Dims()
	return p.Value[c.from*in : c.to*in], p.Grad[c.from*in : c.to*in], p
}

// combine sums a chunk's gradient over the lanes, into the first one's, and adds the penalty's.
func (t *Trainer) combine(c chunk) []float32 {
	v, g, _ := t.dense(c)
	for _, l := range t.Model.Lanes[1:] {
		p := l.Params()[c.param]
		_, in := p.Dims()
		vec.Add(g, p.Grad[c.from*in:c.to*in])
	}
	t.ofParam(v, g, c.param)
	return g
}

// measure takes the squared norm of owner i's gradient, for clip.
func (t *Trainer) measure(w, i int) {
	if i < len(t.pieces) {
		t.square[i] = vec.SumSquares(t.penalized(&t.workers[w], t.pieces[i]))
	} else {
		t.square[i] = vec.SumSquares(t.combine(t.chunks[i-len(t.pieces)]))
	}
}

// clip sets the factor that brings the gradient's norm down to clip_norm.
func (t *Trainer) clip() {
	sum := 0.0
	for _, s := range t.square {
		sum += s
	}
	if norm := math.Sqrt(sum); norm > t.options.ClipNorm {
		t.factor = float32(t.options.ClipNorm / norm)
	}
}

// update applies the optimiser for owner i.
func (t *Trainer) update(w, i int) {
	if i < len(t.pieces) {
		p := t.pieces[i]
		tb, g := &t.tables[p.table], t.penalized(&t.workers[w], p)
		t.scale(g)
		if tb.place != nil {
			t.optimizer.UpdateRange(tb.Table, tb.state, p.from, p.to, tb.whole.rows, g, t.hyper)
		} else {
			t.optimizer.UpdateRows(tb.Table.Value, tb.state, tb.Table.D, t.uses[tb.key].Rows[p.from:p.to], g, t.hyper)
		}
		return
	}
	c := t.chunks[i-len(t.pieces)]
	if t.options.ClipNorm == 0 {
		t.combine(c)
	}
	v, g, p := t.dense(c)
	t.scale(g)
	t.optimizer.Update(v, g, c.state, t.hyper)
	p.Repack(c.from, c.to)
}

func (t *Trainer) scale(g []float32) {
	if t.factor != 1 {
		vec.Scale(g, t.factor)
	}
}
