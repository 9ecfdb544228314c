package onnx

import (
	"bufio"
	"encoding/binary"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers of fields and types in onnx.proto3 of ONNX 1.12.
const (
	modelIR, modelProducer, modelGraph, modelOpset, modelMeta         = 1, 2, 7, 8, 14
	opsetVersion                                                      = 2
	metaKey, metaValue                                                = 1, 2
	graphNode, graphName, graphTensor, graphInput, graphOutput        = 1, 2, 5, 11, 12
	nodeInput, nodeOutput, nodeOp, nodeAttr                           = 1, 2, 4, 5
	attrName, attrFloat, attrInt, attrInts, attrType                  = 1, 2, 3, 8, 20
	tensorDims, tensorType, tensorName, tensorRaw                     = 1, 2, 8, 9
	portName, portType, typeTensor, tensorElem, tensorShape, shapeDim = 1, 2, 1, 1, 2, 1
	dimValue, dimName                                                 = 1, 2
	isFloat, isInt, isInts                                            = 1, 2, 7 // of attributes
	float, int64s                                                     = 1, 7    // of tensors
)

// Most is the largest graph, with room for the rest of a file: protocol buffers count bytes in 31 bits.
const Most = 1<<31 - 1<<20

// Write writes the model.
func (g *Graph) Write(w io.Writer) error {
	if err := g.Err(); err != nil {
		return err
	}
	head := g.head()
	file := appendInt(nil, modelIR, IR)
	file = appendText(file, modelProducer, "ctrlab")
	file = appendMessage(file, modelOpset, appendInt(nil, opsetVersion, Opset))
	file = append(file, g.meta()...)
	file = protowire.AppendTag(file, modelGraph, protowire.BytesType)
	file = protowire.AppendVarint(file, uint64(g.body(len(head))))
	b := bufio.NewWriter(w)
	b.Write(append(file, head...)) // Flush tells what went wrong
	for _, t := range g.tensors {
		t.write(b)
	}
	return b.Flush()
}

// body is the length of the graph, of which head is that of all but the tensors.
func (g *Graph) body(head int) int {
	for _, t := range g.tensors {
		head += protowire.SizeTag(graphTensor) + protowire.SizeBytes(len(t.head())+t.bytes())
	}
	return head
}

// head is the graph without its tensors.
func (g *Graph) head() []byte {
	b := appendText(nil, graphName, "ctrlab")
	for _, n := range g.nodes {
		b = appendMessage(b, graphNode, n.encode())
	}
	for _, p := range g.inputs {
		b = appendMessage(b, graphInput, p.encode())
	}
	for _, p := range g.outputs {
		b = appendMessage(b, graphOutput, p.encode())
	}
	return b
}

func (g *Graph) meta() (b []byte) {
	for _, key := range slices.Sorted(maps.Keys(g.Meta)) {
		b = appendMessage(b, modelMeta, appendText(appendText(nil, metaKey, key), metaValue, g.Meta[key]))
	}
	return b
}

func (n node) encode() (b []byte) {
	for _, v := range n.in {
		b = appendText(b, nodeInput, v.name)
	}
	b = appendText(b, nodeOutput, n.out)
	b = appendText(b, nodeOp, n.op)
	for _, a := range n.attrs {
		b = appendMessage(b, nodeAttr, a.encode())
	}
	return b
}

func (a Attr) encode() []byte {
	b := appendText(nil, attrName, a.Name)
	switch v := a.Value.(type) {
	case int:
		return appendInt(appendInt(b, attrInt, v), attrType, isInt)
	case float32:
		b = protowire.AppendTag(b, attrFloat, protowire.Fixed32Type)
		return appendInt(protowire.AppendFixed32(b, math.Float32bits(v)), attrType, isFloat)
	case []int:
		for _, i := range v {
			b = appendInt(b, attrInts, i)
		}
		return appendInt(b, attrType, isInts)
	}
	panic("onnx: an attribute of unknown type")
}

func (p port) encode() []byte {
	elem := float
	if p.ints {
		elem = int64s
	}
	var shape []byte
	for _, d := range p.dims {
		dim := appendText(nil, dimName, d)
		if n, err := strconv.Atoi(d); err == nil {
			dim = appendInt(nil, dimValue, n)
		}
		shape = appendMessage(shape, shapeDim, dim)
	}
	t := appendMessage(appendInt(nil, tensorElem, elem), tensorShape, shape)
	return appendMessage(appendText(nil, portName, p.name), portType, appendMessage(nil, typeTensor, t))
}

// head is the tensor up to its numbers.
func (t tensor) head() (b []byte) {
	for _, d := range t.dims {
		b = appendInt(b, tensorDims, d)
	}
	kind := float
	if t.floats == nil {
		kind = int64s
	}
	b = appendText(appendInt(b, tensorType, kind), tensorName, t.name)
	b = protowire.AppendTag(b, tensorRaw, protowire.BytesType)
	return protowire.AppendVarint(b, uint64(t.bytes()))
}

func (t tensor) bytes() int { return 4*len(t.floats) + 8*len(t.ints) }

func (t tensor) write(w *bufio.Writer) {
	head := t.head()
	b := protowire.AppendTag(nil, graphTensor, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(len(head)+t.bytes()))
	w.Write(append(b, head...))
	for _, v := range t.floats {
		w.Write(binary.LittleEndian.AppendUint32(w.AvailableBuffer(), math.Float32bits(v)))
	}
	for _, v := range t.ints {
		w.Write(binary.LittleEndian.AppendUint64(w.AvailableBuffer(), uint64(v)))
	}
}

func appendInt(b []byte, field protowire.Number, v int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

func appendText(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func appendMessage(b []byte, field protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
}
