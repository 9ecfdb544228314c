package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
)

// CINOptions are the options of cin.
type CINOptions struct {
	Layers     []int  `json:"layers"`     // feature maps H_l of each layer
	SplitHalf  bool   `json:"split_half"` // in every layer but the last ⌊H/2⌋ maps go on and the rest are pooled
	Activation string `json:"activation"` // identity or relu
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
// layer is a product with the rows' outer products x ⊗ X_{l−1}. Those never stand in memory: field by field, X_{l−1}
// times the column x_f goes through the field's part of the weight, a tile of rows at a time. In the first layer
// x_f·x_p is x_p·x_f: with W[h,f,p] + W[h,p,f] for p > f half the products are enough.
//
// Lian et al., "xDeepFM", KDD 2018, eqs. 6 and 8.
type cin struct {
	f, d   int
	layers []*cinLayer
	x, dx  nn.Mat    // [N·D, F], the input and its gradient
	z, dz  []float32 // [cinTile, most maps], X_{l−1} times a column, and its gradient
	xt, lt []float32 // [F, cinTile], [most maps, cinTile], a tile of x and of X_{l−1} transposed
	packed []float32 // a tile of a layer's gradient
}

type cinLayer struct {
	weight, bias *nn.Param // [out, F, in], [out]
	packs, backs []*nn.Pack
	relu         bool
	first        bool      // symmetric: field f takes columns p ≥ f alone
	grad         []float32 // [F·in, out], of what the packs are made of, transposed
	in, out      int       // feature maps
	keep         int       // maps that go on to the next layer
	from, at     int       // pooled are maps [from, out), to output columns [at, …)
	y, dy        nn.Mat    // [N·D, out]
}

// cinTile is how many rows are treated at a time, so that they stay in the second-level cache.
const cinTile = 256

func newCIN(b *nn.Builder, f, d int, o CINOptions) Interaction {
	i := &cin{f: f, d: d}
	// Rows of a shard, laid out number by number.
	wide := *b
	wide.Rows = b.Rows * d
	tile := *b
	tile.Rows = cinTile
	in, at, most, widest := f, 0, 0, 0
	for l, h := range o.Layers {
		c := &cinLayer{relu: o.Activation == "relu", first: l == 0, in: in, out: h, keep: h, at: at, y: wide.Mat(h)}
		c.declare(b, b.In(strconv.Itoa(l)), f)
		if o.SplitHalf && l < len(o.Layers)-1 {
			c.keep = h / 2
			c.from = c.keep
		}
		if b.Train {
			c.dy = wide.Mat(h)
		}
		i.layers = append(i.layers, c)
		most, widest = max(most, in), max(widest, h)
		in, at = c.keep, at+h-c.from
	}
	i.x, i.z = wide.Mat(f), tile.Mat(most).Data
	if b.Train {
		i.dx, i.dz = wide.Mat(f), tile.Mat(most).Data
		i.xt, i.lt = tile.Mat(f).Data, tile.Mat(most).Data
		i.packed = tile.Mat(vec.PackedLen(1, widest)).Data
	}
	return i
}

// declare makes the parameters and the packs of each field's part of the weight.
func (c *cinLayer) declare(b, in *nn.Builder, fields int) {
	c.weight, c.bias = in.Weight("weight", c.out, fields, c.in), in.Bias("bias", c.out)
	if c.first {
		b.Derive(c.weight, symmetric(fields))
	}
	if b.Train && !b.Dry {
		c.grad = make([]float32, fields*c.in*c.out)
	}
	for f := range fields {
		col, width := c.part(f)
		c.packs = append(c.packs, b.Pack(c.weight, col, width, false))
		if b.Train {
			c.backs = append(c.backs, b.Pack(c.weight, col, width, true))
		}
	}
}

// part returns the columns of field f's part of the weight.
func (c *cinLayer) part(f int) (col, width int) {
	if c.first {
		return f*c.in + f, c.in - f
	}
	return f * c.in, c.in
}

// symmetric adds W[h,p,f] to W[h,f,p] for p > f; what stands below the diagonal is not read.
func symmetric(f int) func(dst, w []float32, from, to int) {
	return func(dst, w []float32, from, to int) {
		for h := from; h < to; h++ {
			dst, w := dst[h*f*f:][:f*f], w[h*f*f:][:f*f]
			for i := range f {
				dst[i*f+i] = w[i*f+i]
				for p := i + 1; p < f; p++ {
					dst[i*f+p] = w[i*f+p] + w[p*f+i]
				}
			}
		}
	}
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
	total := x.N * i.d
	vec.Transpose(i.x.Rows(total).Data, x.Data, x.N, i.f, i.d)
	for l, c := range i.layers {
		in, _ := i.below(l)
		for t := 0; t < total; t += cinTile {
			rows := min(cinTile, total-t)
			i.product(c, window(c.y, t, rows), window(i.x, t, rows), window(in, t, rows))
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

// product writes a layer's maps of a tile of rows.
func (i *cin) product(c *cinLayer, y, x0, xl nn.Mat) {
	for f := range i.f {
		z := i.scaled(c, f, x0, xl)
		e := vec.Epilogue{Accumulate: f > 0}
		if f == i.f-1 {
			e.Bias, e.ReLU = c.bias.Value, c.relu
		}
		vec.MulPacked(y.Data, y.Stride, z.Data, z.Stride, c.packs[f].Data, z.N, c.out, z.C, e)
	}
}

// scaled returns the columns of xl that field f's part of the weight takes, times the column x_f.
func (i *cin) scaled(c *cinLayer, f int, x0, xl nn.Mat) nn.Mat {
	b := c.right(f, xl)
	z := nn.Mat{N: b.N, C: b.C, Stride: b.C, Data: i.z[:b.N*b.C]}
	a := x0.Cols(f, f+1)
	vec.OuterRows(z.Data, a.Data, a.Stride, b.Data, b.Stride, b.N, 1, b.C)
	return z
}

// right returns the columns of the previous layer's maps that field f meets.
func (c *cinLayer) right(f int, xl nn.Mat) nn.Mat {
	if c.first {
		return xl.Cols(f, c.in)
	}
	return xl
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
			g, y := window(c.dy, t, rows), window(c.y, t, rows)
			if c.relu {
				vec.ReLUGrad(g.Data, g.Stride, g.Data, g.Stride, y.Data, y.Stride, rows, c.out)
			}
			i.gradients(c, g, window(i.x, t, rows), window(in, t, rows), window(i.dx, t, rows), window(din, t, rows))
		}
		c.collect(i.f)
	}
	vec.TransposeAdd(dx.Data, i.dx.Rows(total).Data, x.N, i.d, i.f)
}

// gradients adds those of a tile of rows, of weight, bias and both factors.
func (i *cin) gradients(c *cinLayer, g, x0, xl, dx0, dxl nn.Mat) {
	vec.AddRows(c.bias.Grad, g.Data, g.Stride, g.N, c.out)
	packed := i.packed[:vec.PackedLen(g.N, c.out)]
	vec.Pack(packed, g.Data, g.Stride, 1, g.N, c.out)
	xt, lt := i.transposed(i.xt, x0), i.transposed(i.lt, xl)
	for f := range i.f {
		col, width := c.part(f)
		a, b := x0.Cols(f, f+1), c.right(f, xl)
		for p := range width {
			vec.Mul2(i.z[p*g.N:][:g.N], lt[(c.in-width+p)*g.N:][:g.N], xt[f*g.N:][:g.N])
		}
		vec.MulPacked(c.grad[col*c.out:], c.out, i.z, g.N, packed, width, c.out, g.N, vec.Epilogue{Accumulate: true})
		dz := i.dz[:g.N*width]
		vec.MulPacked(dz, width, g.Data, g.Stride, c.backs[f].Data, g.N, width, c.out, vec.Epilogue{})
		da, db := dx0.Cols(f, f+1), c.right(f, dxl)
		vec.OuterRowsGrad(da.Data, da.Stride, db.Data, db.Stride, dz, a.Data, a.Stride, b.Data, b.Stride, g.N, 1, width)
	}
}

// transposed writes m's columns as rows, [C, N].
func (i *cin) transposed(dst []float32, m nn.Mat) []float32 {
	rows := nn.Mat{N: m.N, C: m.C, Stride: m.C, Data: i.dz[:m.N*m.C]}
	copyRows(rows, m)
	dst = dst[:m.N*m.C]
	vec.Transpose(dst, rows.Data, 1, m.N, m.C)
	return dst
}

// collect adds what the tiles have summed to the weight's gradient; a sum of two weights hands its own to both.
func (c *cinLayer) collect(f int) {
	in := f * c.in
	for col := range in {
		i, p := col/c.in, col%c.in
		if c.first && p < i {
			continue
		}
		for h, v := range c.grad[col*c.out:][:c.out] {
			c.weight.Grad[h*in+col] += v
			if c.first && p > i {
				c.weight.Grad[h*in+p*c.in+i] += v
			}
		}
	}
	clear(c.grad)
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

// window returns n rows from row t on.
func window(m nn.Mat, t, n int) nn.Mat { return m.Window(t, n, 0, m.C) }

func (i *cin) Cost() nn.Cost {
	var c nn.Cost
	for _, l := range i.layers {
		pairs := i.f * l.in // that are multiplied
		if l.first {
			pairs = i.f * (i.f + 1) / 2
		}
		c = c.Add(nn.Cost{
			Params: int64(i.f*l.in*l.out + l.out),
			FLOPs:  float64(i.d * (2*pairs*l.out + pairs + 2*l.out)),
			Bytes:  float64(4 * i.d * (i.f + l.in + l.out)),
		})
	}
	return c
}
