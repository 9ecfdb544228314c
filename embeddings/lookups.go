package embeddings

import (
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// Lookup is a table with the rows of it that batches look up and, after Backward of a whole batch, the gradient of what they gave.
type Lookup struct {
	Table *nn.Table
	Rows  Rows
	Mean  bool   // bags are averaged
	Grad  nn.Mat // [batch, D]; without Data it is the table's own
}

// Rows says which rows batches look up: those of some fields' ids.
type Rows struct {
	Fields []int    // of the batch
	Most   int      // rows of the tables
	Index  []Index  // a field each; nil: ids are rows
	Each   bool     // gradients are by lookup, those of the first field first; else by example
	Listed *[]int32 // where that is not nil, no fields' but these, which a model finds for each batch
}

// Equal says whether tables with other have the same rows looked up.
func (r Rows) Equal(other Rows) bool {
	return r.Most == other.Most && r.Each == other.Each && r.Listed == other.Listed && slices.Equal(r.Fields, other.Fields) && slices.Equal(r.Index, other.Index)
}

// Of returns the rows that a batch looks up, and the offsets of bags in them, as Table.Gather takes them. They stand in
// memory, which grows, or in the batch itself.
func (r Rows) Of(b *batch.Batch, memory *[]int32) (rows, offsets []int32) {
	if r.Listed != nil {
		return *r.Listed, nil
	}
	if !r.Each {
		bags := b.Sparse[r.Fields[0]]
		if r.Index[0] == nil {
			return bags.IDs, bags.Offsets
		}
		*memory = resize(*memory, len(bags.IDs))
		r.Index[0].Find(*memory, bags.IDs)
		return *memory, bags.Offsets
	}
	*memory = resize(*memory, r.Count(b))
	at := 0
	for i, f := range r.Fields {
		ids := flat(b.Sparse[f], 0, b.N)
		r.Index[i].Find((*memory)[at:at+len(ids)], ids)
		at += len(ids)
	}
	return *memory, nil
}

// Ready gives a table that keeps its gradient room for a batch.
func (l Lookup) Ready(b *batch.Batch) {
	if l.Grad.Data != nil {
		return
	}
	n := b.N
	if l.Rows.Each {
		n = l.Rows.Count(b)
	}
	d := l.Table.D
	l.Table.Grad = nn.Mat{N: n, C: d, Stride: d, Data: resize(l.Table.Grad.Data, n*d)}
}

// Gradient is that of a batch of n rows, for Uses.Sum.
func (l Lookup) Gradient(n int) nn.Mat {
	if l.Grad.Data == nil {
		return l.Table.Grad
	}
	return l.Grad.Rows(n)
}

// Count is how many rows a batch looks up.
func (r Rows) Count(b *batch.Batch) (n int) {
	if r.Listed != nil {
		return len(*r.Listed)
	}
	for _, f := range r.Fields {
		n += len(flat(b.Sparse[f], 0, b.N))
	}
	return n
}

// flat is the ids of rows [from, to).
func flat(b batch.Bags, from, to int) []int32 {
	if b.Offsets == nil {
		return b.IDs[from:to]
	}
	return b.IDs[b.Offsets[from]:b.Offsets[to]]
}

// Lookups lists the tables; grad [batch, F·d], without Data where nothing is trained, is what interactions leave.
func (g *Group) Lookups(grad nn.Mat) []Lookup {
	var all []Lookup
	for i, f := range g.fields {
		mean := f.Pool == batch.Mean
		for p, t := range f.tables {
			r := Rows{Fields: []int{i}, Most: t.Rows, Index: []Index{f.Parts[p].Index}, Each: f.each()}
			if at := slices.IndexFunc(all, func(l Lookup) bool { return l.Table == t }); at >= 0 {
				of := &all[at].Rows
				of.Fields, of.Index = append(of.Fields, i), append(of.Index, r.Index...)
				continue
			}
			l := Lookup{Table: t, Rows: r}
			if !r.Each {
				l.Mean = mean
			}
			if f.window() && grad.Data != nil {
				from, to := f.columns(p, g.d)
				l.Grad = grad.Cols(i*g.d+from, i*g.d+to)
			}
			all = append(all, l)
		}
	}
	return all
}

// each says that gradients are by lookup: that of an id's row depends on another of its rows, or other fields look the table up.
func (f *field) each() bool { return f.Operation == "product" || f.Parts[0].Shared }

// window says that the rows' gradient is a window of the vectors'.
func (f *field) window() bool { return !f.each() && f.projection == nil }

// columns are those of a vector of d that part p gives.
func (f *field) columns(p, d int) (from, to int) {
	if f.Operation == "concat" {
		return p * d / 2, (p + 1) * d / 2
	}
	return 0, d
}

// resize returns s with length n, keeping its memory where that suffices.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
