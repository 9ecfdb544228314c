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
	if got := PowerOfEquivalence(AllPairs, 8, 2, 1.2, 1); math.Abs(got-0.665553) > 1e-3 {
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
