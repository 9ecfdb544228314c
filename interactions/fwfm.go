package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// fwfm is the field-weighted factorization machine: Σ_{i<j} r_ij x_i·x_j.
//
// Pan et al., "Field-weighted Factorization Machines for Click-Through Rate Prediction in Display Advertising", WWW 2018, eq. 7.
type fwfm struct {
	f, d    int
	r       *nn.Param // [pairs]
	order   []int
	dots    nn.Mat    // [N, pairs], as dot has them, kept for Backward
	ddots   nn.Mat    // their gradients
	ordered []float32 // r in dot's order; in Backward its gradient
	scratch []float32
}

func newFwFM(b *nn.Builder, f, d int, _ None) Interaction {
	one, n := *b, pairs(f)
	one.Rows = 1
	i := &fwfm{f: f, d: d, r: b.Weight("r", n), order: upper(f), dots: b.Mat(n), ordered: one.Mat(n).Data}
	need := vec.MulScratch(b.Rows, 1, n)
	if b.Train {
		i.ddots = b.Mat(n)
		need = max(need, vec.MulScratch(n, 1, b.Rows), vec.MulScratch(b.Rows, n, 1))
	}
	i.scratch = one.Mat(need).Data
	return i
}

func (i *fwfm) Width() int { return 1 }

// weights returns r in dot's order.
func (i *fwfm) weights() []float32 {
	for p, at := range i.order {
		i.ordered[at] = i.r.Value[p]
	}
	return i.ordered
}

func (i *fwfm) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	n, dots := len(i.order), i.dots.Rows(x.N)
	vec.DotPairs(dots.Data, dots.Stride, x.Data, x.N, i.f, i.d, false)
	vec.Mul(y.Data, y.Stride, dots.Data, dots.Stride, 1, i.weights(), 1, 1, x.N, 1, n, false, i.scratch)
}

func (i *fwfm) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	n, dots, ddots := len(i.order), i.dots.Rows(x.N), i.ddots.Rows(x.N)
	vec.Mul(ddots.Data, ddots.Stride, dy.Data, dy.Stride, 1, i.weights(), n, 1, x.N, n, 1, false, i.scratch)
	vec.DotPairsGrad(dx.Data, ddots.Data, ddots.Stride, x.Data, x.N, i.f, i.d, false)
	dr := i.ordered
	vec.Mul(dr, 1, dots.Data, 1, dots.Stride, dy.Data, dy.Stride, 1, n, 1, x.N, false, i.scratch)
	for p, at := range i.order {
		i.r.Grad[p] += dr[at]
	}
}

func (i *fwfm) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	return g.MatMul(dotsONNX(g, x, i.f, upperONNX(i.f)), g.Reshape(i.r.ONNX(g), len(i.order), 1))
}

func (i *fwfm) Cost() nn.Cost {
	n := len(i.order)
	return nn.Cost{Params: int64(n), FLOPs: float64(n * (2*i.d + 2)), Bytes: float64(4 * (i.f*i.d + n + 1))}
}
