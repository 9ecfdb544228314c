package nn

import (
	"ctrlab/internal/vec"
	"ctrlab/nn/onnx"
)

// Scale makes a field of each dense feature: y_k = x_k·v_k, with a learnt vector v_k.
type Scale struct {
	vectors *Param // [n_d, D]
	d       int
}

// NewScale declares the vectors of n features as "dense".
func NewScale(b *Builder, n, d int) *Scale {
	l := &Scale{b.Param("dense", b.Init.Embedding, n, d), d}
	l.vectors.Embedding = true
	return l
}

// Forward overwrites y [N, n_d·D] from x [N, n_d].
func (l *Scale) Forward(y, x Mat) {
	vec.ScaleFields(y.Data, y.Stride, x.Data, x.Stride, l.vectors.Value, x.N, x.C, l.d)
}

// ONNX is Forward in a graph: x [N, n_d] becomes [N, n_d·D].
func (l *Scale) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	n, _ := l.vectors.Dims()
	return g.Reshape(g.Mul(g.Reshape(x, 0, n, 1), l.vectors.ONNX(g)), 0, n*l.d)
}

// Backward adds into the vectors' gradient; x is data and has none.
func (l *Scale) Backward(dy, x Mat) {
	vec.ScaleFieldsGrad(l.vectors.Grad, dy.Data, dy.Stride, x.Data, x.Stride, x.N, x.C, l.d)
}

// Cost is that of one row.
func (l *Scale) Cost() Cost {
	f, d := l.vectors.Dims()
	return Cost{Params: int64(f * d), FLOPs: float64(f * d), Bytes: float64(4*f*d + 4*f)}
}
