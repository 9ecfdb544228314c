package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// first passes the first field on: DLRM's top MLP takes the dense features' vector z beside the products.
type first struct{ d int }

func newFirst(_ *nn.Builder, _, d int, _ None) Interaction { return &first{d} }

func (i *first) Width() int { return i.d }

func (i *first) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	z := x.Field(0)
	for n := range x.N {
		copy(y.Row(n), z.Row(n))
	}
}

func (i *first) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, _ nn.Block) {
	dz := dx.Field(0)
	for n := range dx.N {
		vec.Add(dz.Row(n), dy.Row(n))
	}
}

func (i *first) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	return g.Reshape(g.Slice(x, 1, 0, 1), 0, i.d)
}

func (i *first) Cost() nn.Cost { return nn.Cost{Bytes: float64(8 * i.d)} }
