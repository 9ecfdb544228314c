package embeddings

import (
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// Group makes the vectors of a model's first categorical fields: one build of them for a lane.
type Group struct {
	d, rows int // numbers of a vector; rows of a shard, at most
	fields  []field
	ranking []Ranking
}

// field makes those of one field.
type field struct {
	batch.Field
	Layout
	tables     []*nn.Table // a part each
	projection *nn.Linear  // nil: none
	narrow     nn.Mat      // [N, D], what it projects

	// Scratch of a shard; the vectors are kept for Backward.
	rows, offsets []int32
	vectors       [2][]float32 // [lookups, D] of a product's parts
	pooled        []float32    // [lookups, D]
	count         []int32      // 0, 1, …
}

// New declares tables, and what stands beside them, in layouts' order: [d] numbers a field.
func New(b *nn.Builder, layouts []Layout, fields []batch.Field, d int) *Group {
	g := &Group{d: d, rows: b.Rows}
	shared := map[string]*nn.Table{}
	for i, l := range layouts {
		f := field{Field: fields[i], Layout: l}
		f.Parts = slices.Clone(l.Parts)
		for k, p := range l.Parts {
			if p.Shared {
				if shared[p.Name] == nil {
					shared[p.Name] = declare(b, p.Name, p)
				}
				f.tables = append(f.tables, shared[p.Name])
				continue
			}
			name := f.Name
			if p.Name != "" {
				name += "." + p.Name
			}
			f.tables = append(f.tables, declare(b, name, p))
			if p.Ranked > 0 {
				f.Parts[k].Index = ranks{g.rankingOf(b, i, f, p.Ranked).rows, int32(p.Ranked), p.Index}
			}
		}
		if l.Projected {
			f.project(b.In(f.Name), d)
		}
		g.fields = append(g.fields, f)
	}
	return g
}

// rankingOf is that of field i, which all its parts share.
func (g *Group) rankingOf(b *nn.Builder, i int, f field, own int) Ranking {
	if n := len(g.ranking); n > 0 && g.ranking[n-1].Field == i {
		return g.ranking[n-1]
	}
	r := Ranking{i, own, b.In(f.Name).Running("row", 0, f.Rows)}
	r.unranked()
	g.ranking = append(g.ranking, r)
	return r
}

func declare(b *nn.Builder, name string, p Part) *nn.Table {
	init := p.Init
	if init.Kind == "" {
		init = b.Init.Embedding
	}
	t := b.Table(name, init, p.Rows, p.D)
	if p.Bits > 0 && t.Codes == nil {
		t.Codes = &nn.Codes{Bits: p.Bits}
	}
	return t
}

// project declares the matrix that takes a field's rows to vectors of d numbers.
func (f *field) project(b *nn.Builder, d int) {
	w := f.Parts[0].D
	f.projection = nn.LinearOf(b, b.Weight("projection", d, w), nil, false)
	f.narrow = b.Mat(w)
}

// Rankings are those of fields whose ids have rows by their counts in train.
func (g *Group) Rankings() []Ranking { return g.ranking }

// Cost is that of one example.
func (g *Group) Cost() nn.Cost {
	var c nn.Cost
	for _, f := range g.fields {
		for _, p := range f.Parts {
			c.Bytes += float64(8 * p.D)
		}
		if f.Operation == "sum" || f.Operation == "product" {
			c.FLOPs += float64(g.d)
		}
		if f.projection != nil {
			c = c.Add(f.projection.Cost())
		}
	}
	return c
}
