package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// CrossOptions are the options of the cross networks.
type CrossOptions struct {
	Layers int `json:"layers"`
}

// Check wants at least one layer, and no more than anybody can mean.
func (o CrossOptions) Check() error {
	if o.Layers < 1 {
		return fmt.Errorf("layers is %d, want at least 1", o.Layers)
	}
	if o.Layers > 1000 {
		return fmt.Errorf("layers is %d, want at most 1000", o.Layers)
	}
	return nil
}

// crossVector is the cross network of DCN: x_{l+1} = x_0 (x_l·w_l) + b_l + x_l over the flattened input [N, C].
//
// Wang et al., "Deep & Cross Network for Ad Click Predictions", ADKDD 2017, eq. 3.
type crossVector struct {
	c            int
	weight, bias []*nn.Param
	x            []nn.Mat // [N, C], the output of every layer
	s            []nn.Mat // [N, 1], x_l·w_l
	dx, next     nn.Mat   // [N, C], gradients of x_{l+1} and x_l
}

func newCrossVector(b *nn.Builder, f, d int, o CrossOptions) Interaction {
	i := &crossVector{c: f * d}
	for l := range o.Layers {
		in := b.In(strconv.Itoa(l))
		i.weight = append(i.weight, in.Weight("weight", i.c))
		i.bias = append(i.bias, in.Bias("bias", i.c))
		i.x = append(i.x, b.Mat(i.c))
		i.s = append(i.s, b.Mat(1))
	}
	if b.Train {
		i.dx, i.next = b.Mat(i.c), b.Mat(i.c)
	}
	return i
}

func (i *crossVector) Width() int { return i.c }

func (i *crossVector) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	xl := x.Data
	for l := range i.weight {
		y := i.x[l].Rows(x.N).Data
		vec.CrossVector(y, i.s[l].Rows(x.N).Data, x.Data, xl, i.weight[l].Value, i.bias[l].Value, x.N, i.c)
		xl = y
	}
	copyRows(y, i.x[len(i.x)-1].Rows(x.N))
}

func (i *crossVector) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	d, next := i.dx.Rows(x.N), i.next.Rows(x.N)
	copyRows(d, dy)
	for l := len(i.weight) - 1; l >= 0; l-- {
		xl := x.Data
		if l > 0 {
			xl = i.x[l-1].Rows(x.N).Data
		}
		vec.CrossVectorGrad(dx.Data, next.Data, i.weight[l].Grad, i.bias[l].Grad, d.Data, i.s[l].Rows(x.N).Data, x.Data, xl,
			i.weight[l].Value, x.N, i.c)
		d, next = next, d
	}
	vec.Add(dx.Data, d.Data)
}

func (i *crossVector) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	x = g.Reshape(x, 0, i.c)
	xl := x
	for l, w := range i.weight {
		s := g.MatMul(xl, g.Reshape(w.ONNX(g), i.c, 1))
		xl = g.Add(g.Add(g.Mul(x, s), i.bias[l].ONNX(g)), xl)
	}
	return xl
}

func (i *crossVector) Cost() nn.Cost {
	l := len(i.weight)
	return nn.Cost{Params: int64(2 * l * i.c), FLOPs: float64(5 * l * i.c), Bytes: float64(4 * (l + 2) * i.c)}
}

func copyRows(dst, src nn.Mat) {
	for n := range src.N {
		copy(dst.Row(n), src.Row(n))
	}
}
