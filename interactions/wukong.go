package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// WukongLayers are the options of wukong that a model has too.
type WukongLayers struct {
	Layers       int   `json:"layers"`
	FMFields     int   `json:"fm_fields"`             // vectors that a layer's factorization machine block puts out
	LinearFields int   `json:"linear_fields"`         // and its linear compression block
	Rank         int   `json:"rank"`                  // columns that the products of the fields are projected to
	MLP          []int `json:"hidden" width:"hidden"` // of the factorization machine block's perceptron
	FMReLU       bool  `json:"fm_relu"`               // which then ends in a ReLU too
	Attentive    bool  `json:"attentive"`             // the projection is made of the fields
}

// WukongOptions are the options of wukong; Hidden is that of the perceptrons.
type WukongOptions struct {
	WukongLayers
	nn.Hidden
}

// Check wants at least one of each.
func (o WukongLayers) Check() error {
	if err := (CrossOptions{o.Layers}).Check(); err != nil {
		return err
	}
	for _, n := range []struct {
		key string
		n   int
	}{{"fm_fields", o.FMFields}, {"linear_fields", o.LinearFields}, {"rank", o.Rank}} {
		if n.n < 1 || n.n > 1<<16 {
			return fmt.Errorf("%s is %d, want 1 to %d", n.key, n.n, 1<<16)
		}
	}
	return anyWidths("hidden", o.MLP)
}

// wukong is stacked factorization machines: a layer turns n vectors X [n, D] into m others,
// X' = LN([FMB(X); LCB(X)] + R X). Of these FMB makes the first fm_fields, by a perceptron on LN(X Xᵀ Y) with Y [n, rank],
// and LCB the others, each a weighted sum of the n; the shortcut R is the identity where n = m. Degrees double with every
// layer. The projection Y is learnt as it is, as in FuxiCTR, or attentive.
//
// Zhang et al., "Wukong: Towards a Scaling Law for Large-Scale Recommendation", ICML 2024, §3.
type wukong struct {
	layers []*wukongLayer
}

func newWukong(b *nn.Builder, f, d int, o WukongOptions) Interaction {
	i := &wukong{}
	for l := range o.Layers {
		layer := newWukongLayer(b.In(strconv.Itoa(l)), f, d, o)
		i.layers = append(i.layers, layer)
		f = layer.m
	}
	return i
}

func (i *wukong) Width() int { return i.layers[len(i.layers)-1].y.C }

// in returns what layer l treats.
func (i *wukong) in(l int, x nn.Block) nn.Block {
	if l == 0 {
		return x
	}
	return i.layers[l-1].block(i.layers[l-1].y, x.N)
}

func (i *wukong) Forward(s *nn.Step, y nn.Mat, x nn.Block) {
	for l, layer := range i.layers {
		layer.forward(s, i.in(l, x))
	}
	copyRows(y, i.layers[len(i.layers)-1].y.Rows(x.N))
}

func (i *wukong) Backward(s *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	copyRows(i.layers[len(i.layers)-1].dy.Rows(x.N), dy)
	for l := len(i.layers) - 1; l >= 0; l-- {
		below := dx
		if l > 0 {
			below = i.layers[l-1].block(i.layers[l-1].dy, x.N)
			clear(below.Data)
		}
		i.layers[l].backward(s, below, i.in(l, x))
	}
}

func (i *wukong) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	for _, l := range i.layers {
		x = l.ONNX(g, x)
	}
	return g.Reshape(x, 0, i.Width())
}

func (i *wukong) Cost() nn.Cost {
	var c nn.Cost
	for _, l := range i.layers {
		c = c.Add(l.cost())
	}
	return c
}

// wukongLayer maps n vectors to m. For weighted sums of vectors every number of an example is a row.
type wukongLayer struct {
	n, m, d  int
	products *fieldProducts // X Xᵀ Y; nil where it is attentive
	attends  *attentive
	v, dv    nn.Mat // [N, n·rank], these behind their norm
	inner    *nn.LayerNorm
	mlp      *perceptron
	linear   *nn.Stack // [linear, n]
	shortcut *nn.Stack // [m, n]; nil where n = m
	norm     *nn.LayerNorm
	relu     bool
	fm, dfm  nn.Mat // [N, fm·D], what the blocks put out
	lc       nn.Mat // [N, linear·D]
	x, dx    nn.Mat // [N·D, n], the input number by number
	w, q     nn.Mat // [N·D, linear], [N·D, m], weighted sums
	y, dy    nn.Mat // [N, m·D]
}

func newWukongLayer(b *nn.Builder, n, d int, o WukongOptions) *wukongLayer {
	l := &wukongLayer{n: n, m: o.FMFields + o.LinearFields, d: d, relu: o.FMReLU}
	wide, vectors := *b, *b
	wide.Rows, vectors.Rows = b.Rows*d, b.Rows*l.m
	fm := b.In("fm")
	if o.Attentive {
		l.attends = newAttentive(fm.In("projection"), n, d, o.Rank, o.MLP, o.Hidden)
	} else {
		l.products = newFieldProducts(fm, n, d, o.Rank)
	}
	l.inner = nn.NewLayerNorm(fm.In("norm"), 1, n*o.Rank)
	l.mlp = newPerceptron(fm, n*o.Rank, o.MLP, o.FMFields*d, o.Hidden)
	linear := wide.In("linear")
	l.linear = nn.NewStack(linear, linear.Weight("weight", o.LinearFields, n))
	if n != l.m {
		shortcut := wide.In("shortcut")
		l.shortcut, l.q = nn.NewStack(shortcut, shortcut.Weight("weight", l.m, n)), wide.Mat(l.m)
	}
	l.norm = nn.NewLayerNorm(vectors.In("norm"), 1, d)
	l.v, l.fm, l.lc = b.Mat(n*o.Rank), b.Mat(o.FMFields*d), b.Mat(o.LinearFields*d)
	l.x, l.w, l.y = wide.Mat(n), wide.Mat(o.LinearFields), b.Mat(l.m*d)
	if b.Train {
		l.dv, l.dfm, l.dx, l.dy = b.Mat(n*o.Rank), b.Mat(l.fm.C), wide.Mat(n), b.Mat(l.m*d)
	}
	return l
}

// block returns an output as vectors.
func (l *wukongLayer) block(m nn.Mat, n int) nn.Block {
	return nn.Block{N: n, F: l.m, D: l.d, Data: m.Rows(n).Data}
}

// vectors returns an output with each vector a row.
func (l *wukongLayer) vectors(m nn.Mat) nn.Mat {
	return nn.Mat{N: m.N * l.m, C: l.d, Stride: l.d, Data: m.Data}
}

func (l *wukongLayer) forward(s *nn.Step, x nn.Block) {
	v, fm, lc, y := l.v.Rows(x.N), l.fm.Rows(x.N), l.lc.Rows(x.N), l.y.Rows(x.N)
	xt, w := l.x.Rows(x.N*l.d), l.w.Rows(x.N*l.d)
	vec.Transpose(xt.Data, x.Data, x.N, l.n, l.d)
	if l.attends != nil {
		l.attends.forward(s, v, x, xt)
	} else {
		l.products.forward(v, x)
	}
	l.inner.Forward(v, v)
	l.mlp.forward(s, fm, v)
	if l.relu {
		vec.ReLU(fm.Data, fm.Data)
	}
	l.linear.Forward(w, xt, 0, 1)
	vec.Transpose(lc.Data, w.Data, x.N, l.d, w.C)
	if l.shortcut != nil {
		q := l.q.Rows(x.N * l.d)
		l.shortcut.Forward(q, xt, 0, 1)
		vec.Transpose(y.Data, q.Data, x.N, l.d, l.m)
	} else {
		copy(y.Data, x.Data)
	}
	addRows(y.Cols(0, fm.C), fm)
	addRows(y.Cols(fm.C, y.C), lc)
	l.norm.Forward(l.vectors(y), l.vectors(y))
}

// ONNX maps [N, n, D] to [N, m, D].
func (l *wukongLayer) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	var v onnx.Value
	if l.attends != nil {
		v = l.attends.ONNX(g, x)
	} else {
		v = l.products.ONNX(g, x)
	}
	fm := l.mlp.ONNX(g, l.inner.ONNX(g, g.Reshape(v, 0, l.v.C)))
	if l.relu {
		fm = g.Relu(fm)
	}
	rest := x
	if l.shortcut != nil {
		rest = sumsONNX(g, l.shortcut, x)
	}
	y := g.Concat(1, g.Reshape(fm, 0, l.fm.C/l.d, l.d), sumsONNX(g, l.linear, x))
	return l.norm.ONNX(g, g.Add(y, rest))
}

// backward takes dy on, and adds into dx.
func (l *wukongLayer) backward(s *nn.Step, dx, x nn.Block) {
	v, dv, lc, g := l.v.Rows(x.N), l.dv.Rows(x.N), l.lc.Rows(x.N), l.dy.Rows(x.N)
	xt, dxt, w := l.x.Rows(x.N*l.d), l.dx.Rows(x.N*l.d), l.w.Rows(x.N*l.d)
	l.norm.Backward(l.vectors(g), l.vectors(g))
	dfm := g.Cols(0, l.fm.C)
	if l.relu {
		on, above := l.fm.Rows(x.N), dfm
		dfm = l.dfm.Rows(x.N)
		vec.ReLUGrad(dfm.Data, dfm.Stride, above.Data, above.Stride, on.Data, on.Stride, x.N, on.C)
	}
	l.mlp.backward(s, dv, dfm, v, true)
	l.inner.Backward(dv, dv)
	if l.products != nil {
		l.products.backward(dx, dv, x)
	}
	copyRows(lc, g.Cols(l.fm.C, g.C))
	vec.Transpose(w.Data, lc.Data, x.N, w.C, l.d)
	l.linear.Backward(dxt, w, xt, true)
	if l.shortcut != nil {
		q := l.q.Rows(x.N * l.d)
		vec.Transpose(q.Data, g.Data, x.N, l.m, l.d)
		l.shortcut.Backward(dxt, q, xt, false)
	} else {
		vec.Add(dx.Data, g.Data)
	}
	if l.attends != nil {
		l.attends.backward(s, dx, dxt, dv, x, xt)
	}
	vec.TransposeAdd(dx.Data, dxt.Data, x.N, l.d, l.n)
}

func (l *wukongLayer) cost() nn.Cost {
	c := l.inner.Cost().Add(l.mlp.cost())
	if l.attends != nil {
		c = c.Add(l.attends.cost())
	} else {
		c = c.Add(l.products.cost())
	}
	add := func(one nn.Cost, rows int) {
		c = c.Add(nn.Cost{Params: one.Params, FLOPs: float64(rows) * one.FLOPs, Bytes: float64(rows) * one.Bytes})
	}
	add(l.linear.Cost(), l.d)
	if l.shortcut != nil {
		add(l.shortcut.Cost(), l.d)
	}
	add(l.norm.Cost(), l.m)
	return c.Add(nn.Cost{FLOPs: float64(l.m * l.d), Bytes: float64(8 * l.m * l.d)})
}

// fieldProducts is X Xᵀ Y of the f fields' vectors X, [f, rank] an example: the products of all pairs, projected. A field of
// an example is a row of products; a few examples at a time go through, and backward makes theirs again.
type fieldProducts struct {
	f, d, tile  int
	y           *nn.Stack // [rank, f]
	pairs, dots nn.Mat    // [tile, f(f+1)/2], [tile·f, f]
	ddots       nn.Mat
}

// fieldProductsTile is about how many rows go through at a time.
const fieldProductsTile = 1024

func newFieldProducts(b *nn.Builder, f, d, rank int) *fieldProducts {
	p := &fieldProducts{f: f, d: d, tile: min(max(1, fieldProductsTile/f), b.Rows)}
	tile, rows := *b, *b
	tile.Rows, rows.Rows = p.tile, p.tile*f
	p.y = nn.NewStack(&rows, b.Weight("projection", rank, f))
	p.pairs, p.dots = tile.Mat(f*(f+1)/2), rows.Mat(f)
	if b.Train {
		p.ddots = rows.Mat(f)
	}
	return p
}

// rows returns those of n examples from t on.
func (p *fieldProducts) rows(m nn.Mat, t, n int) nn.Mat {
	rank := m.C / p.f
	return nn.Mat{N: n * p.f, C: rank, Stride: rank, Data: m.Data[t*m.C : (t+n)*m.C]}
}

// products makes dots of a tile.
func (p *fieldProducts) products(x nn.Block) nn.Mat {
	vec.DotPairs(p.pairs.Data, p.pairs.Stride, x.Data, x.N, p.f, p.d, true)
	for e := range x.N {
		pairs, dots := p.pairs.Row(e), p.dots.Data[e*p.f*p.f:]
		for i := range p.f {
			for j, v := range pairs[:i+1] {
				dots[i*p.f+j], dots[j*p.f+i] = v, v
			}
			pairs = pairs[i+1:]
		}
	}
	return p.dots.Rows(x.N * p.f)
}

// ONNX is X Xᵀ Y, [N, F, rank].
func (p *fieldProducts) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	return p.y.ONNX(g, g.MatMul(x, g.Transpose(x, 0, 2, 1)), 0)
}

// sumsONNX is weighted sums of vectors [N, F, D], [N, out, D].
func sumsONNX(g *onnx.Graph, weights *nn.Stack, x onnx.Value) onnx.Value {
	return g.Transpose(weights.ONNX(g, g.Transpose(x, 0, 2, 1), 0), 0, 2, 1)
}

func (p *fieldProducts) forward(y nn.Mat, x nn.Block) {
	for t := 0; t < x.N; t += p.tile {
		n := min(p.tile, x.N-t)
		p.y.Forward(p.rows(y, t, n), p.products(x.Rows(t, t+n)), 0, 1)
	}
}

// backward adds into dx.
func (p *fieldProducts) backward(dx nn.Block, dy nn.Mat, x nn.Block) {
	for t := 0; t < x.N; t += p.tile {
		n := min(p.tile, x.N-t)
		d := p.ddots.Rows(n * p.f)
		p.y.Backward(d, p.rows(dy, t, n), p.products(x.Rows(t, t+n)), true)
		for e := range n {
			pairs, d := p.pairs.Row(e), d.Data[e*p.f*p.f:]
			for i := range p.f {
				for j := range i {
					pairs[j] = d[i*p.f+j] + d[j*p.f+i]
				}
				pairs[i] = d[i*p.f+i]
				pairs = pairs[i+1:]
			}
		}
		vec.DotPairsGrad(dx.Rows(t, t+n).Data, p.pairs.Data, p.pairs.Stride, x.Rows(t, t+n).Data, n, p.f, p.d, true)
	}
}

func (p *fieldProducts) cost() nn.Cost {
	c, n := p.y.Cost(), float64(p.f*(p.f+1)/2)
	return nn.Cost{
		Params: c.Params,
		FLOPs:  2*n*float64(p.d) + float64(p.f)*c.FLOPs,
		Bytes:  float64(4*p.f*p.d) + 4*n + float64(p.f)*c.Bytes,
	}
}
