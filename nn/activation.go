package nn

import (
	"math"

	"ctrlab/internal/vec"
	"ctrlab/nn/onnx"
)

// Activation is a row of the table of activations.
type Activation struct {
	Name, Formula string
	New           func(b *Builder, c int) Stage // nil: none
}

// Activations is the table of activations; what names none has the first.
var Activations = []Activation{
	{"relu", "max(z, 0)", func(*Builder, int) Stage { return &rectifier{} }},
	{"prelu", "max(z, 0) + a·min(z, 0), one a a layer, 0.25 at the start", newPReLU},
	{"gelu", "z·Φ(z), Φ the normal distribution", smooth(func(z float64) (float64, float64) {
		p := (1 + math.Erf(z/math.Sqrt2)) / 2
		return z * p, p + z*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi)
	}, func(g *onnx.Graph, z onnx.Value) onnx.Value {
		return g.Mul(g.Scale(z, 0.5), g.Add(g.Op("Erf", g.Scale(z, 1/math.Sqrt2)), g.Scalar(1)))
	})},
	{"silu", "z·σ(z)", smooth(func(z float64) (float64, float64) {
		p := Sigmoid(z)
		return z * p, p + z*p*(1-p)
	}, func(g *onnx.Graph, z onnx.Value) onnx.Value { return g.Mul(z, g.Sigmoid(z)) })},
	{"tanh", "tanh z", smooth(func(z float64) (float64, float64) {
		y := math.Tanh(z)
		return y, 1 - y*y
	}, func(g *onnx.Graph, z onnx.Value) onnx.Value { return g.Op("Tanh", z) })},
	{"sigmoid", "σ(z)", smooth(func(z float64) (float64, float64) {
		p := Sigmoid(z)
		return p, p * (1 - p)
	}, (*onnx.Graph).Sigmoid)},
	{"dice", "p z + (1−p) a ⊙ z, p = σ((z − mean)/√(var + 1e-9)) with BatchNorm's mean and var, a 0 at the start", newDice},
	{"identity", "z", nil},
}

// FindActivation returns the row with a name.
func FindActivation(name string) (Activation, bool) {
	for _, a := range Activations {
		if a.Name == name {
			return a, true
		}
	}
	return Activation{}, false
}

// rectifier knows by its output what it let through; a dropout behind it only takes away from that.
type rectifier struct{ y Mat }

func (l *rectifier) Forward(_ *Step, x Mat) {
	for n := range x.N {
		vec.ReLU(x.Row(n), x.Row(n))
	}
	l.y = x
}

func (l *rectifier) Backward(_ *Step, dy Mat) {
	vec.ReLUGrad(dy.Data, dy.Stride, dy.Data, dy.Stride, l.y.Data, l.y.Stride, dy.N, dy.C)
}

func (l *rectifier) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value { return g.Relu(x) }

func (l *rectifier) Cost() Cost { return Cost{} }

// pointwise is an activation without parameters that has a slope everywhere.
type pointwise struct {
	f     func(z float64) (y, slope float64)
	graph func(g *onnx.Graph, z onnx.Value) onnx.Value
	slope Mat // [N, C], kept for Backward
}

func smooth(f func(z float64) (y, slope float64), graph func(*onnx.Graph, onnx.Value) onnx.Value) func(*Builder, int) Stage {
	return func(b *Builder, c int) Stage {
		l := &pointwise{f: f, graph: graph}
		if b.Train {
			l.slope = b.Mat(c)
		}
		return l
	}
}

func (l *pointwise) Forward(s *Step, x Mat) {
	for n := range x.N {
		row := x.Row(n)
		if !s.Train {
			for c, z := range row {
				y, _ := l.f(float64(z))
				row[c] = float32(y)
			}
			continue
		}
		slope := l.slope.Row(n)
		for c, z := range row {
			y, d := l.f(float64(z))
			row[c], slope[c] = float32(y), float32(d)
		}
	}
}

func (l *pointwise) Backward(_ *Step, dy Mat) {
	for n := range dy.N {
		vec.Mul2(dy.Row(n), dy.Row(n), l.slope.Row(n))
	}
}

func (l *pointwise) ONNX(g *onnx.Graph, z onnx.Value) onnx.Value { return l.graph(g, z) }

func (l *pointwise) Cost() Cost { return Cost{} }

// prelu is He et al. 2015 with one slope a layer, as PyTorch's default.
type prelu struct {
	weight *Param
	z      Mat // [N, C], kept for Backward
}

func newPReLU(b *Builder, c int) Stage {
	l := &prelu{weight: b.Param("weight", Init{Kind: "one", Scale: 0.25}, 1)}
	if b.Train {
		l.z = b.Mat(c)
	}
	return l
}

func (l *prelu) Forward(s *Step, x Mat) {
	a := l.weight.Value[0]
	for n := range x.N {
		row := x.Row(n)
		if s.Train {
			copy(l.z.Row(n), row)
		}
		for c, z := range row {
			row[c] = max(z, 0) + a*min(z, 0)
		}
	}
}

func (l *prelu) Backward(_ *Step, dy Mat) {
	a, sum := l.weight.Value[0], 0.0
	for n := range dy.N {
		row := dy.Row(n)
		for c, z := range l.z.Row(n) {
			if z <= 0 {
				sum += float64(row[c]) * float64(z)
				row[c] *= a
			}
		}
	}
	l.weight.Grad[0] += float32(sum)
}

func (l *prelu) ONNX(g *onnx.Graph, z onnx.Value) onnx.Value {
	return g.Op("PRelu", z, l.weight.ONNX(g))
}

func (l *prelu) Cost() Cost { return Cost{Params: 1} }
