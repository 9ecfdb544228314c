package nn

import (
	"math"

	"ctrlab/nn/onnx"
)

// LayerNorm brings each row, or each of the equal parts of a row by itself, to mean 0 and variance 1, and scales and shifts
// it number by number: y = (x − mean)/√(var + 1e-5) ⊙ weight + bias, with weight and bias [parts · D].
//
// Ba et al., "Layer Normalization", 2016, eq. 4.
type LayerNorm struct {
	weight, bias *Param
	d            int
	y            Mat // [N, parts·D], before scale and shift, kept for Backward
	s            Mat // [N, parts], 1/√(var + 1e-5)
}

const layerNormEps = 1e-5

// NewLayerNorm declares weight, 1 at the start, and bias, 0.
func NewLayerNorm(b *Builder, parts, d int) *LayerNorm {
	l := &LayerNorm{d: d, y: b.Mat(parts * d), s: b.Mat(parts)}
	l.weight = b.Param("weight", Init{Kind: "one"}, parts*d)
	l.bias = b.Param("bias", Init{Kind: "zero"}, parts*d)
	return l
}

// Forward overwrites y [N, parts·D], which may be x.
func (l *LayerNorm) Forward(y, x Mat) {
	weight, bias := l.weight.Value, l.bias.Value
	for n := range x.N {
		in, out, norm, s := x.Row(n), y.Row(n), l.y.Row(n), l.s.Row(n)
		for p := range s {
			at := p * l.d
			s[p] = normalize(norm[at:at+l.d], in[at:at+l.d])
		}
		out = out[:len(norm)]
		w, b := weight[:len(norm)], bias[:len(norm)]
		for c, v := range norm {
			out[c] = v*w[c] + b[c]
		}
	}
}

// ONNX is Forward in a graph: x is [N, parts·D], or [N, …, D] where there is one part.
func (l *LayerNorm) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	weight, bias := l.weight.ONNX(g), l.bias.ONNX(g)
	parts := len(l.weight.Value) / l.d
	if parts == 1 {
		return g.LayerNorm(x, weight, bias, layerNormEps)
	}
	one := make([]float32, 2*l.d)
	for i := range l.d {
		one[i] = 1
	}
	norm := g.LayerNorm(g.Reshape(x, 0, parts, l.d), g.Floats(one[:l.d]...), g.Floats(one[l.d:]...), layerNormEps)
	return g.Add(g.Mul(g.Reshape(norm, 0, parts*l.d), weight), bias)
}

// normalize writes (x − mean)/√(var + ε) and returns the factor.
func normalize(y, x []float32) float32 {
	mean, square := float32(0), float32(0)
	for _, v := range x {
		mean += v
	}
	mean /= float32(len(x))
	for c, v := range x {
		v -= mean
		y[c] = v
		square += v * v
	}
	s := float32(1 / math.Sqrt(float64(square)/float64(len(x))+layerNormEps))
	for c := range y {
		y[c] *= s
	}
	return s
}

// Backward follows the Forward of the same rows: it adds into the parameters' gradients and overwrites dx, which may be dy.
func (l *LayerNorm) Backward(dx, dy Mat) {
	for n := range dy.N {
		norm, g, out := l.y.Row(n), dy.Row(n), dx.Row(n)
		norm, out = norm[:len(g)], out[:len(g)]
		weight, dw, db := l.weight.Value[:len(g)], l.weight.Grad[:len(g)], l.bias.Grad[:len(g)]
		for c, v := range g {
			dw[c] += v * norm[c]
			db[c] += v
			out[c] = v * weight[c]
		}
		for p, s := range l.s.Row(n) {
			at := p * l.d
			normalizeGrad(out[at:at+l.d], norm[at:at+l.d], s)
		}
	}
}

// normalizeGrad takes d, the gradient of y, to that of x: s·(d − mean(d) − y·mean(d ⊙ y)).
func normalizeGrad(d, y []float32, s float32) {
	mean, along := float32(0), float32(0)
	for c, v := range d {
		mean += v
		along += v * y[c]
	}
	mean, along = mean/float32(len(d)), along/float32(len(d))
	for c, v := range d {
		d[c] = s * (v - mean - y[c]*along)
	}
}

// Cost is that of one row.
func (l *LayerNorm) Cost() Cost {
	c := l.y.C
	return Cost{Params: int64(2 * c), FLOPs: float64(7 * c), Bytes: float64(8 * c)}
}
