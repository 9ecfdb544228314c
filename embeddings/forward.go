package embeddings

import (
	"ctrlab/datasets/batch"
	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// Forward overwrites y [N, F·d] with the vectors of rows [from, to) of a batch.
func (g *Group) Forward(s *nn.Step, y nn.Mat, b *batch.Batch, from, to int) {
	for i := range g.fields {
		f, bags := &g.fields[i], b.Sparse[i]
		into := y.Cols(i*g.d, (i+1)*g.d)
		switch {
		case f.projection != nil:
			narrow := f.narrow.Rows(to - from)
			f.gather(s, 0, narrow, bags, from, to, false)
			f.projection.Forward(into, narrow)
		case f.Operation == "product":
			f.multiply(into, bags, from, to)
		default:
			for p := range f.Parts {
				at, end := f.columns(p, g.d)
				f.gather(s, p, into.Cols(at, end), bags, from, to, p > 0 && f.Operation == "sum")
			}
		}
	}
}

// gather writes, or adds, a part's rows, pooled.
func (f *field) gather(s *nn.Step, p int, y nn.Mat, bags batch.Bags, from, to int, add bool) {
	ids, offsets, mean := bags.IDs, bags.Offsets, f.Pool == batch.Mean
	if offsets == nil {
		ids = ids[from:to]
	} else {
		offsets = offsets[from : to+1]
	}
	if index := f.Parts[p].Index; index != nil {
		ids = flat(bags, from, to)
		offsets = f.bags(bags, from, to)
		f.rows = resize(f.rows, len(ids))
		index.Find(f.rows, ids)
		ids = f.rows
	}
	if s.Train {
		f.tables[p].Gather(y, ids, offsets, mean, add)
	} else {
		f.tables[p].Look(y, ids, offsets, mean, add)
	}
}

// bags are the offsets of a shard's bags in its own ids; nil: one-hot.
func (f *field) bags(b batch.Bags, from, to int) []int32 {
	if b.Offsets == nil {
		return nil
	}
	f.offsets = resize(f.offsets, to-from+1)
	for i := range f.offsets {
		f.offsets[i] = b.Offsets[from+i] - b.Offsets[from]
	}
	return f.offsets
}

// multiply writes the products of both parts' rows, pooled.
func (f *field) multiply(y nn.Mat, bags batch.Bags, from, to int) {
	ids, d := flat(bags, from, to), y.C
	f.rows = resize(f.rows, len(ids))
	for p, t := range f.tables {
		f.Parts[p].Index.Find(f.rows, ids)
		f.vectors[p] = resize(f.vectors[p], len(ids)*d)
		t.Gather(f.all(p, d), f.rows, nil, false, false)
	}
	if bags.Offsets == nil {
		vec.MulRows(y.Data, y.Stride, f.vectors[0], d, f.vectors[1], d, y.N, d)
		return
	}
	f.pooled = resize(f.pooled, len(ids)*d)
	vec.Mul2(f.pooled, f.vectors[0], f.vectors[1])
	for n := len(f.count); n < len(ids); n++ {
		f.count = append(f.count, int32(n))
	}
	vec.GatherBags(y.Data, y.Stride, f.pooled, d, f.count[:len(ids)], f.bags(bags, from, to), f.Pool == batch.Mean, false)
}

// all is a part's vectors of a shard.
func (f *field) all(p, d int) nn.Mat {
	return nn.Mat{N: len(f.vectors[p]) / d, C: d, Stride: d, Data: f.vectors[p]}
}
