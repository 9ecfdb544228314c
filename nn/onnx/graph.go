// Package onnx builds graphs of ONNX operators and writes them as model files.
//
// A Graph grows by its methods: each adds an operator and returns the Value that it computes. Layers and interactions have a
// method ONNX that adds theirs; Write makes the file. onnxtest runs one without any other software.
package onnx

import (
	"fmt"
	"strconv"
)

// Opset and IR are the versions of ONNX that files are written in: those of ONNX 1.12, of June 2022.
const (
	Opset = 17
	IR    = 8
)

// Value is a tensor of a graph. Its first axis is, but for constants, that of the examples.
type Value struct{ name string }

// Graph is a model under construction. A mistake is kept and comes out of Write.
type Graph struct {
	// Meta is written beside the graph.
	Meta map[string]string

	nodes           []node
	tensors         []tensor
	inputs, outputs []port
	named           map[string]Value // tensors by the names they were asked for, and constants by their content
	taken           map[string]bool  // names in the file
	err             error
}

type node struct {
	op, out string
	in      []Value
	attrs   []Attr
}

type tensor struct {
	name   string
	dims   []int
	floats []float32
	ints   []int64 // where floats is nil
}

// port is an input or output; a dimension is a number, or a name where it is left open.
type port struct {
	name string
	ints bool
	dims []string
}

// Attr is an attribute of an operator: Value is an int, a float32 or an []int.
type Attr struct {
	Name  string
	Value any
}

// New returns an empty graph.
func New() *Graph {
	return &Graph{Meta: map[string]string{}, named: map[string]Value{}, taken: map[string]bool{}}
}

// Fail makes Write return err, unless another came first.
func (g *Graph) Fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

// Err is why the graph cannot be written; nil where it can.
func (g *Graph) Err() error {
	if g.err != nil {
		return g.err
	}
	if n := g.body(len(g.head())); n > Most {
		return fmt.Errorf("the model is of %.1f GiB, and an ONNX file holds 2 at most", float64(n)/(1<<30))
	}
	return nil
}

// Input declares an input of floats; "N" is the examples, and any other name a number that is left open too. Inputs come
// first: they have their names for sure.
func (g *Graph) Input(name string, dims ...string) Value { return g.input(name, false, dims) }

// IDs is Input of 64-bit integers.
func (g *Graph) IDs(name string, dims ...string) Value { return g.input(name, true, dims) }

func (g *Graph) input(name string, ints bool, dims []string) Value {
	if g.taken[name] || len(g.nodes) > 0 {
		panic("onnx: an input's name is taken")
	}
	g.taken[name] = true
	g.inputs = append(g.inputs, port{name, ints, dims})
	return Value{name}
}

// Output makes v, floats of the dimensions, an output.
func (g *Graph) Output(name string, v Value, dims ...string) {
	if g.taken[name] {
		g.Fail(fmt.Errorf("an input is called %s, and so is an output", name))
	}
	g.taken[name] = true
	g.outputs = append(g.outputs, port{name, false, dims})
	g.nodes = append(g.nodes, node{op: "Identity", out: name, in: []Value{v}})
}

// Op adds an operator without attributes.
func (g *Graph) Op(op string, in ...Value) Value { return g.With(op, in) }

// With adds an operator and returns its output.
func (g *Graph) With(op string, in []Value, attrs ...Attr) Value {
	out := g.free(op + "_" + strconv.Itoa(len(g.nodes)))
	g.nodes = append(g.nodes, node{op, out, in, attrs})
	return Value{out}
}

// free returns a name that nothing has, like the one that is wanted.
func (g *Graph) free(name string) string {
	for g.taken[name] {
		name += "_"
	}
	g.taken[name] = true
	return name
}

// Tensor is a parameter of the model: the same for every call with its name. The file is written from data as it is then.
func (g *Graph) Tensor(name string, dims []int, data []float32) Value {
	return g.constant("tensor "+name, tensor{name: name, dims: dims, floats: data})
}

// Floats is a constant vector.
func (g *Graph) Floats(v ...float32) Value {
	return g.constant(fmt.Sprint("floats ", v), tensor{name: "floats", dims: []int{len(v)}, floats: v})
}

// Scalar is a constant number.
func (g *Graph) Scalar(v float32) Value {
	return g.constant(fmt.Sprint("scalar ", v), tensor{name: "scalar", floats: []float32{v}})
}

// Ints is a constant vector of integers.
func (g *Graph) Ints(v ...int) Value {
	l := make([]int64, len(v))
	for i, x := range v {
		l[i] = int64(x)
	}
	return g.constant(fmt.Sprint("ints ", v), tensor{name: "ints", dims: []int{len(v)}, ints: l})
}

func (g *Graph) constant(key string, t tensor) Value {
	v, ok := g.named[key]
	if !ok {
		t.name = g.free(t.name)
		v = Value{t.name}
		g.named[key] = v
		g.tensors = append(g.tensors, t)
	}
	return v
}
