package stat

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Difference is a − b over the seeds that two samples share, seed by seed: what a seed does to both cancels.
type Difference struct {
	Interval
	// P is the two-sided p-value of Student's paired test of "no difference"; NaN for fewer than two seeds.
	P float64
}

// Pair returns the paired difference a − b over the seeds at which both are finite.
func Pair(a, b Sample) Difference {
	var d []float64
	for _, seed := range slices.Sorted(maps.Keys(a)) {
		if v, ok := b[seed]; ok && finite(v) && finite(a[seed]) {
			d = append(d, a[seed]-v)
		}
	}
	return Difference{MeanInterval(d), pValue(d)}
}

func pValue(d []float64) float64 {
	sd, mean := SD(d), Mean(d)
	switch {
	case len(d) < 2:
		return math.NaN()
	case sd == 0 && mean == 0:
		return 1
	case sd == 0:
		return 0
	}
	t := mean / (sd / math.Sqrt(float64(len(d))))
	return 2 * student(len(d)-1).Survival(math.Abs(t))
}

// Standing is where a variant stands beside the best of its group.
type Standing struct {
	Best bool // it has the best mean; the first of several
	// Equal is true where nothing shows the variant worse than the best: for the best itself, for one the test
	// cannot tell from it, and for one that shares fewer than two seeds with it, so that there is no test.
	Equal bool
	Diff  Difference // variant − best, with P adjusted for the number of variants compared
	// Least is how far apart the means would have to be, with the spread they have, for the test to tell them apart; NaN
	// where there is none.
	Least float64
}

// AgainstBest compares each variant with the one of the best mean, by paired tests that Holm's procedure corrects: the
// chance that any variant called worse is not is at most 1 − Level. It errs a little on the side of calling variants
// worse, since the best is picked by the values it is tested with. A sample without a finite value is neither Best nor Equal.
//
// Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scand. J. Statist. 6, 1979.
func AgainstBest(samples []Sample, higher bool) []Standing {
	out := make([]Standing, len(samples))
	best := bestMean(samples, higher)
	if best < 0 {
		return out
	}
	var p []*float64
	for i, s := range samples {
		out[i].Diff = Pair(s, samples[best])
		out[i].Best = i == best
		if i != best && out[i].Diff.Known() {
			p = append(p, &out[i].Diff.P)
		}
	}
	holm(p)
	left := 0 // differences that do not show: Holm's procedure stopped at the level of one among so many
	for _, p := range p {
		if *p > 1-Level {
			left++
		}
	}
	for i, s := range samples {
		out[i].Least = out[i].Diff.least(max(1, left))
		worse := out[i].Diff.P <= 1-Level && (out[i].Diff.Mean < 0) == higher
		out[i].Equal = len(s.Values()) > 0 && !worse
	}
	return out
}

// least is the mean that one of n comparisons would need at the difference's spread to be significant.
func (d Difference) least(n int) float64 {
	if !d.Known() {
		return math.NaN()
	}
	t := student(d.N - 1)
	return d.Half * t.Quantile(1-(1-Level)/(2*float64(n))) / t.Quantile((1+Level)/2)
}

// bestMean returns the index of the sample with the best mean, −1 where none has a value.
func bestMean(samples []Sample, higher bool) int {
	best, mean := -1, math.NaN()
	for i, s := range samples {
		m := Mean(s.Values())
		if math.IsNaN(m) {
			continue
		}
		if best < 0 || higher && m > mean || !higher && m < mean {
			best, mean = i, m
		}
	}
	return best
}

// holm replaces the p-values of m tests by Holm's: the k-th smallest (from 0) becomes the largest of (m−j)·p_j, j ≤ k, at most 1.
func holm(p []*float64) {
	slices.SortFunc(p, func(a, b *float64) int { return cmp.Compare(*a, *b) })
	least := 0.0
	for k, v := range p {
		least = max(least, min(1, float64(len(p)-k)*(*v)))
		*v = least
	}
}
