package interactions

import (
	"fmt"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// ffm is the field-aware factorization machine: Σ_{i<j} v_{i→j}·v_{j→i}. A field's D numbers are F vectors of D/F, the one
// toward field j at j·D/F.
//
// Juan et al., "Field-aware Factorization Machines for CTR Prediction", RecSys 2016, eq. 3.
type ffm struct{ f, d int } // d of a vector

func newFFM(_ *nn.Builder, f, d int, _ None) Interaction {
	return &ffm{f, d / f}
}

func fieldAware(f, d int) error {
	if d%f != 0 {
		return fmt.Errorf("its fields want a vector for each of %d fields, and %d numbers are no multiple of that", f, d)
	}
	return nil
}

func (i *ffm) Width() int { return 1 }

func (i *ffm) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	vec.FieldAware(y.Data, y.Stride, x.Data, x.N, i.f, i.d)
}

func (i *ffm) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	vec.FieldAwareGrad(dx.Data, dy.Data, dy.Stride, x.Data, x.N, i.f, i.d)
}

func (i *ffm) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	var toward, back []int
	for a := range i.f {
		for b := a + 1; b < i.f; b++ {
			toward, back = append(toward, a*i.f+b), append(back, b*i.f+a)
		}
	}
	v := g.Reshape(x, 0, i.f*i.f, i.d)
	return g.Total(g.Sum(g.Mul(g.Gather(v, 1, g.Ints(toward...)), g.Gather(v, 1, g.Ints(back...))), 2))
}

func (i *ffm) Cost() nn.Cost {
	return nn.Cost{FLOPs: float64(2 * pairs(i.f) * i.d), Bytes: float64(4 * (i.f*i.f*i.d + 1))}
}
