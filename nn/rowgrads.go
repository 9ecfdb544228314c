package nn

import "ctrlab/internal/vec"

// RowGrads is the gradient that one batch leaves on a table: the rows it looked up in the order in which they
// first appear, each once, and for each the sum over the batch in batch order. It is used again for every batch.
type RowGrads struct {
	Rows  []int32
	Count []int32   // lookups of each row
	Grad  []float32 // [len(Rows), D]
	D     int

	slots []int32 // of each lookup: its place in Rows
	index []int32 // open hash table of places in Rows, −1 is empty
}

// Set takes a batch's lookups of one field: ids and offsets as Table.Gather takes them, and dy [N, D], the gradient
// of what it gave.
func (g *RowGrads) Set(t *Table, ids, offsets []int32, mean bool, dy Mat) {
	g.D = t.D
	g.number(ids)
	g.Grad = resize(g.Grad, len(g.Rows)*t.D)
	clear(g.Grad)
	if offsets == nil {
		vec.ScatterAdd(g.Grad, t.D, g.slots, dy.Data, dy.Stride)
	} else {
		vec.ScatterAddBags(g.Grad, t.D, g.slots, offsets, dy.Data, dy.Stride, mean)
	}
}

// number gives every distinct id a place, in order of first appearance.
func (g *RowGrads) number(ids []int32) {
	bits := 4
	for 1<<bits < 2*len(ids) {
		bits++
	}
	g.index = resize(g.index, 1<<bits)
	for i := range g.index {
		g.index[i] = -1
	}
	g.slots = resize(g.slots, len(ids))
	g.Rows, g.Count = resize(g.Rows, len(ids))[:0], resize(g.Count, len(ids))[:0]
	mask, shift := uint32(1<<bits-1), 32-bits
	for i, id := range ids {
		at := uint32(id) * 2654435769 >> shift
		for g.index[at] >= 0 && g.Rows[g.index[at]] != id {
			at = (at + 1) & mask
		}
		place := g.index[at]
		if place < 0 {
			place = int32(len(g.Rows))
			g.index[at] = place
			g.Rows, g.Count = append(g.Rows, id), append(g.Count, 0)
		}
		g.slots[i] = place
		g.Count[place]++
	}
}

// Decay adds the gradient of scale/2 · Σ‖row‖², a term for every lookup of the row, and so counts each by its use.
func (g *RowGrads) Decay(t *Table, scale float32) {
	for i, r := range g.Rows {
		a, w, d := scale*float32(g.Count[i]), t.Value[int(r)*g.D:][:g.D], g.Grad[i*g.D:][:g.D]
		for j := range d {
			d[j] += a * w[j]
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
