package embeddings

import (
	"ctrlab/datasets/batch"
	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// Forward overwrites y [N, F·d] with the vectors of rows [from, to) of a batch.
func (g *Group) Forward(s *nn.Step, y nn.Mat, b *batch.Batch, from, to int) {
	for i := range g.fields {
		g.fields[i].forward(s, y.Cols(i*g.d, (i+1)*g.d), b.Sparse[i], from, to)
	}
}

// Vectors returns those of all ids of a field, [ids, d], as predictions see them: in memory of the table where it has them so.
func (g *Group) Vectors(i int) nn.Mat {
	f := &g.fields[i]
	if t := f.tables[0]; f.plain() {
		return nn.Mat{N: t.Rows, C: t.D, Stride: t.D, Data: t.Value}
	}
	y, ids := nn.NewMat(f.Rows, g.d), make([]int32, f.Rows)
	for id := range ids {
		ids[id] = int32(id)
	}
	for from := 0; from < y.N; from += g.rows {
		to := min(from+g.rows, y.N)
		f.forward(&nn.Step{}, y.Window(from, to-from, 0, g.d), batch.Bags{IDs: ids}, from, to)
	}
	return y
}

// plain says that a table has the vector of every id as it is.
func (f *field) plain() bool {
	p := f.Parts[0]
	return len(f.Parts) == 1 && p.Index == nil && p.Bits == 0 && f.projection == nil
}

func (f *field) forward(s *nn.Step, y nn.Mat, bags batch.Bags, from, to int) {
	switch {
	case f.projection != nil:
		narrow := f.narrow.Rows(to - from)
		f.gather(s, 0, narrow, bags, from, to, false)
		f.projection.Forward(y, narrow)
	case f.Operation == "product":
		f.multiply(y, bags, from, to)
	default:
		for p := range f.Parts {
			at, end := f.columns(p, y.C)
			f.gather(s, p, y.Cols(at, end), bags, from, to, p > 0 && f.Operation == "sum")
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
