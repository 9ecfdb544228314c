package models

import (
	"ctrlab/interactions"
	"ctrlab/nn"
)

// newInteraction builds one over a group, or over its categorical fields alone.
func newInteraction(b *nn.Builder, g *group, u Use) interactions.Interaction {
	if !g.spec.tail(g.schema, u) {
		return u.variant().New(b, g.x.F, g.x.D, u.Options)
	}
	f, d := g.spec.Fields, g.spec.Dim
	t := &tail{Interaction: u.variant().New(b, f, d, u.Options), skip: g.width, x: b.Block(f, d)}
	if b.Train {
		t.dx = b.Block(f, d)
	}
	return t
}

// tail is an interaction that sees of a row of numbers what stands behind the first ones.
type tail struct {
	interactions.Interaction
	skip  int
	x, dx nn.Block
}

func (t *tail) Forward(s *nn.Step, y nn.Mat, x nn.Block) {
	own := t.x.Rows(0, x.N)
	own.Mat().Copy(x.Mat().Cols(t.skip, x.F*x.D))
	t.Interaction.Forward(s, y, own)
}

func (t *tail) Backward(s *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	own := t.dx.Rows(0, x.N)
	clear(own.Data)
	t.Interaction.Backward(s, own, dy, t.x.Rows(0, x.N))
	to, from := dx.Mat().Cols(t.skip, dx.F*dx.D), own.Mat()
	for n := range x.N {
		row := to.Row(n)
		for c, v := range from.Row(n) {
			row[c] += v
		}
	}
}

// raw is how many raw dense features a branch's perceptron takes beside what its interactions make, since none of these has them.
func (s Branch) raw(g *group) int {
	if len(s.Hidden) == 0 {
		return 0
	}
	for _, u := range s.Interactions {
		if !g.spec.tail(g.schema, u) {
			return 0
		}
	}
	return g.dense
}
