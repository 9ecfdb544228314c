package interactions

import (
	"fmt"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// FMFMOptions are the options of fmfm.
type FMFMOptions struct {
	Kernel string `json:"kernel"` // matrix or diagonal
}

// Check wants a known kernel.
func (o FMFMOptions) Check() error {
	if o.Kernel != "matrix" && o.Kernel != "diagonal" {
		return fmt.Errorf("kernel is %q, want matrix or diagonal", o.Kernel)
	}
	return nil
}

func newFMFM(b *nn.Builder, f, d int, o FMFMOptions) Interaction {
	if o.Kernel == "diagonal" {
		return newFVFM(b, f, d)
	}
	return &fmfm{newKernels(b, "weight", f, d, "interaction"), b.Mat(d)}
}

// fmfm is the field-matrixed factorization machine: Σ_{i<j} x_iᵀ M_ij x_j.
//
// Sun et al., "FM²: Field-matrixed Factorization Machines for Recommender Systems", WWW 2021, eq. 8.
type fmfm struct {
	*kernels
	sum nn.Mat // [N, D], Σ_{i<j} (x_iᵀ M_ij) ⊙ x_j
}

func (i *fmfm) Width() int { return 1 }

func (i *fmfm) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	sum := i.sum.Rows(x.N)
	sum.Zero()
	i.each(func(p, a, b int) { mulAdd(sum, i.product(x, p, a, b), x.Field(b)) })
	for n := range x.N {
		total := float32(0)
		for _, v := range sum.Row(n) {
			total += v
		}
		y.Row(n)[0] = total
	}
}

func (i *fmfm) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	i.each(func(p, a, b int) {
		t, dt, e, de := i.product(x, p, a, b), i.gradient(x.N, a, b), x.Field(b), dx.Field(b)
		vec.AxpyRows(de.Data, de.Stride, dy.Data, dy.Stride, t.Data, t.Stride, x.N, i.d)
		vec.AxpyRows(dt.Data, dt.Stride, dy.Data, dy.Stride, e.Data, e.Stride, x.N, i.d)
		i.back(dx, x, p, a, b)
	})
}

func (i *fmfm) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	return g.Total(g.Sum(i.productsONNX(g, x), 2))
}

func (i *fmfm) Cost() nn.Cost {
	return i.cost().Add(nn.Cost{FLOPs: float64(2*pairs(i.f)*i.d + i.d), Bytes: 4})
}

// fvfm is fmfm with diagonal matrices: Σ_{i<j} w_ij·(x_i ⊙ x_j). A few examples at a time go through: the products of all
// their pairs stay in the cache.
type fvfm struct {
	f, d, tile int
	weight     *nn.Param // [pairs, D]
	z, dz      nn.Mat    // [tile, pairs·D], x_i ⊙ x_j
	scratch    []float32
}

const fvfmTile = 16

func newFVFM(b *nn.Builder, f, d int) *fvfm {
	i := &fvfm{f: f, d: d, tile: min(fvfmTile, b.Rows), weight: b.Weight("weight", pairs(f), d)}
	tile, one, c := *b, *b, pairs(f)*d
	tile.Rows, one.Rows = i.tile, 1
	i.z = tile.Mat(c)
	need := vec.MulScratch(i.tile, 1, c)
	if b.Train {
		i.dz = tile.Mat(c)
		need = max(need, vec.MulScratch(i.tile, c, 1), vec.MulScratch(c, 1, i.tile))
	}
	i.scratch = one.Mat(need).Data
	return i
}

func (i *fvfm) Width() int { return 1 }

func (i *fvfm) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	for t := 0; t < x.N; t += i.tile {
		n, out := min(i.tile, x.N-t), y.Data[t*y.Stride:]
		z := i.products(x.Rows(t, t+n))
		vec.Mul(out, y.Stride, z.Data, z.Stride, 1, i.weight.Value, 1, 1, n, 1, z.C, false, i.scratch)
	}
}

func (i *fvfm) products(x nn.Block) nn.Mat {
	z := i.z.Rows(x.N)
	vec.HadamardPairs(z.Data, z.Stride, x.Data, x.N, i.f, i.d)
	return z
}

func (i *fvfm) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	for t := 0; t < x.N; t += i.tile {
		n, g := min(i.tile, x.N-t), dy.Data[t*dy.Stride:]
		in, z, dz := x.Rows(t, t+n), i.products(x.Rows(t, t+n)), i.dz.Rows(n)
		vec.Mul(i.weight.Grad, 1, z.Data, 1, z.Stride, g, dy.Stride, 1, z.C, 1, n, true, i.scratch)
		vec.Mul(dz.Data, dz.Stride, g, dy.Stride, 1, i.weight.Value, z.C, 1, n, z.C, 1, false, i.scratch)
		vec.HadamardPairsGrad(dx.Rows(t, t+n).Data, dz.Data, dz.Stride, in.Data, n, i.f, i.d)
	}
}

func (i *fvfm) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	left, right := pairsONNX(g, x, i.f)
	return g.Total(g.Sum(g.Mul(g.Mul(left, right), i.weight.ONNX(g)), 2))
}

func (i *fvfm) Cost() nn.Cost {
	n := pairs(i.f) * i.d
	return nn.Cost{Params: int64(n), FLOPs: float64(3 * n), Bytes: float64(4 * (i.f*i.d + n + 1))}
}
