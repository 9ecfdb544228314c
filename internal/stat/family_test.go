package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Origin: with many seeds the quantile is Tukey's range over √2, scipy 1.17.1's studentized_range(k, ∞), and Dunnett's two-sided table (Biometrics 20,
// 1964) at ∞ degrees of freedom; with two variants Student's t. The draws are 1 to 2 % off.
func TestCritical(t *testing.T) {
	for _, c := range []struct {
		f    Family
		n, k int
		want float64
		off  float64
	}{
		{AllPairs, 5, 2, 2.7764451051977987, 1e-9},
		{AllPairs, 200, 3, 2.343700586378409, 0.02}, {AllPairs, 200, 10, 3.163683577053373, 0.02},
		{WithBaseline, 200, 5, 2.44, 0.02}, {WithBaseline, 200, 10, 2.69, 0.02},
	} {
		if got := Critical(c.f, c.n, c.k); math.Abs(got/c.want-1) > c.off {
			t.Errorf("family %d of %d with %d seeds: %.4f, want %.4f", c.f, c.k, c.n, got, c.want)
		}
	}
	if few, many := Critical(AllPairs, 4, 6), Critical(AllPairs, 9, 6); !(few > many) || !(many > Critical(WithBaseline, 9, 6)) {
		t.Errorf("more seeds or fewer comparisons do not make the quantile smaller: %v, %v", few, many)
	}
	// Origin: scipy 1.17.1, t.ppf((1 + 0.95**(1/499500))/2, 9); and no jump where the bound takes over.
	if got := Critical(AllPairs, 10, 1000); math.Abs(got/15.16316523411335-1) > 1e-6 {
		t.Errorf("of 1,000 variants: %v", got)
	}
	if drawn, bound := Critical(AllPairs, 10, 63), Critical(AllPairs, 10, 65); bound < drawn || bound > 1.1*drawn {
		t.Errorf("%v of 63 variants, %v of 65", drawn, bound)
	}
	if !math.IsNaN(Critical(AllPairs, 1, 3)) {
		t.Error("one seed has a quantile")
	}
}

// Whatever a family says, one suite in twenty without a true difference may have a wrong verdict, and no more: with a common part that seeds bring, sizes of
// noise that differ fourfold and tails heavier than the normal's.
func TestFamilyErrorRate(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const suites, k, n = 1000, 6, 5
	wrong := map[Family]int{}
	for range suites {
		samples := make([]Sample, k)
		for i := range samples {
			samples[i] = Sample{}
		}
		for seed := range uint64(n) {
			common := random.NormFloat64()
			for i := range samples {
				noise := random.NormFloat64() * math.Sqrt(1/math.Max(random.ExpFloat64(), 0.1)) // heavy tails
				samples[i][seed] = 10*common + noise*float64(1+i%4)
			}
		}
		for _, f := range []Family{AllPairs, WithBaseline} {
			found := false
			for i := range samples {
				for j := range i {
					if f == AllPairs || j == 0 {
						found = found || Pair(samples[i], samples[j]).Simultaneous(f, k).Judge(true, 0) != Unresolved
					}
				}
			}
			if found {
				wrong[f]++
			}
		}
	}
	// 67 of 1,000 is the 99 % quantile of the binomial with 5 %.
	for f, n := range wrong {
		if n > 67 {
			t.Errorf("family %d: a difference in %d of %d suites without one", f, n, suites)
		}
	}
	if len(wrong) != 2 {
		t.Errorf("never a wrong verdict, in %d suites: the intervals are too wide", suites)
	}
}

// The interval leaves out 0 just where P is at most 5 %.
func TestSimultaneousAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	apart := 0
	for range 300 {
		a, b, shift := Sample{}, Sample{}, 4*random.Float64()
		for seed := range uint64(6) {
			a[seed], b[seed] = random.NormFloat64()+shift, random.NormFloat64()
		}
		d := Pair(a, b).Simultaneous(AllPairs, 8)
		if out := d.Low() > 0 || d.High() < 0; out != (d.P <= 1-Level) {
			t.Errorf("%v ± %v with P = %v", d.Mean, d.Half, d.P)
		} else if out {
			apart++
		}
	}
	if apart < 30 || apart > 270 {
		t.Errorf("%d of 300 apart: the test sees one side only", apart)
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		mean, half float64
		higher     bool
		margin     float64
		want       Verdict
	}{
		{0.003, 0.001, true, 0.001, Better}, {0.003, 0.001, false, 0.001, Worse},
		{-0.003, 0.001, true, 0.001, Worse}, {-0.003, 0.001, false, 0, Better},
		{0.0005, 0.0002, true, 0.001, NegligiblyBetter}, {0.0005, 0.0002, false, 0.001, NegligiblyWorse},
		{0.0001, 0.0003, true, 0.001, Equivalent}, {0.0001, 0.0003, true, 0, Unresolved}, {0.0008, 0.0009, true, 0.001, Unresolved},
		{0, 0, true, 0, Equivalent}, {0.1, nan, true, 0, Untested},
	} {
		if got := (Interval{5, c.mean, c.half}).Judge(c.higher, c.margin); got != c.want {
			t.Errorf("%v ± %v, higher %v, margin %v: %v, want %v", c.mean, c.half, c.higher, c.margin, got, c.want)
		}
	}
}
