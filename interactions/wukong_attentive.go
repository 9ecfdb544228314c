package interactions

import (
	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// attentive is X Xᵀ Y of the f fields' vectors X [f, D] with a projection Y [f, rank] that each example makes itself: a perceptron
// on rank weighted sums of the vectors. X (Xᵀ Y) is cheaper than (X Xᵀ) Y where rank is less than f.
//
// Zhang et al., "Wukong", ICML 2024, §3.4: "we make the projection matrix attentive to the input by processing linearly compressed
// input through an MLP". The number of sums is not given there.
type attentive struct {
	f, d, rank int
	compress   *nn.Stack // [rank, f]
	w, dw      nn.Mat    // [N·D, rank], sums number by number
	c, dc      nn.Mat    // [N, rank·D]
	mlp        *perceptron
	y, dy      nn.Mat // [N, f·rank], Y
	t, dt      nn.Mat // [N, D·rank], Xᵀ Y
	scratch    []float32
}

func newAttentive(b *nn.Builder, f, d, rank int, hidden []int, h nn.Hidden) *attentive {
	a, wide, one := &attentive{f: f, d: d, rank: rank}, *b, *b
	wide.Rows, one.Rows = b.Rows*d, 1
	compress := wide.In("compress")
	a.compress = nn.NewStack(compress, compress.Weight("weight", rank, f))
	a.mlp = newPerceptron(b, rank*d, hidden, f*rank, h)
	a.w, a.c, a.y, a.t = wide.Mat(rank), b.Mat(rank*d), b.Mat(f*rank), b.Mat(d*rank)
	need := max(vec.MulScratch(d, rank, f), vec.MulScratch(f, rank, d))
	if b.Train {
		a.dw, a.dc, a.dy, a.dt = wide.Mat(rank), b.Mat(rank*d), b.Mat(f*rank), b.Mat(d*rank)
		need = max(need, vec.MulScratch(f, d, rank))
	}
	a.scratch = one.Mat(need).Data
	return a
}

// forward overwrites v [N, f·rank]; xt is x number by number, [N·D, f].
func (a *attentive) forward(s *nn.Step, v nn.Mat, x nn.Block, xt nn.Mat) {
	f, d, r := a.f, a.d, a.rank
	w, c, y, t := a.w.Rows(xt.N), a.c.Rows(x.N), a.y.Rows(x.N), a.t.Rows(x.N)
	a.compress.Forward(w, xt, 0, 1)
	vec.Transpose(c.Data, w.Data, x.N, d, r)
	a.mlp.forward(s, y, c)
	for e := range x.N {
		in := x.Data[e*f*d:][:f*d]
		vec.Mul(t.Row(e), r, in, 1, d, y.Row(e), r, 1, d, r, f, false, a.scratch)
		vec.Mul(v.Row(e), r, in, d, 1, t.Row(e), r, 1, f, r, d, false, a.scratch)
	}
}

// ONNX is X (Xᵀ Y), [N, f, rank].
func (a *attentive) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	c := g.Reshape(sumsONNX(g, a.compress, x), 0, a.rank*a.d)
	y := g.Reshape(a.mlp.ONNX(g, c), 0, a.f, a.rank)
	return g.MatMul(x, g.MatMul(g.Transpose(x, 0, 2, 1), y))
}

// backward adds into dx and into dxt, which stand for the same.
func (a *attentive) backward(s *nn.Step, dx nn.Block, dxt, dv nn.Mat, x nn.Block, xt nn.Mat) {
	f, d, r := a.f, a.d, a.rank
	dw, dc, y, dy, t, dt := a.dw.Rows(xt.N), a.dc.Rows(x.N), a.y.Rows(x.N), a.dy.Rows(x.N), a.t.Rows(x.N), a.dt.Rows(x.N)
	for e := range x.N {
		in, din, g := x.Data[e*f*d:][:f*d], dx.Data[e*f*d:][:f*d], dv.Row(e)
		vec.Mul(dt.Row(e), r, in, 1, d, g, r, 1, d, r, f, false, a.scratch)
		vec.Mul(din, d, g, r, 1, t.Row(e), 1, r, f, d, r, true, a.scratch)
		vec.Mul(dy.Row(e), r, in, d, 1, dt.Row(e), r, 1, f, r, d, false, a.scratch)
		vec.Mul(din, d, y.Row(e), r, 1, dt.Row(e), 1, r, f, d, r, true, a.scratch)
	}
	a.mlp.backward(s, dc, dy, a.c.Rows(x.N), true)
	vec.Transpose(dw.Data, dc.Data, x.N, r, d)
	a.compress.Backward(dxt, dw, xt, false)
}

func (a *attentive) cost() nn.Cost {
	sums, d := a.compress.Cost(), float64(a.d)
	c := a.mlp.cost().Add(nn.Cost{Params: sums.Params, FLOPs: d * sums.FLOPs, Bytes: d * sums.Bytes})
	return c.Add(nn.Cost{FLOPs: float64(4 * a.f * a.d * a.rank), Bytes: float64(4 * a.rank * (2*a.f + 2*a.d))})
}
