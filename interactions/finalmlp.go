package interactions

import (
	"fmt"
	"slices"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// FinalMLPStreams are the options of finalmlp that a model has too.
type FinalMLPStreams struct {
	MLP1  []int `json:"mlp1" width:"hidden"` // hidden sizes of the first stream
	MLP2  []int `json:"mlp2" width:"hidden"` // and of the second
	Heads int   `json:"heads"`               // of the fusion
	Gated bool  `json:"gated"`               // streams begin with gates
	Gate  []int `json:"gate" width:"hidden"` // hidden sizes of a gate
}

// FinalMLPOptions are the options of finalmlp; Hidden is that of the streams.
type FinalMLPOptions struct {
	FinalMLPStreams
	nn.Hidden
	Context1 []int `json:"context1"` // fields that the first stream's gate sees; none: a learnt vector
	Context2 []int `json:"context2"`
}

// Check wants streams that the heads divide.
func (o FinalMLPStreams) Check() error {
	if o.Heads < 1 {
		return fmt.Errorf("heads is %d, want at least 1", o.Heads)
	}
	for i, mlp := range [][]int{o.MLP1, o.MLP2} {
		key := fmt.Sprintf("mlp%d", i+1)
		if err := widths(key, mlp); err != nil {
			return err
		}
		if last := mlp[len(mlp)-1]; last%o.Heads != 0 {
			return fmt.Errorf("%s ends in %d, want a multiple of the %d heads", key, last, o.Heads)
		}
	}
	return anyWidths("gate", o.Gate)
}

// Fits wants contexts that are fields.
func (o FinalMLPOptions) Fits(f, _ int) error {
	for i, context := range [][]int{o.Context1, o.Context2} {
		for _, c := range context {
			if c < 0 || c >= f {
				return fmt.Errorf("context%d has field %d, want 0 to %d", i+1, c, f-1)
			}
		}
	}
	return nil
}

// finalMLP is two perceptrons on the flattened input and a bilinear fusion of what they say: y = b + w_1·o_1 + w_2·o_2 +
// Σ_h o_1hᵀ W_h o_2h over the heads, parts of o_1 and o_2. Stream s sees x ⊙ 2σ(gate_s), a perceptron on the vectors of its
// context.
//
// Mao et al., "FinalMLP: An Enhanced Two-Stream MLP Model for CTR Prediction", AAAI 2023, eqs. 4 to 10.
type finalMLP struct {
	c       int
	heads   int
	streams [2]finalStream
	linear  [2]*nn.Param // [o_s]
	weight  *nn.Param    // [heads, o_1/heads, o_2/heads]
	bias    *nn.Param    // [1]
	t, dt   nn.Mat       // [N, o_2], o_1ᵀ W, and its gradient
	scratch []float32
}

func newFinalMLP(b *nn.Builder, f, d int, o FinalMLPOptions) Interaction {
	i := &finalMLP{c: f * d, heads: o.Heads}
	for s, mlp := range [...][]int{o.MLP1, o.MLP2} {
		context := [...][]int{o.Context1, o.Context2}[s]
		i.streams[s] = newFinalStream(b.In([...]string{"1", "2"}[s]), f, d, mlp, context, o)
		i.linear[s] = b.In("fusion").Weight([...]string{"1", "2"}[s], i.streams[s].o.C)
	}
	o1, o2 := i.streams[0].o.C, i.streams[1].o.C
	h1, h2, n := o1/o.Heads, o2/o.Heads, b.Rows
	i.weight, i.bias, i.t = b.In("fusion").Weight("weight", o.Heads, h1, h2), b.In("fusion").Bias("bias", 1), b.Mat(o2)
	need := max(vec.MulScratch(n, h2, h1), vec.MulScratch(n, 1, max(o1, o2)))
	if b.Train {
		i.dt = b.Mat(o2)
		need = max(need, vec.MulScratch(n, h1, h2), vec.MulScratch(h1, h2, n), vec.MulScratch(o1, 1, n), vec.MulScratch(o2, 1, n),
			vec.MulScratch(n, o1, 1), vec.MulScratch(n, o2, 1))
	}
	one := *b
	one.Rows = 1
	i.scratch = one.Mat(need).Data
	return i
}

func (i *finalMLP) Width() int { return 1 }

// head returns the columns of o of stream s that belong to head h, and head h of a weight.
func (i *finalMLP) head(o nn.Mat, h int) nn.Mat {
	n := o.C / i.heads
	return o.Cols(h*n, (h+1)*n)
}

func (i *finalMLP) of(w []float32, h int) []float32 {
	n := len(w) / i.heads
	return w[h*n : (h+1)*n]
}

func (i *finalMLP) Forward(s *nn.Step, y nn.Mat, x nn.Block) {
	o1, o2, t := i.streams[0].forward(s, x), i.streams[1].forward(s, x), i.t.Rows(x.N)
	for h := range i.heads {
		a, out := i.head(o1, h), i.head(t, h)
		vec.Mul(out.Data, out.Stride, a.Data, a.Stride, 1, i.of(i.weight.Value, h), out.C, 1, x.N, out.C, a.C, false, i.scratch)
	}
	vec.DotRows(y.Data, y.Stride, t.Data, t.Stride, o2.Data, o2.Stride, x.N, o2.C)
	for at, o := range [...]nn.Mat{o1, o2} {
		vec.Mul(y.Data, y.Stride, o.Data, o.Stride, 1, i.linear[at].Value, 1, 1, x.N, 1, o.C, true, i.scratch)
	}
	for n := range x.N {
		y.Row(n)[0] += i.bias.Value[0]
	}
}

func (i *finalMLP) Backward(s *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	for n := range x.N {
		i.bias.Grad[0] += dy.Row(n)[0]
	}
	for at := range i.streams {
		o, do, w := i.streams[at].o.Rows(x.N), i.streams[at].do.Rows(x.N), i.linear[at]
		vec.Mul(w.Grad, 1, o.Data, 1, o.Stride, dy.Data, dy.Stride, 1, o.C, 1, x.N, true, i.scratch)
		vec.Mul(do.Data, do.Stride, dy.Data, dy.Stride, 1, w.Value, o.C, 1, x.N, o.C, 1, false, i.scratch)
	}
	i.unfuse(dy)
	i.streams[0].backward(s, dx, x)
	i.streams[1].backward(s, dx, x)
}

// unfuse takes dy through the bilinear part.
func (i *finalMLP) unfuse(dy nn.Mat) {
	n := dy.N
	o1, do1, o2, do2 := i.streams[0].o.Rows(n), i.streams[0].do.Rows(n), i.streams[1].o.Rows(n), i.streams[1].do.Rows(n)
	t, dt := i.t.Rows(n), i.dt.Rows(n)
	vec.AxpyRows(do2.Data, do2.Stride, dy.Data, dy.Stride, t.Data, t.Stride, n, t.C)
	vec.OuterRows(dt.Data, dy.Data, dy.Stride, o2.Data, o2.Stride, n, 1, o2.C)
	for h := range i.heads {
		a, da, g := i.head(o1, h), i.head(do1, h), i.head(dt, h)
		w, dw := i.of(i.weight.Value, h), i.of(i.weight.Grad, h)
		vec.Mul(dw, g.C, a.Data, 1, a.Stride, g.Data, g.Stride, 1, a.C, g.C, n, true, i.scratch)
		vec.Mul(da.Data, da.Stride, g.Data, g.Stride, 1, w, 1, g.C, n, a.C, g.C, true, i.scratch)
	}
}

func (i *finalMLP) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	o1, o2 := i.streams[0].ONNX(g, x), i.streams[1].ONNX(g, x)
	n1, n2 := i.streams[0].o.C, i.streams[1].o.C
	t := g.MatMul(g.Reshape(o1, 0, i.heads, 1, n1/i.heads), i.weight.ONNX(g)) // [N, heads, 1, o_2/heads]
	y := g.Total(g.Mul(g.Reshape(t, 0, n2), o2))
	y = g.Add(y, g.MatMul(o1, g.Reshape(i.linear[0].ONNX(g), n1, 1)))
	y = g.Add(y, g.MatMul(o2, g.Reshape(i.linear[1].ONNX(g), n2, 1)))
	return g.Add(y, i.bias.ONNX(g))
}

func (i *finalMLP) Cost() nn.Cost {
	o1, o2 := i.streams[0].o.C, i.streams[1].o.C
	n := o1*o2/i.heads + o1 + o2
	c := nn.Cost{Params: int64(n + 1), FLOPs: float64(2*n + 2*o2), Bytes: float64(4 * (o1 + 2*o2))}
	return c.Add(i.streams[0].cost()).Add(i.streams[1].cost())
}

// finalStream is a gate, where there is one, and a perceptron behind it.
type finalStream struct {
	c          int // F·D
	gate       *perceptron
	vector     *nn.Param // [D], what a gate without a context sees; nil with one
	context    []int
	z, dz      nn.Mat // [N, fields·D], the context
	s, h       nn.Mat // [N, C], 2σ(gate), and x ⊙ that
	ds, dh     nn.Mat
	mlp        *nn.MLP
	o, do, sum nn.Mat // [N, o]; [1, C]
}

func newFinalStream(b *nn.Builder, f, d int, mlp, context []int, o FinalMLPOptions) finalStream {
	s := finalStream{c: f * d, context: slices.Clone(context), mlp: nn.NewMLP(b.In("mlp"), f*d, mlp, false, o.Hidden), o: b.Mat(mlp[len(mlp)-1])}
	if b.Train {
		s.do = b.Mat(s.o.C)
	}
	if !o.Gated {
		return s
	}
	one, width := *b, len(context)*d
	one.Rows = 1
	rows := b
	if width == 0 {
		rows, width = &one, d
		s.vector = b.In("gate").Param("vector", b.Init.Embedding, d)
	} else {
		s.z = b.Mat(width)
	}
	s.gate = newPerceptron(rows.In("gate"), width, o.Gate, f*d, nn.Hidden{})
	s.s, s.h = b.Mat(f*d), b.Mat(f*d)
	if b.Train {
		s.ds, s.dh, s.sum = b.Mat(f*d), b.Mat(f*d), one.Mat(f*d)
		if s.vector == nil {
			s.dz = b.Mat(width)
		}
	}
	return s
}

// forward returns o.
func (s *finalStream) forward(step *nn.Step, x nn.Block) nn.Mat {
	o, in := s.o.Rows(x.N), x.Mat()
	if s.gate != nil {
		g := s.s.Rows(x.N)
		s.open(step, g, x)
		in = s.h.Rows(x.N)
		vec.Mul2(in.Data, g.Data, x.Data)
	}
	s.mlp.Forward(step, o, in)
	return o
}

func (s *finalStream) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	in := g.Reshape(x, 0, s.c)
	if s.gate != nil {
		var z onnx.Value
		if s.vector != nil {
			z = g.Reshape(s.vector.ONNX(g), 1, len(s.vector.Value))
		} else {
			z = g.Reshape(g.Gather(x, 1, g.Ints(s.context...)), 0, s.z.C)
		}
		in = g.Mul(in, g.Scale(g.Sigmoid(s.gate.ONNX(g, z)), 2))
	}
	return s.mlp.ONNX(g, in)
}

// open makes the gate of every example.
func (s *finalStream) open(step *nn.Step, g nn.Mat, x nn.Block) {
	if s.vector != nil && x.N > 0 {
		first := g.Rows(1)
		s.gate.forward(step, first, row(s.vector.Value))
		open(first.Data)
		for n := 1; n < x.N; n++ {
			copy(g.Row(n), first.Data)
		}
		return
	}
	z := s.z.Rows(x.N)
	for at, f := range s.context {
		copyRows(z.Cols(at*x.D, (at+1)*x.D), x.Field(f))
	}
	s.gate.forward(step, g, z)
	open(g.Data)
}

// open is 2σ(x), in place.
func open(x []float32) {
	vec.Sigmoid(x, x)
	vec.Scale(x, 2)
}

// openGrad multiplies d by open's derivative where open is s.
func openGrad(d, s []float32) {
	for j, v := range s {
		d[j] *= v * (1 - v/2)
	}
}

// row is a vector as a matrix of one row.
func row(v []float32) nn.Mat { return nn.Mat{N: 1, C: len(v), Stride: len(v), Data: v} }

// backward takes do on.
func (s *finalStream) backward(step *nn.Step, dx, x nn.Block) {
	do := s.do.Rows(x.N)
	if s.gate == nil {
		s.mlp.Backward(step, dx.Mat(), do, x.Mat())
		return
	}
	g, h, ds, dh := s.s.Rows(x.N), s.h.Rows(x.N), s.ds.Rows(x.N), s.dh.Rows(x.N)
	dh.Zero()
	s.mlp.Backward(step, dh, do, h)
	vec.MulAdd(dx.Data, dh.Data, g.Data)
	vec.Mul2(ds.Data, dh.Data, x.Data)
	if s.vector != nil {
		sum := s.sum
		sum.Zero()
		vec.AddRows(sum.Data, ds.Data, ds.Stride, x.N, ds.C)
		openGrad(sum.Data, g.Row(0))
		s.gate.backward(step, row(s.vector.Grad), sum, row(s.vector.Value), false)
		return
	}
	z, dz := s.z.Rows(x.N), s.dz.Rows(x.N)
	openGrad(ds.Data, g.Data)
	s.gate.backward(step, dz, ds, z, true)
	for at, f := range s.context {
		addRows(dx.Field(f), dz.Cols(at*x.D, (at+1)*x.D))
	}
}

// addRows adds row by row.
func addRows(dst, src nn.Mat) {
	for n := range src.N {
		to := dst.Row(n)
		for c, v := range src.Row(n) {
			to[c] += v
		}
	}
}

func (s *finalStream) cost() nn.Cost {
	c := s.mlp.Cost()
	if s.gate != nil {
		c = c.Add(s.gate.cost()).Add(nn.Cost{FLOPs: float64(s.h.C), Bytes: float64(8 * s.h.C)})
	}
	if s.vector != nil {
		c.Params += int64(s.vector.Shape[0])
	}
	return c
}
