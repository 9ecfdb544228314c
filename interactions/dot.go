package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// DotOptions are the options of dot.
type DotOptions struct {
	SelfInteraction bool `json:"self_interaction"` // x_i·x_i too
}

// dot is the products of all pairs of fields: the lower triangle of T·Tᵀ in row-major order, (1,0), (2,0), (2,1), …
//
// Naumov et al., "Deep Learning Recommendation Model for Personalization and Recommendation Systems", 2019, §2.1.
type dot struct {
	f, d int
	self bool
}

func newDot(_ *nn.Builder, f, d int, o DotOptions) Interaction { return &dot{f, d, o.SelfInteraction} }

func (i *dot) Width() int {
	if i.self {
		return i.f * (i.f + 1) / 2
	}
	return i.f * (i.f - 1) / 2
}

func (i *dot) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	vec.DotPairs(y.Data, y.Stride, x.Data, x.N, i.f, i.d, i.self)
}

func (i *dot) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	vec.DotPairsGrad(dx.Data, dy.Data, dy.Stride, x.Data, x.N, i.f, i.d, i.self)
}

func (i *dot) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	var at []int
	for row := range i.f {
		for column := range row {
			at = append(at, row*i.f+column)
		}
		if i.self {
			at = append(at, row*i.f+row)
		}
	}
	return dotsONNX(g, x, i.f, at)
}

func (i *dot) Cost() nn.Cost {
	return nn.Cost{FLOPs: float64(2 * i.Width() * i.d), Bytes: float64(4 * (i.f*i.d + i.Width()))}
}
