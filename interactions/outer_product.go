package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// outerProduct is a kernel product for every pair of fields: x_iᵀ W_ij x_j, (0,1), (0,2), …, (1,2), …
//
// Qu et al., "Product-based Neural Networks for User Response Prediction over Multi-field Categorical Data", TOIS 2018, eq. 17.
type outerProduct struct{ *kernels }

func newOuterProduct(b *nn.Builder, f, d int, _ None) Interaction {
	return &outerProduct{newKernels(b, "weight", f, d, "interaction")}
}

func (i *outerProduct) Width() int { return pairs(i.f) }

func (i *outerProduct) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	i.each(func(p, a, b int) {
		t, e := i.product(x, p, a, b), x.Field(b)
		vec.DotRows(y.Data[p:], y.Stride, t.Data, t.Stride, e.Data, e.Stride, x.N, i.d)
	})
}

func (i *outerProduct) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	i.each(func(p, a, b int) {
		t, dt, e, de := i.product(x, p, a, b), i.gradient(x.N, a, b), x.Field(b), dx.Field(b)
		g := dy.Data[p:]
		vec.AxpyRows(de.Data, de.Stride, g, dy.Stride, t.Data, t.Stride, x.N, i.d)
		vec.AxpyRows(dt.Data, dt.Stride, g, dy.Stride, e.Data, e.Stride, x.N, i.d)
		i.back(dx, x, p, a, b)
	})
}

func (i *outerProduct) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	return g.Sum(i.productsONNX(g, x), 2)
}

func (i *outerProduct) Cost() nn.Cost {
	return i.cost().Add(nn.Cost{FLOPs: float64(2 * pairs(i.f) * i.d), Bytes: float64(4 * pairs(i.f))})
}
