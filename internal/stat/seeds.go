package stat

import (
	"math"
	"sort"
	"sync"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// mostSeeds is how many are too many to ask for.
const mostSeeds = 1000

// Seeds returns the fewest seeds with which the power at delta is at least wanted, 0 where a thousand are too few.
func Seeds(f Family, k int, delta, sd, wanted float64) int {
	return fewest(func(n int) bool { return sd == 0 || math.Abs(delta)/sd >= least(f, n, k, wanted) })
}

// smoothSeeds is from how many on least·√n hardly bends.
const smoothSeeds = 64

// least is the difference, in standard deviations, that n seeds see with the power wanted. Beyond 64 seeds its product with √n goes in 1/(n−1) to
// that of a thousand, which is within 0.04 %: the quantiles behind each other number would be worked out for it alone.
func least(f Family, n, k int, wanted float64) float64 {
	if n <= smoothSeeds || n >= mostSeeds {
		return leastOf(f, n, k, wanted)
	}
	at := func(n int) (x, y float64) { return 1 / float64(n-1), leastOf(f, n, k, wanted) * math.Sqrt(float64(n)) }
	x0, y0 := at(mostSeeds)
	x1, y1 := at(smoothSeeds)
	return (y0 + (y1-y0)*(1/float64(n-1)-x0)/(x1-x0)) / math.Sqrt(float64(n))
}

// leastOf is least worked out, and remembered: of many variants thousands of pairs ask for it.
func leastOf(f Family, n, k int, wanted float64) float64 {
	type key struct {
		f      Family
		n, k   int
		wanted float64
	}
	at := key{f, n, k, wanted}
	if x, ok := leasts.Load(at); ok {
		return x.(float64)
	}
	c := foreseen(f, n, k)
	x := reaching(func(delta float64) bool { return noncentral(delta*math.Sqrt(float64(n)), c, n-1) >= wanted })
	leasts.Store(at, x)
	return x
}

var leasts sync.Map

// SeedsOfEquivalence returns the fewest seeds with which a true difference of delta is called equivalent, by a margin, with the chance wanted;
// 0 where a thousand are too few.
func SeedsOfEquivalence(f Family, k int, delta, margin, sd, wanted float64) int {
	if !(math.Abs(delta) < margin) {
		return 0
	}
	return fewest(func(n int) bool { return sd == 0 || within(delta, margin, sd, n, foreseen(f, n, k)) >= wanted })
}

// fewest finds the least number of seeds that is enough; with more than that all are.
func fewest(enough func(n int) bool) int {
	n := 2 + sort.Search(mostSeeds-1, func(i int) bool { return enough(i + 2) })
	if n > mostSeeds {
		return 0
	}
	return n
}

// drawnSeeds is up to how many foreseen draws.
const drawnSeeds = 16

// foreseen is Critical where many n are tried: beyond 16 seeds it goes down in 1/(n−1) to what infinitely many have, which is within
// 1 % of what is drawn.
func foreseen(f Family, n, k int) float64 {
	if n <= drawnSeeds || k == 2 {
		return Critical(f, n, k)
	}
	least := unlimited(f, k)
	return least + (Critical(f, drawnSeeds, k)-least)*(drawnSeeds-1)/float64(n-1)
}

// unlimited is Critical of infinitely many seeds: Tukey's range divided by √2, or Dunnett's.
func unlimited(f Family, k int) float64 {
	key := [2]int{int(f), k}
	c, ok := limits.Load(key)
	if !ok {
		c, _ = limits.LoadOrStore(key, limit(f, k))
	}
	return c.(float64)
}

var limits sync.Map // [2]int to float64

func limit(f Family, k int) float64 {
	if f == AllPairs {
		return rangeQuantile(k) / math.Sqrt2
	}
	phi := distuv.UnitNormal
	return quantile(func(c float64) float64 {
		return quad.Fixed(func(z float64) float64 {
			return phi.Prob(z) * math.Pow(phi.CDF(z+c*math.Sqrt2)-phi.CDF(z-c*math.Sqrt2), float64(k-1))
		}, -9, 9, 300, nil, 0)
	})
}

// quantile is where a distribution of positive numbers reaches Level.
func quantile(cdf func(float64) float64) float64 {
	low, high := 0.0, 20.0
	for range 60 {
		if q := (low + high) / 2; cdf(q) < Level {
			low = q
		} else {
			high = q
		}
	}
	return high
}
