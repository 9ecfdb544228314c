package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// ResidualOptions are the options of residual.
type ResidualOptions struct {
	Units []int `json:"hidden" width:"hidden"` // size of each unit's hidden layer
	nn.Hidden
}

// Check wants at least one unit.
func (o ResidualOptions) Check() error { return widths("hidden", o.Units) }

// widths wants at least one width, and each at least 1.
func widths(key string, list []int) error {
	if len(list) == 0 {
		return fmt.Errorf("%s is empty, want at least one", key)
	}
	return anyWidths(key, list)
}

// anyWidths wants each width to be at least 1, and no more than anybody can mean.
func anyWidths(key string, list []int) error {
	for i, w := range list {
		if w < 1 || w > 1<<16 {
			return fmt.Errorf("%s has %d at place %d, want 1 to %d", key, w, i, 1<<16)
		}
	}
	return nil
}

// residual is residual units over the flattened input [N, C]: x ← relu(x + W_1 relu(W_0 x + b_0) + b_1).
// Hidden's norm and dropout stand around the outer relu alone, its activation is in both places: FuxiCTR's reading.
//
// Shan et al., "Deep Crossing: Web-Scale Modeling without Manually Crafted Combinatorial Features", KDD 2016, §4.3.
type residual struct {
	c      int
	units  []*perceptron
	behind []nn.Behind // each unit's sum
	x      []nn.Mat    // [N, C], the output of every unit
	d      nn.Mat      // [N, C]
}

func newResidual(b *nn.Builder, f, d int, o ResidualOptions) Interaction {
	i := &residual{c: f * d}
	for l, h := range o.Units {
		in := b.In(strconv.Itoa(l))
		i.units = append(i.units, newPerceptron(in, i.c, []int{h}, i.c, nn.Hidden{Activation: o.Activation}))
		i.behind = append(i.behind, nn.NewBehind(in, i.c, o.Hidden))
		i.x = append(i.x, b.Mat(i.c))
	}
	if b.Train {
		i.d = b.Mat(i.c)
	}
	return i
}

func (i *residual) Width() int { return i.c }

// in returns what unit l treats.
func (i *residual) in(l int, x nn.Block) nn.Mat {
	if l == 0 {
		return x.Mat()
	}
	return i.x[l-1].Rows(x.N)
}

func (i *residual) Forward(s *nn.Step, y nn.Mat, x nn.Block) {
	for l, u := range i.units {
		in, out := i.in(l, x), i.x[l].Rows(x.N)
		u.forward(s, out, in)
		vec.Add(out.Data, in.Data)
		i.behind[l].Forward(s, out)
	}
	copyRows(y, i.x[len(i.x)-1].Rows(x.N))
}

func (i *residual) Backward(s *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	d := i.d.Rows(x.N)
	copyRows(d, dy)
	for l := len(i.units) - 1; l >= 0; l-- {
		i.behind[l].Backward(s, d)
		i.units[l].backward(s, d, d, i.in(l, x), false)
	}
	vec.Add(dx.Data[:x.N*i.c], d.Data)
}

func (i *residual) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	x = g.Reshape(x, 0, i.c)
	for l, u := range i.units {
		x = i.behind[l].ONNX(g, g.Add(u.ONNX(g, x), x))
	}
	return x
}

func (i *residual) Cost() nn.Cost {
	var c nn.Cost
	for l, u := range i.units {
		c = c.Add(u.cost()).Add(i.behind[l].Cost()).Add(nn.Cost{FLOPs: float64(2 * i.c), Bytes: float64(8 * i.c)})
	}
	return c
}
