package interactions

import (
	"fmt"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// FwFMOptions are the options of fwfm.
type FwFMOptions struct {
	// Vectors says that the second half of each field's numbers is a vector w_i of its own, of the first-order term Σ_i x_i·w_i.
	Vectors bool `json:"vectors"`
}

// Fits wants halves.
func (o FwFMOptions) Fits(_, d int) error {
	if o.Vectors && d%2 != 0 {
		return fmt.Errorf("a field's vector has %d numbers, want an even number: half of them are its first-order term's", d)
	}
	return nil
}

// fwfm is the field-weighted factorization machine: Σ_{i<j} r_ij x_i·x_j; with vectors (§3.3, FeLV) Σ_i x_i·w_i beside it.
//
// Pan et al., "Field-weighted Factorization Machines for Click-Through Rate Prediction in Display Advertising", WWW 2018, eq. 7.
type fwfm struct {
	f, d    int // d of x_i
	vectors bool
	x, dx   nn.Block  // the first halves, where there are two
	r       *nn.Param // [pairs]
	order   []int
	dots    nn.Mat    // [N, pairs], as dot has them, kept for Backward
	ddots   nn.Mat    // their gradients
	ordered []float32 // r in dot's order; in Backward its gradient
	scratch []float32
}

func newFwFM(b *nn.Builder, f, d int, o FwFMOptions) Interaction {
	one, n := *b, pairs(f)
	one.Rows = 1
	if o.Vectors {
		d /= 2
	}
	i := &fwfm{f: f, d: d, vectors: o.Vectors, r: b.Weight("r", n), order: upper(f), dots: b.Mat(n), ordered: one.Mat(n).Data}
	need := vec.MulScratch(b.Rows, 1, n)
	if b.Train {
		i.ddots = b.Mat(n)
		need = max(need, vec.MulScratch(n, 1, b.Rows), vec.MulScratch(b.Rows, n, 1))
	}
	i.scratch = one.Mat(need).Data
	if o.Vectors {
		i.x = b.Block(f, d)
		if b.Train {
			i.dx = b.Block(f, d)
		}
	}
	return i
}

func (i *fwfm) Width() int { return 1 }

// weights returns r in dot's order.
func (i *fwfm) weights() []float32 {
	for p, at := range i.order {
		i.ordered[at] = i.r.Value[p]
	}
	return i.ordered
}

func (i *fwfm) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	if !i.vectors {
		i.forward(y, x)
		return
	}
	v := i.x.Rows(0, x.N)
	for t := range x.N * i.f {
		copy(v.Data[t*i.d:][:i.d], x.Data[2*t*i.d:])
	}
	i.forward(y, v)
	for t := range x.N * i.f {
		first, second := i.halves(x, t)
		y.Row(t / i.f)[0] += vec.Dot(first, second)
	}
}

// halves returns x_i and w_i, the t-th ones of the shard.
func (i *fwfm) halves(x nn.Block, t int) (first, second []float32) {
	both := x.Data[2*t*i.d:][:2*i.d]
	return both[:i.d], both[i.d:]
}

func (i *fwfm) forward(y nn.Mat, x nn.Block) {
	n, dots := len(i.order), i.dots.Rows(x.N)
	vec.DotPairs(dots.Data, dots.Stride, x.Data, x.N, i.f, i.d, false)
	vec.Mul(y.Data, y.Stride, dots.Data, dots.Stride, 1, i.weights(), 1, 1, x.N, 1, n, false, i.scratch)
}

func (i *fwfm) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	if !i.vectors {
		i.backward(dx, dy, x)
		return
	}
	dv := i.dx.Rows(0, x.N)
	clear(dv.Data)
	i.backward(dv, dy, i.x.Rows(0, x.N))
	for t := range x.N * i.f {
		g := dy.Row(t / i.f)[0]
		first, second := i.halves(x, t)
		dfirst, dsecond := i.halves(dx, t)
		vec.Add(dfirst, dv.Data[t*i.d:][:i.d])
		vec.Axpy(dfirst, g, second)
		vec.Axpy(dsecond, g, first)
	}
}

func (i *fwfm) backward(dx nn.Block, dy nn.Mat, x nn.Block) {
	n, dots, ddots := len(i.order), i.dots.Rows(x.N), i.ddots.Rows(x.N)
	vec.Mul(ddots.Data, ddots.Stride, dy.Data, dy.Stride, 1, i.weights(), n, 1, x.N, n, 1, false, i.scratch)
	vec.DotPairsGrad(dx.Data, ddots.Data, ddots.Stride, x.Data, x.N, i.f, i.d, false)
	dr := i.ordered
	vec.Mul(dr, 1, dots.Data, 1, dots.Stride, dy.Data, dy.Stride, 1, n, 1, x.N, false, i.scratch)
	for p, at := range i.order {
		i.r.Grad[p] += dr[at]
	}
}

func (i *fwfm) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	second := x
	if i.vectors {
		x, second = g.Slice(x, 2, 0, i.d), g.Slice(x, 2, i.d, 2*i.d)
	}
	y := g.MatMul(dotsONNX(g, x, i.f, upperONNX(i.f)), g.Reshape(i.r.ONNX(g), len(i.order), 1))
	if i.vectors {
		y = g.Add(y, g.Total(g.Sum(g.Mul(x, second), 2)))
	}
	return y
}

func (i *fwfm) Cost() nn.Cost {
	n, width := len(i.order), i.f*i.d
	c := nn.Cost{Params: int64(n), FLOPs: float64(n * (2*i.d + 2)), Bytes: float64(4 * (width + n + 1))}
	if i.vectors {
		c.FLOPs += float64(2 * width)
		c.Bytes += float64(8 * width)
	}
	return c
}
