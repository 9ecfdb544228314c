package nn

import "ctrlab/nn/onnx"

// ONNX is the parameter in a graph, in its own shape. One without a name is a constant.
func (p *Param) ONNX(g *onnx.Graph) onnx.Value {
	if p.Name == "" {
		return g.Floats(p.Value...)
	}
	return g.Tensor(p.Name, p.Shape, p.Value)
}

// columns is the parameter as a matrix [in, out], by which rows are multiplied.
func (p *Param) columns(g *onnx.Graph) onnx.Value {
	w := p.ONNX(g)
	if out, in := p.Dims(); len(p.Shape) != 2 {
		w = g.Reshape(w, out, in)
	}
	return g.Transpose(w, 1, 0)
}

// ONNX is the table in a graph, [Rows, D].
func (t *Table) ONNX(g *onnx.Graph) onnx.Value { return g.Tensor(t.Name, []int{t.Rows, t.D}, t.Value) }

// ONNX is the running numbers in a graph, [N].
func (r *Running) ONNX(g *onnx.Graph) onnx.Value { return g.Tensor(r.Name, []int{r.N}, r.Value) }
