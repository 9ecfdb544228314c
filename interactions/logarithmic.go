package interactions

import (
	"fmt"
	"math"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// LogarithmicOptions are the options of logarithmic.
type LogarithmicOptions struct {
	Neurons int     `json:"neurons" width:"operator"`
	Least   float64 `json:"least"`    // smaller numbers count as this one
	Norm    string  `json:"log_norm"` // of the logarithms of each field, and of what each neuron puts out
}

// Check wants a neuron, and a logarithm of everything.
func (o LogarithmicOptions) Check() error {
	if o.Neurons < 1 {
		return fmt.Errorf("neurons is %d, want at least 1", o.Neurons)
	}
	if !(o.Least >= 1e-30 && o.Least <= 1) {
		return fmt.Errorf("least is %g, want 1e-30 to 1", o.Least)
	}
	if _, ok := nn.FindNorm(o.Norm); !ok {
		return fmt.Errorf("log_norm is %q, want none, batch or layer", o.Norm)
	}
	return nil
}

// logarithmic is products of powers of the fields, whose exponents are learnt: y_k = exp(Σ_f w_kf ln max(|x_f|, least)).
// The logarithms of a field and what a neuron puts out each go through a normalisation, the authors' being of the batch.
//
// Every number of a field goes its own way, so the N examples are laid out as N·D rows of F numbers.
//
// Cheng et al., "Adaptive Factorization Network: Learning Adaptive-Order Feature Interactions", AAAI 2020.
type logarithmic struct {
	f, d   int
	least  float32
	weight *nn.Stack   // [neurons, F]
	l, dl  nn.Mat      // [N·D, F], logarithms
	e, de  nn.Mat      // [N·D, neurons], exponentials
	y      nn.Mat      // [N, neurons·D]
	n      nn.Mat      // [N·D, neurons], exponentials behind their norm, where there is one
	norms  [2]nn.Stage // of l and of e; nil where there are none
}

func newLogarithmic(b *nn.Builder, f, d int, o LogarithmicOptions) Interaction {
	wide := *b
	wide.Rows = b.Rows * d
	i := &logarithmic{f: f, d: d, least: float32(o.Least), y: b.Mat(o.Neurons * d), l: wide.Mat(f), e: wide.Mat(o.Neurons)}
	i.weight = nn.NewStack(&wide, b.Weight("weight", o.Neurons, f))
	if norm, _ := nn.FindNorm(o.Norm); norm.New != nil {
		i.norms = [2]nn.Stage{norm.New(wide.In("log_norm"), f), norm.New(wide.In("exp_norm"), o.Neurons)}
		i.n = wide.Mat(o.Neurons)
	}
	if b.Train {
		i.dl, i.de = wide.Mat(f), wide.Mat(o.Neurons)
	}
	return i
}

func (i *logarithmic) Width() int { return i.y.C }

func (i *logarithmic) Forward(s *nn.Step, y nn.Mat, x nn.Block) {
	l, e, out := i.l.Rows(x.N*i.d), i.e.Rows(x.N*i.d), i.y.Rows(x.N)
	vec.Transpose(l.Data, x.Data, x.N, i.f, i.d)
	for j, v := range l.Data {
		l.Data[j] = float32(math.Log(float64(max(abs(v), i.least))))
	}
	if i.norms[0] != nil {
		i.norms[0].Forward(s, l)
	}
	i.weight.Forward(e, l, 0, 1)
	for j, v := range e.Data {
		e.Data[j] = float32(math.Exp(float64(v)))
	}
	if i.norms[1] != nil {
		n := i.n.Rows(e.N)
		n.Copy(e)
		i.norms[1].Forward(s, n)
		e = n
	}
	vec.Transpose(out.Data, e.Data, x.N, i.d, e.C)
	copyRows(y, out)
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }

func (i *logarithmic) Backward(s *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	l, dl, e, de, g := i.l.Rows(x.N*i.d), i.dl.Rows(x.N*i.d), i.e.Rows(x.N*i.d), i.de.Rows(x.N*i.d), i.y.Rows(x.N)
	copyRows(g, dy)
	vec.Transpose(de.Data, g.Data, x.N, e.C, i.d)
	if i.norms[1] != nil {
		i.norms[1].Backward(s, de)
	}
	vec.Mul2(de.Data, de.Data, e.Data)
	i.weight.Backward(dl, de, l, true)
	if i.norms[0] != nil {
		i.norms[0].Backward(s, dl)
	}
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

func (i *logarithmic) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	norm := func(at int, x onnx.Value) onnx.Value {
		if i.norms[at] != nil {
			x = i.norms[at].ONNX(g, x)
		}
		return x
	}
	l := g.Op("Log", g.Op("Max", g.Op("Abs", x), g.Scalar(i.least)))
	rows := norm(0, g.Reshape(g.Transpose(l, 0, 2, 1), -1, i.f))
	y := norm(1, g.Op("Exp", i.weight.ONNX(g, rows, 0)))
	return g.Reshape(g.Transpose(g.Reshape(y, -1, i.d, i.e.C), 0, 2, 1), 0, i.Width())
}

func (i *logarithmic) Cost() nn.Cost {
	c, d := i.weight.Cost(), float64(i.d)
	all := nn.Cost{Params: c.Params, FLOPs: d * (c.FLOPs + float64(i.f+i.e.C)), Bytes: d*c.Bytes + float64(4*(i.f*i.d+i.y.C))}
	for _, norm := range i.norms {
		if norm != nil {
			one := norm.Cost()
			all = all.Add(nn.Cost{Params: one.Params, FLOPs: d * one.FLOPs, Bytes: d * one.Bytes})
		}
	}
	return all
}
