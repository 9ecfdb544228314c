package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// bi is the bi-interaction pooling: Σ_{i<j} x_i ⊙ x_j = ½[(Σ_i x_i)² − Σ_i x_i²], element by element.
//
// He & Chua, "Neural Factorization Machines for Sparse Predictive Analytics", SIGIR 2017, eq. 4.
type bi struct {
	f, d int
	sum  nn.Mat // [N, D], Σ_i x_i, kept for Backward
}

func newBi(b *nn.Builder, f, d int, _ None) Interaction { return &bi{f, d, b.Mat(d)} }

func (i *bi) Width() int { return i.d }

func (i *bi) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	vec.Bi(y.Data, y.Stride, i.sum.Rows(x.N).Data, x.Data, x.N, i.f, i.d)
}

func (i *bi) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	vec.BiGrad(dx.Data, dy.Data, dy.Stride, i.sum.Rows(x.N).Data, x.Data, x.N, i.f, i.d)
}

func (i *bi) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value { return biONNX(g, x) }

func biONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	sum := g.Sum(x, 1)
	return g.Scale(g.Sub(g.Mul(sum, sum), g.Sum(g.Mul(x, x), 1)), 0.5)
}

func (i *bi) Cost() nn.Cost {
	return nn.Cost{FLOPs: float64(3*i.f*i.d + 3*i.d), Bytes: float64(4 * (i.f*i.d + 2*i.d))}
}
