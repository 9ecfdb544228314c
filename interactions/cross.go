package interactions

import (
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// cross is the cross network of DCN-V2: x_{l+1} = x_0 ⊙ (W_l x_l + b_l) + x_l over the flattened input [N, C].
//
// Wang et al., "DCN V2: Improved Deep & Cross Network", WWW 2021, eq. 1.
type cross struct {
	c      int
	layers []*nn.Linear
	a      []nn.Mat // [N, C], W_l x_l + b_l
	x      []nn.Mat // [N, C], the output of every layer
	dx, da nn.Mat   // [N, C], gradients of x_l and of a
}

func newCross(b *nn.Builder, f, d int, o CrossOptions) Interaction {
	i := &cross{c: f * d}
	for l := range o.Layers {
		i.layers = append(i.layers, nn.NewLinear(b.In(strconv.Itoa(l)), i.c, i.c, false))
		i.a = append(i.a, b.Mat(i.c))
		i.x = append(i.x, b.Mat(i.c))
	}
	if b.Train {
		i.dx, i.da = b.Mat(i.c), b.Mat(i.c)
	}
	return i
}

func (i *cross) Width() int { return i.c }

// in returns x_l.
func (i *cross) in(l int, x nn.Block) nn.Mat {
	if l == 0 {
		return x.Mat()
	}
	return i.x[l-1].Rows(x.N)
}

func (i *cross) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	size := x.N * i.c
	for l, layer := range i.layers {
		xl := i.in(l, x)
		layer.Forward(i.a[l].Rows(x.N), xl)
		copy(i.x[l].Data[:size], xl.Data[:size])
		vec.MulAdd(i.x[l].Data[:size], x.Data[:size], i.a[l].Data[:size])
	}
	copyRows(y, i.x[len(i.x)-1].Rows(x.N))
}

func (i *cross) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	size := x.N * i.c
	d, da := i.dx.Rows(x.N), i.da.Rows(x.N)
	copyRows(d, dy)
	for l := len(i.layers) - 1; l >= 0; l-- {
		vec.Mul2(da.Data[:size], d.Data[:size], x.Data[:size])
		vec.MulAdd(dx.Data[:size], d.Data[:size], i.a[l].Data[:size])
		i.layers[l].Backward(d, da, i.in(l, x), false)
	}
	vec.Add(dx.Data[:size], d.Data[:size])
}

func (i *cross) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	x = g.Reshape(x, 0, i.c)
	xl := x
	for _, l := range i.layers {
		xl = g.Add(g.Mul(x, l.ONNX(g, xl)), xl)
	}
	return xl
}

func (i *cross) Cost() nn.Cost {
	var c nn.Cost
	for _, l := range i.layers {
		c = c.Add(l.Cost())
	}
	return c.Add(nn.Cost{FLOPs: float64(2 * len(i.layers) * i.c), Bytes: float64(4 * i.c)})
}
