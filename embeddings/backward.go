package embeddings

import (
	"ctrlab/datasets/batch"
	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// Backward follows the Forward of the same rows. dy [N, F·d] is the vectors' gradient; what is no window of it goes into the
// tables' own, and into the gradients of parameters.
func (g *Group) Backward(dy nn.Mat, b *batch.Batch, from, to int) {
	before := 0 // lookups of the fields before, for a table of all
	for i := range g.fields {
		f, bags := &g.fields[i], b.Sparse[i]
		if f.window() {
			continue
		}
		of := dy.Cols(i*g.d, (i+1)*g.d)
		switch {
		case f.projection != nil:
			narrow := f.narrow.Rows(to - from)
			f.projection.Backward(f.tables[0].Grad.Window(from, to-from, 0, narrow.C), of, narrow, true)
		case f.Operation == "product":
			f.divide(of, bags, from, to)
		default:
			f.spread(place(f.tables[0], bags, before, from, to), of, bags, from, to)
			before += len(flat(bags, 0, b.N))
		}
	}
}

// place is the part of a table's own gradient for the lookups of rows [from, to).
func place(t *nn.Table, b batch.Bags, before, from, to int) nn.Mat {
	at := before + len(flat(b, 0, from))
	return t.Grad.Window(at, len(flat(b, from, to)), 0, t.D)
}

// divide gives each part the gradient of its rows: the product's, times the other part's row.
func (f *field) divide(dy nn.Mat, bags batch.Bags, from, to int) {
	d := dy.C
	if bags.Offsets != nil {
		each := nn.Mat{N: len(f.pooled) / d, C: d, Stride: d, Data: f.pooled}
		f.spread(each, dy, bags, from, to)
		dy = each
	}
	for p, t := range f.tables {
		g := place(t, bags, 0, from, to)
		vec.MulRows(g.Data, g.Stride, dy.Data, dy.Stride, f.vectors[1-p], d, g.N, d)
	}
}

// spread writes to g the gradient of every lookup: that of its bag, or its part of the mean.
func (f *field) spread(g, dy nn.Mat, bags batch.Bags, from, to int) {
	if bags.Offsets == nil {
		g.Copy(dy)
		return
	}
	at := 0
	for n := range to - from {
		size := int(bags.Offsets[from+n+1] - bags.Offsets[from+n])
		for range size {
			row := g.Row(at)
			copy(row, dy.Row(n))
			if f.Pool == batch.Mean && size > 1 {
				for k := range row {
					row[k] /= float32(size)
				}
			}
			at++
		}
	}
}
