package stat

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// Power returns the chance that the interval of a family of k variants leaves 0 out, on the side of the truth, when the true difference is
// delta, its standard deviation over seeds sd, and n seeds are run: 1 − F(c) of the noncentral t with n−1 degrees of freedom and noncentrality
// delta·√n/sd, c the family's critical value. Cohen 1988, ch. 2.
func Power(f Family, n, k int, delta, sd float64) float64 {
	if n < 2 || k < 2 || !(sd >= 0) {
		return math.NaN()
	}
	if sd == 0 {
		return float64(boolean(delta != 0))
	}
	return noncentral(math.Abs(delta)*math.Sqrt(float64(n))/sd, Critical(f, n, k), n-1)
}

// PowerOfEquivalence returns the chance that the interval lies within ±margin when the true difference is delta: P(|x̄| + c·s/√n ≤ margin).
// Schuirmann 1987, with the interval of the family in place of two tests at 1 − Level.
func PowerOfEquivalence(f Family, n, k int, delta, margin, sd float64) float64 {
	if n < 2 || k < 2 || !(sd >= 0) || !(margin >= 0) {
		return math.NaN()
	}
	if sd == 0 {
		return float64(boolean(math.Abs(delta) <= margin))
	}
	return within(delta, margin, sd, n, Critical(f, n, k))
}

// within is P(|x̄| + c·s/√n ≤ margin).
func within(delta, margin, sd float64, n int, c float64) float64 {
	scale := math.Sqrt(float64(n)) / sd
	return overSpread(n-1, func(u float64) float64 {
		return max(0, distuv.UnitNormal.CDF((margin-delta)*scale-c*u)-distuv.UnitNormal.CDF(c*u-(margin+delta)*scale))
	})
}

// Detectable returns the true difference at which the power is wanted.
func Detectable(f Family, n, k int, sd, wanted float64) float64 {
	if n < 2 || k < 2 || !(sd >= 0) {
		return math.NaN()
	}
	if sd == 0 {
		return 0
	}
	return sd * reaching(func(delta float64) bool { return Power(f, n, k, delta, 1) >= wanted })
}

// reaching is the least positive number that is enough; so are all above it.
func reaching(enough func(x float64) bool) float64 {
	low, high := 0.0, 1.0
	for !enough(high) {
		low, high = high, 2*high
	}
	for range 50 {
		if middle := (low + high) / 2; enough(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

// noncentral is P(T > c) of T = (Z + shift)/√(χ²/freedom).
func noncentral(shift, c float64, freedom int) float64 {
	return overSpread(freedom, func(u float64) float64 { return distuv.UnitNormal.CDF(shift - c*u) })
}

// overSpread is the mean of g(√(χ²/freedom)): Gauss-Legendre over the quantiles.
func overSpread(freedom int, g func(u float64) float64) float64 {
	place, weight := legendre()
	known, ok := spreads.Load(freedom)
	if !ok {
		chi, u := distuv.ChiSquared{K: float64(freedom)}, make([]float64, len(place))
		for i, p := range place {
			u[i] = math.Sqrt(chi.Quantile(p) / float64(freedom))
		}
		known, _ = spreads.LoadOrStore(freedom, u)
	}
	sum := 0.0
	for i, u := range known.([]float64) {
		sum += weight[i] * g(u)
	}
	return sum
}

var spreads sync.Map // int to []float64

var legendre = sync.OnceValues(func() (place, weight []float64) {
	place, weight = make([]float64, 200), make([]float64, 200)
	quad.Legendre{}.FixedLocations(place, weight, 0, 1)
	return place, weight
})

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
