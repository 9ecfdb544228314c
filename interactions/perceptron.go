package interactions

import (
	"strconv"

	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// perceptron is layers "0", "1", …: hidden ones, with what Hidden says behind each, and an affine one at the end.
type perceptron struct {
	hidden *nn.MLP // nil where there are none
	last   *nn.Linear
	h, dh  nn.Mat // [N, the last hidden size]
}

func newPerceptron(b *nn.Builder, in int, hidden []int, out int, h nn.Hidden) *perceptron {
	p := &perceptron{}
	if len(hidden) > 0 {
		p.hidden = nn.NewMLP(b, in, hidden, false, h)
		in = p.hidden.Out()
		p.h = b.Mat(in)
		if b.Train {
			p.dh = b.Mat(in)
		}
	}
	p.last = nn.NewLinear(b.In(strconv.Itoa(len(hidden))), in, out, false)
	return p
}

// forward overwrites y [N, out].
func (p *perceptron) forward(s *nn.Step, y, x nn.Mat) {
	if p.hidden != nil {
		h := p.h.Rows(x.N)
		p.hidden.Forward(s, h, x)
		x = h
	}
	p.last.Forward(y, x)
}

// backward adds into the parameters' gradients and dx, which it overwrites when fresh.
func (p *perceptron) backward(s *nn.Step, dx, dy, x nn.Mat, fresh bool) {
	if p.hidden == nil {
		p.last.Backward(dx, dy, x, fresh)
		return
	}
	h, dh := p.h.Rows(x.N), p.dh.Rows(x.N)
	p.last.Backward(dh, dy, h, true)
	if fresh {
		dx.Zero()
	}
	p.hidden.Backward(s, dx, dh, x)
}

func (p *perceptron) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	if p.hidden != nil {
		x = p.hidden.ONNX(g, x)
	}
	return p.last.ONNX(g, x)
}

func (p *perceptron) cost() nn.Cost {
	c := p.last.Cost()
	if p.hidden != nil {
		c = c.Add(p.hidden.Cost())
	}
	return c
}
