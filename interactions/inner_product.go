package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// innerProduct is the products of all pairs of fields, x_i·x_j, (0,1), (0,2), …, (1,2), …: what dot computes, in the order
// of product-based networks.
//
// Qu et al., "Product-based Neural Networks for User Response Prediction", ICDM 2016, eq. 9.
type innerProduct struct {
	f, d  int
	order []int
	dots  nn.Mat // [N, pairs], as dot has them
}

func newInnerProduct(b *nn.Builder, f, d int, _ None) Interaction {
	return &innerProduct{f, d, upper(f), b.Mat(pairs(f))}
}

func (i *innerProduct) Width() int { return len(i.order) }

func (i *innerProduct) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	dots := i.dots.Rows(x.N)
	vec.DotPairs(dots.Data, dots.Stride, x.Data, x.N, i.f, i.d, false)
	for e := range x.N {
		out, in := y.Row(e), dots.Row(e)
		for p, at := range i.order {
			out[p] = in[at]
		}
	}
}

func (i *innerProduct) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	dots := i.dots.Rows(x.N) // their gradients now
	for e := range x.N {
		out, in := dots.Row(e), dy.Row(e)
		for p, at := range i.order {
			out[at] = in[p]
		}
	}
	vec.DotPairsGrad(dx.Data, dots.Data, dots.Stride, x.Data, x.N, i.f, i.d, false)
}

func (i *innerProduct) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	return dotsONNX(g, x, i.f, upperONNX(i.f))
}

func (i *innerProduct) Cost() nn.Cost {
	return nn.Cost{FLOPs: float64(2 * i.Width() * i.d), Bytes: float64(4 * (i.f*i.d + 3*i.Width()))}
}
