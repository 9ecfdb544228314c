package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// fmfm is the field-matrixed factorization machine: Σ_{i<j} x_iᵀ M_ij x_j.
//
// Sun et al., "FM²: Field-matrixed Factorization Machines for Recommender Systems", WWW 2021, eq. 8.
type fmfm struct {
	kernels
	sum nn.Mat // [N, D], Σ_{i<j} (x_iᵀ M_ij) ⊙ x_j
}

func newFMFM(b *nn.Builder, f, d int, _ None) Interaction {
	return &fmfm{newKernels(b, "weight", f, d), b.Mat(d)}
}

func (i *fmfm) Width() int { return 1 }

func (i *fmfm) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	sum := i.sum.Rows(x.N)
	sum.Zero()
	i.each(func(p, a, b int) {
		t, e := i.product(x, p, a), x.Field(b)
		vec.MulAddRows(sum.Data, sum.Stride, t.Data, t.Stride, e.Data, e.Stride, x.N, i.d)
	})
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
		t, dt, e, de := i.product(x, p, a), i.dt.Rows(x.N), x.Field(b), dx.Field(b)
		vec.AxpyRows(de.Data, de.Stride, dy.Data, dy.Stride, t.Data, t.Stride, x.N, i.d)
		vec.OuterRows(dt.Data, dy.Data, dy.Stride, e.Data, e.Stride, x.N, 1, i.d)
		i.back(dx, x, p, a, dt)
	})
}

func (i *fmfm) Cost() nn.Cost {
	return i.cost().Add(nn.Cost{FLOPs: float64(2*pairs(i.f)*i.d + i.d), Bytes: 4})
}
