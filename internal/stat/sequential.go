package stat

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Spend shares an error over planned looks at a growing sample, looks its sizes: each gets what the sample has grown by since the one
// before. Together they are the error, so that whoever stops at the first look that decides errs no more often than that, however looks
// hang together (Bonferroni's bound; the spending function α·t of Lan & DeMets, Biometrika 70, 1983).
func Spend(err float64, looks []int) []float64 {
	levels, before := make([]float64, len(looks)), 0
	for i, n := range looks {
		levels[i] = err * float64(n-before) / float64(looks[len(looks)-1])
		before = n
	}
	return levels
}

// A Test returns the p-value of "what d was drawn from lies no higher than bound", one-sided: small where it lies above. Of fewer than two
// values it is 1.
type Test func(d []float64, bound float64) float64

// MeanAbove is Student's test, of the mean.
func MeanAbove(d []float64, bound float64) float64 {
	sd, mean := SD(d), Mean(d)
	switch {
	case len(d) < 2 || !finite(mean):
		return 1
	case sd == 0 && mean > bound:
		return 0
	case sd == 0:
		return 1
	}
	return student(len(d) - 1).Survival((mean - bound) / (sd / math.Sqrt(float64(len(d)))))
}

// MedianAbove is the sign test, of the median: exact, and whatever the distribution. Values at the bound count against.
func MedianAbove(d []float64, bound float64) float64 {
	above := 0
	for _, v := range d {
		if v > bound {
			above++
		}
	}
	if len(d) < 2 {
		return 1
	}
	return atMost(len(d)-above, len(d))
}

// MedianInterval returns two of the values that have the median of what x was drawn from between them with at least the chance level, the
// k-th from either end: exact, and whatever the distribution. Where no two do, its ends are infinite.
func MedianInterval(x []float64, level float64) (low, high float64) {
	s, k := slices.Sorted(slices.Values(x)), 0
	for k < len(s)/2 && 2*atMost(k, len(s)) <= 1-level+1e-12 {
		k++
	}
	if k == 0 {
		return math.Inf(-1), math.Inf(1)
	}
	return s[k-1], s[len(s)-k]
}

// Median returns the middle value, the mean of the middle two; NaN where x is empty.
func Median(x []float64) float64 {
	s, n := slices.Sorted(slices.Values(x)), len(x)
	if n == 0 {
		return math.NaN()
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}

// atMost is the chance of k heads or fewer in n tosses of a coin.
func atMost(k, n int) float64 {
	return distuv.Binomial{N: float64(n), P: 0.5}.CDF(float64(k))
}

// Holm says which of several hypotheses fall at a level that holds for all of them together: the least p-value against level/m, the next
// against level/(m−1), until one stands.
//
// Holm, Scandinavian Journal of Statistics 6, 1979.
func Holm(p []float64, level float64) []bool {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	falls := make([]bool, len(p))
	for rank, i := range order {
		if !(p[i] <= level/float64(len(p)-rank)) {
			break
		}
		falls[i] = true
	}
	return falls
}
