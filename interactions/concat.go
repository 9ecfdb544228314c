package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// concat lays the fields side by side: what an MLP on raw embeddings sees.
type concat struct{ width int }

func newConcat(_ *nn.Builder, f, d int, _ None) Interaction { return &concat{f * d} }

func (c *concat) Width() int { return c.width }

func (c *concat) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	if y.Stride == c.width {
		copy(y.Data, x.Data)
		return
	}
	for n, in := range rows(x) {
		copy(y.Row(n), in)
	}
}

func (c *concat) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, _ nn.Block) {
	if dy.Stride == c.width {
		vec.Add(dx.Data, dy.Data)
		return
	}
	for n, d := range rows(dx) {
		vec.Add(d, dy.Row(n))
	}
}

func (c *concat) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value { return g.Reshape(x, 0, c.width) }

func (c *concat) Cost() nn.Cost { return nn.Cost{Bytes: float64(8 * c.width)} }

// rows walks a block's examples, [F·D] each.
func rows(b nn.Block) func(func(int, []float32) bool) {
	m := b.Mat()
	return func(yield func(int, []float32) bool) {
		for n := range m.N {
			if !yield(n, m.Row(n)) {
				return
			}
		}
	}
}
