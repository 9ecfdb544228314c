package onnxtest

import (
	"fmt"
	"math"
	"slices"
)

// Run computes the outputs by name.
func (m *Model) Run(inputs map[string]Tensor) (out map[string]Tensor, err error) {
	at := ""
	defer func() {
		if r := recover(); r != nil { // shapes that do not go together
			err = fmt.Errorf("%s: %v", at, r)
		}
	}()
	have := map[string]Tensor{}
	for name, t := range m.tensors {
		have[name] = t
	}
	for _, p := range m.Inputs {
		t, ok := inputs[p.Name]
		if !ok || len(t.Dims) != len(p.Dims) {
			return nil, fmt.Errorf("input %s wants %v, and is %v", p.Name, p.Dims, t.Dims)
		}
		have[p.Name] = t
	}
	for _, n := range m.nodes {
		at = n.op + " " + n.out[0]
		var in []Tensor
		for _, name := range n.in {
			t, ok := have[name]
			if !ok {
				return nil, fmt.Errorf("%s: %s is not there yet", at, name)
			}
			in = append(in, t)
		}
		do, ok := operators[n.op]
		if !ok {
			return nil, fmt.Errorf("%s: no such operator here", at)
		}
		if _, ok := have[n.out[0]]; ok {
			return nil, fmt.Errorf("%s: the name is taken", at)
		}
		have[n.out[0]] = do(n, in)
	}
	out = map[string]Tensor{}
	for _, p := range m.Outputs {
		out[p.Name] = have[p.Name]
	}
	return out, nil
}

// Operators are the names of the operators in the file, each once.
func (m *Model) Operators() (names []string) {
	for _, n := range m.nodes {
		names = append(names, n.op)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

func zeros(dims ...int) Tensor { return Tensor{dims, make([]float64, size(dims))} }

type operator func(n node, in []Tensor) Tensor

// operators are those of opset 17, as onnx.ai describes them.
var operators = map[string]operator{
	"Add":      elementwise(func(a, b float64) float64 { return a + b }),
	"Sub":      elementwise(func(a, b float64) float64 { return a - b }),
	"Mul":      elementwise(func(a, b float64) float64 { return a * b }),
	"Div":      elementwise(func(a, b float64) float64 { return a / b }),
	"Max":      elementwise(math.Max),
	"Min":      elementwise(math.Min),
	"Mod":      elementwise(func(a, b float64) float64 { return a - b*math.Floor(a/b) }),
	"Less":     elementwise(func(a, b float64) float64 { return truth(a < b) }),
	"Equal":    elementwise(func(a, b float64) float64 { return truth(a == b) }),
	"Abs":      unary(math.Abs),
	"Relu":     unary(func(x float64) float64 { return math.Max(x, 0) }),
	"Sigmoid":  unary(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
	"Tanh":     unary(math.Tanh),
	"Erf":      unary(math.Erf),
	"Exp":      unary(math.Exp),
	"Log":      unary(math.Log),
	"Sqrt":     unary(math.Sqrt),
	"Sin":      unary(math.Sin),
	"Cos":      unary(math.Cos),
	"Atan":     unary(math.Atan),
	"Sign":     unary(func(x float64) float64 { return truth(x > 0) - truth(x < 0) }),
	"Cast":     unary(func(x float64) float64 { return x }),
	"Identity": unary(func(x float64) float64 { return x }),
	"PRelu":    elementwise(func(x, a float64) float64 { return math.Max(x, 0) + a*math.Min(x, 0) }),
	"Where":    where, "Gather": gather, "Concat": concat, "Slice": slice, "Reshape": reshape, "Transpose": transpose, "MatMul": matMul,
	"ReduceSum": reduceSum, "Softmax": softmax, "LayerNormalization": layerNorm, "BatchNormalization": batchNorm,
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unary(f func(float64) float64) operator {
	return func(_ node, in []Tensor) Tensor {
		out := zeros(in[0].Dims...)
		for i, v := range in[0].Data {
			out.Data[i] = f(v)
		}
		return out
	}
}

func elementwise(f func(a, b float64) float64) operator {
	return func(_ node, in []Tensor) Tensor {
		dims := broadcast(in[0].Dims, in[1].Dims)
		a, b, out := spread(in[0], dims), spread(in[1], dims), zeros(dims...)
		for i := range out.Data {
			out.Data[i] = f(a.Data[i], b.Data[i])
		}
		return out
	}
}

func where(_ node, in []Tensor) Tensor {
	dims := broadcast(in[0].Dims, broadcast(in[1].Dims, in[2].Dims))
	c, a, b := spread(in[0], dims), spread(in[1], dims), spread(in[2], dims)
	out := zeros(dims...)
	for i := range out.Data {
		if out.Data[i] = b.Data[i]; c.Data[i] != 0 {
			out.Data[i] = a.Data[i]
		}
	}
	return out
}

// broadcast is the shape of two that go together.
func broadcast(a, b []int) []int {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	for i, d := range b {
		at := len(a) - len(b) + i
		if out[at] != d && out[at] != 1 && d != 1 {
			panic(fmt.Sprintf("%v and %v do not go together", a, b))
		}
		if out[at] == 1 {
			out[at] = d
		}
	}
	return out
}

// spread repeats t to a shape.
func spread(t Tensor, dims []int) Tensor {
	if slices.Equal(t.Dims, dims) {
		return t
	}
	out, strides := zeros(dims...), stridesOf(t.Dims)
	for i := range out.Data {
		from, rest := 0, i
		for axis := len(dims) - 1; axis >= 0; axis-- {
			at := rest % dims[axis]
			rest /= dims[axis]
			if own := axis - len(dims) + len(t.Dims); own >= 0 && t.Dims[own] > 1 {
				from += at * strides[own]
			}
		}
		out.Data[i] = t.Data[from]
	}
	return out
}

func stridesOf(dims []int) []int {
	s, n := make([]int, len(dims)), 1
	for i := len(dims) - 1; i >= 0; i-- {
		s[i] = n
		n *= dims[i]
	}
	return s
}

// axis returns an attribute that may count from the end.
func (n node) axis(rank int) int { return fromEnd(n.ints["axis"][0], rank) }

func fromEnd(i, n int) int {
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		panic(fmt.Sprintf("%d is outside of %d", i, n))
	}
	return i
}

// around cuts a shape at an axis: how often it comes, and how many numbers a place of it has.
func around(dims []int, axis int) (outer, inner int) { return size(dims[:axis]), size(dims[axis+1:]) }

func gather(n node, in []Tensor) Tensor {
	x, at := in[0], in[1]
	axis := n.axis(len(x.Dims))
	outer, inner := around(x.Dims, axis)
	out := zeros(slices.Concat(x.Dims[:axis], at.Dims, x.Dims[axis+1:])...)
	to := 0
	for o := range outer {
		for _, i := range at.Data {
			from := (o*x.Dims[axis] + fromEnd(int(i), x.Dims[axis])) * inner
			to += copy(out.Data[to:], x.Data[from:from+inner])
		}
	}
	return out
}

func concat(n node, in []Tensor) Tensor {
	axis := n.axis(len(in[0].Dims))
	dims := slices.Clone(in[0].Dims)
	for _, t := range in[1:] {
		dims[axis] += t.Dims[axis]
	}
	out := zeros(dims...)
	to := 0
	for o := range size(dims[:axis]) {
		for _, t := range in {
			row := len(t.Data) / size(dims[:axis])
			to += copy(out.Data[to:], t.Data[o*row:(o+1)*row])
		}
	}
	if to != len(out.Data) {
		panic("what stands side by side differs in another axis")
	}
	return out
}

func slice(_ node, in []Tensor) Tensor {
	x, from, to := in[0], int(in[1].Data[0]), int(in[2].Data[0])
	axis := fromEnd(int(in[3].Data[0]), len(x.Dims))
	var at []float64
	for i := from; i < min(to, x.Dims[axis]); i++ {
		at = append(at, float64(i))
	}
	return gather(node{ints: map[string][]int{"axis": {axis}}}, []Tensor{x, {[]int{len(at)}, at}})
}

func reshape(_ node, in []Tensor) Tensor {
	dims, open, have := make([]int, len(in[1].Data)), -1, 1
	for i, d := range in[1].Data {
		if dims[i] = int(d); d == 0 {
			dims[i] = in[0].Dims[i]
		}
		if d == -1 {
			open = i
		} else {
			have *= dims[i]
		}
	}
	if open >= 0 {
		dims[open] = len(in[0].Data) / have
	}
	if size(dims) != len(in[0].Data) {
		panic(fmt.Sprintf("%v is not of the size of %v", in[0].Dims, dims))
	}
	return Tensor{dims, in[0].Data}
}

func transpose(n node, in []Tensor) Tensor {
	perm, from := n.ints["perm"], stridesOf(in[0].Dims)
	dims := make([]int, len(perm))
	for i, p := range perm {
		dims[i] = in[0].Dims[p]
	}
	out, to := zeros(dims...), stridesOf(dims)
	for i := range out.Data {
		at := 0
		for axis, p := range perm {
			at += i / to[axis] % dims[axis] * from[p]
		}
		out.Data[i] = in[0].Data[at]
	}
	return out
}

func matMul(_ node, in []Tensor) Tensor {
	a, b := in[0], in[1]
	ra, rb := len(a.Dims)-2, len(b.Dims)-2
	m, k, c := a.Dims[ra], a.Dims[ra+1], b.Dims[rb+1]
	if b.Dims[rb] != k {
		panic(fmt.Sprintf("%v times %v", a.Dims, b.Dims))
	}
	dims := broadcast(a.Dims[:ra], b.Dims[:rb])
	a, b = spread(a, append(slices.Clone(dims), m, k)), spread(b, append(slices.Clone(dims), k, c))
	out := zeros(append(slices.Clone(dims), m, c)...)
	for o := range size(dims) {
		for i := range m {
			for j := range c {
				sum := 0.0
				for l := range k {
					sum += a.Data[(o*m+i)*k+l] * b.Data[(o*k+l)*c+j]
				}
				out.Data[(o*m+i)*c+j] = sum
			}
		}
	}
	return out
}

func reduceSum(n node, in []Tensor) Tensor {
	x := in[0]
	kept := slices.Clone(x.Dims)
	for _, a := range in[1].Data {
		kept[fromEnd(int(a), len(kept))] = 1
	}
	out, from, to := zeros(kept...), stridesOf(x.Dims), stridesOf(kept)
	for i, v := range x.Data {
		at := 0
		for axis, d := range kept {
			if d > 1 {
				at += i / from[axis] % x.Dims[axis] * to[axis]
			}
		}
		out.Data[at] += v
	}
	if n.ints["keepdims"][0] == 0 {
		out.Dims = nil
		for axis, d := range kept {
			if !slices.ContainsFunc(in[1].Data, func(a float64) bool { return fromEnd(int(a), len(kept)) == axis }) {
				out.Dims = append(out.Dims, d)
			}
		}
	}
	return out
}

// rows calls do with each row of the last axis of a copy.
func rows(x Tensor, do func(row []float64)) Tensor {
	out := Tensor{x.Dims, slices.Clone(x.Data)}
	c := x.Dims[len(x.Dims)-1]
	for at := 0; at < len(out.Data); at += c {
		do(out.Data[at : at+c])
	}
	return out
}

func softmax(n node, in []Tensor) Tensor {
	if n.axis(len(in[0].Dims)) != len(in[0].Dims)-1 {
		panic("along another axis than the last")
	}
	return rows(in[0], func(row []float64) {
		most, sum := slices.Max(row), 0.0
		for i, v := range row {
			row[i] = math.Exp(v - most)
			sum += row[i]
		}
		for i := range row {
			row[i] /= sum
		}
	})
}

func layerNorm(n node, in []Tensor) Tensor {
	if n.axis(len(in[0].Dims)) != len(in[0].Dims)-1 || size(in[1].Dims) != in[0].Dims[len(in[0].Dims)-1] {
		panic("along other axes than the last")
	}
	return rows(in[0], func(row []float64) {
		mean, square := 0.0, 0.0
		for _, v := range row {
			mean += v / float64(len(row))
		}
		for _, v := range row {
			square += (v - mean) * (v - mean) / float64(len(row))
		}
		for i, v := range row {
			row[i] = (v-mean)/math.Sqrt(square+n.floats["epsilon"])*in[1].Data[i] + in[2].Data[i]
		}
	})
}

// batchNorm takes [N, C].
func batchNorm(n node, in []Tensor) Tensor {
	return rows(in[0], func(row []float64) {
		for i, v := range row {
			row[i] = (v-in[3].Data[i])/math.Sqrt(in[4].Data[i]+n.floats["epsilon"])*in[1].Data[i] + in[2].Data[i]
		}
	})
}
