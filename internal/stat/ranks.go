package stat

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// SignedRank returns the two-sided p-value of Wilcoxon's signed-rank test that differences lie around 0: exact, by counting the sums of all
// choices of signs, with the mean rank for equal sizes; zeros are left out. With n differences it cannot be below 2/2ⁿ: 0.0625 of five, which
// therefore never reject, 0.0078 of eight.
//
// Wilcoxon, Biometrics Bulletin 1, 1945.
func SignedRank(d []float64) float64 {
	d = slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 || !finite(v) })
	if len(d) == 0 {
		return 1
	}
	sizes := make([]float64, len(d))
	for i, v := range d {
		sizes[i] = math.Abs(v)
	}
	ranks := Ranks(sizes, false)
	twice := make([]int, len(ranks)) // twice the rank is whole
	total, plus := 0, 0
	for i, r := range ranks {
		twice[i] = int(2 * r)
		total += twice[i]
		if d[i] > 0 {
			plus += twice[i]
		}
	}
	ways := make([]float64, total+1) // choices of signs by the sum of the positive ones
	ways[0] = 1
	for _, r := range twice {
		for s := total; s >= r; s-- {
			ways[s] += ways[s-r]
		}
	}
	tail := 0.0
	for s := range min(plus, total-plus) + 1 {
		tail += ways[s]
	}
	return min(1, 2*tail/math.Exp2(float64(len(d))))
}

// Ranks returns the rank of each value from 1, equal values having the mean of theirs; the first is the least value, or with higher the largest.
func Ranks(x []float64, higher bool) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if higher {
			a, b = b, a
		}
		return cmp.Compare(x[a], x[b])
	})
	out := make([]float64, len(x))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && x[order[to]] == x[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			out[i] = float64(from+1+to) / 2
		}
		from = to
	}
	return out
}

// Ranking is how k variants stand over several data sets.
type Ranking struct {
	Mean []float64 // rank of each variant, averaged
	// P is of Friedman's test that all variants are alike, as Iman and Davenport corrected it.
	P float64
	// Critical is how far apart two mean ranks have to be to be told apart at Level (Nemenyi).
	Critical float64
}

// RankOver ranks variants on several data sets, scores[dataset][variant], by which way is better.
//
// Demšar, "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR 7, 2006.
func RankOver(scores [][]float64, higher bool) Ranking {
	n, k := float64(len(scores)), float64(len(scores[0]))
	r := Ranking{Mean: make([]float64, len(scores[0]))}
	for _, row := range scores {
		for i, rank := range Ranks(row, higher) {
			r.Mean[i] += rank / n
		}
	}
	square := 0.0
	for _, m := range r.Mean {
		square += m * m
	}
	chi := 12 * n / (k * (k + 1)) * (square - k*(k+1)*(k+1)/4)
	switch most := n * (k - 1); {
	case n < 2 || k < 2:
		r.P = 1
	case chi < most:
		r.P = distuv.F{D1: k - 1, D2: (k - 1) * (n - 1)}.Survival((n - 1) * chi / (most - chi))
	}
	r.Critical = rangeQuantile(len(scores[0])) / math.Sqrt2 * math.Sqrt(k*(k+1)/(6*n))
	return r
}

// rangeQuantile is the quantile at Level of the range of k standard normal values: Tukey's q with infinitely many degrees of freedom.
func rangeQuantile(k int) float64 {
	if k < 2 {
		return math.NaN()
	}
	phi := distuv.UnitNormal
	return quantile(func(q float64) float64 {
		return float64(k) * quad.Fixed(func(z float64) float64 {
			return phi.Prob(z) * math.Pow(phi.CDF(z)-phi.CDF(z-q), float64(k-1))
		}, -9, 9, 300, nil, 0)
	})
}

// Groups returns the largest runs of variants, in the order given, in which none is told apart from another: alike(i, j) says so of two. A
// variant may be in several runs; one that is apart from all others is a run by itself.
func Groups(n int, alike func(i, j int) bool) [][2]int {
	var runs [][2]int // from, to
	for from := range n {
		to := from + 1
		for to < n && !slices.ContainsFunc(places(from, to), func(i int) bool { return !alike(i, to) }) {
			to++
		}
		if len(runs) == 0 || to > runs[len(runs)-1][1] {
			runs = append(runs, [2]int{from, to})
		}
	}
	return runs
}

func places(from, to int) []int {
	var all []int
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}
