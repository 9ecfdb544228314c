package nn

import (
	"math"

	"ctrlab/nn/onnx"
)

// dice is a PReLU whose bend follows the data: y = p z + (1−p) a ⊙ z, p = σ((z − mean)/√(var + 1e-9)) over the batch. The
// running statistics move by a hundredth, as in FuxiCTR.
//
// Zhou et al. 2018, eq. 6.
type dice struct {
	alpha *Param
	norm  *BatchNorm
	z, p  Mat // [N, C], kept for Backward; p before the sigmoid in between
}

func newDice(b *Builder, c int) Stage {
	plain := &Param{Shape: []int{c}, Value: make([]float32, c), Grad: make([]float32, c)}
	one := &Param{Shape: []int{c}, Value: make([]float32, c), Grad: plain.Grad}
	for i := range one.Value {
		one.Value[i] = 1
	}
	return &dice{alpha: b.Param("alpha", Init{Kind: "zero"}, c), norm: batchNorm(b, one, plain, 1e-9, 0.01), z: b.Mat(c), p: b.Mat(c)}
}

func (l *dice) Forward(s *Step, x Mat) {
	p := l.p.Rows(x.N)
	for n := range x.N {
		copy(l.z.Row(n), x.Row(n))
		copy(p.Row(n), x.Row(n))
	}
	l.norm.Forward(s, p)
	for n := range x.N {
		row, p := x.Row(n), p.Row(n)
		for c, z := range row {
			p[c] = float32(1 / (1 + math.Exp(-float64(p[c]))))
			row[c] = z * (p[c] + (1-p[c])*l.alpha.Value[c])
		}
	}
}

func (l *dice) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	p := g.Sigmoid(l.norm.ONNX(g, x))
	return g.Mul(x, g.Add(p, g.Mul(g.Sub(g.Scalar(1), p), l.alpha.ONNX(g))))
}

// Backward takes the way through p, then adds that through z alone.
func (l *dice) Backward(s *Step, dy Mat) {
	through := l.p.Rows(dy.N)
	for n := range dy.N {
		z, p, d := l.z.Row(n), l.p.Row(n), dy.Row(n)
		for c, g := range d {
			q, a := p[c], l.alpha.Value[c]
			l.alpha.Grad[c] += g * z[c] * (1 - q)
			d[c] = g * (q + (1-q)*a)
			p[c] = g * z[c] * (1 - a) * q * (1 - q)
		}
	}
	l.norm.Backward(s, through)
	for n := range dy.N {
		for c, v := range through.Row(n) {
			dy.Row(n)[c] += v
		}
	}
}

func (l *dice) Cost() Cost { return Cost{Params: int64(len(l.norm.scale))} }
