package models

import (
	"fmt"

	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/nn/onnx"
)

// Output says what predictions are: logits, or with Rating ratings, which Clip brings into a range, or with Margin distances from
// a hyperplane, which say nothing of probabilities.
type Output struct {
	Rating bool
	Margin bool
	Clip   *batch.Range // nil: as they are
}

// ONNX writes the model's prediction as a graph. Its inputs are what the model uses of the schema: dense [N, n_d], floats, and
// under each categorical field's name ids [N], or for a multi-hot field [N, its length], bags with −1 behind their last id. It has
// the vectors of all ids, whatever tables the model makes them of. Its outputs are logit and probability [N], or the rating or margin alone.
func (m *Model) ONNX(o Output) (*onnx.Graph, error) {
	g := onnx.New()
	n := m.Lanes[0]
	e := &exporter{Graph: g, schema: m.Spec.Schema, ids: make([]onnx.Value, len(m.Spec.Schema.Sparse))}
	e.inputs(n)
	z := g.Reshape(n.onnx(e), -1)
	if o.Clip != nil {
		z = g.Op("Min", g.Op("Max", z, g.Scalar(o.Clip.Min)), g.Scalar(o.Clip.Max))
	}
	switch {
	case o.Rating:
		g.Output("rating", z, "N")
	case o.Margin:
		g.Output("margin", z, "N")
	default:
		g.Output("logit", z, "N")
		g.Output("probability", g.Sigmoid(z), "N")
	}
	return g, g.Err()
}

// exporter is a graph with its inputs.
type exporter struct {
	*onnx.Graph
	schema batch.Schema
	dense  onnx.Value
	ids    []onnx.Value // of each field that is used
}

// inputs declares those that a net uses, in the schema's order.
func (e *exporter) inputs(n *Net) {
	fields, dense := 0, 0
	if n.linear != nil {
		fields = n.linear.fields
		if n.linear.weight != nil {
			dense = n.linear.dense
		}
	}
	for _, g := range n.groups {
		fields, dense = max(fields, g.spec.Fields), max(dense, g.dense)
	}
	if dense > 0 {
		e.dense = e.Input("dense", "N", fmt.Sprint(dense))
	}
	for f, field := range e.schema.Sparse[:fields] {
		dims := []string{"N"}
		if field.MultiHot {
			dims = append(dims, "length_"+field.Name)
		}
		e.ids[f] = e.IDs(field.Name, dims...)
	}
}

// gather looks a field up in rows [ids, D], and gives [N, D].
func (e *exporter) gather(rows onnx.Value, field int) onnx.Value {
	ids := e.ids[field]
	if !e.schema.Sparse[field].MultiHot {
		return e.Gather(rows, 0, ids)
	}
	none := e.Op("Less", ids, e.Ints(0))
	there := e.Op("Where", none, e.Scalar(0), e.Scalar(1)) // [N, length]
	found := e.Gather(rows, 0, e.Op("Where", none, e.Ints(0), ids))
	sum := e.Sum(e.Mul(found, e.Reshape(there, 0, -1, 1)), 1)
	if e.schema.Sparse[field].Pool == batch.Mean {
		sum = e.Div(sum, e.Op("Max", e.Total(there), e.Scalar(1)))
	}
	return sum
}

// onnx is the logit, [N, 1].
func (n *Net) onnx(e *exporter) onnx.Value {
	var joint []onnx.Value
	blocks := make(map[*group]onnx.Value)
	for _, g := range n.groups {
		blocks[g] = g.onnx(e)
	}
	for _, br := range n.branches {
		joint = append(joint, br.onnx(e, blocks[br.group]))
	}
	var terms []onnx.Value
	switch {
	case n.head != nil:
		terms = append(terms, n.head.ONNX(e.Graph, e.Concat(1, joint...)))
	case len(joint) > 0:
		sum := e.Total(e.Concat(1, joint...))
		if n.share != 1 {
			sum = e.Scale(sum, n.share)
		}
		terms = append(terms, sum)
	}
	if n.linear != nil {
		terms = append(terms, n.linear.onnx(e)...)
	}
	if n.products != nil {
		e.Fail(fmt.Errorf("the hashed products of poly2 have no form in ONNX"))
	}
	z := terms[0]
	for _, t := range terms[1:] {
		z = e.Add(z, t)
	}
	return z
}

// onnx is what is added, [N, 1] each, but for the bias.
func (l *linear) onnx(e *exporter) (terms []onnx.Value) {
	if l.weight != nil {
		terms = append(terms, e.MatMul(e.dense, e.Reshape(l.weight.ONNX(e.Graph), l.dense, 1)))
	}
	for f, t := range l.tables {
		terms = append(terms, e.gather(t.ONNX(e.Graph), f))
	}
	return append(terms, l.bias.ONNX(e.Graph))
}

// onnx is the Block that interactions see, [N, F, D].
func (g *group) onnx(e *exporter) onnx.Value {
	var parts []onnx.Value
	if g.dense > 0 {
		switch g.spec.Dense {
		case DenseScale:
			parts = append(parts, g.scale.ONNX(e.Graph, e.dense))
		case DenseConcat, DenseDeep:
			parts = append(parts, e.dense)
		case DenseMLP:
			parts = append(parts, g.bottom.ONNX(e.Graph, e.dense))
		}
	}
	for f, field := range g.schema.Sparse[:g.spec.Fields] {
		rows := e.Tensor(g.prefix()+field.Name, []int{field.Rows, g.spec.Dim}, g.embeddings.Vectors(f).Data)
		parts = append(parts, e.gather(rows, f))
	}
	x := e.Reshape(e.Concat(1, parts...), 0, g.x.F, g.x.D)
	if g.instance != nil {
		x = g.instance.onnx(e, x)
	}
	return x
}

func (br *branch) onnx(e *exporter, x onnx.Value) onnx.Value {
	var parts []onnx.Value
	if br.raw > 0 {
		parts = append(parts, e.dense)
	}
	for i, p := range br.parts {
		in, operator := x, p.Interaction
		if t, ok := operator.(*tail); ok {
			row := e.Slice(e.Reshape(x, 0, -1), 1, t.skip, t.skip+t.x.F*t.x.D)
			in, operator = e.Reshape(row, 0, t.x.F, t.x.D), t.Interaction
		}
		parts = append(parts, interactions.ONNX(e.Graph, br.spec.Interactions[i].Name, operator, in))
	}
	y := e.Concat(1, parts...)
	if br.mlp != nil {
		y = br.mlp.ONNX(e.Graph, y)
	}
	return y
}
