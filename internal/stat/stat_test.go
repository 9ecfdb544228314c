package stat

import (
	"math"
	"testing"
)

var nan = math.NaN()

// near allows for the last bits of Student's quantiles only: scipy and gonum invert the same function by other means.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(want) != math.IsNaN(got) || math.Abs(got-want) > 1e-9*max(1e-3, math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Origin: scipy 1.17.1, numpy.std(ddof=1) and stats.t.interval(0.95, N−1, mean, stats.sem(x)); short samples by definition.
func TestMeanInterval(t *testing.T) {
	for _, c := range []struct {
		x              []float64
		mean, sd, half float64
	}{
		{nil, nan, nan, nan},
		{[]float64{0.78}, 0.78, nan, nan},
		{[]float64{2, 4}, 3, 1.4142135623730951, 12.706204736174694},
		{[]float64{0.7812, 0.7835, 0.7790}, 0.7812333333333333, 0.002250185177564997, 0.005589769858010851},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5.5, 3.0276503540974917, 2.1658505896681692},
		{[]float64{1e8 + 1, 1e8 + 2, 1e8 + 3}, 1e8 + 2, 1, 4.302652729749462 / math.Sqrt(3)}, // t(2) of 0.975; a sum of squares would lose the spread
	} {
		i := MeanInterval(c.x)
		near(t, "mean", i.Mean, c.mean)
		near(t, "SD", SD(c.x), c.sd)
		near(t, "half width", i.Half, c.half)
		near(t, "high", i.High(), c.mean+c.half)
		near(t, "low", i.Low(), c.mean-c.half)
		if i.N != len(c.x) || i.Known() != (len(c.x) > 1) {
			t.Errorf("%v: N %d, known %v", c.x, i.N, i.Known())
		}
	}
}

func seeds(x ...float64) Sample {
	s := Sample{}
	for i, v := range x {
		s[uint64(i+1)] = v
	}
	return s
}

var (
	good   = seeds(0.7812, 0.7835, 0.7790, 0.7801, 0.7820)
	behind = seeds(0.7800, 0.7828, 0.7785, 0.7799, 0.7803)
	bad    = seeds(0.7700, 0.7722, 0.7701, 0.7688, 0.7731)
	close2 = seeds(0.7795, 0.7850, 0.7788, 0.7802, 0.7811)
)

// Origin: scipy 1.17.1, stats.ttest_rel(a, b) and its confidence_interval(0.95); the rest by definition.
func TestPair(t *testing.T) {
	gaps := seeds(0.7800, nan, 0.7785, math.Inf(1), 0.7803, 0.9)
	delete(gaps, 1)
	for _, c := range []struct {
		name          string
		a, b          Sample
		n             int
		mean, half, p float64
	}{
		{"five seeds", good, behind, 5, 0.00086, 0.0007377198031811965, 0.0317745341976613},
		{"the other way", behind, good, 5, -0.00086, 0.0007377198031811965, 0.0317745341976613},
		{"only shared, finite seeds: 3 and 5", good, gaps, 2, 0.0011, 12.706204736174694 * 0.0006, 0.31789399628848664},
		{"one seed", seeds(0.7), seeds(0.6), 1, 0.1, nan, nan},
		{"no seed", good, nil, 0, nan, nan, nan},
		{"itself", good, good, 5, 0, 0, 1},
		{"a constant apart", seeds(3, 4), seeds(1, 2), 2, 2, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Pair(c.a, c.b)
			if d.N != c.n {
				t.Errorf("%d seeds, want %d", d.N, c.n)
			}
			near(t, "mean", d.Mean, c.mean)
			near(t, "half width", d.Half, c.half)
			near(t, "p", d.P, c.p)
		})
	}
}

func TestAgainstBest(t *testing.T) {
	nothing := seeds(nan, nan)
	for _, c := range []struct {
		name    string
		samples []Sample
		higher  bool
		best    int
		equal   []bool
		p       []float64 // adjusted; NaN where there is no test
	}{
		// t(4) by scipy 1.17.1's ttest_rel: 3.24, 13.6 and 0.45; alone, behind would be worse from 2.78 on, beside five other pairs it wants more.
		{"of all pairs", []Sample{behind, good, bad, close2}, true, 1, []bool{true, true, false, true}, nil},
		// Origin of p: ttest_rel of scipy 1.17.1.
		{"two alone", []Sample{behind, good}, true, 1, []bool{false, true}, []float64{0.0317745341976613, 1}},
		{"less is better", []Sample{good, bad}, false, 1, []bool{false, true}, []float64{5.8621134871849617e-05, 1}},
		{"one seed: no test, all equal", []Sample{seeds(0.7), seeds(0.5)}, true, 0, []bool{true, true}, []float64{nan, nan}},
		{"a failed variant is not compared", []Sample{nothing, good, behind}, true, 1, []bool{false, true, false}, []float64{nan, 1, 0.0317745341976613}},
		{"the first of the same", []Sample{good, good}, true, 0, []bool{true, true}, []float64{1, 1}},
		{"better than the best where both have values", []Sample{seeds(3, 3.1), seeds(2, 2.1, 9)}, true, 1, []bool{true, true}, []float64{0, 1}},
		{"none has a value", []Sample{nothing}, true, -1, []bool{false}, nil},
		{"none", nil, true, -1, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, s := range AgainstBest(c.samples, c.higher, 0) {
				if s.Best != (i == c.best) || s.Equal != c.equal[i] {
					t.Errorf("sample %d: best %v, equal %v", i, s.Best, s.Equal)
				}
				if c.p != nil {
					near(t, "p", s.Diff.P, c.p[i])
				}
				if shows := s.Diff.P <= 1-Level; s.Diff.Known() && !s.Best && shows != (math.Abs(s.Diff.Mean) > s.Diff.Half) {
					t.Errorf("sample %d: a difference of %v ± %v is told apart: %v", i, s.Diff.Mean, s.Diff.Half, shows)
				}
			}
		})
	}
}
