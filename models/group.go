package models

import (
	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// group is an embedding group of a lane: it fills the Block that interactions see.
type group struct {
	spec   Group
	schema batch.Schema
	dense  int // dense features used
	width  int // numbers of a row that come from them
	tables []*nn.Table
	scale  *nn.Scale // of DenseScale
	bottom *nn.MLP   // of DenseMLP
	x      nn.Block
	grad   *nn.Block // [batch], ∂loss/∂x of the whole batch; shared by the lanes, a shard writes its rows
}

func newGroup(b *nn.Builder, s Group, schema batch.Schema, grad *nn.Block) *group {
	g := &group{spec: s, schema: schema, dense: s.dense(schema), width: s.denseWidth(schema), grad: grad}
	f, d := s.shape(schema)
	g.x = b.Block(f, d)
	in := b
	if s.Prefix != "" {
		in = b.In(s.Prefix)
	}
	tables := in.In("embedding")
	for _, f := range schema.Sparse[:s.Fields] {
		g.tables = append(g.tables, tables.Table(f.Name, b.Init.Embedding, f.Rows, s.Dim))
	}
	if g.dense == 0 {
		return g
	}
	switch s.Dense {
	case DenseScale:
		g.scale = nn.NewScale(tables, g.dense, s.Dim)
	case DenseMLP:
		hidden := append(append([]int(nil), s.Bottom...), s.Dim)
		g.bottom = nn.NewMLP(in.In("bottom"), g.dense, hidden, false, s.Layers)
	}
	return g
}

// field returns the window of categorical field f in a flattened block.
func (g *group) field(m nn.Mat, f int) nn.Mat {
	at := g.width + f*g.spec.Dim
	return m.Cols(at, at+g.spec.Dim)
}

// input returns the dense features of rows [from, to), [N, n_d].
func (g *group) input(b *batch.Batch, from, to int) nn.Mat {
	return nn.Mat{N: to - from, C: g.dense, Stride: g.dense, Data: b.Dense[from*g.dense : to*g.dense]}
}

func (g *group) forward(s *nn.Step, b *batch.Batch, from, to int) {
	x := g.x.Rows(0, to-from).Mat()
	for f, t := range g.tables {
		gather(t, g.field(x, f), b.Sparse[f], g.schema.Sparse[f], from, to, false)
	}
	if g.dense == 0 {
		return
	}
	in := g.input(b, from, to)
	switch g.spec.Dense {
	case DenseScale:
		g.scale.Forward(x.Cols(0, g.width), in)
	case DenseConcat:
		for n := range in.N {
			copy(x.Row(n), in.Row(n))
		}
	case DenseMLP:
		g.bottom.Forward(s, x.Cols(0, g.width), in)
	}
}

// backward takes what the interactions left in grad on to the parameters of the dense features. The tables' part
// stays there for the trainer.
func (g *group) backward(s *nn.Step, b *batch.Batch, from, to int) {
	if g.dense == 0 {
		return
	}
	in, dx := g.input(b, from, to), g.grad.Rows(from, to).Mat()
	switch g.spec.Dense {
	case DenseScale:
		g.scale.Backward(dx.Cols(0, g.width), in)
	case DenseMLP:
		g.bottom.Backward(s, nn.Mat{}, dx.Cols(0, g.width), in)
	}
}

func (g *group) cost() nn.Cost {
	c := nn.Cost{Bytes: float64(8 * len(g.tables) * g.spec.Dim)}
	if g.scale != nil {
		c = c.Add(g.scale.Cost())
	}
	if g.bottom != nil {
		c = c.Add(g.bottom.Cost())
	}
	return c
}

// gather looks a shard's ids up; with add it adds to what y holds.
func gather(t *nn.Table, y nn.Mat, bags batch.Bags, f batch.Field, from, to int, add bool) {
	if bags.Offsets == nil {
		t.Gather(y, bags.IDs[from:to], nil, false, add)
		return
	}
	t.Gather(y, bags.IDs, bags.Offsets[from:to+1], f.Pool == batch.Mean, add)
}
