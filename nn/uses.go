package nn

import "ctrlab/internal/vec"

// Uses are one batch's lookups in the tables of a field, by row: what brings together the gradients of a row that
// several examples look up. It is used again for every batch.
type Uses struct {
	Rows []int32 // the rows looked up, each once, in the order in which they first appear

	starts   []int32 // row i of Rows is looked up by examples[starts[i]:starts[i+1]]
	examples []int32
	offsets  []int32 // of the batch's bags
}

// Set takes a batch's lookups in tables of a number of rows: ids and offsets as Table.Gather takes them. scratch
// is memory for vec.ByRowScratch(len(ids)) numbers, of which nothing is kept.
func (u *Uses) Set(rows int, ids, offsets, scratch []int32) {
	n := len(ids)
	u.Rows, u.examples, u.starts = resize(u.Rows, n), resize(u.examples, n), resize(u.starts, n+2)
	u.offsets = offsets
	u.Rows = u.Rows[:vec.ByRow(u.Rows, u.starts, u.examples, scratch, rows, ids, offsets)]
}

// Sum writes to g [to−from, D] the gradients of Rows[from:to], each summed over the batch in batch order. dy [N, D] is
// the gradient of what Table.Gather gave.
func (u *Uses) Sum(g []float32, from, to int, dy Mat, mean bool) {
	offsets := u.offsets
	if !mean {
		offsets = nil
	}
	vec.SumRows(g, dy.C, u.starts[from:to+1], u.examples, dy.Data, dy.Stride, dy.N, offsets)
}

// Decay adds to g, as Sum gives it, the gradient of l2/2·‖row‖² + l1·|row|, once for every lookup of the row.
func (u *Uses) Decay(g []float32, from, to int, t *Table, l2, l1 float32) {
	for i, r := range u.Rows[from:to] {
		count := float32(u.starts[from+i+1] - u.starts[from+i])
		a, w, d := l2*count, t.Value[int(r)*t.D:][:t.D], g[i*t.D:][:t.D]
		for j := range d {
			d[j] += a * w[j]
		}
		if l1 != 0 {
			AddSigns(d, w, l1*count)
		}
	}
}

// AddSigns adds a·sign(w) to g.
func AddSigns(g, w []float32, a float32) {
	for i, v := range w {
		switch {
		case v > 0:
			g[i] += a
		case v < 0:
			g[i] -= a
		}
	}
}

// resize returns s with length n, keeping its memory where that suffices.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
