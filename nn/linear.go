package nn

import (
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn/onnx"
)

// Linear is the affine layer y = x·Wᵀ + b, with a ReLU behind it where asked: weight [out, in], bias [out].
type Linear struct {
	weight, bias      *Param
	forward, backward *Pack
	in, out           int
	relu              bool
	scratch           *Scratch
}

// NewLinear declares weight and bias.
func NewLinear(b *Builder, in, out int, relu bool) *Linear {
	return linear(b, b.Weight("weight", out, in), b.Bias("bias", out), relu)
}

// LinearOf is a Linear of parameters declared by the caller: weight [out, …] is read as [out, in]; bias may be nil.
func LinearOf(b *Builder, weight, bias *Param, relu bool) *Linear {
	return linear(b, weight, bias, relu)
}

func linear(b *Builder, weight, bias *Param, relu bool) *Linear {
	out, in := weight.Dims()
	l := &Linear{weight: weight, bias: bias, in: in, out: out, relu: relu}
	l.forward = b.Pack(weight, false)
	if b.Train {
		l.backward = b.Pack(weight, true)
		l.scratch = b.Scratch(vec.MulScratch(out, in, b.Rows))
	}
	return l
}

// Out is the width of an output row.
func (l *Linear) Out() int { return l.out }

// Weight is [out, in].
func (l *Linear) Weight() []float32 { return l.weight.Value }

// Shift adds to the biases.
func (l *Linear) Shift(by float32) {
	for i := range l.bias.Value {
		l.bias.Value[i] += by
	}
}

// Forward overwrites y [N, out].
func (l *Linear) Forward(y, x Mat) {
	e := vec.Epilogue{ReLU: l.relu}
	if l.bias != nil {
		e.Bias = l.bias.Value
	}
	vec.MulPacked(y.Data, y.Stride, x.Data, x.Stride, l.forward.Data, x.N, l.out, l.in, e)
}

// ONNX is Forward in a graph: x [N, …, in] becomes [N, …, out].
func (l *Linear) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	y := g.MatMul(x, l.weight.columns(g))
	if l.bias != nil {
		y = g.Add(y, l.bias.ONNX(g))
	}
	if l.relu {
		y = g.Relu(y)
	}
	return y
}

// Backward takes dy, the gradient behind the affine part (a ReLU's mask is the caller's), and adds into the
// parameters' gradients. dx [N, in] is added to, or overwritten when fresh; without Data it is left out.
func (l *Linear) Backward(dx, dy, x Mat, fresh bool) {
	l.gradients(dx, dy, x, vec.Epilogue{Accumulate: !fresh})
}

// BackwardReLU is Backward where x is what a ReLU gave: dx, overwritten, is the gradient of what that was given.
func (l *Linear) BackwardReLU(dx, dy, x Mat) {
	l.gradients(dx, dy, x, vec.Epilogue{Mask: x.Data, MaskStride: x.Stride})
}

func (l *Linear) gradients(dx, dy, x Mat, e vec.Epilogue) {
	vec.Mul(l.weight.Grad, l.in, dy.Data, 1, dy.Stride, x.Data, x.Stride, 1, l.out, l.in, x.N, true, l.scratch.data)
	if l.bias != nil {
		vec.AddRows(l.bias.Grad, dy.Data, dy.Stride, dy.N, l.out)
	}
	if dx.Data != nil {
		vec.MulPacked(dx.Data, dx.Stride, dy.Data, dy.Stride, l.backward.Data, dx.N, l.in, l.out, e)
	}
}

// Cost is that of one row.
func (l *Linear) Cost() Cost {
	bias := l.out
	if l.bias == nil {
		bias = 0
	}
	return Cost{
		Params: int64(l.in*l.out + bias),
		FLOPs:  float64(2*l.in*l.out + bias),
		Bytes:  float64(4 * (l.in + l.out)),
	}
}

// MLP is a perceptron: affine layers "0", "1", … with a ReLU, or what Hidden says, after each, and where it ends in a unit one
// more affine layer of width 1 without.
type MLP struct {
	layers []*Linear
	stages []Behind // behind each layer, after a ReLU that it may have in itself
	y      []Mat    // [N, out] of each layer; the last is the caller's
	dy     []Mat    // [N, out], gradient behind the affine part of each layer
}

// NewMLP declares the layers: hidden sizes, then the unit where asked.
func NewMLP(b *Builder, in int, hidden []int, unit bool, h Hidden) *MLP {
	m := &MLP{}
	add := func(out int, hidden bool) {
		b, stages, relu := b.In(strconv.Itoa(len(m.layers))), Behind(nil), false
		if hidden {
			stages, relu = h.stages(b, out)
		}
		m.layers = append(m.layers, NewLinear(b, in, out, relu))
		m.stages = append(m.stages, stages)
		m.y = append(m.y, b.Mat(out))
		if b.Train {
			m.dy = append(m.dy, b.Mat(out))
		}
		in = out
	}
	for _, h := range hidden {
		add(h, true)
	}
	if unit {
		add(1, false)
	}
	if len(m.layers) == 0 {
		panic("nn: a perceptron without layers")
	}
	return m
}

// Out is the width of an output row.
func (m *MLP) Out() int { return m.layers[len(m.layers)-1].out }

// Shift adds to the biases of the last layer.
func (m *MLP) Shift(by float32) { m.layers[len(m.layers)-1].Shift(by) }

// Forward overwrites y [N, Out], which must stay as it is until Backward. Where Hidden is the zero value it needs no Step.
func (m *MLP) Forward(s *Step, y, x Mat) {
	last := len(m.layers) - 1
	m.y[last] = y
	for i, l := range m.layers {
		y := m.y[i].Rows(x.N)
		l.Forward(y, x)
		m.stages[i].Forward(s, y)
		x = y
	}
}

// ONNX is Forward in a graph.
func (m *MLP) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	for i, l := range m.layers {
		x = m.stages[i].ONNX(g, l.ONNX(g, x))
	}
	return x
}

// Backward adds into dx (left out where it has no Data) and into the parameters' gradients.
func (m *MLP) Backward(s *Step, dx, dy, x Mat) {
	last := len(m.layers) - 1
	if l := m.layers[last]; l.relu || len(m.stages[last]) > 0 {
		g, y := m.dy[last].Rows(x.N), m.y[last]
		if l.relu {
			vec.ReLUGrad(g.Data, g.Stride, dy.Data, dy.Stride, y.Data, y.Stride, g.N, g.C)
		} else {
			g.Copy(dy)
		}
		m.stages[last].Backward(s, g)
		dy = g
	}
	for i := last; i > 0; i-- {
		below, y := m.dy[i-1].Rows(x.N), m.y[i-1].Rows(x.N)
		if m.layers[i-1].relu {
			m.layers[i].BackwardReLU(below, dy, y)
		} else {
			m.layers[i].Backward(below, dy, y, true)
		}
		m.stages[i-1].Backward(s, below)
		dy = below
	}
	m.layers[0].Backward(dx, dy, x, false)
}

// Cost is that of one row.
func (m *MLP) Cost() Cost {
	var c Cost
	for i, l := range m.layers {
		c = c.Add(l.Cost()).Add(m.stages[i].Cost())
	}
	return c
}
