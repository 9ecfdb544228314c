package interactions

import (
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// sum adds the fields up.
type sum struct{ f, d int }

func newSum(_ *nn.Builder, f, d int, _ None) Interaction { return &sum{f, d} }

func (i *sum) Width() int { return i.d }

func (i *sum) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	for n, in := range rows(x) {
		out := y.Row(n)
		copy(out, in)
		for f := 1; f < i.f; f++ {
			for d, v := range in[f*i.d:][:i.d] {
				out[d] += v
			}
		}
	}
}

func (i *sum) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, _ nn.Block) {
	for n, in := range rows(dx) {
		out := dy.Row(n)
		for f := range i.f {
			for d, v := range out {
				in[f*i.d+d] += v
			}
		}
	}
}

func (i *sum) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value { return g.Sum(x, 1) }

func (i *sum) Cost() nn.Cost {
	return nn.Cost{FLOPs: float64((i.f - 1) * i.d), Bytes: float64(4 * (i.f + 1) * i.d)}
}
