package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSpend(t *testing.T) {
	// Origin: 0.05 · (5, 3, 2)/10.
	for i, got := range Spend(0.05, []int{5, 8, 10}) {
		if want := []float64{0.025, 0.015, 0.01}[i]; math.Abs(got-want) > 1e-15 {
			t.Errorf("look %d: %v, want %v", i, got, want)
		}
	}
}

// Origin: d = 1, 2, 3, 4 against 0.5 has t = 2/(1.29099/2) = 3.0984; with 3 degrees of freedom its tail is ½ − (u/(1+u²) + atan u)/π, u = t/√3. The
// binomial by hand.
func TestOneSided(t *testing.T) {
	d := []float64{1, 2, 3, 4}
	if got := MeanAbove(d, 0.5); math.Abs(got-0.026677) > 1e-5 {
		t.Errorf("mean above: %v", got)
	}
	if got := MedianAbove(d, 0.5); math.Abs(got-1.0/16) > 1e-12 {
		t.Errorf("median above: %v, want 1/16", got)
	}
	if got := MedianAbove(d, 1); math.Abs(got-5.0/16) > 1e-12 {
		t.Errorf("a value at the bound is against: %v, want 5/16", got)
	}
	for _, test := range []Test{MeanAbove, MedianAbove} {
		if test([]float64{7}, 0) != 1 || test(nil, 0) != 1 {
			t.Error("one value decides")
		}
	}
	if MeanAbove([]float64{2, 2}, 1) != 0 || MeanAbove([]float64{2, 2}, 2) != 1 {
		t.Error("equal values are known exactly")
	}
}

// Origin: the table of the sign test's intervals, n = 12 at 95 %: the third from either end (2·79/4096 = 0.0386); five values have none at 95 %.
func TestMedianInterval(t *testing.T) {
	x := []float64{12, 1, 11, 2, 10, 3, 9, 4, 8, 5, 7, 6}
	if low, high := MedianInterval(x, 0.95); low != 3 || high != 10 {
		t.Errorf("%v to %v, want 3 to 10", low, high)
	}
	if low, high := MedianInterval(x[:5], 0.95); !math.IsInf(low, -1) || !math.IsInf(high, 1) {
		t.Errorf("of five values: %v to %v", low, high)
	}
	if Median(x) != 6.5 {
		t.Errorf("median %v", Median(x))
	}
}

// Origin: Holm's procedure by hand: 0.01 ≤ 0.05/4, 0.015 ≤ 0.05/3, 0.03 > 0.05/2.
func TestHolm(t *testing.T) {
	if got := Holm([]float64{0.03, 0.01, 0.04, 0.015}, 0.05); !slices.Equal(got, []bool{false, true, false, true}) {
		t.Errorf("%v", got)
	}
}

// Whoever looks three times at noise around the bound, and stops when it seems above, errs in one of twenty at most.
func TestSequentialError(t *testing.T) {
	random, looks := rand.New(rand.NewPCG(1, 2)), []int{5, 8, 10}
	levels := Spend(0.05, looks)
	wrong := map[string]int{}
	for range 2000 {
		d := make([]float64, 10)
		for i := range d {
			d[i] = random.NormFloat64()
		}
		for name, test := range map[string]Test{"mean": MeanAbove, "median": MedianAbove} {
			for i, n := range looks {
				if test(d[:n], 0) <= levels[i] {
					wrong[name]++
					break
				}
			}
		}
	}
	// 123 of 2,000 is the 99 % quantile of the binomial with 5 %.
	if wrong["mean"] > 123 || wrong["median"] > 123 || wrong["mean"] < 40 {
		t.Errorf("wrong: %v of 2000", wrong)
	}
}

func TestChanges(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	x := make([]float64, 30)
	for i := range x {
		x[i] = random.NormFloat64()
		if i >= 12 {
			x[i] += 8
		}
		if i >= 22 {
			x[i] -= 16
		}
	}
	if got := Changes(x); !slices.Equal(got, []int{12, 22}) {
		t.Errorf("changes at %v, want 12 and 22", got)
	}
	found := 0
	for range 200 {
		for i := range x {
			x[i] = random.NormFloat64()
		}
		found += min(1, len(Changes(x)))
	}
	// 17 of 200 is the 99 % quantile of the binomial with 5 %.
	if found > 17 {
		t.Errorf("changes in %d of 200 series of noise", found)
	}
	if Changes(make([]float64, 20)) != nil || Changes(x[:7]) != nil {
		t.Error("changes where nothing is to see")
	}
}
