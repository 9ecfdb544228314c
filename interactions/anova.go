package interactions

import (
	"fmt"

	"ctrlab/internal/vec"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// AnovaOptions are the options of anova.
type AnovaOptions struct {
	Order int `json:"order"`
}

// Check wants an order that is one of interactions.
func (o AnovaOptions) Check() error {
	if o.Order < 2 || o.Order > 16 {
		return fmt.Errorf("order is %d, want 2 to 16", o.Order)
	}
	return nil
}

// anova is the factorization machine of one order m: Σ_{i<j<…} Σ_d x_id x_jd …, the products of all sets of m fields, in
// O(m·F·D). With a_0 = 1 and the other a_t = 0 at the start, a field at a time, a_t ← a_t + x_i ⊙ a_{t−1}; what is wanted
// is Σ_d a_m.
//
// A few examples at a time go through all fields, in Backward there and back.
//
// Blondel et al., "Higher-Order Factorization Machines", NIPS 2016, §3.
type anova struct {
	f, d, order int
	tile        int      // examples
	a           []nn.Mat // [tile, m·D] before each field, a_0 to a_{m−1}; without Backward one for all
	da          nn.Mat   // [tile, m·D], the gradients of a_1 to a_m
	top         nn.Mat   // [tile, D], a_m
}

const anovaTile = 64

func newAnova(b *nn.Builder, f, d int, o AnovaOptions) Interaction {
	i := &anova{f: f, d: d, order: o.Order, tile: min(anovaTile, b.Rows)}
	tile := *b
	tile.Rows = i.tile
	i.top = tile.Mat(d)
	for range f {
		if b.Train || len(i.a) == 0 {
			i.a = append(i.a, tile.Mat(o.Order*d))
		}
	}
	if b.Train {
		i.da = tile.Mat(o.Order * d)
	}
	return i
}

func (i *anova) Width() int { return 1 }

// part returns columns t·D to (t+1)·D.
func (i *anova) part(m nn.Mat, t int) nn.Mat { return m.Cols(t*i.d, (t+1)*i.d) }

// start sets a to what it is before the first field.
func (i *anova) start(a nn.Mat) {
	for n := range a.N {
		row := a.Row(n)
		clear(row)
		for j := range i.d {
			row[j] = 1
		}
	}
}

func (i *anova) Forward(_ *nn.Step, y nn.Mat, x nn.Block) {
	for t := 0; t < x.N; t += i.tile {
		n := min(i.tile, x.N-t)
		in, a, top := x.Rows(t, t+n), i.a[0].Rows(n), i.top.Rows(n)
		i.start(a)
		top.Zero()
		for f := range i.f {
			e := in.Field(f)
			mulAdd(top, e, i.part(a, i.order-1))
			for t := i.order - 1; t > 0; t-- {
				mulAdd(i.part(a, t), e, i.part(a, t-1))
			}
		}
		for e := range n {
			sum := float32(0)
			for _, v := range top.Row(e) {
				sum += v
			}
			y.Row(t + e)[0] = sum
		}
	}
}

func (i *anova) Backward(_ *nn.Step, dx nn.Block, dy nn.Mat, x nn.Block) {
	for t := 0; t < x.N; t += i.tile {
		n := min(i.tile, x.N-t)
		i.again(x.Rows(t, t+n))
		i.backward(dx.Rows(t, t+n), dy.Window(t, n, 0, 1), x.Rows(t, t+n))
	}
}

// again makes a before each field.
func (i *anova) again(x nn.Block) {
	i.start(i.a[0].Rows(x.N))
	for f := range i.f - 1 {
		e, a, next := x.Field(f), i.a[f].Rows(x.N), i.a[f+1].Rows(x.N)
		copy(next.Data, a.Data)
		for t := 1; t < i.order; t++ {
			mulAdd(i.part(next, t), e, i.part(a, t-1))
		}
	}
}

func (i *anova) backward(dx nn.Block, dy nn.Mat, x nn.Block) {
	da := i.da.Rows(x.N)
	da.Zero()
	for n := range x.N {
		top := i.part(da, i.order-1).Row(n)
		for j := range top {
			top[j] = dy.Row(n)[0]
		}
	}
	for f := i.f - 1; f >= 0; f-- {
		a, e := i.a[f].Rows(x.N), x.Field(f)
		for t := range i.order {
			mulAdd(dx.Field(f), i.part(da, t), i.part(a, t))
		}
		for t := range i.order - 1 {
			mulAdd(i.part(da, t), e, i.part(da, t+1))
		}
	}
}

// mulAdd adds y += a ⊙ b, row by row.
func mulAdd(y, a, b nn.Mat) {
	vec.MulAddRows(y.Data, y.Stride, a.Data, a.Stride, b.Data, b.Stride, y.N, y.C)
}

// ONNX begins without what is 0: a_t comes with the t-th field.
func (i *anova) ONNX(g *onnx.Graph, x onnx.Value) onnx.Value {
	var a []onnx.Value // from a_1 on
	for f := range i.f {
		e := g.Reshape(g.Slice(x, 1, f, f+1), 0, i.d)
		for t := min(f, i.order-1); t >= 0; t-- {
			term := e
			if t > 0 {
				term = g.Mul(e, a[t-1])
			}
			if t == len(a) {
				a = append(a, term)
			} else {
				a[t] = g.Add(a[t], term)
			}
		}
	}
	if len(a) < i.order { // there are no such sets of fields
		return g.Scale(g.Total(a[0]), 0)
	}
	return g.Total(a[i.order-1])
}

func (i *anova) Cost() nn.Cost {
	return nn.Cost{FLOPs: float64(2*i.order*i.f*i.d + i.d), Bytes: float64(4 * (i.f*i.d + (i.order+1)*i.d + 1))}
}
