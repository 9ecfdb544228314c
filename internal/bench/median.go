package bench

import (
	"math"
	"slices"
)

// median returns the middle of x, the mean of the middle two; NaN where x is empty.
func median(x []float64) float64 {
	s, n := slices.Sorted(slices.Values(x)), len(x)
	if n == 0 {
		return math.NaN()
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}

// interval returns two of x that have the median of what x was drawn from between them in 95 cases of 100, the
// narrowest such pair at equal distance from the ends; whatever the distribution. The number of values below the
// median is binomial. Below six values no pair does: then it is the least and the greatest, which hold the median in
// 1 − 2^(1−n) of the cases, with five in 94 of 100.
func interval(x []float64) [2]float64 {
	s, n := slices.Sorted(slices.Values(x)), len(x)
	if n == 0 {
		return [2]float64{math.NaN(), math.NaN()}
	}
	below, term, k := 0.0, math.Pow(0.5, float64(n)), 0 // P(fewer than k+1 of n are below), of exactly k
	for ; k < (n-1)/2; k++ {
		below += term
		term *= float64(n-k) / float64(k+1)
		if 2*(below+term) > 0.05 {
			break
		}
	}
	return [2]float64{s[k], s[n-1-k]}
}

// quantile returns the least of the sorted s that at least a share p of s is not above.
func quantile(s []float64, p float64) float64 {
	return s[max(int(math.Ceil(p*float64(len(s))))-1, 0)]
}

// spread is how far the middle half of x reaches, as a share of the median.
func spread(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return (quantile(s, 0.75) - quantile(s, 0.25)) / median(x)
}
