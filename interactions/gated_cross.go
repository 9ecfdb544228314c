package interactions

import (
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// gatedCross is the gated cross network over the flattened input [N, C]:
// x_{l+1} = x_0 ⊙ (W_l x_l + b_l) ⊙ σ(G_l x_l) + x_l.
//
// Wang et al., "Towards Deeper, Lighter and Interpretable Cross Network for CTR Prediction", CIKM 2023, eq. 1.
type gatedCross struct {
	c      int
	layers []gatedCrossLayer
	d, u   nn.Mat // [N, C], gradients of x_{l+1} and, by x_0, of the product of both parts
	dparts nn.Mat // [N, Width(2)], gradients of W x and G x
}

type gatedCrossLayer struct {
	parts   *nn.Stack // weight, gate
	bias    *nn.Param
	a, s, x nn.Mat // [N, C], W x + b, σ(G x), and the output
}

func newGatedCross(b *nn.Builder, f, d int, o CrossOptions) Interaction {
	i := &gatedCross{c: f * d}
	var parts *nn.Stack
	for l := range o.Layers {
		in := b.In(strconv.Itoa(l))
		parts = nn.NewStack(in, in.Weight("weight", i.c, i.c), in.Weight("gate", i.c, i.c))
		i.layers = append(i.layers, gatedCrossLayer{parts, in.Bias("bias", i.c), b.Mat(i.c), b.Mat(i.c), b.Mat(i.c)})
	}
	i.dparts = b.Mat(parts.Width(2)) // forward, the two parts as they are
	if b.Train {
		i.d, i.u = b.Mat(i.c), b.Mat(i.c)
	}
	return i
}

func (i *gatedCross) Width() int { return i.c }

// in returns x_l.
func (i *gatedCross) in(l int, x nn.Block) nn.Mat {
	if l == 0 {
		return x.Mat()
	}
	return i.layers[l-1].x.Rows(x.N)
}

// halves returns the parts of a row of both: W x and G x.
func (i *gatedCross) halves(parts nn.Mat, step int) (w, g nn.Mat) {
	return parts.Cols(0, i.c), parts.Cols(step, step+i.c)
}

func (i *gatedCross) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	size, parts := x.N*i.c, i.dparts.Rows(x.N)
	for l, layer := range i.layers {
		xl, a, s, out := i.in(l, x), layer.a.Rows(x.N), layer.s.Rows(x.N), layer.x.Rows(x.N)
		layer.parts.Forward(parts, xl, 0, 2)
		w, g := i.halves(parts, layer.parts.Step())
		for n := range x.N {
			copy(a.Row(n), w.Row(n))
			vec.Add(a.Row(n), layer.bias.Value)
			copy(s.Row(n), g.Row(n))
		}
		vec.Sigmoid(s.Data, s.Data)
		vec.Mul2(out.Data, a.Data, s.Data)
		vec.Mul2(out.Data, out.Data, x.Data[:size])
		vec.Add(out.Data, xl.Data[:size])
	}
	copyRows(y, i.layers[len(i.layers)-1].x.Rows(x.N))
}

func (i *gatedCross) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	size := x.N * i.c
	d, u, parts := i.d.Rows(x.N), i.u.Rows(x.N), i.dparts.Rows(x.N)
	parts.Zero()
	copyRows(d, dy)
	for l := len(i.layers) - 1; l >= 0; l-- {
		layer := i.layers[l]
		a, s := layer.a.Rows(x.N), layer.s.Rows(x.N)
		da, dg := i.halves(parts, layer.parts.Step())
		vec.Mul2(u.Data, d.Data, s.Data)
		vec.MulAdd(dx.Data[:size], u.Data, a.Data) // d ⊙ a ⊙ σ, for x_0
		vec.Mul2(u.Data, u.Data, x.Data[:size])    // d ⊙ x_0 ⊙ σ, for a
		for n := range x.N {
			row, sig, gate := u.Row(n), s.Row(n), dg.Row(n)
			copy(da.Row(n), row)
			for c, v := range a.Row(n) {
				gate[c] = row[c] * v * (1 - sig[c])
			}
		}
		vec.AddRows(layer.bias.Grad, u.Data, u.Stride, x.N, i.c)
		layer.parts.Backward(d, parts, i.in(l, x), false)
	}
	vec.Add(dx.Data[:size], d.Data)
}

func (i *gatedCross) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	x = g.Reshape(x, 0, i.c)
	xl := x
	for _, l := range i.layers {
		a := g.Add(l.parts.ONNX(g, xl, 0), l.bias.ONNX(g))
		xl = g.Add(g.Mul(g.Mul(a, g.Sigmoid(l.parts.ONNX(g, xl, 1))), x), xl)
	}
	return xl
}

func (i *gatedCross) Cost() nn.Cost {
	var c nn.Cost
	for _, l := range i.layers {
		c = c.Add(l.parts.Cost())
		c = c.Add(nn.Cost{Params: int64(i.c), FLOPs: float64(8 * i.c), Bytes: float64(12 * i.c)})
	}
	return c.Add(nn.Cost{Bytes: float64(4 * i.c)})
}
