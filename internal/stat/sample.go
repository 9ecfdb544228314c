// Package stat decides whether a difference is real. A Sample holds one value a seed; MeanInterval says how well its
// mean is known, Pair how two samples differ over the seeds they share, Simultaneous how that is known beside all other
// comparisons of a family, Judge what verdict the interval gives, and AgainstBest which of several variants cannot be told from the
// best. Power says what seeds would show.
//
// Intervals and tests are Student's, two-sided, at Level, unless their names say otherwise; with fewer than two values there is no interval, and
// what it would say is NaN. It imports nothing of ours.
package stat

import (
	"maps"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

// Level is the confidence of every interval; 1 − Level is the error that the tests allow, for all their comparisons together.
const Level = 0.95

// Sample is a metric of one variant by seed. A value that is not finite counts as missing.
type Sample map[uint64]float64

// Values returns the finite values in the order of their seeds.
func (s Sample) Values() []float64 {
	x := make([]float64, 0, len(s))
	for _, seed := range slices.Sorted(maps.Keys(s)) {
		if finite(s[seed]) {
			x = append(x, s[seed])
		}
	}
	return x
}

// Mean returns Σx/N, NaN where x is empty.
func Mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// SD returns the standard deviation of the population x was drawn from, √(Σ(x−x̄)²/(N−1)); NaN for fewer than two values.
func SD(x []float64) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	mean, sum := Mean(x), 0.0
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return math.Sqrt(sum / float64(len(x)-1))
}

// Interval is a mean that is known to within ±Half at Level.
type Interval struct {
	N    int     // values it rests on
	Mean float64 // NaN where N is 0
	Half float64 // NaN where N is less than 2: one seed says nothing of the spread
}

// MeanInterval returns Student's interval of the mean of what x was drawn from: x̄ ± t(N−1)·SD/√N.
func MeanInterval(x []float64) Interval {
	return Interval{N: len(x), Mean: Mean(x), Half: halfWidth(SD(x), len(x))}
}

// Low returns the lower end of the interval.
func (i Interval) Low() float64 { return i.Mean - i.Half }

// High returns the upper end of the interval.
func (i Interval) High() float64 { return i.Mean + i.Half }

// Known reports whether the interval has ends.
func (i Interval) Known() bool { return i.N >= 2 }

func halfWidth(sd float64, n int) float64 {
	if n < 2 {
		return math.NaN()
	}
	return two(n-1) * sd / math.Sqrt(float64(n))
}

// two is Student's two-sided quantile at Level.
func two(freedom int) float64 {
	if t, ok := twos.Load(freedom); ok {
		return t.(float64)
	}
	t := student(freedom).Quantile((1 + Level) / 2)
	twos.Store(freedom, t)
	return t
}

var twos sync.Map // int to float64

func student(freedom int) distuv.StudentsT {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(freedom)}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
