package interactions

import (
	"fmt"
	"math"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// AutoIntOptions are the options of autoint.
type AutoIntOptions struct {
	Layers       int  `json:"layers"`
	Heads        int  `json:"heads"`
	AttentionDim int  `json:"attention_dim" width:"operator"` // of a head
	Total        bool `json:"attention_total"`                // of all heads together, and a head has its part
	Scaled       bool `json:"scaled"`                         // products are divided by the root of a head's
}

// Check wants at least one of each.
func (o AutoIntOptions) Check() error {
	switch {
	case o.Layers < 1:
		return fmt.Errorf("layers is %d, want at least 1", o.Layers)
	case o.Heads < 1:
		return fmt.Errorf("heads is %d, want at least 1", o.Heads)
	case o.AttentionDim < 1:
		return fmt.Errorf("attention_dim is %d, want at least 1", o.AttentionDim)
	case o.Total && o.AttentionDim%o.Heads != 0:
		return fmt.Errorf("attention_dim is %d, want a multiple of the %d heads, of which it is the total", o.AttentionDim, o.Heads)
	}
	return nil
}

// autoInt is self-attention over the fields, layer upon layer: x ← relu(heads(x) + R x), with the heads
// Σ_j softmax_j(Q x_i · K x_j) V x_j side by side; its output is the last layer, flattened.
//
// A field of an example is a row of its own. A few examples at a time go through all layers, so that what one layer
// leaves is still in the cache for the next.
//
// Song et al., "AutoInt", CIKM 2019, eqs. 5 to 8.
type autoInt struct {
	f, width int // fields; heads · attention_dim
	options  AutoIntOptions
	scale    float32
	tile     int  // examples
	keeps    bool // what the layers make of all examples, for Backward; else of one tile
	layers   []*autoIntLayer
	scratch  []float32 // of the attention
	d, below nn.Mat    // [tile·F, Width(4)], gradients of a layer's four products and of the next one's
}

type autoIntLayer struct {
	query, key *nn.Param
	products   *nn.Stack // query, key, value, residual
	qkv        nn.Mat    // [N·F, Width(3)], N of all or of a tile
	y          nn.Mat    // [N·F, width]
	keep       nn.Mat    // [N, AttentionKept]
}

// autoIntTile is about how many rows go through the layers at a time.
const autoIntTile = 256

func newAutoInt(b *nn.Builder, f, d int, o AutoIntOptions) Interaction {
	if o.Total {
		o.AttentionDim /= o.Heads
	}
	i := &autoInt{f: f, width: o.Heads * o.AttentionDim, options: o, scale: 1, tile: max(1, autoIntTile/f), keeps: b.Train}
	if o.Scaled {
		i.scale = float32(1 / math.Sqrt(float64(o.AttentionDim)))
	}
	examples, kept, tile, one := *b, *b, *b, *b
	if !i.keeps {
		examples.Rows = i.tile
	}
	kept.Rows, tile.Rows, one.Rows = examples.Rows*f, i.tile*f, 1
	for l := range o.Layers {
		p := tile.In(strconv.Itoa(l))
		weight := func(name string) *nn.Param { return p.Weight(name, i.width, d) }
		query, key := weight("query"), weight("key")
		s := nn.NewStack(&tile, query, key, weight("value"), weight("residual"))
		i.layers = append(i.layers, &autoIntLayer{
			query, key, s, kept.Mat(s.Width(3)), kept.Mat(i.width), examples.Mat(vec.AttentionKept(f, o.Heads)),
		})
		d = i.width
	}
	i.scratch = one.Mat(vec.AttentionScratch(f, o.AttentionDim)).Data
	if b.Train {
		i.d, i.below = tile.Mat(i.layers[0].products.Width(4)), tile.Mat(i.layers[0].products.Width(4))
	}
	return i
}

func (i *autoInt) Width() int { return i.f * i.width }

// rows returns the fields of an input's n examples from t on, a row each.
func (i *autoInt) rows(x nn.Block, t, n int) nn.Mat {
	return nn.Mat{N: n * i.f, C: x.D, Stride: x.D, Data: x.Rows(t, t+n).Data}
}

// of returns what a layer has of n examples from t on, r rows each.
func (i *autoInt) of(m nn.Mat, t, n, r int) nn.Mat {
	if !i.keeps {
		t = 0
	}
	return window(m, t*r, n*r)
}

func (i *autoInt) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	for t := 0; t < x.N; t += i.tile {
		n := min(i.tile, x.N-t)
		in := i.rows(x, t, n)
		for _, l := range i.layers {
			out := i.of(l.y, t, n, i.f)
			i.forward(l, out, in, t, n)
			in = out
		}
		for e := range n {
			copy(y.Row(t+e), in.Data[e*y.C:][:y.C])
		}
	}
}

func (i *autoInt) forward(l *autoIntLayer, y, x nn.Mat, t, n int) {
	qkv, keep := i.of(l.qkv, t, n, i.f), i.of(l.keep, t, n, 1)
	l.products.Forward(qkv, x, 0, 3)
	l.products.Forward(y, x, 3, 4)
	q, k, v, _ := i.parts(l, qkv)
	vec.Attention(y.Data, y.Stride, keep.Data, q, k, v, qkv.Stride, n, i.f, i.options.Heads, i.options.AttentionDim, i.scale, i.scratch)
}

// parts returns where the products of a layer begin.
func (i *autoInt) parts(l *autoIntLayer, m nn.Mat) (q, k, v, rest []float32) {
	s := l.products.Step()
	return m.Data, m.Data[s:], m.Data[2*s:], m.Data[min(3*s, len(m.Data)):]
}

func (i *autoInt) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	last := i.layers[len(i.layers)-1]
	for t := 0; t < x.N; t += i.tile {
		n := min(i.tile, x.N-t)
		d, below := window(i.d, 0, n*i.f), window(i.below, 0, n*i.f)
		_, _, _, dr := i.parts(last, d)
		for e := range n {
			y := i.of(last.y, t+e, 1, i.f)
			vec.ReLUGrad(dr[e*i.f*d.Stride:], d.Stride, dy.Row(t+e), i.width, y.Data, y.Stride, i.f, i.width)
		}
		for at := len(i.layers) - 1; at > 0; at-- {
			l, in := i.layers[at], i.layers[at-1]
			_, _, _, dr := i.parts(in, below)
			i.attentionGrad(l, d, t, n)
			l.products.BackwardReLU(nn.Mat{N: d.N, C: i.width, Stride: d.Stride, Data: dr}, d, i.of(in.y, t, n, i.f))
			d, below = below, d
		}
		i.attentionGrad(i.layers[0], d, t, n)
		i.layers[0].products.Backward(i.rows(dx, t, n), d, i.rows(x, t, n), false)
	}
}

// attentionGrad makes the gradients of queries, keys and values from that of the residual, which is that of the heads too.
func (i *autoInt) attentionGrad(l *autoIntLayer, d nn.Mat, t, n int) {
	qkv, keep := i.of(l.qkv, t, n, i.f), i.of(l.keep, t, n, 1)
	q, k, v, _ := i.parts(l, qkv)
	dq, dk, dv, dr := i.parts(l, d)
	vec.AttentionGrad(dq, dk, dv, dr, d.Stride, keep.Data, q, k, v, qkv.Stride, n, i.f, i.options.Heads, i.options.AttentionDim, i.scale, i.scratch)
}

func (i *autoInt) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	heads, a := i.options.Heads, i.options.AttentionDim
	for _, l := range i.layers {
		part := func(weight int, perm ...int) onnx.Value { // of the heads
			return g.Transpose(g.Reshape(l.products.ONNX(g, x, weight), 0, i.f, heads, a), perm...)
		}
		logits := g.Scale(g.MatMul(part(0, 0, 2, 1, 3), part(1, 0, 2, 3, 1)), i.scale)
		y := g.Transpose(g.MatMul(g.Softmax(logits), part(2, 0, 2, 1, 3)), 0, 2, 1, 3)
		x = g.Relu(g.Add(g.Reshape(y, 0, i.f, i.width), l.products.ONNX(g, x, 3)))
	}
	return g.Reshape(x, 0, i.Width())
}

func (i *autoInt) Cost() nn.Cost {
	var c nn.Cost
	f, squares := float64(i.f), float64(i.f*i.f*i.options.Heads)
	for _, l := range i.layers {
		p := l.products.Cost()
		c = c.Add(nn.Cost{
			Params: p.Params,
			FLOPs:  f*p.FLOPs + squares*float64(4*i.options.AttentionDim+4) + 2*f*float64(i.width),
			Bytes:  f * p.Bytes,
		})
	}
	return c
}
