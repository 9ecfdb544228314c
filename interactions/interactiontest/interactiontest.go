// Package interactiontest is the conformance suite that every variant passes, ours or not: Run checks one.
package interactiontest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ctrlab/interactions"
	"ctrlab/nn"
)

// shapes are (examples, fields, numbers a field); those with fewer fields than a variant needs are left out.
var shapes = [][3]int{{3, 2, 4}, {5, 4, 3}, {1, 3, 8}, {4, 1, 6}, {2, 7, 1}, {9, 3, 17}, {3, 3, 9}}

// Run checks a variant with its default options: gradients against finite differences, that Backward adds, that
// Forward and Backward leave their inputs alone, short batches, one field, one row, windows of wider matrices, that
// nothing is allocated, and its cost. Each of options, of the type of the defaults, is checked as well.
func Run(t *testing.T, v interactions.Variant, options ...any) {
	for i, o := range append([]any{v.Options}, options...) {
		for _, s := range shapes {
			if !fits(v, o, s[1], s[2]) {
				continue
			}
			t.Run(fmt.Sprintf("%s/options=%d/n=%d,f=%d,d=%d", v.Name, i, s[0], s[1], s[2]), func(t *testing.T) {
				c := newCase(v, o, s[0], s[1], s[2])
				c.gradients(t)
				c.accumulation(t)
				c.purity(t)
				c.shortBatch(t)
				c.window(t)
				c.allocations(t)
				c.cost(t)
			})
		}
	}
}

// fits says whether a variant works on f fields of d numbers.
func fits(v interactions.Variant, options any, f, d int) bool {
	o, ok := options.(interface{ Fits(f, d int) error })
	return f >= v.Fields && (v.Accepts == nil || v.Accepts(f, d) == nil) && (!ok || o.Fits(f, d) == nil)
}

// house draws parameters larger than training does, so that their gradients are far above rounding.
var house = nn.Inits{Embedding: nn.Init{Kind: "normal", Scale: 1}, Weight: nn.Init{Kind: "uniform", Scale: 0.7}, Bias: nn.Init{Kind: "uniform", Scale: 0.5}}

type testCase struct {
	interactions.Interaction
	builder *nn.Builder
	step    nn.Step
	x, dx   nn.Block
	y, dy   nn.Mat
}

func newCase(v interactions.Variant, options any, n, f, d int) *testCase {
	b := nn.NewBuilder(n, 7, true, house)
	c := &testCase{Interaction: v.New(b, f, d, options), builder: b, x: nn.NewBlock(n, f, d), dx: nn.NewBlock(n, f, d)}
	c.step.Train = true
	c.y, c.dy = nn.NewMat(n, c.Width()), nn.NewMat(n, c.Width())
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][]float32{c.x.Data, c.dy.Data} {
		for i := range s {
			s[i] = float32(2*r.Float64() - 1)
		}
	}
	return c
}

// loss is Σ y·dy, whose gradient by y is dy.
func (c *testCase) loss() float64 {
	c.Forward(&c.step, c.y, c.x)
	sum := 0.0
	for i, v := range c.y.Data {
		sum += float64(v) * float64(c.dy.Data[i])
	}
	return sum
}

// clear forgets gradients.
func (c *testCase) clear() {
	clear(c.dx.Data)
	for _, p := range c.builder.Params() {
		clear(p.Grad)
	}
}

func (c *testCase) backward() {
	c.Forward(&c.step, c.y, c.x)
	c.Backward(&c.step, c.dx, c.dy, c.x)
}

// spans are where losses are compared: where a ReLU turns within the first, the others are shorter or to one side.
var spans = [][2]float32{{-1e-2, 1e-2}, {-1e-3, 1e-3}, {-1e-3, 0}, {0, 1e-3}}

// gradients holds every gradient against (loss(v+h) − loss(v−h)) / 2h. float32 leaves about 1e-3 of it.
func (c *testCase) gradients(t *testing.T) {
	if c.builder.Reducing() && c.x.N < 3 {
		return // of two rows BatchNorm makes 1 and −1, whatever they are: its slope is all rounding
	}
	c.clear()
	c.backward()
	check := func(name string, v, grad []float32, changed func()) {
		scale := 0.1
		for _, g := range grad {
			scale = max(scale, math.Abs(float64(g)))
		}
		for _, i := range sample(len(v)) {
			ok, want := false, 0.0
			for _, span := range spans {
				want = c.slope(&v[i], span, changed)
				if ok = math.Abs(float64(grad[i])-want) <= 0.01*scale; ok {
					break
				}
			}
			if !ok {
				t.Fatalf("gradient of %s[%d] is %g, finite differences say %g", name, i, grad[i], want)
			}
		}
	}
	check("x", c.x.Data, c.dx.Data, func() {})
	for _, p := range c.builder.Params() {
		check(p.Name, p.Value, p.Grad, func() { out, _ := p.Dims(); p.Repack(0, out) })
	}
}

// slope is the loss's finite difference by one number.
func (c *testCase) slope(v *float32, span [2]float32, changed func()) float64 {
	was := *v
	at := func(x float32) float64 {
		*v = x
		changed()
		return c.loss()
	}
	down, up := was+span[0], was+span[1]
	d := (at(up) - at(down)) / (float64(up) - float64(down))
	*v = was
	changed()
	return d
}

// sample picks at most 60 places, evenly.
func sample(n int) []int {
	var places []int
	for i := 0; i < n; i += 1 + n/60 {
		places = append(places, i)
	}
	return places
}

// accumulation wants Backward to add: twice gives double.
func (c *testCase) accumulation(t *testing.T) {
	c.clear()
	c.backward()
	once := c.grads()
	c.backward()
	for i, g := range c.grads() {
		for j := range g {
			if d := math.Abs(float64(g[j] - 2*once[i][j])); d > 1e-4*(1+math.Abs(float64(g[j]))) {
				t.Fatalf("a second Backward makes gradient %d[%d] %g, want twice %g", i, j, g[j], once[i][j])
			}
		}
	}
}

func (c *testCase) grads() [][]float32 {
	all := [][]float32{slices.Clone(c.dx.Data)}
	for _, p := range c.builder.Params() {
		all = append(all, slices.Clone(p.Grad))
	}
	return all
}

// purity wants inputs and parameters left alone, and the same again from the same.
func (c *testCase) purity(t *testing.T) {
	x, dy := slices.Clone(c.x.Data), slices.Clone(c.dy.Data)
	var values [][]float32
	for _, p := range c.builder.Params() {
		values = append(values, slices.Clone(p.Value))
	}
	c.clear()
	c.backward()
	y, first := slices.Clone(c.y.Data), c.grads()
	for i := range c.y.Data {
		c.y.Data[i] = float32(math.NaN())
	}
	c.clear()
	c.backward()
	if !slices.Equal(y, c.y.Data) {
		t.Error("a second Forward gives another output, or does not overwrite")
	}
	for i, g := range c.grads() {
		if !slices.Equal(g, first[i]) {
			t.Errorf("a second Backward gives another gradient %d", i)
		}
	}
	if !slices.Equal(x, c.x.Data) || !slices.Equal(dy, c.dy.Data) {
		t.Error("an input was written to")
	}
	for i, p := range c.builder.Params() {
		if !slices.Equal(values[i], p.Value) {
			t.Errorf("parameter %s was written to", p.Name)
		}
	}
}

// shortBatch wants fewer rows than the scratch was made for to give the same rows, after a full batch.
func (c *testCase) shortBatch(t *testing.T) {
	if c.builder.Reducing() {
		return // a row's output is not its own
	}
	c.clear()
	c.backward()
	y, dx := slices.Clone(c.y.Data), slices.Clone(c.dx.Data)
	c.clear()
	n := (c.x.N + 1) / 2
	c.Forward(&c.step, c.y.Rows(n), c.x.Rows(0, n))
	c.Backward(&c.step, c.dx.Rows(0, n), c.dy.Rows(n), c.x.Rows(0, n))
	if !slices.Equal(y[:n*c.Width()], c.y.Data[:n*c.Width()]) {
		t.Errorf("%d rows alone give another output than among %d", n, c.x.N)
	}
	w := c.x.F * c.x.D
	if !slices.Equal(dx[:n*w], c.dx.Data[:n*w]) {
		t.Errorf("%d rows alone give another gradient than among %d", n, c.x.N)
	}
	for _, v := range c.dx.Data[n*w:] {
		if v != 0 {
			t.Fatal("a short batch writes behind its rows")
		}
	}
}

// window wants y and dy as columns of a wider matrix to be treated alike, and the columns beside left alone.
func (c *testCase) window(t *testing.T) {
	c.clear()
	c.backward()
	first := c.grads()
	wide, dwide := nn.NewMat(c.x.N, c.Width()+5), nn.NewMat(c.x.N, c.Width()+5)
	for i := range wide.Data {
		wide.Data[i], dwide.Data[i] = 42, 42
	}
	y, dy := wide.Cols(2, 2+c.Width()), dwide.Cols(2, 2+c.Width())
	for n := range c.x.N {
		copy(dy.Row(n), c.dy.Row(n))
	}
	c.clear()
	c.Forward(&c.step, y, c.x)
	c.Backward(&c.step, c.dx, dy, c.x)
	for n := range c.x.N {
		if !slices.Equal(y.Row(n), c.y.Row(n)) {
			t.Fatalf("row %d of a window differs", n)
		}
		for i, v := range wide.Row(n) {
			if (i < 2 || i >= 2+c.Width()) && v != 42 {
				t.Fatal("columns beside the window were written to")
			}
		}
	}
	for i, g := range c.grads() {
		if !slices.Equal(g, first[i]) {
			t.Errorf("gradient %d differs for a window", i)
		}
	}
}

func (c *testCase) allocations(t *testing.T) {
	if n := testing.AllocsPerRun(5, c.backward); n != 0 {
		t.Errorf("Forward and Backward allocate %g times", n)
	}
}

// cost wants the parameters that were declared.
func (c *testCase) cost(t *testing.T) {
	n := int64(0)
	for _, p := range c.builder.Params() {
		n += int64(len(p.Value))
	}
	if got := c.Cost(); got.Params != n || got.FLOPs < 0 || got.Bytes <= 0 {
		t.Errorf("cost is %+v, want %d parameters", got, n)
	}
}
