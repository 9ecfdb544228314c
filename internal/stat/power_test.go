package stat

import (
	"math"
	"testing"
)

// Origin: scipy 1.17.1, 1 − nct.cdf(c, n−1, δ√n/σ) with c of t(n−1); the equivalence from 2 million samples of numpy's normal numbers.
func TestPower(t *testing.T) {
	for _, c := range []struct {
		n    int
		nc   float64
		want float64
	}{{5, 2, 0.3358109303638064}, {10, 3.5, 0.8747607857589688}, {2, 1, 0.0677630138547981}} {
		if got := Power(AllPairs, c.n, 2, c.nc/math.Sqrt(float64(c.n)), 1); math.Abs(got-c.want) > 2e-4 {
			t.Errorf("%d seeds, noncentrality %v: %v, want %v", c.n, c.nc, got, c.want)
		}
	}
	if got := PowerOfEquivalence(AllPairs, 8, 2, 0, 1.2, 1); math.Abs(got-0.665553) > 1e-3 {
		t.Errorf("equivalence: %v, want 0.6656", got)
	}
}

func TestSeedsAndDetectable(t *testing.T) {
	n := Seeds(AllPairs, 4, 0.001, 0.001, 0.8)
	if Power(AllPairs, n, 4, 0.001, 0.001) < 0.8 || Power(AllPairs, n-1, 4, 0.001, 0.001) >= 0.8 {
		t.Errorf("%d seeds have power %v, one fewer %v", n, Power(AllPairs, n, 4, 0.001, 0.001), Power(AllPairs, n-1, 4, 0.001, 0.001))
	}
	d := Detectable(AllPairs, n, 4, 0.001, 0.8)
	if p := Power(AllPairs, n, 4, d, 0.001); math.Abs(p-0.8) > 1e-6 || d > 0.001 {
		t.Errorf("at %v the power is %v", d, p)
	}
	if n := Seeds(AllPairs, 2, 1e-9, 1, 0.8); n != 0 {
		t.Errorf("%d seeds for a difference that no thousand shows", n)
	}
}

// Beyond 16 seeds what is foreseen is what is drawn, within the error of drawing. Origin of the ends: Tukey's range for 3 and 8 variants with ∞
// degrees of freedom is 3.31449 and 4.28630 (scipy 1.17.1's studentized_range.ppf at 1e6) and Dunnett's two-sided value for 4 with a control 2.4418
// (scipy's multivariate_normal, correlations ½).
func TestForeseen(t *testing.T) {
	for _, c := range []struct {
		f    Family
		k    int
		want float64
	}{{AllPairs, 3, 3.31449 / math.Sqrt2}, {AllPairs, 8, 4.28630 / math.Sqrt2}, {WithBaseline, 5, 2.4418}} {
		if got := unlimited(c.f, c.k); math.Abs(got-c.want) > 2e-3 {
			t.Errorf("family %d of %d: %v, want %v", c.f, c.k, got, c.want)
		}
		for _, n := range []int{24, 60} {
			if a, b := foreseen(c.f, n, c.k), Critical(c.f, n, c.k); math.Abs(a/b-1) > 0.015 {
				t.Errorf("family %d of %d, %d seeds: %v, drawn %v", c.f, c.k, n, a, b)
			}
		}
	}
}

func TestSeedsOfEquivalence(t *testing.T) {
	n := SeedsOfEquivalence(AllPairs, 3, 0.0002, 0.001, 0.001, 0.8)
	at := func(n int) float64 { return PowerOfEquivalence(AllPairs, n, 3, 0.0002, 0.001, 0.001) }
	if n == 0 || at(n) < 0.79 || at(n-1) > 0.81 {
		t.Errorf("%d seeds have the chance %v, one fewer %v", n, at(n), at(n-1))
	}
	if n := SeedsOfEquivalence(AllPairs, 3, 0.001, 0.001, 0.001, 0.8); n != 0 {
		t.Errorf("%d seeds for a difference that is the margin", n)
	}
}

// Between 64 and a thousand seeds least is drawn as a line; it is held to what it stands for.
func TestLeastOfManySeeds(t *testing.T) {
	for _, k := range []int{2, 5, 40} {
		for _, n := range []int{70, 150, 500} {
			if got, want := least(AllPairs, n, k, 0.8), leastOf(AllPairs, n, k, 0.8); math.Abs(got/want-1) > 5e-4 {
				t.Errorf("%d variants, %d seeds: %v, want %v", k, n, got, want)
			}
		}
	}
}
