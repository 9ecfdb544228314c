package nn

import (
	"math"

	"ctrlab/nn/onnx"
)

// BatchNorm brings each column to mean 0 and variance 1 over the rows of the whole batch, and scales and shifts it:
// y = (x − mean)/√(var + 1e-5) ⊙ weight + bias. In prediction mean and var are running ones, which move a tenth of the way
// to those of each batch, the unbiased variance as PyTorch has it. A batch of one row has no variance and moves none.
//
// Ioffe & Szegedy 2015, algorithm 1.
type BatchNorm struct {
	weight, bias   *Param
	mean, variance *Running
	sums           []float64 // [2C+1], of a pass over the batch: the last is its rows
	eps, momentum  float64
	scale, shift   []float32 // [C], of this pass
	x              Mat       // [N, C], before scale and shift, kept for Backward
}

// NewBatchNorm declares weight, 1 at the start, bias, 0, running_mean and running_var.
func NewBatchNorm(b *Builder, c int) *BatchNorm {
	return batchNorm(b, b.Param("weight", Init{Kind: "one"}, c), b.Param("bias", Init{Kind: "zero"}, c), 1e-5, 0.1)
}

func batchNorm(b *Builder, weight, bias *Param, eps, momentum float64) *BatchNorm {
	c, _ := weight.Dims()
	l := &BatchNorm{
		weight: weight, bias: bias, eps: eps, momentum: momentum,
		mean: b.Running("running_mean", 0, c), variance: b.Running("running_var", 1, c),
		scale: make([]float32, c), shift: make([]float32, c),
	}
	b.Reduces()
	if b.Train {
		l.x, l.sums = b.Mat(c), make([]float64, 2*c+1)
	}
	return l
}

// Forward puts y in the place of x.
func (l *BatchNorm) Forward(s *Step, x Mat) {
	if !s.Train {
		l.predict(x)
		return
	}
	l.moments(x)
	s.Reduce(l.sums)
	n := l.sums[2*x.C]
	for c := range l.scale {
		mean := l.sums[c] / n
		variance := max(l.sums[x.C+c]/n-mean*mean, 0)
		l.scale[c], l.shift[c] = float32(1/math.Sqrt(variance+l.eps)), float32(mean)
		if s.Row == 0 && n > 1 {
			l.follow(&l.mean.Value[c], mean)
			l.follow(&l.variance.Value[c], variance*n/(n-1))
		}
	}
	for i := range x.N {
		row, norm := x.Row(i), l.x.Row(i)
		for c, v := range row {
			norm[c] = (v - l.shift[c]) * l.scale[c]
			row[c] = norm[c]*l.weight.Value[c] + l.bias.Value[c]
		}
	}
}

// moments are Σ x and Σ x², in float64: what is left of their difference is far above its rounding.
func (l *BatchNorm) moments(x Mat) {
	clear(l.sums)
	first, second := l.sums[:x.C], l.sums[x.C:2*x.C]
	for i := range x.N {
		for c, v := range x.Row(i) {
			first[c] += float64(v)
			second[c] += float64(v) * float64(v)
		}
	}
	l.sums[2*x.C] = float64(x.N)
}

func (l *BatchNorm) follow(running *float32, v float64) {
	*running += float32(l.momentum * (v - float64(*running)))
}

func (l *BatchNorm) predict(x Mat) {
	for c := range l.scale {
		l.scale[c] = float32(float64(l.weight.Value[c]) / math.Sqrt(float64(l.variance.Value[c])+l.eps))
		l.shift[c] = l.bias.Value[c] - l.mean.Value[c]*l.scale[c]
	}
	for i := range x.N {
		row := x.Row(i)
		for c, v := range row {
			row[c] = v*l.scale[c] + l.shift[c]
		}
	}
}

// ONNX is prediction in a graph: x [N, C].
func (l *BatchNorm) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	return g.With("BatchNormalization",
		[]onnx.Value{x, l.weight.ONNX(g), l.bias.ONNX(g), l.mean.ONNX(g), l.variance.ONNX(g)}, onnx.Attr{Name: "epsilon", Value: float32(l.eps)})
}

// Backward follows the Forward of the same rows: it adds into the parameters' gradients and puts dx in the place of dy. With
// z = (x − mean)/σ: dx = weight/σ · (dy − mean(dy) − z·mean(dy ⊙ z)).
func (l *BatchNorm) Backward(s *Step, dy Mat) {
	clear(l.sums)
	first, second := l.sums[:dy.C], l.sums[dy.C:2*dy.C]
	for i := range dy.N {
		z := l.x.Row(i)
		for c, d := range dy.Row(i) {
			first[c] += float64(d)
			second[c] += float64(d) * float64(z[c])
		}
	}
	l.sums[2*dy.C] = float64(dy.N)
	for c := range first {
		l.bias.Grad[c] += float32(first[c])
		l.weight.Grad[c] += float32(second[c])
	}
	s.Reduce(l.sums)
	n := l.sums[2*dy.C]
	for i := range dy.N {
		z, d := l.x.Row(i), dy.Row(i)
		for c := range d {
			d[c] = l.weight.Value[c] * l.scale[c] * (d[c] - float32(first[c]/n) - z[c]*float32(second[c]/n))
		}
	}
}

// Cost is that of one row.
func (l *BatchNorm) Cost() Cost {
	c := len(l.scale)
	return Cost{Params: int64(2 * c), FLOPs: float64(7 * c), Bytes: float64(8 * c)}
}
