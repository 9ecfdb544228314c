package onnx_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"ctrlab/nn/onnx"
	"ctrlab/nn/onnx/onnxtest"
)

func written(t *testing.T, g *onnx.Graph) *onnxtest.Model {
	t.Helper()
	var b bytes.Buffer
	if err := g.Write(&b); err != nil {
		t.Fatal(err)
	}
	m, err := onnxtest.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// y = x·W + b by hand: (1, 2)·((1, 2), (3, 4)) + (10, 20) = (17, 30), and the sums of rows 0 and 1 of it.
func TestGraph(t *testing.T) {
	g := onnx.New()
	g.Meta["trial"] = "t1"
	x, ids := g.Input("x", "N", "2"), g.IDs("W", "N")
	w, b := g.Tensor("W", []int{2, 2}, []float32{1, 2, 3, 4}), g.Tensor("b", []int{2}, []float32{10, 20})
	if g.Tensor("W", []int{2, 2}, nil) != w {
		t.Error("a tensor asked for again is another one")
	}
	y := g.Add(g.MatMul(x, w), b)
	g.Output("y", g.Gather(y, 1, ids), "N", "N")
	g.Output("sum", g.Sum(y, 1), "N")
	m := written(t, g)
	if m.Opset != 17 || m.Meta["trial"] != "t1" {
		t.Errorf("opset %d, meta %v", m.Opset, m.Meta)
	}
	in := []onnxtest.Port{{Name: "x", Dims: []string{"N", "2"}}, {Name: "W", Ints: true, Dims: []string{"N"}}}
	out := []onnxtest.Port{{Name: "y", Dims: []string{"N", "N"}}, {Name: "sum", Dims: []string{"N"}}}
	if !reflect.DeepEqual(m.Inputs, in) || !reflect.DeepEqual(m.Outputs, out) {
		t.Errorf("inputs %v, outputs %v", m.Inputs, m.Outputs)
	}
	got, err := m.Run(map[string]onnxtest.Tensor{"x": {Dims: []int{1, 2}, Data: []float64{1, 2}}, "W": {Dims: []int{1}, Data: []float64{1}}})
	if err != nil || got["y"].Data[0] != 30 || got["sum"].Data[0] != 47 {
		t.Errorf("got %v (%v), want 30 and 47", got, err)
	}
}

// A field that has the name of an output cannot be.
func TestOutputTaken(t *testing.T) {
	g := onnx.New()
	g.Output("logit", g.Input("logit", "N"), "N")
	if err := g.Write(io.Discard); err == nil || err.Error() != "an input is called logit, and so is an output" {
		t.Errorf("got %v", err)
	}
}

func TestFail(t *testing.T) {
	g, first := onnx.New(), errors.New("first")
	g.Fail(first)
	g.Fail(errors.New("second"))
	if err := g.Write(io.Discard); !errors.Is(err, first) {
		t.Errorf("got %v", err)
	}
}

// Protocol buffers end at 2 GiB; the numbers here are never touched.
func TestTooLarge(t *testing.T) {
	g := onnx.New()
	const n = 1 << 29
	g.Tensor("embedding.user", []int{n}, make([]float32, n))
	err := g.Write(io.Discard)
	if err == nil || !strings.Contains(err.Error(), "the model is of 2.0 GiB, and an ONNX file holds 2 at most") {
		t.Errorf("got %v", err)
	}
}

// Files that are none are errors, and those whose shapes do not go together.
func TestReadRefuses(t *testing.T) {
	g := onnx.New()
	x := g.Input("x", "N", "2")
	g.Output("y", g.MatMul(x, g.Tensor("W", []int{3, 1}, []float32{1, 2, 3})), "N", "1")
	if _, err := written(t, g).Run(map[string]onnxtest.Tensor{"x": {Dims: []int{1, 2}, Data: []float64{1, 2}}}); err == nil {
		t.Error("[1, 2] times [3, 1] has a product")
	}
	if _, err := onnxtest.Read([]byte("no model")); err == nil {
		t.Error("text is a model")
	}
}
