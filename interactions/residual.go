package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// ResidualOptions are the options of residual.
type ResidualOptions struct {
	Hidden []int `json:"hidden" width:"hidden"` // size of each unit's hidden layer
}

// Check wants at least one unit.
func (o ResidualOptions) Check() error { return widths("hidden", o.Hidden) }

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
//
// Shan et al., "Deep Crossing: Web-Scale Modeling without Manually Crafted Combinatorial Features", KDD 2016, §4.3.
type residual struct {
	c     int
	units []*perceptron
	x     []nn.Mat // [N, C], the output of every unit
	d     nn.Mat   // [N, C]
}

func newResidual(b *nn.Builder, f, d int, o ResidualOptions) Interaction {
	i := &residual{c: f * d}
	for l, h := range o.Hidden {
		i.units = append(i.units, newPerceptron(b.In(strconv.Itoa(l)), i.c, []int{h}, i.c))
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

func (i *residual) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	for l, u := range i.units {
		in, out := i.in(l, x), i.x[l].Rows(x.N)
		u.forward(out, in)
		vec.Add(out.Data, in.Data)
		vec.ReLU(out.Data, out.Data)
	}
	copyRows(y, i.x[len(i.x)-1].Rows(x.N))
}

func (i *residual) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	d := i.d.Rows(x.N)
	copyRows(d, dy)
	for l := len(i.units) - 1; l >= 0; l-- {
		y := i.x[l].Rows(x.N)
		vec.ReLUGrad(d.Data, d.Stride, d.Data, d.Stride, y.Data, y.Stride, x.N, i.c)
		i.units[l].backward(d, d, i.in(l, x), false)
	}
	vec.Add(dx.Data[:x.N*i.c], d.Data)
}

func (i *residual) Cost() nn.Cost {
	var c nn.Cost
	for _, u := range i.units {
		c = c.Add(u.cost()).Add(nn.Cost{FLOPs: float64(2 * i.c), Bytes: float64(8 * i.c)})
	}
	return c
}
