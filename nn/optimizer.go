package nn

import (
	"math"

	"ctrlab/internal/vec"
)

// Hyper is what an optimiser is told with every step: Constants and more.
type Hyper struct {
	LearningRate                                                           float32
	Step                                                                   int // from 1
	Momentum, Beta1, Beta2, Epsilon, WeightDecay, FTRLBeta, FTRLL1, FTRLL2 float32
}

// State is an optimiser's memory of one parameter or table: two planes at most, zero at the start.
type State [2][]float32

// Optimizer is a row of the table of optimisers. Update treats a dense parameter or a range of it; UpdateRows the
// rows of a table that the batch looked up, each once, with gradients g [len(rows), d] summed over the batch.
type Optimizer struct {
	Name, Formula string
	Constants     Constants // the defaults of those that it has
	planes        int
	rowwise       bool // one number of state a table row
	EveryRow      bool // of tables too: those that the batch did not look up have the gradient 0
	Update        func(w, g []float32, s State, h Hyper)
	UpdateRows    func(w []float32, s State, d int, rows []int32, g []float32, h Hyper)
}

// Optimizers is the table of optimisers.
var Optimizers = []Optimizer{
	{"sgd", "w ← w − η g", Constants{}, 0, false, false, sgd, sgdRows},
	{"adagrad", "s ← s + g², w ← w − η g/(√s + ε)", Constants{Epsilon: new(1e-10)}, 1, false, false, adagrad, adagradRows},
	{"rowwise_adagrad", "tables: s ← s + mean(g²), one s a row; adagrad for the rest", Constants{Epsilon: new(1e-10)}, 1, true, false, adagrad, rowwiseAdagradRows},
	{"adam", "m ← β₁ m + (1−β₁) g, v ← β₂ v + (1−β₂) g², w ← w − η m̂/(√v̂ + ε); on tables lazily: only rows looked up move", adamDefaults, 2, false, false, adam, adamRows},
	{"dense_adam", "adam, in which every row of a table moves at every step", adamDefaults, 2, false, true, adam, adamRows},
	{"adamw", "w ← (1 − η λ) w, λ the weight_decay, then adam", adamwDefaults, 2, false, false, adamw, adamwRows},
	{"momentum", "v ← μ v + g, w ← w − η v; on tables lazily", Constants{Momentum: new(0.9)}, 1, false, false, momentum, momentumRows},
	{"ftrl", "z ← z + g − (√(n+g²) − √n)/η w, n ← n + g², w ← −(z − λ₁ sign z)/((β + √n)/η + λ₂), or 0 where |z| ≤ λ₁",
		Constants{FTRLBeta: new(1.0), FTRLL1: new(0.0), FTRLL2: new(0.0)}, 2, false, false, ftrl, ftrlRows},
}

var (
	adamDefaults  = Constants{Beta1: new(0.9), Beta2: new(0.999), Epsilon: new(1e-8)}
	adamwDefaults = Constants{Beta1: new(0.9), Beta2: new(0.999), Epsilon: new(1e-8), WeightDecay: new(0.01)}
)

// FindOptimizer returns the row with a name.
func FindOptimizer(name string) (Optimizer, bool) {
	for _, o := range Optimizers {
		if o.Name == name {
			return o, true
		}
	}
	return Optimizer{}, false
}

// NewState returns the state of a dense parameter of n numbers.
func (o Optimizer) NewState(n int) State { return newState(o.planes, n) }

// NewRowState returns the state of a table.
func (o Optimizer) NewRowState(t *Table) State {
	if o.rowwise {
		return newState(o.planes, t.Rows)
	}
	return newState(o.planes, t.Rows*t.D)
}

// UpdateRange treats rows [from, to) of a table, all of which have a gradient in g. first is the numbers 0, 1, …, at least as many.
func (o Optimizer) UpdateRange(t *Table, s State, from, to int, first []int32, g []float32, h Hyper) {
	w := t.Value[from*t.D : to*t.D]
	width := t.D
	if o.rowwise {
		width = 1
	}
	for i := range o.planes {
		s[i] = s[i][from*width : to*width]
	}
	if o.rowwise {
		o.UpdateRows(w, s, t.D, first[:to-from], g, h)
	} else {
		o.Update(w, g, s, h)
	}
}

func newState(planes, n int) (s State) {
	for i := range planes {
		s[i] = huge(n)
	}
	return s
}

func sgd(w, g []float32, _ State, h Hyper) { vec.SGD(w, g, h.LearningRate) }

func sgdRows(w []float32, _ State, d int, rows []int32, g []float32, h Hyper) {
	vec.SGDRows(w, d, rows, g, h.LearningRate)
}

func adagrad(w, g []float32, s State, h Hyper) { vec.Adagrad(w, s[0], g, h.LearningRate, h.Epsilon) }

func adagradRows(w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	vec.AdagradRows(w, s[0], d, rows, g, h.LearningRate, h.Epsilon)
}

func rowwiseAdagradRows(w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	vec.RowwiseAdagradRows(w, s[0], d, rows, g, h.LearningRate, h.Epsilon)
}

// correction is Adam's 1 − βᵗ, of β as float32 has it: 1 − β is 5e-5 off for 0.999, and so must this be.
func correction(beta float32, step int) float32 {
	return float32(1 - math.Pow(float64(beta), float64(step)))
}

func adam(w, g []float32, s State, h Hyper) {
	vec.Adam(w, s[0], s[1], g, h.LearningRate, h.Beta1, h.Beta2, h.Epsilon, correction(h.Beta1, h.Step), correction(h.Beta2, h.Step))
}

func adamRows(w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	vec.AdamRows(w, s[0], s[1], d, rows, g, h.LearningRate, h.Beta1, h.Beta2, h.Epsilon, correction(h.Beta1, h.Step), correction(h.Beta2, h.Step))
}

func adamw(w, g []float32, s State, h Hyper) {
	vec.Scale(w, 1-h.LearningRate*h.WeightDecay)
	adam(w, g, s, h)
}

func adamwRows(w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	for _, r := range rows {
		vec.Scale(w[int(r)*d:][:d], 1-h.LearningRate*h.WeightDecay)
	}
	adamRows(w, s, d, rows, g, h)
}

func momentum(w, g []float32, s State, h Hyper) {
	v := s[0][:len(w)]
	for i := range w {
		v[i] = h.Momentum*v[i] + g[i]
		w[i] -= h.LearningRate * v[i]
	}
}

func momentumRows(w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	eachRow(momentum, w, s, d, rows, g, h)
}

// ftrl is McMahan et al. 2013, algorithm 1, begun where the initial value is what z says.
func ftrl(w, g []float32, s State, h Hyper) {
	z, n := s[0][:len(w)], s[1][:len(w)]
	for i, d := range g {
		if d == 0 {
			continue
		}
		if n[i] == 0 && w[i] != 0 {
			z[i] = -w[i]*(h.FTRLBeta/h.LearningRate+h.FTRLL2) - float32(math.Copysign(float64(h.FTRLL1), float64(w[i])))
		}
		root := float32(math.Sqrt(float64(n[i] + d*d)))
		z[i] += d - (root-float32(math.Sqrt(float64(n[i]))))/h.LearningRate*w[i]
		n[i] += d * d
		w[i] = 0
		if past := max(z[i], -z[i]) - h.FTRLL1; past > 0 {
			w[i] = -float32(math.Copysign(float64(past), float64(z[i]))) / ((h.FTRLBeta+root)/h.LearningRate + h.FTRLL2)
		}
	}
}

func ftrlRows(w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	eachRow(ftrl, w, s, d, rows, g, h)
}

// eachRow updates rows as if each were a parameter.
func eachRow(update func(w, g []float32, s State, h Hyper), w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	for i, r := range rows {
		at, row := int(r)*d, s
		for k := range row {
			if row[k] != nil {
				row[k] = row[k][at : at+d]
			}
		}
		update(w[at:at+d], g[i*d:][:d], row, h)
	}
}
