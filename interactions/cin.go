package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// CINOptions are the options of cin.
type CINOptions struct {
	Layers     []int  `json:"layers" width:"operator"` // feature maps H_l of each layer
	SplitHalf  bool   `json:"split_half"`              // in every layer but the last ⌊H/2⌋ maps go on and the rest are pooled
	Activation string `json:"activation"`              // identity or relu
}

// Check wants at least one layer, and maps to pass on where they are split.
func (o CINOptions) Check() error {
	if len(o.Layers) == 0 {
		return fmt.Errorf("layers is empty, want the feature maps of at least one layer")
	}
	for l, h := range o.Layers {
		if least := o.least(l); h < least {
			return fmt.Errorf("layers has %d feature maps at place %d, want at least %d", h, l, least)
		}
		if h > 1<<16 {
			return fmt.Errorf("layers has %d feature maps at place %d, want at most %d", h, l, 1<<16)
		}
	}
	if o.Activation != "identity" && o.Activation != "relu" {
		return fmt.Errorf("activation is %q, want identity or relu", o.Activation)
	}
	return nil
}

func (o CINOptions) least(l int) int {
	if o.SplitHalf && l < len(o.Layers)-1 {
		return 2
	}
	return 1
}

// cin is the compressed interaction network: Y_l[h] = act(Σ_fp W_l[h,f,p] x_f ⊙ X_{l−1}[p] + b_l[h]), each pooled map
// summed over d.
//
// Every number of a field vector goes its own way, so the N examples are laid out as N·D rows of F numbers, and a
// layer is a Linear on the rows' outer products x ⊗ X_{l−1}. Those are made a tile of rows at a time and never stand
// in memory as a whole. Going field by field instead, with the symmetric half of the first layer alone, saves a sixth
// of the operations and was no faster: its products are too short.
//
// Lian et al., "xDeepFM", KDD 2018, eqs. 6 and 8.
type cin struct {
	f, d   int
	layers []*cinLayer
	x, dx  nn.Mat // [N·D, F], the input and its gradient
	z, dz  nn.Mat // [tile, F·H_{l−1}], outer products and their gradient
}

type cinLayer struct {
	weight   *nn.Param // [out, F, in]
	bias     *nn.Param // [out]
	linear   *nn.Linear
	relu     bool
	in, out  int    // feature maps
	keep     int    // maps that go on to the next layer
	from, at int    // pooled are maps [from, out), to output columns [at, …)
	y, dy    nn.Mat // [N·D, out]
}

// cinTile is how many rows of outer products are made at a time, so that they stay in the second-level cache.
const cinTile = 64

func newCIN(b *nn.Builder, f, d int, o CINOptions) Interaction {
	i := &cin{f: f, d: d}
	// Rows of a shard, laid out number by number.
	wide := *b
	wide.Rows = b.Rows * d
	tile := *b
	tile.Rows = cinTile
	in, at, most := f, 0, 0
	for l, h := range o.Layers {
		last := l == len(o.Layers)-1
		p := tile.In(strconv.Itoa(l))
		c := &cinLayer{relu: o.Activation == "relu", in: in, out: h, keep: h, at: at, y: wide.Mat(h)}
		c.weight, c.bias = p.Weight("weight", h, f, in), p.Bias("bias", h)
		c.linear = nn.LinearOf(&tile, c.weight, c.bias, c.relu)
		if o.SplitHalf && !last {
			c.keep = h / 2
			c.from = c.keep
		}
		if b.Train {
			c.dy = wide.Mat(h)
		}
		i.layers = append(i.layers, c)
		most = max(most, f*in)
		in, at = c.keep, at+h-c.from
	}
	i.x, i.z = wide.Mat(f), tile.Mat(most)
	if b.Train {
		i.dx, i.dz = wide.Mat(f), tile.Mat(most)
	}
	return i
}

func (i *cin) Width() int {
	last := i.layers[len(i.layers)-1]
	return last.at + last.out - last.from
}

// below returns the input of layer l and its gradient, [N·D, in].
func (i *cin) below(l int) (x, dx nn.Mat) {
	if l == 0 {
		return i.x, i.dx
	}
	c := i.layers[l-1]
	return c.y.Cols(0, c.keep), c.dy.Cols(0, c.keep)
}

func (i *cin) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	vec.Transpose(i.x.Data, x.Data, x.N, i.f, i.d)
	for l, c := range i.layers {
		in, _ := i.below(l)
		for t := 0; t < x.N*i.d; t += cinTile {
			rows := min(cinTile, x.N*i.d-t)
			c.linear.Forward(window(c.y, t, rows), i.outer(c, window(i.x, t, rows), window(in, t, rows)))
		}
		for n := range x.N {
			out := y.Row(n)[c.at : c.at+c.out-c.from]
			clear(out)
			for d := range i.d {
				vec.Add(out, c.y.Row(n*i.d + d)[c.from:])
			}
		}
	}
}

func (i *cin) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	total := x.N * i.d
	clear(i.dx.Data[:total*i.f])
	for l := len(i.layers) - 1; l >= 0; l-- {
		c := i.layers[l]
		i.pooled(c, dy, x.N, l == len(i.layers)-1)
		in, din := i.below(l)
		if l > 0 {
			window(din, 0, total).Zero()
		}
		for t := 0; t < total; t += cinTile {
			rows := min(cinTile, total-t)
			x0, xl := window(i.x, t, rows), window(in, t, rows)
			z, g := i.outer(c, x0, xl), window(c.dy, t, rows)
			dz := nn.Mat{N: rows, C: z.C, Stride: z.C, Data: i.dz.Data[:rows*z.C]}
			if c.relu {
				y := window(c.y, t, rows)
				vec.ReLUGrad(g.Data, g.Stride, g.Data, g.Stride, y.Data, y.Stride, rows, c.out)
			}
			c.linear.Backward(dz, g, z, true)
			dx0, dxl := window(i.dx, t, rows), window(din, t, rows)
			vec.OuterRowsGrad(dx0.Data, dx0.Stride, dxl.Data, dxl.Stride, dz.Data, x0.Data, x0.Stride, xl.Data, xl.Stride, rows, i.f, c.in)
		}
	}
	vec.TransposeAdd(dx.Data, i.dx.Data, x.N, i.d, i.f)
}

// ONNX leaves the numbers of a field where they are: the outer products are [N, F·H_{l−1}, D].
func (i *cin) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	var out []onnx.Value
	x0, xl := g.Reshape(x, 0, i.f, 1, i.d), x
	for _, c := range i.layers {
		z := g.Reshape(g.Mul(x0, g.Reshape(xl, 0, 1, c.in, i.d)), 0, i.f*c.in, i.d)
		y := g.Add(g.MatMul(g.Reshape(c.weight.ONNX(g), c.out, i.f*c.in), z), g.Reshape(c.bias.ONNX(g), c.out, 1))
		if c.relu {
			y = g.Relu(y)
		}
		out = append(out, g.Sum(g.Slice(y, 1, c.from, c.out), 2))
		xl = g.Slice(y, 1, 0, c.keep)
	}
	return g.Concat(1, out...)
}

// pooled adds the gradient of a layer's pooled maps; those of the last layer and the maps that are pooled alone
// have none from above.
func (i *cin) pooled(c *cinLayer, dy nn.Mat, n int, last bool) {
	for e := range n {
		g := dy.Row(e)[c.at : c.at+c.out-c.from]
		for d := range i.d {
			row := c.dy.Row(e*i.d + d)[c.from:]
			if last || c.from > 0 {
				copy(row, g)
			} else {
				vec.Add(row, g)
			}
		}
	}
}

// outer makes the outer products of a tile's rows, [rows, F·in].
func (i *cin) outer(c *cinLayer, x0, xl nn.Mat) nn.Mat {
	z := nn.Mat{N: x0.N, C: i.f * c.in, Stride: i.f * c.in, Data: i.z.Data[:x0.N*i.f*c.in]}
	vec.OuterRows(z.Data, x0.Data, x0.Stride, xl.Data, xl.Stride, x0.N, i.f, c.in)
	return z
}

// window returns n rows from row t on.
func window(m nn.Mat, t, n int) nn.Mat { return m.Window(t, n, 0, m.C) }

func (i *cin) Cost() nn.Cost {
	var c nn.Cost
	for _, l := range i.layers {
		w := float64(i.f * l.in * l.out)
		c = c.Add(nn.Cost{
			Params: int64(i.f*l.in*l.out + l.out),
			FLOPs:  float64(i.d) * (2*w + float64(i.f*l.in+2*l.out)),
			Bytes:  float64(4 * i.d * (i.f + l.in + l.out)),
		})
	}
	return c
}
