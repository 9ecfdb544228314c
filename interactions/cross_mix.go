package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// CrossMixOptions are the options of cross_mix.
type CrossMixOptions struct {
	Layers  int `json:"layers"`
	Experts int `json:"experts"`
	Rank    int `json:"rank" width:"operator"` // of an expert
	// GateBias adds a bias to the gate, as RecBole has it.
	GateBias bool `json:"gate_bias"`
}

// Check wants at least one of each.
func (o CrossMixOptions) Check() error {
	switch {
	case o.Layers < 1:
		return fmt.Errorf("layers is %d, want at least 1", o.Layers)
	case o.Experts < 1:
		return fmt.Errorf("experts is %d, want at least 1", o.Experts)
	case o.Rank < 1:
		return fmt.Errorf("rank is %d, want at least 1", o.Rank)
	}
	return nil
}

// crossMix is DCN-V2's mixture of low-rank cross experts over the flattened input [N, C]:
// x_{l+1} = x_0 ⊙ (Σ_e g_e u_e + b_l) + x_l, with u_e = U_e tanh(C_e tanh(V_eᵀ x_l)) and the gate g = softmax(G x_l), which
// the layers share.
//
// Wang et al., "DCN V2: Improved Deep & Cross Network", WWW 2021, eq. 5.
type crossMix struct {
	CrossMixOptions
	c       int
	gate    *nn.Stack
	bias    *nn.Param // [E], of the gate; may be nil
	layers  []crossMixLayer
	d, m, u nn.Mat // [N, C], gradients of x_{l+1} and of the mixture; a gated expert's output or its gradient
	dh      nn.Mat // [N, rank]
	dk      nn.Mat // [N, rank]
	dg      nn.Mat // [N, experts]
	scratch []float32
}

type crossMixLayer struct {
	u, v, core *nn.Param // [E, C, r], [E, C, r], [E, r, r]
	bias       *nn.Param
	g          nn.Mat   // [N, E]
	h, k       []nn.Mat // [N, r] an expert, tanh(Vᵀx) and tanh(C h)
	mix, x     nn.Mat   // [N, C], Σ g u + b, and the output
}

func newCrossMix(b *nn.Builder, f, d int, o CrossMixOptions) Interaction {
	i := &crossMix{CrossMixOptions: o, c: f * d}
	i.gate = nn.NewStack(b, b.Weight("gate", o.Experts, i.c))
	if o.GateBias {
		i.bias = b.Bias("gate_bias", o.Experts)
	}
	for l := range o.Layers {
		in := b.In(strconv.Itoa(l))
		layer := crossMixLayer{
			u: in.Weight("u", o.Experts, i.c, o.Rank), v: in.Weight("v", o.Experts, i.c, o.Rank),
			core: in.Weight("c", o.Experts, o.Rank, o.Rank), bias: in.Bias("bias", i.c),
			g: b.Mat(o.Experts), mix: b.Mat(i.c), x: b.Mat(i.c),
		}
		for range o.Experts {
			layer.h, layer.k = append(layer.h, b.Mat(o.Rank)), append(layer.k, b.Mat(o.Rank))
		}
		i.layers = append(i.layers, layer)
	}
	i.dk = b.Mat(o.Rank)
	n, r := b.Rows, o.Rank
	need := max(vec.MulScratch(n, r, i.c), vec.MulScratch(n, r, r), vec.MulScratch(n, i.c, r))
	if b.Train {
		i.d, i.m, i.u, i.dh, i.dg = b.Mat(i.c), b.Mat(i.c), b.Mat(i.c), b.Mat(r), b.Mat(o.Experts)
		need = max(need, vec.MulScratch(i.c, r, n), vec.MulScratch(r, r, n))
	}
	one := *b
	one.Rows = 1
	i.scratch = one.Mat(need).Data
	return i
}

func (i *crossMix) Width() int { return i.c }

// in returns x_l.
func (i *crossMix) in(l int, x nn.Block) nn.Mat {
	if l == 0 {
		return x.Mat()
	}
	return i.layers[l-1].x.Rows(x.N)
}

// expert returns an expert's part of a parameter of [E, …].
func (i *crossMix) expert(v []float32, e int) []float32 {
	n := len(v) / i.Experts
	return v[e*n : (e+1)*n]
}

func (i *crossMix) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	size := x.N * i.c
	for l, layer := range i.layers {
		xl, g, mix, out := i.in(l, x), layer.g.Rows(x.N), layer.mix.Rows(x.N), layer.x.Rows(x.N)
		i.gate.Forward(g, xl, 0, 1)
		for n := range x.N {
			if i.bias != nil {
				vec.Add(g.Row(n), i.bias.Value)
			}
		}
		vec.SoftmaxRows(g.Data, g.Stride, x.N, i.Experts)
		for n := range x.N {
			copy(mix.Row(n), layer.bias.Value)
		}
		for e := range i.Experts {
			i.mix(layer, mix, xl, e)
		}
		vec.Mul2(out.Data, mix.Data, x.Data[:size])
		vec.Add(out.Data, xl.Data[:size])
	}
	copyRows(y, i.layers[len(i.layers)-1].x.Rows(x.N))
}

// mix adds an expert's part, by its gate, to a layer's mixture.
func (i *crossMix) mix(l crossMixLayer, mix, x nn.Mat, e int) {
	r, n := i.Rank, x.N
	h, k, gated := l.h[e].Rows(n), l.k[e].Rows(n), i.dk.Rows(n)
	vec.Mul(h.Data, r, x.Data, x.Stride, 1, i.expert(l.v.Value, e), r, 1, n, r, i.c, false, i.scratch)
	tanh(h.Data)
	vec.Mul(k.Data, r, h.Data, r, 1, i.expert(l.core.Value, e), 1, r, n, r, r, false, i.scratch)
	tanh(k.Data)
	vec.OuterRows(gated.Data, l.g.Data[e:], i.Experts, k.Data, r, n, 1, r)
	vec.Mul(mix.Data, i.c, gated.Data, r, 1, i.expert(l.u.Value, e), 1, r, n, i.c, r, true, i.scratch)
}

func (i *crossMix) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	size := x.N * i.c
	d, m := i.d.Rows(x.N), i.m.Rows(x.N)
	copyRows(d, dy)
	for l := len(i.layers) - 1; l >= 0; l-- {
		layer := i.layers[l]
		vec.MulAdd(dx.Data[:size], d.Data, layer.mix.Rows(x.N).Data)
		vec.Mul2(m.Data, d.Data, x.Data[:size])
		vec.AddRows(layer.bias.Grad, m.Data, m.Stride, x.N, i.c)
		for e := range i.Experts {
			i.unmix(layer, d, m, i.in(l, x), e)
		}
		i.ungate(layer, d, i.in(l, x))
	}
	vec.Add(dx.Data[:size], d.Data)
}

// unmix takes m, the mixture's gradient, through an expert to its parameters, to dg and, added, to dx.
func (i *crossMix) unmix(l crossMixLayer, dx, m, x nn.Mat, e int) {
	r, n := i.Rank, x.N
	h, k, dh, dk := l.h[e].Rows(n), l.k[e].Rows(n), i.dh.Rows(n), i.dk.Rows(n)
	g := l.g.Data[e:]
	u, v, core := i.expert(l.u.Value, e), i.expert(l.v.Value, e), i.expert(l.core.Value, e)
	vec.Mul(dk.Data, r, m.Data, i.c, 1, u, r, 1, n, r, i.c, false, i.scratch) // Uᵀ m, before the gate
	vec.DotRows(i.dg.Data[e:], i.Experts, dk.Data, r, k.Data, r, n, r)
	vec.OuterRows(dh.Data, g, i.Experts, k.Data, r, n, 1, r)
	vec.Mul(i.expert(l.u.Grad, e), r, m.Data, 1, i.c, dh.Data, r, 1, i.c, r, n, true, i.scratch)
	for t := range n {
		vec.Scale(dk.Row(t), g[t*i.Experts])
	}
	tanhGrad(dk.Data, k.Data)
	vec.Mul(i.expert(l.core.Grad, e), r, dk.Data, 1, r, h.Data, r, 1, r, r, n, true, i.scratch)
	vec.Mul(dh.Data, r, dk.Data, r, 1, core, r, 1, n, r, r, false, i.scratch)
	tanhGrad(dh.Data, h.Data)
	vec.Mul(i.expert(l.v.Grad, e), r, x.Data, 1, x.Stride, dh.Data, r, 1, i.c, r, n, true, i.scratch)
	vec.Mul(dx.Data, dx.Stride, dh.Data, r, 1, v, 1, r, n, i.c, r, true, i.scratch)
}

// ungate takes dg through the softmax and the gate.
func (i *crossMix) ungate(l crossMixLayer, dx, x nn.Mat) {
	dg := i.dg.Rows(x.N)
	for n := range x.N {
		d, g := dg.Row(n), l.g.Row(n)
		mean := vec.Dot(d, g)
		for e := range d {
			d[e] = g[e] * (d[e] - mean)
		}
	}
	if i.bias != nil {
		vec.AddRows(i.bias.Grad, dg.Data, dg.Stride, x.N, i.Experts)
	}
	i.gate.Backward(dx, dg, x, false)
}

// ONNX has the experts on an axis of their own: [N, E, 1, …].
func (i *crossMix) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	x = g.Reshape(x, 0, i.c)
	xl := x
	for _, l := range i.layers {
		gate := i.gate.ONNX(g, xl, 0)
		if i.bias != nil {
			gate = g.Add(gate, i.bias.ONNX(g))
		}
		gate = g.Reshape(g.Softmax(gate), 0, i.Experts, 1, 1)
		u := g.Op("Tanh", g.MatMul(g.Reshape(xl, 0, 1, 1, i.c), l.v.ONNX(g)))
		u = g.Op("Tanh", g.MatMul(u, g.Transpose(l.core.ONNX(g), 0, 2, 1)))
		u = g.Mul(g.MatMul(u, g.Transpose(l.u.ONNX(g), 0, 2, 1)), gate)
		xl = g.Add(g.Mul(g.Add(g.Sum(u, 1, 2), l.bias.ONNX(g)), x), xl)
	}
	return xl
}

func (i *crossMix) Cost() nn.Cost {
	c, r, e := i.c, i.Rank, i.Experts
	layer := nn.Cost{
		Params: int64(e*(2*c*r+r*r) + c),
		FLOPs:  float64(e*(4*c*r+2*r*r+9*r) + 2*e*c + 3*c),
		Bytes:  float64(4 * (3*c + 2*e*r)),
	}
	all := nn.Cost{Params: int64(e * c), Bytes: float64(4 * c)}
	if i.bias != nil {
		all.Params += int64(e)
	}
	for range i.Layers {
		all = all.Add(layer)
	}
	return all
}

// tanh is 2σ(2x) − 1, in place.
func tanh(x []float32) {
	vec.Scale(x, 2)
	vec.Sigmoid(x, x)
	for j, s := range x {
		x[j] = 2*s - 1
	}
}

// tanhGrad multiplies d by tanh's derivative where tanh is y.
func tanhGrad(d, y []float32) {
	for j, t := range y {
		d[j] *= 1 - t*t
	}
}
