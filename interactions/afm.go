package interactions

import (
	"fmt"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// AFMOptions are the options of afm.
type AFMOptions struct {
	AttentionDim int `json:"attention_dim" width:"operator"`
}

// Check wants a width.
func (o AFMOptions) Check() error {
	if o.AttentionDim < 1 {
		return fmt.Errorf("attention_dim is %d, want at least 1", o.AttentionDim)
	}
	return nil
}

// afm weighs the products of all pairs of fields by attention: p·Σ_{i<j} a_ij z_ij, z_ij = x_i ⊙ x_j, where a is the softmax
// over the pairs of h·relu(A z_ij + b).
//
// A pair of an example is a row; a few examples at a time go through, and Backward makes their rows again: kept for all,
// they would be P·(D + attention_dim) numbers an example.
//
// Xiao et al., "Attentional Factorization Machines", IJCAI 2017, eqs. 5 to 7.
type afm struct {
	f, d, t, pairs int
	tile           int // examples
	attention      *nn.Linear
	bias           *nn.Param
	h, p           *nn.Param
	z, dz          nn.Mat // [tile·P, D], products and their gradients
	u, du          nn.Mat // [tile·P, attention_dim], relu(A z + b) and the gradient behind it
	a, q           nn.Mat // [tile, P], attention and p·z_ij
	scratch        []float32
}

// afmTile is about how many rows go through at a time.
const afmTile = 2048

func newAFM(b *nn.Builder, f, d int, o AFMOptions) Interaction {
	i := &afm{f: f, d: d, t: o.AttentionDim, pairs: pairs(f)}
	i.tile = min(max(1, afmTile/i.pairs), b.Rows)
	rows, examples, one := *b, *b, *b
	rows.Rows, examples.Rows, one.Rows = i.tile*i.pairs, i.tile, 1
	in := rows.In("attention")
	i.bias = in.Bias("bias", i.t)
	i.attention = nn.LinearOf(in, in.Weight("weight", i.t, d), i.bias, true)
	i.h, i.p = in.Weight("h", i.t), b.Weight("p", d)
	i.z, i.u, i.a, i.q = rows.Mat(d), rows.Mat(i.t), examples.Mat(i.pairs), examples.Mat(i.pairs)
	n := rows.Rows
	need := max(vec.MulScratch(n, 1, i.t), vec.MulScratch(n, 1, d))
	if b.Train {
		i.dz, i.du = rows.Mat(d), rows.Mat(i.t)
		need = max(need, vec.MulScratch(i.t, 1, n), vec.MulScratch(d, 1, n), vec.MulScratch(n, i.t, 1), vec.MulScratch(n, d, 1))
	}
	i.scratch = one.Mat(need).Data
	return i
}

func (i *afm) Width() int { return 1 }

// attend makes z, u, a and q of a tile's examples.
func (i *afm) attend(x nn.Block) {
	n := x.N * i.pairs
	z, u, a, q := i.z.Rows(n), i.u.Rows(n), i.a.Rows(x.N), i.q.Rows(x.N)
	vec.HadamardPairs(z.Data, i.pairs*i.d, x.Data, x.N, i.f, i.d)
	i.attention.Forward(u, z)
	vec.Mul(a.Data, 1, u.Data, u.Stride, 1, i.h.Value, 1, 1, n, 1, i.t, false, i.scratch)
	vec.SoftmaxRows(a.Data, a.Stride, x.N, i.pairs)
	vec.Mul(q.Data, 1, z.Data, z.Stride, 1, i.p.Value, 1, 1, n, 1, i.d, false, i.scratch)
}

func (i *afm) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	for t := 0; t < x.N; t += i.tile {
		n := min(i.tile, x.N-t)
		i.attend(x.Rows(t, t+n))
		vec.DotRows(y.Data[t*y.Stride:], y.Stride, i.a.Data, i.a.Stride, i.q.Data, i.q.Stride, n, i.pairs)
	}
}

func (i *afm) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	for t := 0; t < x.N; t += i.tile {
		n := min(i.tile, x.N-t)
		i.attend(x.Rows(t, t+n))
		i.backward(dx.Rows(t, t+n), dy.Window(t, n, 0, 1), x.Rows(t, t+n))
	}
}

// backward turns a and q of a tile into the gradients of q and of the attention's logits, and takes these on.
func (i *afm) backward(dx nn.Block, dy nn.Mat, x nn.Block) {
	for e := range x.N {
		a, q, g := i.a.Row(e), i.q.Row(e), dy.Row(e)[0]
		mean := vec.Dot(a, q)
		for p, w := range a {
			a[p], q[p] = g*w*(q[p]-mean), g*w
		}
	}
	n := x.N * i.pairs
	z, dz, u, du, ds, dq := i.z.Rows(n), i.dz.Rows(n), i.u.Rows(n), i.du.Rows(n), i.a.Data, i.q.Data
	vec.Mul(i.p.Grad, 1, z.Data, 1, z.Stride, dq, 1, 1, i.d, 1, n, true, i.scratch)
	vec.Mul(i.h.Grad, 1, u.Data, 1, u.Stride, ds, 1, 1, i.t, 1, n, true, i.scratch)
	vec.Mul(du.Data, du.Stride, ds, 1, 1, i.h.Value, i.t, 1, n, i.t, 1, false, i.scratch)
	vec.ReLUGrad(du.Data, du.Stride, du.Data, du.Stride, u.Data, u.Stride, n, i.t)
	vec.Mul(dz.Data, dz.Stride, dq, 1, 1, i.p.Value, i.d, 1, n, i.d, 1, false, i.scratch)
	i.attention.Backward(dz, du, z, false)
	vec.HadamardPairsGrad(dx.Data, dz.Data, i.pairs*i.d, x.Data, x.N, i.f, i.d)
}

func (i *afm) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	left, right := pairsONNX(g, x, i.f)
	z := g.Mul(left, right)
	a := g.Softmax(g.Sum(g.Mul(i.attention.ONNX(g, z), i.h.ONNX(g)), 2))
	return g.Total(g.Mul(a, g.Sum(g.Mul(z, i.p.ONNX(g)), 2)))
}

func (i *afm) Cost() nn.Cost {
	c, n := i.attention.Cost(), float64(i.pairs)
	return nn.Cost{
		Params: c.Params + int64(i.t+i.d),
		FLOPs:  n * (c.FLOPs + float64(3*i.d+2*i.t+6)),
		Bytes:  float64(4 * (i.f*i.d + 1)),
	}
}
