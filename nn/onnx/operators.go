package onnx

// Add, Sub, Mul and Div are element by element, of shapes that broadcast.
func (g *Graph) Add(a, b Value) Value { return g.Op("Add", a, b) }

// Sub is a − b.
func (g *Graph) Sub(a, b Value) Value { return g.Op("Sub", a, b) }

// Mul is a ⊙ b.
func (g *Graph) Mul(a, b Value) Value { return g.Op("Mul", a, b) }

// Div is a / b.
func (g *Graph) Div(a, b Value) Value { return g.Op("Div", a, b) }

// Scale is a · x.
func (g *Graph) Scale(x Value, a float32) Value { return g.Mul(x, g.Scalar(a)) }

// Relu is max(x, 0).
func (g *Graph) Relu(x Value) Value { return g.Op("Relu", x) }

// Sigmoid is 1/(1 + e^−x).
func (g *Graph) Sigmoid(x Value) Value { return g.Op("Sigmoid", x) }

// Softmax is along the last axis.
func (g *Graph) Softmax(x Value) Value { return g.With("Softmax", []Value{x}, Attr{"axis", -1}) }

// MatMul is the product of the last two axes; the others broadcast.
func (g *Graph) MatMul(a, b Value) Value { return g.Op("MatMul", a, b) }

// Transpose makes axis i of the result axis perm[i] of x.
func (g *Graph) Transpose(x Value, perm ...int) Value {
	return g.With("Transpose", []Value{x}, Attr{"perm", perm})
}

// Reshape gives x dimensions, of which 0 keeps the one at its place and −1 is what is left.
func (g *Graph) Reshape(x Value, dims ...int) Value { return g.Op("Reshape", x, g.Ints(dims...)) }

// Concat lays values side by side along an axis; of one it is that.
func (g *Graph) Concat(axis int, in ...Value) Value {
	if len(in) == 1 {
		return in[0]
	}
	return g.With("Concat", in, Attr{"axis", axis})
}

// Slice is [from, to) of an axis.
func (g *Graph) Slice(x Value, axis, from, to int) Value {
	return g.Op("Slice", x, g.Ints(from), g.Ints(to), g.Ints(axis))
}

// Gather takes places of an axis in the order of at.
func (g *Graph) Gather(x Value, axis int, at Value) Value {
	return g.With("Gather", []Value{x, at}, Attr{"axis", axis})
}

// Sum is over axes, which go.
func (g *Graph) Sum(x Value, axes ...int) Value {
	return g.With("ReduceSum", []Value{x, g.Ints(axes...)}, Attr{"keepdims", 0})
}

// Total is over the last axis, which stays with one number.
func (g *Graph) Total(x Value) Value {
	return g.With("ReduceSum", []Value{x, g.Ints(-1)}, Attr{"keepdims", 1})
}

// LayerNorm brings the last axis to mean 0 and variance 1, scales and shifts it.
func (g *Graph) LayerNorm(x, scale, shift Value, eps float32) Value {
	return g.With("LayerNormalization", []Value{x, scale, shift}, Attr{"axis", -1}, Attr{"epsilon", eps})
}
