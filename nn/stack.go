package nn

import (
	"ctrlab/internal/vec"
	"ctrlab/nn/onnx"
)

// Stack is weights [out, in] of one input, without biases, whose products run as one: y = [x·W_0ᵀ, x·W_1ᵀ, …], each part
// from a multiple of Step() on.
type Stack struct {
	weights           []*Param
	forward, backward []float32
	in, out, step     int
	scratch           *Scratch
}

// NewStack stacks weights of one shape. A weight is in one stack at most, and has no other packs.
func NewStack(b *Builder, weights ...*Param) *Stack {
	out, in := weights[0].Dims()
	s := &Stack{weights: weights, in: in, out: out, step: (out + vec.Panel - 1) / vec.Panel * vec.Panel}
	s.forward = b.stack(s, false)
	if b.Train {
		s.backward = b.stack(s, true)
		s.scratch = b.Scratch(vec.MulScratch(out, in, b.Rows))
	}
	return s
}

// stack gives the weights packs that lie in one: forward one behind the other, backward as rows of one panel.
func (b *Builder) stack(s *Stack, backward bool) []float32 {
	at, one := &s.weights[0].packs.stacked[0], s.step*s.in
	height, size := s.out, len(s.weights)*one
	if backward {
		at, one = &s.weights[0].packs.stacked[1], s.step*vec.Panel
		height = s.Width(len(s.weights))
		size = vec.PackedLen(height, s.in)
	}
	if *at != nil || b.Dry {
		return *at
	}
	*at = b.floats(size)
	for i, w := range s.weights {
		k := &Pack{Data: (*at)[i*one:], backward: backward, height: height}
		w.packs.list = append(w.packs.list, k)
		k.update(w.Value, s.out, s.in, 0, s.out)
	}
	return *at
}

// Step is from the start of one part of an output row to that of the next.
func (s *Stack) Step() int { return s.step }

// Width is that of an output row of n parts.
func (s *Stack) Width(n int) int { return (n-1)*s.step + s.out }

// Forward overwrites y [N, Width(to−from)] with the products of weights [from, to), zeros between them.
func (s *Stack) Forward(y, x Mat, from, to int) {
	vec.MulPacked(y.Data, y.Stride, x.Data, x.Stride, s.forward[from*s.step*s.in:], x.N, s.Width(to-from), s.in, vec.Epilogue{})
}

// ONNX is the product of x [N, …, in] with one of the weights in a graph.
func (s *Stack) ONNX(g *onnx.Graph, x onnx.Value, weight int) onnx.Value {
	return g.MatMul(x, s.weights[weight].columns(g))
}

// Backward takes dy [N, Width(all)], zeros between the parts, and adds into the weights' gradients and into dx, which it
// overwrites when fresh.
func (s *Stack) Backward(dx, dy, x Mat, fresh bool) {
	s.gradients(dx, dy, x, vec.Epilogue{Accumulate: !fresh})
}

// BackwardReLU is Backward where x is what a ReLU gave: dx, overwritten, is the gradient of what that was given.
func (s *Stack) BackwardReLU(dx, dy, x Mat) {
	s.gradients(dx, dy, x, vec.Epilogue{Mask: x.Data, MaskStride: x.Stride})
}

func (s *Stack) gradients(dx, dy, x Mat, e vec.Epilogue) {
	for i, w := range s.weights {
		vec.Mul(w.Grad, s.in, dy.Data[i*s.step:], 1, dy.Stride, x.Data, x.Stride, 1, s.out, s.in, x.N, true, s.scratch.data)
	}
	vec.MulPacked(dx.Data, dx.Stride, dy.Data, dy.Stride, s.backward, dx.N, s.in, dy.C, e)
}

// Cost is that of one row.
func (s *Stack) Cost() Cost {
	n := len(s.weights)
	return Cost{
		Params: int64(n) * int64(s.in) * int64(s.out),
		FLOPs:  float64(2 * n * s.in * s.out),
		Bytes:  float64(4 * (s.in + n*s.out)),
	}
}
