package models

import (
	"ctrlab/datasets/batch"
	"ctrlab/embeddings"
	"ctrlab/nn"
)

// group is an embedding group of a lane: it fills the Block that interactions see.
type group struct {
	spec       Group
	schema     batch.Schema
	dense      int // dense features used
	width      int // numbers of a row that come from them
	embeddings *embeddings.Group
	scale      *nn.Scale // of DenseScale
	bottom     *nn.MLP   // of DenseMLP
	instance   *instance // nil: none
	x          nn.Block
	grad       *nn.Block // [batch], ∂loss/∂x of the whole batch; shared by the lanes, a shard writes its rows
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
	layouts, err := s.layouts(schema)
	if err != nil {
		panic("models: embeddings that do not fit the data")
	}
	g.embeddings = embeddings.New(tables, layouts, schema.Sparse[:s.Fields], s.Dim)
	if s.Instance {
		g.instance = newInstance(b, s, schema)
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

// prefix stands before the names of the embeddings' tables.
func (g *group) prefix() string {
	if g.spec.Prefix == "" {
		return "embedding."
	}
	return g.spec.Prefix + ".embedding."
}

// categorical returns the window of the categorical fields in a flattened block.
func (g *group) categorical(m nn.Mat) nn.Mat { return m.Cols(g.width, m.C) }

// input returns the dense features of rows [from, to), [N, n_d].
func (g *group) input(b *batch.Batch, from, to int) nn.Mat {
	return nn.Mat{N: to - from, C: g.dense, Stride: g.dense, Data: b.Dense[from*g.dense : to*g.dense]}
}

func (g *group) forward(s *nn.Step, b *batch.Batch, from, to int) {
	x := g.x.Rows(0, to-from).Mat()
	g.embeddings.Forward(s, g.categorical(x), b, from, to)
	if g.dense > 0 {
		g.forwardDense(s, x, b, from, to)
	}
	if g.instance != nil {
		g.instance.forward(x, b, from)
	}
}

func (g *group) forwardDense(s *nn.Step, x nn.Mat, b *batch.Batch, from, to int) {
	in := g.input(b, from, to)
	switch g.spec.Dense {
	case DenseScale:
		g.scale.Forward(x.Cols(0, g.width), in)
	case DenseConcat, DenseDeep:
		for n := range in.N {
			copy(x.Row(n), in.Row(n))
		}
	case DenseMLP:
		g.bottom.Forward(s, x.Cols(0, g.width), in)
	}
}

// backward takes what the interactions left in grad on to the embeddings and the parameters of the dense features. Most
// tables' part stays there for the trainer.
func (g *group) backward(s *nn.Step, b *batch.Batch, from, to int) {
	dx := g.grad.Rows(from, to).Mat()
	if g.instance != nil {
		g.instance.scale(dx)
	}
	g.embeddings.Backward(g.categorical(dx), b, from, to)
	if g.dense == 0 {
		return
	}
	in := g.input(b, from, to)
	switch g.spec.Dense {
	case DenseScale:
		g.scale.Backward(dx.Cols(0, g.width), in)
	case DenseMLP:
		g.bottom.Backward(s, nn.Mat{}, dx.Cols(0, g.width), in)
	}
}

func (g *group) cost() nn.Cost {
	c := g.embeddings.Cost()
	if g.scale != nil {
		c = c.Add(g.scale.Cost())
	}
	if g.bottom != nil {
		c = c.Add(g.bottom.Cost())
	}
	return c
}
