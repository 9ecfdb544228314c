package interactions

import (
	"fmt"
	"math"

	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// LogarithmicOptions are the options of logarithmic.
type LogarithmicOptions struct {
	Neurons int     `json:"neurons" width:"operator"`
	Least   float64 `json:"least"` // smaller numbers count as this one
}

// Check wants a neuron, and a logarithm of everything.
func (o LogarithmicOptions) Check() error {
	if o.Neurons < 1 {
		return fmt.Errorf("neurons is %d, want at least 1", o.Neurons)
	}
	if !(o.Least >= 1e-30 && o.Least <= 1) {
		return fmt.Errorf("least is %g, want 1e-30 to 1", o.Least)
	}
	return nil
}

// logarithmic is products of powers of the fields, whose exponents are learnt: y_k = exp(Σ_f w_kf ln max(|x_f|, least)).
// The batch normalisations of the paper around it are not part of it.
//
// Every number of a field goes its own way, so the N examples are laid out as N·D rows of F numbers.
//
// Cheng et al., "Adaptive Factorization Network: Learning Adaptive-Order Feature Interactions", AAAI 2020.
type logarithmic struct {
	f, d   int
	least  float32
	weight *nn.Stack // [neurons, F]
	l, dl  nn.Mat    // [N·D, F], logarithms
	e, de  nn.Mat    // [N·D, neurons], the output number by number
	y      nn.Mat    // [N, neurons·D]
}

func newLogarithmic(b *nn.Builder, f, d int, o LogarithmicOptions) Interaction {
	wide := *b
	wide.Rows = b.Rows * d
	i := &logarithmic{f: f, d: d, least: float32(o.Least), y: b.Mat(o.Neurons * d), l: wide.Mat(f), e: wide.Mat(o.Neurons)}
	i.weight = nn.NewStack(&wide, b.Weight("weight", o.Neurons, f))
	if b.Train {
		i.dl, i.de = wide.Mat(f), wide.Mat(o.Neurons)
	}
	return i
}

func (i *logarithmic) Width() int { return i.y.C }

func (i *logarithmic) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	l, e, out := i.l.Rows(x.N*i.d), i.e.Rows(x.N*i.d), i.y.Rows(x.N)
	vec.Transpose(l.Data, x.Data, x.N, i.f, i.d)
	for j, v := range l.Data {
		l.Data[j] = float32(math.Log(float64(max(abs(v), i.least))))
	}
	i.weight.Forward(e, l, 0, 1)
	for j, v := range e.Data {
		e.Data[j] = float32(math.Exp(float64(v)))
	}
	vec.Transpose(out.Data, e.Data, x.N, i.d, e.C)
	copyRows(y, out)
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }

func (i *logarithmic) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	l, dl, e, de, g := i.l.Rows(x.N*i.d), i.dl.Rows(x.N*i.d), i.e.Rows(x.N*i.d), i.de.Rows(x.N*i.d), i.y.Rows(x.N)
	copyRows(g, dy)
	vec.Transpose(de.Data, g.Data, x.N, e.C, i.d)
	vec.Mul2(de.Data, de.Data, e.Data)
	i.weight.Backward(dl, de, l, true)
	for n := range x.N {
		for f := range i.f {
			for j := range i.d {
				at := (n*i.f+f)*i.d + j
				if v := x.Data[at]; abs(v) > i.least {
					dx.Data[at] += dl.Data[(n*i.d+j)*i.f+f] / v
				}
			}
		}
	}
}

func (i *logarithmic) Cost() nn.Cost {
	c, d := i.weight.Cost(), float64(i.d)
	return nn.Cost{Params: c.Params, FLOPs: d * (c.FLOPs + float64(i.f+i.e.C)), Bytes: d*c.Bytes + float64(4*(i.f*i.d+i.y.C))}
}
