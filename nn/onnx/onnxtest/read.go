// Package onnxtest runs ONNX files without other software: Read takes a file apart, Run computes its outputs, one operator
// after the other, in float64. It is what tests hold models against, and knows the operators that ours have.
package onnxtest

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Tensor is numbers of any type, row-major; a scalar has no dimensions.
type Tensor struct {
	Dims []int
	Data []float64
}

// Model is a file taken apart.
type Model struct {
	Opset   int
	Meta    map[string]string
	Inputs  []Port
	Outputs []Port
	nodes   []node
	tensors map[string]Tensor
}

// Port is an input or output; a dimension that is left open is a name.
type Port struct {
	Name string
	Ints bool
	Dims []string
}

type node struct {
	op      string
	in, out []string
	ints    map[string][]int
	floats  map[string]float64
}

// message is a protocol buffer taken apart: the values of each field, in order.
type message map[protowire.Number][]value

type value struct {
	n uint64 // of numbers
	b []byte // of everything else
}

func parse(b []byte) (message, error) {
	m := message{}
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		b = b[n:]
		var v value
		switch kind {
		case protowire.VarintType:
			v.n, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var w uint32
			w, n = protowire.ConsumeFixed32(b)
			v.n = uint64(w)
		case protowire.BytesType:
			v.b, n = protowire.ConsumeBytes(b)
		default:
			return nil, fmt.Errorf("field %d has wire type %d", field, kind)
		}
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		m[field] = append(m[field], v)
		b = b[n:]
	}
	return m, nil
}

// text and number are the only value of a field; sub is a message in it.
func (m message) text(field protowire.Number) string {
	if len(m[field]) == 0 {
		return ""
	}
	return string(m[field][0].b)
}

func (m message) number(field protowire.Number) int {
	if len(m[field]) == 0 {
		return 0
	}
	return int(m[field][0].n)
}

func (m message) numbers(field protowire.Number) (l []int) {
	for _, v := range m[field] {
		l = append(l, int(v.n))
	}
	return l
}

func (m message) texts(field protowire.Number) (l []string) {
	for _, v := range m[field] {
		l = append(l, string(v.b))
	}
	return l
}

// each parses the messages of a field.
func (m message) each(field protowire.Number, do func(message) error) error {
	for _, v := range m[field] {
		sub, err := parse(v.b)
		if err == nil {
			err = do(sub)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Read takes a file apart. The numbers of fields are those of onnx.proto3.
func Read(file []byte) (*Model, error) {
	top, err := parse(file)
	if err != nil {
		return nil, err
	}
	m := &Model{Meta: map[string]string{}, tensors: map[string]Tensor{}}
	err = top.each(14, func(p message) error { m.Meta[p.text(1)] = p.text(2); return nil })
	if err == nil {
		err = top.each(8, func(o message) error { m.Opset = o.number(2); return nil })
	}
	if err == nil {
		err = top.each(7, m.graph)
	}
	return m, err
}

func (m *Model) graph(g message) error {
	if err := g.each(1, m.node); err != nil {
		return err
	}
	if err := g.each(5, m.tensor); err != nil {
		return err
	}
	for field, to := range map[protowire.Number]*[]Port{11: &m.Inputs, 12: &m.Outputs} {
		if err := g.each(field, func(p message) error { return port(p, to) }); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) node(n message) error {
	out := node{op: n.text(4), in: n.texts(1), out: n.texts(2), ints: map[string][]int{}, floats: map[string]float64{}}
	m.nodes = append(m.nodes, out)
	return n.each(5, func(a message) error {
		switch name := a.text(1); a.number(20) {
		case 1:
			out.floats[name] = float64(math.Float32frombits(uint32(a.number(2))))
		case 2:
			out.ints[name] = a.numbers(3)
		case 7:
			out.ints[name] = a.numbers(8)
		default:
			return fmt.Errorf("attribute %s of %s has type %d", name, out.op, a.number(20))
		}
		return nil
	})
}

func (m *Model) tensor(t message) error {
	name, raw := t.text(8), t[9]
	out := Tensor{Dims: t.numbers(1)}
	if len(raw) != 1 {
		return fmt.Errorf("tensor %s has no raw data", name)
	}
	b := raw[0].b
	switch t.number(2) {
	case 1:
		for ; len(b) >= 4; b = b[4:] {
			out.Data = append(out.Data, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		}
	case 7:
		for ; len(b) >= 8; b = b[8:] {
			out.Data = append(out.Data, float64(int64(binary.LittleEndian.Uint64(b))))
		}
	default:
		return fmt.Errorf("tensor %s has type %d", name, t.number(2))
	}
	if len(b) != 0 || len(out.Data) != size(out.Dims) {
		return fmt.Errorf("tensor %s is of %v, and there are %d numbers", name, out.Dims, len(out.Data))
	}
	if _, ok := m.tensors[name]; ok {
		return fmt.Errorf("two tensors are called %s", name)
	}
	m.tensors[name] = out
	return nil
}

func port(p message, to *[]Port) error {
	out := Port{Name: p.text(1)}
	err := p.each(2, func(t message) error {
		return t.each(1, func(t message) error {
			out.Ints = t.number(1) == 7
			return t.each(2, func(shape message) error {
				return shape.each(1, func(d message) error {
					name := d.text(2)
					if name == "" {
						name = fmt.Sprint(d.number(1))
					}
					out.Dims = append(out.Dims, name)
					return nil
				})
			})
		})
	})
	*to = append(*to, out)
	return err
}
