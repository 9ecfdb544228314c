package interactions

import (
	"fmt"
	"slices"
	"strconv"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// DHENOptions are the options of dhen.
type DHENOptions struct {
	Layers  int      `json:"layers"`
	Modules []string `json:"modules"` // interactions, with the defaults of their options
}

// variants is the table, set at the start of the program: dhen is in it and looks others up.
var variants func(name string) (Variant, bool)

func init() { variants = Find }

// Check wants modules that are interactions, each once.
func (o DHENOptions) Check() error {
	if len(o.Modules) == 0 {
		return fmt.Errorf("modules is empty, want at least one interaction")
	}
	for i, name := range o.Modules {
		if _, ok := variants(name); !ok || name == "dhen" {
			return fmt.Errorf("modules has %q at place %d, which is no interaction that can be one", name, i)
		}
		if slices.Contains(o.Modules[:i], name) {
			return fmt.Errorf("modules has %q twice", name)
		}
	}
	return CrossOptions{o.Layers}.Check()
}

// Fits wants fields that all modules can work on.
func (o DHENOptions) Fits(f, d int) error {
	for _, name := range o.Modules {
		v, _ := variants(name)
		if f < v.Fields {
			return fmt.Errorf("its module %s needs at least %d fields, and the data gives it %d", name, v.Fields, f)
		}
		if v.Accepts != nil {
			if err := v.Accepts(f, d); err != nil {
				return fmt.Errorf("its module %s: %w", name, err)
			}
		}
	}
	return nil
}

// dhen is layers of several interactions over the same fields: X' = LN(Σ_m (W_m I_m(X) + b_m) + X), the output of each
// interaction I_m projected to the fields again.
//
// Zhang et al., "DHEN: A Deep and Hierarchical Ensemble Network for Large-Scale Click-Through Rate Prediction", DLP-KDD 2022,
// eqs. 1 and 2.
type dhen struct {
	f, d   int
	layers []dhenLayer
}

type dhenLayer struct {
	modules []dhenModule
	norm    *nn.LayerNorm // of every field's vector
	y, dy   nn.Mat        // [N, F·D]
	p       nn.Mat        // [N, F·D], one projection
}

type dhenModule struct {
	Interaction
	name       string
	projection *nn.Linear
	y, dy      nn.Mat // [N, Width]
}

func newDHEN(b *nn.Builder, f, d int, o DHENOptions) Interaction {
	i, c, fields := &dhen{f: f, d: d}, f*d, *b
	fields.Rows = b.Rows * f
	for l := range o.Layers {
		in := b.In(strconv.Itoa(l))
		layer := dhenLayer{norm: nn.NewLayerNorm(fields.In(strconv.Itoa(l)).In("norm"), 1, d), y: b.Mat(c), p: b.Mat(c)}
		if b.Train {
			layer.dy = b.Mat(c)
		}
		for _, name := range o.Modules {
			v, _ := variants(name)
			m := dhenModule{Interaction: v.New(in.In(name), f, d, v.Options), name: name}
			m.projection, m.y = nn.NewLinear(in.In(name).In("projection"), m.Width(), c, false), b.Mat(m.Width())
			if b.Train {
				m.dy = b.Mat(m.Width())
			}
			layer.modules = append(layer.modules, m)
		}
		i.layers = append(i.layers, layer)
	}
	return i
}

func (i *dhen) Width() int { return i.f * i.d }

// block returns a layer's output, or its gradient, as fields.
func (i *dhen) block(m nn.Mat, n int) nn.Block {
	return nn.Block{N: n, F: i.f, D: i.d, Data: m.Rows(n).Data}
}

// fields returns it with each field's vector a row.
func (i *dhen) fields(m nn.Mat, n int) nn.Mat {
	return nn.Mat{N: n * i.f, C: i.d, Stride: i.d, Data: m.Rows(n).Data}
}

// in returns what layer l treats.
func (i *dhen) in(l int, x nn.Block) nn.Block {
	if l == 0 {
		return x
	}
	return i.block(i.layers[l-1].y, x.N)
}

func (i *dhen) Forward(s *nn.Step, y nn.Mat, x nn.Block) {
	for l, layer := range i.layers {
		in, out, p := i.in(l, x), layer.y.Rows(x.N), layer.p.Rows(x.N)
		copy(out.Data, in.Data)
		for _, m := range layer.modules {
			m.Forward(s, m.y.Rows(x.N), in)
			m.projection.Forward(p, m.y.Rows(x.N))
			vec.Add(out.Data, p.Data)
		}
		layer.norm.Forward(i.fields(out, x.N), i.fields(out, x.N))
	}
	copyRows(y, i.layers[len(i.layers)-1].y.Rows(x.N))
}

func (i *dhen) Backward(s *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	copyRows(i.layers[len(i.layers)-1].dy.Rows(x.N), dy)
	for l := len(i.layers) - 1; l >= 0; l-- {
		layer, in, below := i.layers[l], i.in(l, x), dx
		if l > 0 {
			below = i.block(i.layers[l-1].dy, x.N)
			clear(below.Data)
		}
		g := layer.dy.Rows(x.N)
		layer.norm.Backward(i.fields(g, x.N), i.fields(g, x.N))
		vec.Add(below.Data, g.Data)
		for _, m := range layer.modules {
			y, d := m.y.Rows(x.N), m.dy.Rows(x.N)
			m.projection.Backward(d, g, y, true)
			m.Backward(s, below, d, in)
		}
	}
}

func (i *dhen) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	for _, l := range i.layers {
		y := x
		for _, m := range l.modules {
			y = g.Add(y, g.Reshape(m.projection.ONNX(g, ONNX(g, m.name, m.Interaction, x)), 0, i.f, i.d))
		}
		x = l.norm.ONNX(g, y)
	}
	return g.Reshape(x, 0, i.Width())
}

func (i *dhen) Cost() nn.Cost {
	var c nn.Cost
	for _, l := range i.layers {
		for _, m := range l.modules {
			c = c.Add(m.Cost()).Add(m.projection.Cost()).Add(nn.Cost{FLOPs: float64(i.f * i.d)})
		}
		one := l.norm.Cost()
		c = c.Add(nn.Cost{Params: one.Params, FLOPs: float64(i.f) * one.FLOPs, Bytes: float64(i.f) * one.Bytes})
	}
	return c
}
