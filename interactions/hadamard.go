package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// hadamard is the element-wise products of all pairs of fields, (0,1), (0,2), …, (1,2), …; for two fields that is
// generalised matrix factorization.
//
// He et al., "Neural Collaborative Filtering", WWW 2017, eq. 8.
type hadamard struct{ f, d int }

func newHadamard(_ *nn.Builder, f, d int, _ None) Interaction { return &hadamard{f, d} }

func (i *hadamard) Width() int { return i.f * (i.f - 1) / 2 * i.d }

func (i *hadamard) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	vec.HadamardPairs(y.Data, y.Stride, x.Data, x.N, i.f, i.d)
}

func (i *hadamard) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	vec.HadamardPairsGrad(dx.Data, dy.Data, dy.Stride, x.Data, x.N, i.f, i.d)
}

func (i *hadamard) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	left, right := pairsONNX(g, x, i.f)
	return g.Reshape(g.Mul(left, right), 0, i.Width())
}

func (i *hadamard) Cost() nn.Cost {
	return nn.Cost{FLOPs: float64(i.Width()), Bytes: float64(4 * (i.f*i.d + i.Width()))}
}
