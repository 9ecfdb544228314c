package nn

import (
	"math"
	"slices"
	"testing"

	"ctrlab/internal/vec"
)

// Values at z = 0.5 by hand: σ = 0.622459331, ln(1 + e^0.5) = 0.974076984.
func TestLosses(t *testing.T) {
	const p = 0.6224593312018546
	for _, c := range []struct {
		loss           string
		z, label       float32
		want, gradient float64
	}{
		{"bce", 0.5, 0, 0.9740769841801067, p},
		{"bce", 0.5, 1, 0.4740769841801067, p - 1},
		{"bce", 200, 0, 200, 1},
		{"bce", -200, 1, 200, -1},
		{"mse", 0.5, 3, 6.25, -5},
		{"brier", 0.5, 1, (1 - p) * (1 - p), 2 * (p - 1) * p * (1 - p)},
		{"hinge", 0.5, 1, 0.5, -1},
		{"hinge", 0.5, 0, 1.5, 1},
		{"hinge", -3, 1, 4, -1},
		{"hinge", 1, 1, 0, 0},
		{"hinge", -2, 0, 0, 0},
	} {
		l, ok := FindLoss(c.loss)
		if !ok {
			t.Fatal("no loss " + c.loss)
		}
		dz := make([]float32, 1)
		got := l.Grad(dz, []float32{c.z}, []float32{c.label}, 0.5)
		if math.Abs(got-c.want) > 1e-12*(1+c.want) || math.Abs(float64(dz[0])-0.5*c.gradient) > 1e-7*(1+math.Abs(c.gradient)) {
			t.Errorf("%s(%g, %g) is %v with gradient %v, want %v and %v", c.loss, c.z, c.label, got, dz[0], c.want, 0.5*c.gradient)
		}
	}
}

// Pairs with differences 0.5 and −200, whose −ln σ are 0.474076984 and 200, each for both rows; the slopes are −σ(−d), as in the paper.
func TestBPR(t *testing.T) {
	const p = 0.6224593312018546
	l, _ := FindLoss("bpr")
	dz := make([]float32, 4)
	if got, want := l.Grad(dz, []float32{1.5, 1, -150, 50}, make([]float32, 4), 0.5), 2*(0.4740769841801067+200); math.Abs(got-want) > 1e-12*want {
		t.Errorf("sum is %v, want %v", got, want)
	}
	if want := []float32{p - 1, 1 - p, -1, 1}; !slices.Equal(dz, want) {
		t.Errorf("gradient is %v, want %v", dz, want)
	}
}

// Two steps with g = 2, then g = −1, from w = 1 with η = 0.1, by hand from the formulas of the table.
func TestOptimizers(t *testing.T) {
	adam := func() float64 {
		w, m, v := 1.0, 0.0, 0.0
		for i, g := range []float64{2, -1} {
			m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
			n := float64(i + 1)
			w -= 0.1 * (m / (1 - math.Pow(0.9, n))) / (math.Sqrt(v/(1-math.Pow(0.999, n))) + 1e-8)
		}
		return w
	}()
	adamw := func() float64 {
		w, m, v := 1.0, 0.0, 0.0
		for i, g := range []float64{2, -1} {
			m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
			n := float64(i + 1)
			w -= 0.1*0.01*w + 0.1*(m/(1-math.Pow(0.9, n)))/(math.Sqrt(v/(1-math.Pow(0.999, n)))+1e-8)
		}
		return w
	}()
	// β = 1: z starts as −1·(1/0.1) = −10; after g = 2, σ = (2 − 0)/0.1 = 20, z = −10 + 2 − 20 = −28, w = 28/((1 + 2)/0.1);
	// after g = −1, z = −28 − 1 − 10(√5 − 2)w, w = −z/((1 + √5)/0.1).
	ftrl := (29 + 10*(math.Sqrt(5)-2)*28/30) / (10 * (1 + math.Sqrt(5)))
	for _, c := range []struct {
		name string
		want float64
	}{
		{"sgd", 1 - 0.2 + 0.1},
		{"adagrad", 1 - 0.1 + 0.1/math.Sqrt(5)},
		{"rowwise_adagrad", 1 - 0.1 + 0.1/math.Sqrt(5)},
		{"adam", adam}, {"dense_adam", adam},
		{"adamw", adamw},
		{"momentum", 1 - 0.2 - 0.1*(0.9*2-1)},
		{"ftrl", ftrl},
	} {
		o, ok := FindOptimizer(c.name)
		if !ok {
			t.Fatal("no optimiser " + c.name)
		}
		w, s := []float32{1}, o.NewState(1)
		table := &Table{Rows: 2, D: 1, Value: []float32{5, 1}}
		rs := o.NewRowState(table)
		for i, g := range []float32{2, -1} {
			h := o.Hyper(o.Constants)
			h.LearningRate, h.Step = 0.1, i+1
			o.Update(w, []float32{g}, s, h)
			o.UpdateRows(table.Value, rs, 1, []int32{1}, []float32{g}, h)
		}
		for what, got := range map[string]float32{"dense": w[0], "row": table.Value[1]} {
			if math.Abs(float64(got)-c.want) > 1e-6 {
				t.Errorf("%s, %s: w is %v, want %v", c.name, what, got, c.want)
			}
		}
		if table.Value[0] != 5 {
			t.Errorf("%s moves a row that was not looked up", c.name)
		}
	}
}

// With l1, FTRL leaves an initial value where it is until its gradients weigh more, and then makes it 0: η = 1, β = 0, λ₂ = 1,
// λ₁ = 2, w = 0.5. z starts as −0.5 − 2 = −2.5; g = 1.5 makes it −2.5 + 1.5 − 1.5·0.5 = −1.75, of which 2 take all.
func TestFTRLZero(t *testing.T) {
	o, _ := FindOptimizer("ftrl")
	h := Hyper{LearningRate: 1, FTRLL1: 2, FTRLL2: 1}
	w, s := []float32{0.5, 0.5, 0}, o.NewState(3)
	o.Update(w, []float32{0, 1.5, 1.5}, s, h)
	if !slices.Equal(w, []float32{0.5, 0, 0}) {
		t.Errorf("w is %v, want 0.5 without a gradient, and 0", w)
	}
}

// An optimiser has its own constants, whole, and refuses those of others.
func TestConstants(t *testing.T) {
	adam, _ := FindOptimizer("adam")
	c := Constants{Beta1: new(0.5)}
	if err := adam.Resolve(&c); err != nil || *c.Beta1 != 0.5 || *c.Beta2 != 0.999 || c.Momentum != nil {
		t.Errorf("%+v, %v", c, err)
	}
	for want, c := range map[string]Constants{
		"momentum is 0.5, and the optimizer adam has none; it is for momentum": {Momentum: new(0.5)},
		"beta1 is 1, want 0 to 0.999999999":                                    {Beta1: new(1.0)},
		"epsilon is 0, want 1e-30 to 1e+30":                                    {Epsilon: new(0.0)},
		"weight_decay is 1, and the optimizer adam has none; it is for adamw":  {WeightDecay: new(1.0)},
	} {
		if err := adam.Resolve(&c); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Row-wise Adagrad sums the mean square of a row: g = (3, 4) gives s = 12.5.
func TestRowwiseAdagradMean(t *testing.T) {
	o, _ := FindOptimizer("rowwise_adagrad")
	table := &Table{Rows: 1, D: 2, Value: []float32{0, 0}}
	s := o.NewRowState(table)
	o.UpdateRows(table.Value, s, 2, []int32{0}, []float32{3, 4}, Hyper{LearningRate: 1, Step: 1, Epsilon: 1e-10})
	want := []float64{-3 / math.Sqrt(12.5), -4 / math.Sqrt(12.5)}
	if len(s[0]) != 1 || math.Abs(float64(table.Value[0])-want[0]) > 1e-6 || math.Abs(float64(table.Value[1])-want[1]) > 1e-6 {
		t.Errorf("state %v, row %v, want one 12.5 and %v", s[0], table.Value, want)
	}
}

// Ids 7, 3, 7 in bags {7, 3}, {}, {7}: two rows in order of appearance, their gradients summed.
func TestUses(t *testing.T) {
	table := &Table{Rows: 9, D: 2, Value: make([]float32, 18)}
	dy := Mat{N: 3, C: 2, Stride: 2, Data: []float32{1, 2, 10, 20, 100, 200}}
	scratch := make([]int32, vec.ByRowScratch(3))
	var u Uses
	u.Set(9, []int32{7, 3, 7}, []int32{0, 2, 2, 3}, scratch)
	if !slices.Equal(u.Rows, []int32{7, 3}) {
		t.Fatalf("rows %v, want 7 and 3", u.Rows)
	}
	g := make([]float32, 4)
	for _, c := range []struct {
		mean     bool
		from, to int
		want     []float32
	}{{false, 0, 2, []float32{101, 202, 1, 2}}, {true, 0, 2, []float32{100.5, 201, 0.5, 1}}, {false, 1, 2, []float32{1, 2}}} {
		got := g[:2*(c.to-c.from)]
		if u.Sum(got, c.from, c.to, dy, c.mean); !slices.Equal(got, c.want) {
			t.Errorf("mean %v: gradients %v of rows %d to %d, want %v", c.mean, got, c.from, c.to, c.want)
		}
	}
	table.Value[14] = 4 // row 7
	u.Sum(g, 0, 2, dy, true)
	u.Decay(g, 0, 2, table, 0.5, 0)
	if g[0] != 100.5+0.5*2*4 {
		t.Errorf("decay makes it %v, want 104.5: twice looked up", g[0])
	}
}

// Initial values depend on seed and name alone.
func TestInitialValues(t *testing.T) {
	first := NewBuilder(1, 1, false, DefaultInits)
	a := first.In("x").Weight("w", 3, 2)
	second := NewBuilder(1, 1, false, DefaultInits)
	second.Weight("other", 5, 5)
	b := second.In("x").Weight("w", 3, 2)
	if !slices.Equal(a.Value, b.Value) {
		t.Error("a parameter declared before it moves a parameter")
	}
	if c := NewBuilder(1, 2, false, DefaultInits).In("x").Weight("w", 3, 2); slices.Equal(a.Value, c.Value) {
		t.Error("another seed gives the same values")
	}
	if d := first.Lane(1, true).In("x").Weight("w", 3, 2); &d.Value[0] != &a.Value[0] || d.Grad == nil {
		t.Error("a lane does not share values, or has no gradient")
	}
}

// The spread of each kind over 400 × 100 numbers, against its formula; 40,000 draws give it to 1 %.
func TestInitSpread(t *testing.T) {
	for _, c := range []struct {
		kind string
		sd   float64
	}{
		{"zero", 0}, {"uniform", 1 / math.Sqrt(3)}, {"normal", 1}, {"xavier", math.Sqrt(2.0 / 500)},
		{"xavier_normal", math.Sqrt(2.0 / 500)}, {"out_normal", math.Sqrt(1.0 / 400)}, {"row_uniform", 1 / math.Sqrt(1200)},
	} {
		v := make([]float32, 40000)
		Init{Kind: c.kind}.fill(v, 400, 100, stream(1, c.kind))
		sum := 0.0
		for _, x := range v {
			sum += float64(x) * float64(x)
		}
		if sd := math.Sqrt(sum / 40000); math.Abs(sd-c.sd) > 0.02*c.sd {
			t.Errorf("%s has standard deviation %g, want %g", c.kind, sd, c.sd)
		}
	}
}

// A perceptron's gradients against finite differences, with everything that may stand behind its hidden layers.
func TestMLPGradients(t *testing.T) {
	hidden := []Hidden{{}, {Dropout: 0.3}}
	for _, n := range Norms {
		for _, a := range Activations {
			hidden = append(hidden, Hidden{n.Name, a.Name, 0}, Hidden{n.Name, a.Name, 0.3})
		}
	}
	for _, h := range hidden {
		testMLPGradients(t, h)
	}
}

func testMLPGradients(t *testing.T, h Hidden) {
	const n = 6
	b := NewBuilder(n, 3, true, Inits{Weight: Init{Kind: "uniform"}, Bias: Init{Kind: "uniform"}})
	m := NewMLP(b, 5, []int{7, 20}, true, h)
	x, y, dx := NewMat(n, 5), NewMat(n, 1), NewMat(n, 5)
	dy := Mat{N: n, C: 1, Stride: 1, Data: []float32{1, -2, 0.5, 3, -1, 0.25}}
	r := stream(1, "x")
	for i := range x.Data {
		x.Data[i] = float32(r.NormFloat64())
	}
	step := &Step{Train: true, Step: 2}
	loss := func() float64 {
		m.Forward(step, y, x)
		sum := 0.0
		for i, v := range y.Data {
			sum += float64(v) * float64(dy.Data[i])
		}
		return sum
	}
	loss()
	m.Backward(step, dx, dy, x)
	check := func(name string, v, g []float32, repack func()) {
		scale := 1.0
		for _, d := range g {
			scale = max(scale, math.Abs(float64(d)))
		}
		for i := range v {
			was, want := v[i], math.Inf(1)
			for _, h := range [][2]float32{{-1e-3, 1e-3}, {-1e-3, 0}, {0, 1e-3}, {-3e-4, 3e-4}} { // one may cross a ReLU's bend
				v[i] = was + h[1]
				repack()
				up := loss()
				v[i] = was + h[0]
				repack()
				want = (up - loss()) / float64(h[1]-h[0])
				if math.Abs(float64(g[i])-want) <= 0.01*scale {
					break
				}
			}
			v[i] = was
			repack()
			if math.Abs(float64(g[i])-want) > 0.01*scale {
				t.Fatalf("%+v: gradient of %s[%d] is %g, finite differences say %g", h, name, i, g[i], want)
			}
		}
	}
	check("x", x.Data, dx.Data, func() {})
	for _, p := range b.Params() {
		check(p.Name, p.Value, p.Grad, func() { out, _ := p.Dims(); p.Repack(0, out) })
	}
}
