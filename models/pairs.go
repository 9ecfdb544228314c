package models

import (
	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/nn"
)

// Pairs is how strongly a model lets two fields act together: Strength has a number a pair of Fields, (0,1), (0,2), …, (1,2), …
type Pairs struct {
	Fields   []string
	Strength []float64
}

// Pairs returns the strengths of the model's first interaction that has some, over the rows of a batch; ok is false where none
// has. interactions.Pairing says what they are.
func (m *Model) Pairs(b *batch.Batch) (p Pairs, ok bool) {
	for _, br := range m.Lanes[0].branches {
		for _, part := range br.parts {
			if of, ok := part.Interaction.(interactions.Pairing); ok {
				x := br.group.fields(b, m.Shard)
				p := Pairs{br.group.names(), make([]float64, x.Pairs())}
				of.Strengths(p.Strength, x)
				return p, true
			}
		}
	}
	return Pairs{}, false
}

// Embedded returns the vectors that the model's first embedding group makes of the rows of a batch, with the fields' names; ok is
// false where there is none.
func (m *Model) Embedded(b *batch.Batch) (fields []string, x interactions.Fields, ok bool) {
	if len(m.Lanes[0].groups) == 0 {
		return nil, interactions.Fields{}, false
	}
	g := m.Lanes[0].groups[0]
	return g.names(), g.fields(b, m.Shard), true
}

// SampleRows is how many rows Pairs is to be asked of: some thousands, unless the blocks of a matrix between all fields make that long.
func (m *Model) SampleRows() int {
	const work, least, most = 1 << 29, 256, 4096
	rows := most
	for _, g := range m.Spec.Groups {
		f, d := g.shape(m.Spec.Schema)
		rows = min(rows, max(least, work/max(1, f*d*f*d)))
	}
	return rows
}

// fields are the group's input of a batch.
func (g *group) fields(b *batch.Batch, shard int) interactions.Fields {
	f, d := g.spec.shape(g.schema)
	x := nn.NewBlock(b.N, f, d)
	for from := 0; from < b.N; from += shard {
		to := min(from+shard, b.N)
		g.forward(&nn.Step{Row: from}, b, from, to)
		copy(x.Rows(from, to).Data, g.x.Data)
	}
	cuts := []int{0}
	for i := range g.names() {
		width := g.spec.Dim
		if g.spec.raw(g.schema) && i < g.dense {
			width = 1
		}
		cuts = append(cuts, cuts[i]+width)
	}
	return interactions.Fields{Mat: x.Mat(), Cuts: cuts}
}

// names are those of the fields, as interactions see them.
func (g *group) names() []string {
	var names []string
	switch {
	case g.dense > 0 && g.spec.Dense == DenseMLP:
		names = append(names, "dense")
	case g.dense > 0:
		names = append(names, g.schema.Dense...)
	}
	for _, f := range g.schema.Sparse[:g.spec.Fields] {
		names = append(names, f.Name)
	}
	return names
}
