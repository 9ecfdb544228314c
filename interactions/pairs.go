package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
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

// kernels are a matrix [D, D] for every pair of fields, by which the one field is multiplied: e_iᵀ W_ij. A pair at a time,
// for all examples of a shard; what is made for a pair is used before the next, and never kept.
type kernels struct {
	f, d    int
	weight  *nn.Param // [pairs, D, D]
	t, dt   nn.Mat    // [N, D], e_iᵀ W_ij and its gradient
	scratch []float32
}

func newKernels(b *nn.Builder, name string, f, d int) kernels {
	one := *b
	one.Rows = 1
	k := kernels{f: f, d: d, weight: b.Weight(name, pairs(f), d, d), t: b.Mat(d)}
	need := vec.MulScratch(b.Rows, d, d)
	if b.Train {
		k.dt = b.Mat(d)
		need = max(need, vec.MulScratch(d, d, b.Rows))
	}
	k.scratch = one.Mat(need).Data
	return k
}

// each calls do for every pair p = (i, j), i < j, with its matrix.
func (k *kernels) each(do func(p, i, j int)) {
	p := 0
	for i := range k.f {
		for j := i + 1; j < k.f; j++ {
			do(p, i, j)
			p++
		}
	}
}

// of returns pair p's part of the weight or its gradient.
func (k *kernels) of(v []float32, p int) []float32 { return v[p*k.d*k.d:][:k.d*k.d] }

// product returns e_iᵀ W_p of all examples, until the next call.
func (k *kernels) product(x nn.Block, p, i int) nn.Mat {
	t, e := k.t.Rows(x.N), x.Field(i)
	vec.Mul(t.Data, t.Stride, e.Data, e.Stride, 1, k.of(k.weight.Value, p), k.d, 1, x.N, k.d, k.d, false, k.scratch)
	return t
}

// back takes dt, the gradient of a product, on to dx_i and the weight.
func (k *kernels) back(dx, x nn.Block, p, i int, dt nn.Mat) {
	e, de := x.Field(i), dx.Field(i)
	vec.Mul(k.of(k.weight.Grad, p), k.d, e.Data, 1, e.Stride, dt.Data, dt.Stride, 1, k.d, k.d, x.N, true, k.scratch)
	vec.Mul(de.Data, de.Stride, dt.Data, dt.Stride, 1, k.of(k.weight.Value, p), 1, k.d, x.N, k.d, k.d, true, k.scratch)
}

func (k *kernels) cost() nn.Cost {
	n := pairs(k.f) * k.d * k.d
	return nn.Cost{Params: int64(n), FLOPs: float64(2 * n), Bytes: float64(4 * k.f * k.d)}
}
