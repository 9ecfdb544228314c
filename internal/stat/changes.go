package stat

import (
	"math"
	"slices"
)

// leastStretch is how many values a stretch between two change points has at least.
const leastStretch = 4

// Changes returns where the level of a series changes, each the place of the first value after: the series is cut where the Wilcoxon rank
// sum of the two sides is least likely, at 1 − Level for all places together (Bonferroni), and then each side again. Ranks make
// single outliers harmless. With equal values between, or fewer than eight, nothing is cut.
//
// Binary segmentation: Scott & Knott, Biometrics 30, 1974.
func Changes(x []float64) []int {
	best, place := 1-Level, 0
	places := len(x) - 2*leastStretch + 1
	if places < 1 {
		return nil
	}
	ranks := Ranks(x, false)
	for at := leastStretch; at <= len(x)-leastStretch; at++ {
		if p := rankSum(ranks, at) * float64(places); p < best {
			best, place = p, at
		}
	}
	if place == 0 {
		return nil
	}
	right := Changes(x[place:])
	for i := range right {
		right[i] += place
	}
	return slices.Concat(Changes(x[:place]), []int{place}, right)
}

// rankSum is the two-sided p-value of the rank sum of the first of ranks, by the normal approximation with ties and continuity corrected.
func rankSum(ranks []float64, first int) float64 {
	n, m, sum, spread := float64(len(ranks)), float64(first), 0.0, 0.0
	for i, r := range ranks {
		if i < first {
			sum += r
		}
		spread += (r - (n+1)/2) * (r - (n+1)/2)
	}
	sd := math.Sqrt(m * (n - m) / (n * (n - 1)) * spread)
	if sd == 0 {
		return 1
	}
	return math.Erfc(max(0, math.Abs(sum-m*(n+1)/2)-0.5) / sd / math.Sqrt2)
}
