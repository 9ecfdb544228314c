package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// By hand: two seeds whose contributions differ by 3, 1 and 1, −1 share (3·1 + 1·−1) = 2, so that the mean covariance is 2·2/2; of the first alone 9 + 1.
func TestSampling(t *testing.T) {
	a, b := [][]float64{{3, 2}, {1, 0}}, [][]float64{{0, 1}, {0, 1}}
	near(t, "two seeds", Sampling(a, b), math.Sqrt(2))
	near(t, "one seed", Sampling(a[:1], b[:1]), math.Sqrt(10))
	near(t, "seeds at odds", Sampling([][]float64{{1}, {-1}}, [][]float64{{0}, {0}}), 0)
	near(t, "none", Sampling(nil, nil), 0)
}

// Origin: 0.3² + (t(8) of 0.975 · 0.1)² = 0.09 + 0.0532 by scipy 1.17.1; of 3 variants times 2.343700586378409/1.959963984540054, Tukey's over the normal's.
func TestDrawn(t *testing.T) {
	i := Interval{5, 0.2, 0.3}
	near(t, "half width", i.Drawn(0.1, 9, AllPairs, 2).Half, math.Hypot(0.3, 0.23060041350333704))
	if got, want := i.Drawn(0.1, 9, AllPairs, 3).Half, math.Hypot(0.3, 0.23060041350333704*2.343700586378409/1.959963984540054); math.Abs(got/want-1) > 1e-4 {
		t.Errorf("of 3 variants: %v, want %v", got, want)
	}
	if !math.IsNaN(i.Drawn(0.1, 1, AllPairs, 2).Half) {
		t.Error("one user has an interval")
	}
}

// world is two models whose differences an example, a seed, and both together make, with a true difference of 0. It returns the
// difference on the split by seed and what each example adds to its error.
func world(random *rand.Rand, seeds, examples int, byExample, bySeed, byBoth float64) (d []float64, a, b [][]float64) {
	own := make([]float64, examples)
	for i := range own {
		own[i] = byExample * random.NormFloat64()
	}
	for range seeds {
		x, shift := make([]float64, examples), bySeed*random.NormFloat64()
		for i := range x {
			x[i] = own[i] + shift + byBoth*random.NormFloat64()
		}
		mean := Mean(x)
		for i := range x {
			x[i] = (x[i] - mean) / math.Sqrt(float64(examples*(examples-1)))
		}
		d, a, b = append(d, mean), append(a, x), append(b, make([]float64, examples))
	}
	return d, a, b
}

// The interval covers the truth 95 times in 100, whichever noise is the larger one, and more often where it adds both, since half-widths are added; that over seeds alone
// does not. 0.95 of 2,000 has the standard error 0.0049.
func TestDrawnCovers(t *testing.T) {
	const suites = 2000
	for _, c := range []struct {
		what                      string
		seeds                     int
		byExample, bySeed, byBoth float64
		most                      float64 // share that is covered
	}{
		{"examples alone", 5, 1, 0, 0, 0.965}, {"seeds alone", 5, 0, 0.1, 0, 0.965}, {"what seeds do with examples", 5, 0, 0, 1, 0.985},
		{"examples and seeds", 3, 1, 0.1, 1, 0.99}, {"examples and seeds", 10, 1, 0.1, 1, 0.98},
	} {
		random := rand.New(rand.NewPCG(uint64(c.seeds), 9))
		covered, alone := 0., 0.
		for range suites {
			d, a, b := world(random, c.seeds, 100, c.byExample, c.bySeed, c.byBoth)
			i := differ(d).Interval
			wide := i.Drawn(Sampling(a, b), 100, AllPairs, 2)
			alone += float64(boolean(math.Abs(i.Mean) <= i.Half)) / suites
			covered += float64(boolean(math.Abs(wide.Mean) <= wide.Half)) / suites
		}
		t.Logf("%s, %d seeds: covered %.4f, over seeds alone %.4f", c.what, c.seeds, covered, alone)
		if covered < 0.95-3*0.0049 || covered > c.most {
			t.Errorf("%s, %d seeds: covered %.4f", c.what, c.seeds, covered)
		}
		if c.byExample > 0 && alone > 0.9 {
			t.Errorf("%s: over seeds alone covered %.4f, so that nothing is tested", c.what, alone)
		}
	}
}

// bootstrap is the standard deviation of the mean over seeds when examples are drawn again.
//
// Efron, Ann. Statist. 7, 1979.
func bootstrap(random *rand.Rand, x [][]float64, draws int) float64 {
	means := make([]float64, draws)
	for d := range means {
		for range x[0] {
			i := random.IntN(len(x[0]))
			for s := range x {
				means[d] += x[s][i] / float64(len(x))
			}
		}
	}
	return SD(means)
}

// The bootstrap finds the same, but for what seeds do with examples by themselves, 1/S of its variance, which is in the seeds' spread.
func TestSamplingIsTheBootstraps(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	_, a, b := world(random, 4, 300, 1, 0.3, 1)
	single := 0.0
	for s := range a {
		single += Sampling(a[s:s+1], b[s:s+1]) * Sampling(a[s:s+1], b[s:s+1]) / 4
	}
	shared := Sampling(a, b) * Sampling(a, b)
	want := math.Sqrt(shared + (single-shared)/4)
	if got := bootstrap(random, a, 2000); math.Abs(got/want-1) > 0.06 { // 2,000 draws know it to 1.6 %
		t.Errorf("bootstrap %v, want %v", got, want)
	}
}

// Origin: the paper's factor 1/J + n₂/n₁ by numpy and scipy 1.17.1.
func TestOverlapping(t *testing.T) {
	d := differ([]float64{0.01, 0.02, 0.005, 0.015, 0.012}).Overlapping(20. / 80)
	near(t, "mean", d.Mean, 0.0124)
	near(t, "half width", d.Half, 0.010419995150735918)
	near(t, "p", d.P, 0.029820773261341544)
}
