package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// fm is the second-order factorization machine: ½ Σ_d [(Σ_f x_fd)² − Σ_f x_fd²], the sum of all pairs' dot products
// in O(F·D).
//
// Rendle, "Factorization Machines", ICDM 2010, eq. 5.
type fm struct {
	f, d int
	sum  nn.Mat // [N, D], Σ_f x_f, kept for Backward
}

func newFM(b *nn.Builder, f, d int, _ None) Interaction { return &fm{f, d, b.Mat(d)} }

func (i *fm) Width() int { return 1 }

func (i *fm) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	vec.FM(y.Data, y.Stride, i.sum.Rows(x.N).Data, x.Data, x.N, i.f, i.d)
}

func (i *fm) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	vec.FMGrad(dx.Data, dy.Data, dy.Stride, i.sum.Rows(x.N).Data, x.Data, x.N, i.f, i.d)
}

func (i *fm) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value { return g.Total(biONNX(g, x)) }

func (i *fm) Cost() nn.Cost {
	return nn.Cost{FLOPs: float64(3*i.f*i.d + 3*i.d), Bytes: float64(4 * (i.f*i.d + i.d + 1))}
}
