package interactions

import (
	"math"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// EulerOptions are the options of euler.
type EulerOptions struct {
	Layers    []int `json:"layers" width:"operator"` // complex vectors that each puts out
	LayerNorm bool  `json:"layer_norm"`              // of every vector behind each layer
}

// Check wants at least one layer.
func (o EulerOptions) Check() error { return widths("layers", o.Layers) }

// euler is Euler interaction layers on complex vectors: x_f becomes μ_f e^{i x_f}, and a layer puts out
// e^{λ'} (cos θ', sin θ') + relu(W (r, p) + b), where the logarithm λ and the phase θ of its inputs are mixed by learnt
// orders A: λ' = A λ + c, θ' = A θ + c'. One A serves λ and θ, one W and b serve the real parts r and the imaginary p. The
// output is r + p: the two enter the logit with the same weights.
//
// Examples stand one behind the other twice, first their real parts (or λ), then their imaginary ones (or θ).
//
// Tian et al., "EulerNet: Adaptive Feature Interaction Learning via Euler's Formula for CTR Prediction", SIGIR 2023.
type euler struct {
	f, d   int
	mu     *nn.Param // [F]
	u, z   nn.Mat    // [2N, F·D], cos x and sin x, and these by μ
	du     nn.Mat
	layers []*eulerLayer
}

// eulerEps keeps the logarithm of a number that vanishes finite, as the authors have it.
const eulerEps = 1e-8

func newEuler(b *nn.Builder, f, d int, o EulerOptions) Interaction {
	twice := *b
	twice.Rows = 2 * b.Rows
	i := &euler{f: f, d: d, mu: b.Param("mu", nn.Init{Kind: "one"}, f), u: twice.Mat(f * d), z: twice.Mat(f * d)}
	if b.Train {
		i.du = twice.Mat(f * d)
	}
	for l, out := range o.Layers {
		i.layers = append(i.layers, newEulerLayer(b.In(strconv.Itoa(l)), f, out, d, o.LayerNorm))
		f = out
	}
	return i
}

func (i *euler) Width() int { return i.layers[len(i.layers)-1].y.C }

// in returns the input of layer l.
func (i *euler) in(l, n int) nn.Mat {
	if l == 0 {
		return i.z.Rows(2 * n)
	}
	return i.layers[l-1].y.Rows(2 * n)
}

func (i *euler) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	size := len(x.Data)
	u, z := i.u.Data[:2*size], i.z.Data[:2*size]
	for j, v := range x.Data {
		sin, cos := math.Sincos(float64(v))
		mu := i.mu.Value[j/i.d%i.f]
		u[j], u[size+j] = float32(cos), float32(sin)
		z[j], z[size+j] = mu*u[j], mu*u[size+j]
	}
	for l, layer := range i.layers {
		layer.forward(i.in(l, x.N), x.N)
	}
	last := i.layers[len(i.layers)-1].y
	for n := range x.N {
		out, p := y.Row(n), last.Row(x.N+n)
		for c, r := range last.Row(n) {
			out[c] = r + p[c]
		}
	}
}

func (i *euler) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	g := i.layers[len(i.layers)-1].dy
	for n := range x.N {
		copy(g.Row(n), dy.Row(n))
		copy(g.Row(x.N+n), dy.Row(n))
	}
	for l := len(i.layers) - 1; l >= 0; l-- {
		below := i.du
		if l > 0 {
			below = i.layers[l-1].dy
		}
		i.layers[l].backward(below.Rows(2*x.N), i.in(l, x.N), x.N)
	}
	size := len(x.Data)
	du, u := i.du.Data[:2*size], i.u.Data[:2*size]
	for at := 0; at < size; at += i.d {
		f, sum := at/i.d%i.f, float32(0)
		mu := i.mu.Value[f]
		for j := at; j < at+i.d; j++ {
			dr, dp, c, s := du[j], du[size+j], u[j], u[size+j]
			sum += dr*c + dp*s
			dx.Data[j] += mu * (dp*c - dr*s)
		}
		i.mu.Grad[f] += sum
	}
}

func (i *euler) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	mu := g.Reshape(i.mu.ONNX(g), i.f, 1)
	r, p := g.Mul(g.Op("Cos", x), mu), g.Mul(g.Op("Sin", x), mu)
	for _, l := range i.layers {
		r, p = l.ONNX(g, r, p)
	}
	return g.Reshape(g.Add(r, p), 0, i.Width())
}

func (i *euler) Cost() nn.Cost {
	c := nn.Cost{Params: int64(i.f), FLOPs: float64(4 * i.f * i.d), Bytes: float64(16 * i.f * i.d)}
	for _, l := range i.layers {
		c = c.Add(l.cost())
	}
	return c
}

// eulerLayer maps n complex vectors to m.
type eulerLayer struct {
	n, m, d        int
	orders         *nn.Stack  // [m, n]
	modulus, phase *nn.Param  // [m, D]
	linear         *nn.Linear // [m·D, n·D]
	norm           [2]*nn.LayerNorm
	l, t           nn.Mat // [2N, n·D], λ and θ; [2N·D, n], number by number
	o, e, w, y     nn.Mat // [2N·D, m], their mixture; [2N, m·D], its exponential, the linear part, the output
	dt, do, dl, dw nn.Mat
	dy             nn.Mat
}

func newEulerLayer(b *nn.Builder, n, m, d int, norm bool) *eulerLayer {
	twice, wide, vectors := *b, *b, *b
	twice.Rows, wide.Rows, vectors.Rows = 2*b.Rows, 2*b.Rows*d, b.Rows*m
	l := &eulerLayer{n: n, m: m, d: d}
	l.orders = nn.NewStack(&wide, b.Param("orders", nn.Init{Kind: "identity"}, m, n))
	l.modulus, l.phase = b.Param("modulus", nn.Init{Kind: "normal", Scale: 0.01}, m, d), b.Param("phase", nn.Init{Kind: "normal", Scale: 0.01}, m, d)
	l.linear = nn.NewLinear(&twice, n*d, m*d, true)
	for part := range l.norm {
		if norm {
			l.norm[part] = nn.NewLayerNorm(vectors.In("norm").In([...]string{"real", "imaginary"}[part]), 1, d)
		}
	}
	l.l, l.t, l.o, l.e, l.w, l.y = twice.Mat(n*d), wide.Mat(n), wide.Mat(m), twice.Mat(m*d), twice.Mat(m*d), twice.Mat(m*d)
	if b.Train {
		l.dt, l.do, l.dl, l.dw, l.dy = wide.Mat(n), wide.Mat(m), twice.Mat(n*d), twice.Mat(m*d), twice.Mat(m*d)
	}
	return l
}

func (l *eulerLayer) forward(z nn.Mat, n int) {
	logs, t, o, e, w, y := l.l.Rows(2*n).Data, l.t.Rows(2*n*l.d), l.o.Rows(2*n*l.d), l.e.Rows(2*n), l.w.Rows(2*n), l.y.Rows(2*n)
	size := n * z.C
	for j := range size {
		r, p := float64(z.Data[j]), float64(z.Data[size+j])
		logs[j], logs[size+j] = float32(math.Log(r*r+p*p+eulerEps)/2), float32(math.Atan2(p, r))
	}
	vec.Transpose(t.Data, logs, 2*n, l.n, l.d)
	l.orders.Forward(o, t, 0, 1)
	vec.Transpose(e.Data, o.Data, 2*n, l.d, l.m)
	out := n * e.C
	for j := range out {
		c := j % e.C
		a := math.Exp(float64(e.Data[j] + l.modulus.Value[c]))
		sin, cos := math.Sincos(float64(e.Data[out+j] + l.phase.Value[c]))
		e.Data[j], e.Data[out+j] = float32(a*cos), float32(a*sin)
	}
	l.linear.Forward(w, z)
	copy(y.Data, w.Data)
	vec.Add(y.Data, e.Data)
	l.eachNorm(y, func(norm *nn.LayerNorm, part nn.Mat) { norm.Forward(part, part) })
}

// ONNX maps real and imaginary parts [N, n, D] to those of [N, m, D].
func (l *eulerLayer) ONNX(g *onnx.Graph, r, p onnx.Value) (onnx.Value, onnx.Value) {
	mixed := func(v onnx.Value, shift *nn.Param) onnx.Value { // A v + c, along the vectors
		return g.Add(g.Transpose(l.orders.ONNX(g, g.Transpose(v, 0, 2, 1), 0), 0, 2, 1), shift.ONNX(g))
	}
	square := g.Add(g.Add(g.Mul(r, r), g.Mul(p, p)), g.Scalar(eulerEps))
	a := g.Op("Exp", mixed(g.Scale(g.Op("Log", square), 0.5), l.modulus))
	theta := mixed(atan2ONNX(g, p, r), l.phase)
	part := func(v onnx.Value, angle string, norm *nn.LayerNorm) onnx.Value {
		w := g.Reshape(l.linear.ONNX(g, g.Reshape(v, 0, l.n*l.d)), 0, l.m, l.d)
		y := g.Add(w, g.Mul(a, g.Op(angle, theta)))
		if norm != nil {
			y = norm.ONNX(g, y)
		}
		return y
	}
	return part(r, "Cos", l.norm[0]), part(p, "Sin", l.norm[1])
}

// atan2ONNX is the angle of (x, y), as math.Atan2 has it for numbers that are finite, signs of zeros too: 1/−0 is below 0.
func atan2ONNX(g *onnx.Graph, y, x onnx.Value) onnx.Value {
	zero, one := g.Scalar(0), g.Scalar(1)
	below := func(v onnx.Value) onnx.Value { return g.Op("Less", g.Div(one, v), zero) }
	vertical := g.Op("Equal", x, zero)
	angle := g.Op("Atan", g.Div(y, g.Op("Where", vertical, one, x)))
	half := g.Op("Where", below(y), g.Scalar(-math.Pi), g.Scalar(math.Pi))
	angle = g.Op("Where", below(x), g.Add(angle, half), angle)
	upright := g.Op("Where", g.Op("Equal", y, zero), angle, g.Scale(g.Op("Sign", y), math.Pi/2))
	return g.Op("Where", vertical, upright, angle)
}

// eachNorm calls do for the real and the imaginary half of m, where there are norms, a vector a row.
func (l *eulerLayer) eachNorm(m nn.Mat, do func(norm *nn.LayerNorm, part nn.Mat)) {
	n, half := m.N/2*l.m, len(m.Data)/2
	for part, norm := range l.norm {
		if norm != nil {
			do(norm, nn.Mat{N: n, C: l.d, Stride: l.d, Data: m.Data[part*half : (part+1)*half]})
		}
	}
}

// backward overwrites dz.
func (l *eulerLayer) backward(dz, z nn.Mat, n int) {
	dt, do, dl, dw, g := l.dt.Rows(2*n*l.d), l.do.Rows(2*n*l.d), l.dl.Rows(2*n).Data, l.dw.Rows(2*n), l.dy.Rows(2*n)
	e, w, t := l.e.Rows(2*n), l.w.Rows(2*n), l.t.Rows(2*n*l.d)
	l.eachNorm(g, func(norm *nn.LayerNorm, part nn.Mat) { norm.Backward(part, part) })
	vec.ReLUGrad(dw.Data, dw.Stride, g.Data, g.Stride, w.Data, w.Stride, 2*n, w.C)
	l.linear.Backward(dz, dw, z, true)
	out := n * e.C
	for j := range out { // from here g is the gradient of λ' and θ'
		dc, ds, c, s := g.Data[j], g.Data[out+j], e.Data[j], e.Data[out+j]
		g.Data[j], g.Data[out+j] = dc*c+ds*s, ds*c-dc*s
	}
	vec.AddRows(l.modulus.Grad, g.Data, e.C, n, e.C)
	vec.AddRows(l.phase.Grad, g.Data[min(out, len(g.Data)):], e.C, n, e.C)
	vec.Transpose(do.Data, g.Data, 2*n, l.m, l.d)
	l.orders.Backward(dt, do, t, true)
	vec.Transpose(dl, dt.Data, 2*n, l.d, l.n)
	size := n * z.C
	for j := range size {
		r, p := z.Data[j], z.Data[size+j]
		a, b := dl[j], dl[size+j]
		square := r*r + p*p
		along := a / (square + eulerEps)
		dz.Data[j] += along * r
		dz.Data[size+j] += along * p
		if square > 0 {
			dz.Data[j] -= b / square * p
			dz.Data[size+j] += b / square * r
		}
	}
}

func (l *eulerLayer) cost() nn.Cost {
	orders, linear, n := l.orders.Cost(), l.linear.Cost(), float64(2*l.d)
	c := nn.Cost{
		Params: orders.Params + linear.Params + int64(2*l.m*l.d),
		FLOPs:  n*orders.FLOPs + 2*linear.FLOPs + n*float64(3*l.n+4*l.m),
		Bytes:  n*orders.Bytes + 2*linear.Bytes + 4*n*float64(2*l.n+3*l.m),
	}
	for _, norm := range l.norm {
		if norm != nil {
			one := norm.Cost()
			c = c.Add(nn.Cost{Params: one.Params, FLOPs: float64(l.m) * one.FLOPs, Bytes: float64(l.m) * one.Bytes})
		}
	}
	return c
}
