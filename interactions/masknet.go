package interactions

import (
	"fmt"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// MaskNetBlocks are the options of masknet that a model has too.
type MaskNetBlocks struct {
	Blocks    []int   `json:"blocks" width:"operator"` // width of each block's output
	Reduction float64 `json:"reduction"`               // of a mask's hidden layer to the width of what is masked
	Structure string  `json:"structure"`               // serial or parallel
	FieldNorm bool    `json:"field_norm"`              // of every field before it is masked
}

// MaskNetOptions are the options of masknet; Hidden is what stands behind a block, the paper's norm being layer.
type MaskNetOptions struct {
	MaskNetBlocks
	nn.Hidden
}

// Check wants at least one block.
func (o MaskNetBlocks) Check() error {
	if o.Structure != "serial" && o.Structure != "parallel" {
		return fmt.Errorf("structure is %q, want serial or parallel", o.Structure)
	}
	if !(o.Reduction > 0 && o.Reduction <= 64) {
		return fmt.Errorf("reduction is %g, want more than 0 and at most 64", o.Reduction)
	}
	return widths("blocks", o.Blocks)
}

// maskNet is blocks of products with masks that the whole example makes: a block gives act(norm(W (m ⊙ v))) with the mask
// m = W_1 relu(W_0 x + b_0) + b_1. Serial blocks each take v from the one before, parallel ones all from the fields, each
// of which has gone through a LayerNorm of its own where there is a field_norm; these stand side by side in the output.
//
// Wang et al., "MaskNet: Introducing Feature-Wise Multiplication to CTR Ranking Models by Instance-Guided Mask", DLP-KDD 2021,
// eqs. 5 to 12.
type maskNet struct {
	parallel bool
	norm     *nn.LayerNorm // of the fields; may be nil
	v, dv    nn.Mat        // [N, C], the fields behind it
	blocks   []*maskBlock
	width    int
}

type maskBlock struct {
	mask   *perceptron
	hidden *nn.Stack // [out, in]
	behind nn.Behind
	m, p   nn.Mat // [N, in], mask and masked
	dm, dp nn.Mat
	y, dy  nn.Mat // [N, out]
}

// normal refuses vectors of which a LayerNorm leaves nothing.
func normal(_, d int) error {
	if d < 2 {
		return fmt.Errorf("a field's vector has %d numbers, want at least 2: its mean is taken off", d)
	}
	return nil
}

func newMaskNet(b *nn.Builder, f, d int, o MaskNetOptions) Interaction {
	c := f * d
	i := &maskNet{parallel: o.Structure == "parallel", v: b.Mat(c)}
	if o.FieldNorm {
		i.norm = nn.NewLayerNorm(b.In("norm"), f, d)
	}
	if b.Train {
		i.dv = b.Mat(c)
	}
	in := c
	for at, out := range o.Blocks {
		p := b.In(strconv.Itoa(at))
		hidden := max(1, int(float64(in)*o.Reduction))
		k := &maskBlock{mask: newPerceptron(p.In("mask"), c, []int{hidden}, in, nn.Hidden{}), m: b.Mat(in), p: b.Mat(in), y: b.Mat(out)}
		h := p.In("hidden")
		k.hidden, k.behind = nn.NewStack(h, h.Weight("weight", out, in)), nn.NewBehind(p, out, o.Hidden)
		if b.Train {
			k.dm, k.dp, k.dy = b.Mat(in), b.Mat(in), b.Mat(out)
		}
		i.blocks = append(i.blocks, k)
		i.width += out
		if !i.parallel {
			in, i.width = out, out
		}
	}
	return i
}

func (i *maskNet) Width() int { return i.width }

// in returns what block at masks, and where its gradient goes.
func (i *maskNet) in(at, n int) (v, dv nn.Mat) {
	if at == 0 || i.parallel {
		return i.v.Rows(n), i.dv.Rows(n)
	}
	return i.blocks[at-1].y.Rows(n), i.blocks[at-1].dy.Rows(n)
}

func (i *maskNet) Forward(s *nn.Step, y nn.Mat, x nn.Block) {
	if i.norm != nil {
		i.norm.Forward(i.v.Rows(x.N), x.Mat())
	} else {
		copy(i.v.Data, x.Data)
	}
	for at, k := range i.blocks {
		v, _ := i.in(at, x.N)
		k.forward(s, v, x.Mat())
	}
	i.outputs(func(k *maskBlock, from, to int) { copyRows(y.Cols(from, to), k.y.Rows(x.N)) })
}

// outputs walks the blocks that stand in the output, with their columns.
func (i *maskNet) outputs(do func(k *maskBlock, from, to int)) {
	at := 0
	for l, k := range i.blocks {
		if i.parallel || l == len(i.blocks)-1 {
			do(k, at, at+k.y.C)
			at += k.y.C
		}
	}
}

func (k *maskBlock) forward(s *nn.Step, v, x nn.Mat) {
	m, p, y := k.m.Rows(x.N), k.p.Rows(x.N), k.y.Rows(x.N)
	k.mask.forward(s, m, x)
	vec.Mul2(p.Data, m.Data, v.Data)
	k.hidden.Forward(y, p, 0, 1)
	k.behind.Forward(s, y)
}

func (i *maskNet) Backward(s *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	dv := i.dv.Rows(x.N)
	dv.Zero()
	for _, k := range i.blocks {
		k.dy.Rows(x.N).Zero()
	}
	i.outputs(func(k *maskBlock, from, to int) { copyRows(k.dy.Rows(x.N), dy.Cols(from, to)) })
	for at := len(i.blocks) - 1; at >= 0; at-- {
		v, dv := i.in(at, x.N)
		i.blocks[at].backward(s, dv, dx.Mat(), v, x.Mat())
	}
	if i.norm != nil {
		i.norm.Backward(dv, dv)
	}
	vec.Add(dx.Data, dv.Data)
}

// backward takes dy on, and adds into dv and dx.
func (k *maskBlock) backward(s *nn.Step, dv, dx, v, x nn.Mat) {
	m, p, dm, dp, g := k.m.Rows(x.N), k.p.Rows(x.N), k.dm.Rows(x.N), k.dp.Rows(x.N), k.dy.Rows(x.N)
	k.behind.Backward(s, g)
	k.hidden.Backward(dp, g, p, true)
	vec.MulAdd(dv.Data, dp.Data, m.Data)
	vec.Mul2(dm.Data, dp.Data, v.Data)
	k.mask.backward(s, dx, dm, x, false)
}

func (i *maskNet) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	x = g.Reshape(x, 0, i.v.C)
	fields := x
	if i.norm != nil {
		fields = i.norm.ONNX(g, x)
	}
	var out []onnx.Value
	v := fields
	for _, k := range i.blocks {
		v = k.behind.ONNX(g, k.hidden.ONNX(g, g.Mul(k.mask.ONNX(g, x), v), 0))
		if out = append(out, v); i.parallel {
			v = fields
		}
	}
	if i.parallel {
		return g.Concat(1, out...)
	}
	return v
}

func (i *maskNet) Cost() nn.Cost {
	var c nn.Cost
	if i.norm != nil {
		c = i.norm.Cost()
	}
	for _, k := range i.blocks {
		c = c.Add(k.mask.cost()).Add(k.hidden.Cost()).Add(k.behind.Cost())
		c = c.Add(nn.Cost{FLOPs: float64(k.p.C + k.y.C), Bytes: float64(4 * k.p.C)})
	}
	return c
}
