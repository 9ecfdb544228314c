package nn

import (
	"math"

	"ctrlab/internal/vec"
)

// Hyper is what an optimiser is told with every step.
type Hyper struct {
	LearningRate float32
	Step         int // from 1
}

// State is an optimiser's memory of one parameter or table: two planes at most, zero at the start.
type State [2][]float32

// Optimizer is a row of the table of optimisers. Update treats a dense parameter or a range of it; UpdateRows the
// rows of a table that the batch looked up, each once, with gradients g [len(rows), d] summed over the batch.
type Optimizer struct {
	Name, Formula string
	planes        int
	rowwise       bool // one number of state a table row
	Update        func(w, g []float32, s State, h Hyper)
	UpdateRows    func(w []float32, s State, d int, rows []int32, g []float32, h Hyper)
}

const (
	adagradEps          = 1e-10
	beta1, beta2, adEps = 0.9, 0.999, 1e-8
)

// Optimizers is the table of optimisers.
var Optimizers = []Optimizer{
	{"sgd", "w ← w − η g", 0, false, sgd, sgdRows},
	{"adagrad", "s ← s + g², w ← w − η g/(√s + 1e-10)", 1, false, adagrad, adagradRows},
	{"rowwise_adagrad", "tables: s ← s + mean(g²), one s a row; adagrad for the rest", 1, true, adagrad, rowwiseAdagradRows},
	{"adam", "β = (0.9, 0.999), ε = 1e-8 outside the root; on tables lazily: only rows looked up move", 2, false, adam, adamRows},
}

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

func adagrad(w, g []float32, s State, h Hyper) { vec.Adagrad(w, s[0], g, h.LearningRate, adagradEps) }

func adagradRows(w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	vec.AdagradRows(w, s[0], d, rows, g, h.LearningRate, adagradEps)
}

func rowwiseAdagradRows(w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	vec.RowwiseAdagradRows(w, s[0], d, rows, g, h.LearningRate, adagradEps)
}

// correction is Adam's 1 − βᵗ, of β as float32 has it: 1 − β is 5e-5 off for 0.999, and so must this be.
func correction(beta float32, step int) float32 {
	return float32(1 - math.Pow(float64(beta), float64(step)))
}

func adam(w, g []float32, s State, h Hyper) {
	vec.Adam(w, s[0], s[1], g, h.LearningRate, beta1, beta2, adEps, correction(beta1, h.Step), correction(beta2, h.Step))
}

func adamRows(w []float32, s State, d int, rows []int32, g []float32, h Hyper) {
	vec.AdamRows(w, s[0], s[1], d, rows, g, h.LearningRate, beta1, beta2, adEps, correction(beta1, h.Step), correction(beta2, h.Step))
}
