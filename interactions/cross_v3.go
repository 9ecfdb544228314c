package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// crossV3 is a cross network of DCNv3 over the fields' vectors laid end to end, x [N, C]. With c = W_l x_l, half as wide,
// and the mask m = relu(LN(c)), the first half of each field's vector takes part of c and the second the same part of
// c ⊙ m: x_{l+1} = x_0 ⊙ ([c; c ⊙ m] + b_l) + x_l in the linear network, and with x_l in place of x_0 in the exponential
// one, which doubles the degree with every layer.
//
// Li et al., "DCNv3: Towards Next Generation Deep Cross Network for Click-Through Rate Prediction", 2024.
type crossV3 struct {
	f, d, c     int
	exponential bool
	layers      []crossV3Layer
	g, da, u    nn.Mat // [N, C], gradients of x_{l+1} and of a
	dc, dm      nn.Mat // [N, C/2]
}

type crossV3Layer struct {
	weight *nn.Stack // [C/2, C]
	norm   *nn.LayerNorm
	bias   *nn.Param
	c, m   nn.Mat // [N, C/2]
	a, x   nn.Mat // [N, C], [c; c ⊙ m] + b, and the output
}

// even refuses vectors that have no halves.
func even(_, d int) error {
	if d%2 != 0 {
		return fmt.Errorf("a field's vector has %d numbers, want an even number: its halves are treated apart", d)
	}
	return nil
}

func newExponentialCross(b *nn.Builder, f, d int, o CrossOptions) Interaction {
	i := newCrossV3(b, f, d, o)
	i.exponential = true
	return i
}

func newLinearCross(b *nn.Builder, f, d int, o CrossOptions) Interaction {
	return newCrossV3(b, f, d, o)
}

func newCrossV3(b *nn.Builder, f, d int, o CrossOptions) *crossV3 {
	i := &crossV3{f: f, d: d, c: f * d}
	for l := range o.Layers {
		in := b.In(strconv.Itoa(l))
		i.layers = append(i.layers, crossV3Layer{
			weight: nn.NewStack(in, in.Weight("weight", i.c/2, i.c)),
			norm:   nn.NewLayerNorm(in.In("norm"), 1, i.c/2),
			bias:   in.Bias("bias", i.c),
			c:      b.Mat(i.c / 2), m: b.Mat(i.c / 2), a: b.Mat(i.c), x: b.Mat(i.c),
		})
	}
	if b.Train {
		i.g, i.da, i.u, i.dc, i.dm = b.Mat(i.c), b.Mat(i.c), b.Mat(i.c), b.Mat(i.c/2), b.Mat(i.c/2)
	}
	return i
}

func (i *crossV3) Width() int { return i.c }

// in returns x_l.
func (i *crossV3) in(l int, x nn.Block) nn.Mat {
	if l == 0 {
		return x.Mat()
	}
	return i.layers[l-1].x.Rows(x.N)
}

// by returns what a of layer l is multiplied by.
func (i *crossV3) by(l int, x nn.Block) nn.Mat {
	if i.exponential {
		return i.in(l, x)
	}
	return x.Mat()
}

func (i *crossV3) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	for l, layer := range i.layers {
		xl, c, m, a, out := i.in(l, x), layer.c.Rows(x.N), layer.m.Rows(x.N), layer.a.Rows(x.N), layer.x.Rows(x.N)
		layer.weight.Forward(c, xl, 0, 1)
		layer.norm.Forward(m, c)
		vec.ReLU(m.Data, m.Data)
		for n := range x.N {
			i.spread(a.Row(n), c.Row(n), m.Row(n), layer.bias.Value)
		}
		copy(out.Data, xl.Data)
		vec.MulAdd(out.Data, i.by(l, x).Data, a.Data)
	}
	copyRows(y, i.layers[len(i.layers)-1].x.Rows(x.N))
}

// spread writes [c; c ⊙ m] + b, field by field.
func (i *crossV3) spread(a, c, m, bias []float32) {
	half := i.d / 2
	for f := range i.f {
		from, at := f*half, f*i.d
		for j, v := range c[from : from+half] {
			a[at+j] = v + bias[at+j]
			a[at+half+j] = v*m[from+j] + bias[at+half+j]
		}
	}
}

func (i *crossV3) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	g, da, u, dc, dm := i.g.Rows(x.N), i.da.Rows(x.N), i.u.Rows(x.N), i.dc.Rows(x.N), i.dm.Rows(x.N)
	copyRows(g, dy)
	for l := len(i.layers) - 1; l >= 0; l-- {
		layer := i.layers[l]
		c, m := layer.c.Rows(x.N), layer.m.Rows(x.N)
		vec.Mul2(da.Data, g.Data, i.by(l, x).Data)
		vec.Mul2(u.Data, g.Data, layer.a.Rows(x.N).Data)
		if i.exponential {
			vec.Add(g.Data, u.Data)
		} else {
			vec.Add(dx.Data, u.Data)
		}
		vec.AddRows(layer.bias.Grad, da.Data, da.Stride, x.N, i.c)
		for n := range x.N {
			i.gather(dc.Row(n), dm.Row(n), da.Row(n), c.Row(n), m.Row(n))
		}
		vec.ReLUGrad(dm.Data, dm.Stride, dm.Data, dm.Stride, m.Data, m.Stride, x.N, m.C)
		layer.norm.Backward(dm, dm)
		vec.Add(dc.Data, dm.Data)
		layer.weight.Backward(g, dc, i.in(l, x), false)
	}
	vec.Add(dx.Data, g.Data)
}

// gather is spread backward.
func (i *crossV3) gather(dc, dm, da, c, m []float32) {
	half := i.d / 2
	for f := range i.f {
		from, at := f*half, f*i.d
		for j := range half {
			first, second := da[at+j], da[at+half+j]
			dc[from+j] = first + second*m[from+j]
			dm[from+j] = second * c[from+j]
		}
	}
}

func (i *crossV3) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	x = g.Reshape(x, 0, i.c)
	xl := x
	for _, l := range i.layers {
		c := l.weight.ONNX(g, xl, 0)
		masked := g.Mul(c, g.Relu(l.norm.ONNX(g, c)))
		a := g.Concat(2, g.Reshape(c, 0, i.f, i.d/2), g.Reshape(masked, 0, i.f, i.d/2))
		by := x
		if i.exponential {
			by = xl
		}
		xl = g.Add(xl, g.Mul(by, g.Add(g.Reshape(a, 0, i.c), l.bias.ONNX(g))))
	}
	return xl
}

func (i *crossV3) Cost() nn.Cost {
	var c nn.Cost
	for _, l := range i.layers {
		c = c.Add(l.weight.Cost()).Add(l.norm.Cost())
		c = c.Add(nn.Cost{Params: int64(i.c), FLOPs: 4 * float64(i.c), Bytes: float64(12 * i.c)})
	}
	return c
}
