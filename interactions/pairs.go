package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// pairs is how many pairs of f fields there are.
func pairs(f int) int { return f * (f - 1) / 2 }

// upper returns for each pair (i, j), i < j, in the order (0,1), (0,2), …, (1,2), … its place among those of dot, (1,0), (2,0),
// (2,1), …
func upper(f int) []int {
	at := make([]int, 0, pairs(f))
	for i := range f {
		for j := i + 1; j < f; j++ {
			at = append(at, j*(j-1)/2+i)
		}
	}
	return at
}

// pairsONNX is the fields x_i and x_j of all pairs (i, j), i < j, [N, P, D] each.
func pairsONNX(g *onnx.Graph, x onnx.Value, f int) (left, right onnx.Value) {
	var a, b []int
	for i := range f {
		for j := i + 1; j < f; j++ {
			a, b = append(a, i), append(b, j)
		}
	}
	return g.Gather(x, 1, g.Ints(a...)), g.Gather(x, 1, g.Ints(b...))
}

// upperONNX is where the products of pairs (i, j), i < j, stand among those of all.
func upperONNX(f int) (at []int) {
	for i := range f {
		for j := i + 1; j < f; j++ {
			at = append(at, i*f+j)
		}
	}
	return at
}

// dotsONNX is products of fields: at counts those of all with all, [N, F·F].
func dotsONNX(g *onnx.Graph, x onnx.Value, f int, at []int) onnx.Value {
	all := g.Reshape(g.MatMul(x, g.Transpose(x, 0, 2, 1)), 0, f*f)
	return g.Gather(all, 1, g.Ints(at...))
}

// kernels are a matrix [D, D] for every pair of fields, or for every left field, or for all, by which the left field is
// multiplied: e_iᵀ W. A pair at a time, for all examples of a shard; what is made for a left field or a pair is used before
// the next, and never kept.
type kernels struct {
	f, d    int
	of      string    // interaction, each or all
	weight  *nn.Param // [pairs, D, D], [F−1, D, D] or [D, D]
	t, dt   nn.Mat    // [N, D], e_iᵀ W and its gradient
	scratch []float32
}

// kernelsOf is what a matrix can be of: a pair, a left field, or all.
var kernelsOf = []string{"interaction", "each", "all"}

func newKernels(b *nn.Builder, name string, f, d int, of string) *kernels {
	one := *b
	one.Rows = 1
	k := &kernels{f: f, d: d, of: of, t: b.Mat(d)}
	switch of {
	case "interaction":
		k.weight = b.Weight(name, pairs(f), d, d)
	case "each":
		k.weight = b.Weight(name, f-1, d, d)
	case "all":
		k.weight = b.Weight(name, d, d)
	default:
		panic("interactions: unknown kind of kernels")
	}
	need := vec.MulScratch(b.Rows, d, d)
	if b.Train {
		k.dt = b.Mat(d)
		need = max(need, vec.MulScratch(d, d, b.Rows))
	}
	k.scratch = one.Mat(need).Data
	return k
}

// each calls do for every pair p = (i, j), i < j.
func (k *kernels) each(do func(p, i, j int)) {
	p := 0
	for i := range k.f {
		for j := i + 1; j < k.f; j++ {
			do(p, i, j)
			p++
		}
	}
}

// first and last say whether pair (i, j) is the first, or the last, for which a product counts.
func (k *kernels) first(i, j int) bool { return k.of == "interaction" || j == i+1 }
func (k *kernels) last(j int) bool     { return k.of == "interaction" || j == k.f-1 }

// part returns the matrix of pair p = (i, …) in the weight or its gradient.
func (k *kernels) part(v []float32, p, i int) []float32 {
	at := 0
	switch k.of {
	case "interaction":
		at = p
	case "each":
		at = i
	}
	return v[at*k.d*k.d:][:k.d*k.d]
}

// product returns e_iᵀ W of all examples, until the next call.
func (k *kernels) product(x nn.Block, p, i, j int) nn.Mat {
	t, e := k.t.Rows(x.N), x.Field(i)
	if k.first(i, j) {
		vec.Mul(t.Data, t.Stride, e.Data, e.Stride, 1, k.part(k.weight.Value, p, i), k.d, 1, x.N, k.d, k.d, false, k.scratch)
	}
	return t
}

// gradient returns where the gradient of pair (i, j)'s product is added.
func (k *kernels) gradient(n, i, j int) nn.Mat {
	dt := k.dt.Rows(n)
	if k.first(i, j) {
		clear(dt.Data)
	}
	return dt
}

// back takes that on to dx_i and the weight, once it is whole.
func (k *kernels) back(dx, x nn.Block, p, i, j int) {
	if !k.last(j) {
		return
	}
	e, de, dt := x.Field(i), dx.Field(i), k.dt.Rows(x.N)
	vec.Mul(k.part(k.weight.Grad, p, i), k.d, e.Data, 1, e.Stride, dt.Data, dt.Stride, 1, k.d, k.d, x.N, true, k.scratch)
	vec.Mul(de.Data, de.Stride, dt.Data, dt.Stride, 1, k.part(k.weight.Value, p, i), 1, k.d, x.N, k.d, k.d, true, k.scratch)
}

// productsONNX is (e_iᵀ W) ⊙ e_j of all pairs, [N, P, D].
func (k *kernels) productsONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	left, right := pairsONNX(g, x, k.f)
	w, n := k.weight.ONNX(g), pairs(k.f)
	if k.of == "each" {
		var at []int
		k.each(func(_, i, _ int) { at = append(at, i) })
		w = g.Gather(w, 0, g.Ints(at...))
	}
	return g.Mul(g.Reshape(g.MatMul(g.Reshape(left, 0, n, 1, k.d), w), 0, n, k.d), right)
}

func (k *kernels) cost() nn.Cost {
	out, in := k.weight.Dims()
	products := pairs(k.f)
	if k.of != "interaction" {
		products = k.f - 1
	}
	return nn.Cost{Params: int64(out * in), FLOPs: float64(2 * products * k.d * k.d), Bytes: float64(4 * k.f * k.d)}
}
