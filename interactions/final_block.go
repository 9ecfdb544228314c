package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// FinalBlockOptions are the options of final_block.
type FinalBlockOptions struct {
	Layers   []int  `json:"layers" width:"operator"` // width of each
	Residual string `json:"residual"`                // sum or concat
	nn.Hidden
}

// Check wants at least one layer, and halves where they stand side by side.
func (o FinalBlockOptions) Check() error {
	if o.Residual != "sum" && o.Residual != "concat" {
		return fmt.Errorf("residual is %q, want sum or concat", o.Residual)
	}
	for i, w := range o.Layers {
		if o.Residual == "concat" && w%2 != 0 {
			return fmt.Errorf("layers has %d at place %d, want an even number: its halves stand side by side", w, i)
		}
	}
	return widths("layers", o.Layers)
}

// finalBlock is factorized interaction layers over the flattened input: x ← h_2 + h_1 ⊙ h_2, or with residual = "concat"
// [h_2; h_1 ⊙ h_2], where [h_2; h_1] = W x + b. Each doubles the degree of what the layers before could say;
// Hidden stands behind each.
//
// Zhu et al., "FINAL: Factorized Interaction Layer for CTR Prediction", SIGIR 2023.
type finalBlock struct {
	in     int // F·D
	layers []finalLayer
}

type finalLayer struct {
	linear *nn.Linear
	behind nn.Behind
	half   int    // width of h_1 and h_2
	concat bool   // h_2 and the product side by side
	h, dh  nn.Mat // [N, 2·half], h_2 and h_1
	y, dy  nn.Mat // [N, width]
}

func newFinalBlock(b *nn.Builder, f, d int, o FinalBlockOptions) Interaction {
	i, in := &finalBlock{in: f * d}, f*d
	for l, w := range o.Layers {
		layer := finalLayer{half: w, concat: o.Residual == "concat", y: b.Mat(w)}
		if layer.concat {
			layer.half = w / 2
		}
		p := b.In(strconv.Itoa(l))
		layer.linear, layer.behind, layer.h = nn.NewLinear(p, in, 2*layer.half, false), nn.NewBehind(p, w, o.Hidden), b.Mat(2*layer.half)
		if b.Train {
			layer.dh, layer.dy = b.Mat(2*layer.half), b.Mat(w)
		}
		i.layers = append(i.layers, layer)
		in = w
	}
	return i
}

func (i *finalBlock) Width() int { return i.layers[len(i.layers)-1].y.C }

func (i *finalBlock) Forward(s *nn.Step, y nn.Mat, x nn.Block) {
	in := x.Mat()
	for _, l := range i.layers {
		h, out := l.h.Rows(x.N), l.y.Rows(x.N)
		l.linear.Forward(h, in)
		h2, h1 := h.Cols(0, l.half), h.Cols(l.half, 2*l.half)
		copyRows(out.Cols(0, l.half), h2)
		product := out.Cols(out.C-l.half, out.C)
		if l.concat {
			product.Zero()
		}
		mulAdd(product, h1, h2)
		l.behind.Forward(s, out)
		in = out
	}
	copyRows(y, in)
}

func (i *finalBlock) Backward(s *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	last := len(i.layers) - 1
	copyRows(i.layers[last].dy.Rows(x.N), dy)
	for at := last; at >= 0; at-- {
		l := i.layers[at]
		h, dh, g := l.h.Rows(x.N), l.dh.Rows(x.N), l.dy.Rows(x.N)
		l.behind.Backward(s, g)
		product := g.Cols(g.C-l.half, g.C)
		h2, h1, dh2, dh1 := h.Cols(0, l.half), h.Cols(l.half, 2*l.half), dh.Cols(0, l.half), dh.Cols(l.half, 2*l.half)
		copyRows(dh2, g.Cols(0, l.half))
		mulAdd(dh2, product, h1)
		vec.MulRows(dh1.Data, dh1.Stride, product.Data, product.Stride, h2.Data, h2.Stride, x.N, l.half)
		if at == 0 {
			l.linear.Backward(dx.Mat(), dh, x.Mat(), false)
			return
		}
		below := i.layers[at-1]
		l.linear.Backward(below.dy.Rows(x.N), dh, below.y.Rows(x.N), true)
	}
}

func (i *finalBlock) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	x = g.Reshape(x, 0, i.in)
	for _, l := range i.layers {
		h := l.linear.ONNX(g, x)
		h2, h1 := g.Slice(h, 1, 0, l.half), g.Slice(h, 1, l.half, 2*l.half)
		if product := g.Mul(h1, h2); l.concat {
			x = g.Concat(1, h2, product)
		} else {
			x = g.Add(h2, product)
		}
		x = l.behind.ONNX(g, x)
	}
	return x
}

func (i *finalBlock) Cost() nn.Cost {
	var c nn.Cost
	for _, l := range i.layers {
		c = c.Add(l.linear.Cost()).Add(l.behind.Cost()).Add(nn.Cost{FLOPs: float64(2 * l.half), Bytes: float64(4 * l.y.C)})
	}
	return c
}
