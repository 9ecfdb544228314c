package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Family is which comparisons among k variants hold together: their intervals cover all true differences at once with the
// chance Level.
type Family int

// The families.
const (
	AllPairs     Family = iota // each with each, k(k−1)/2: what a league table reads off (Tukey's)
	WithBaseline               // k−1 with one named beforehand (Dunnett's)
)

// Critical returns the quantile at Level of max |t| over a family of paired differences: k variants with n common seeds, of
// which nothing is true but noise, each difference divided by its own standard error with n−1 degrees of freedom. It is NaN for fewer
// than two seeds or variants.
//
// The noise of variants is taken as normal, independent beyond what their seeds share, and of one size: only how t-values hang
// together depends on that, not the standard errors. The distribution has no closed form with a variance for each pair, so it is drawn, always
// from the same numbers; the error of the quantile is about 1 %. With many seeds it is Tukey's range divided by √2, or Dunnett's. Of more
// pairs than can be drawn it is Šidák's bound, which takes them for independent and is a few per cent larger.
func Critical(f Family, n, k int) float64 {
	if n < 2 || k < 2 {
		return math.NaN()
	}
	if k == 2 {
		return two(n - 1)
	}
	n = min(n, manySeeds)
	key := [3]int{int(f), n, k}
	if c, ok := criticals.Load(key); ok {
		return c.(float64)
	}
	c := critical(f, n, k)
	criticals.Store(key, c)
	return c
}

func critical(f Family, n, k int) float64 {
	pairs := k - 1
	if f == AllPairs {
		pairs = k * (k - 1) / 2
	}
	if pairs*n > mostDrawn {
		return student(n - 1).Quantile((1 + math.Pow(Level, 1/float64(pairs))) / 2)
	}
	return draw(f, n, k, min(max(200_000_000/(pairs*n), 10_000), 40_000))
}

var criticals sync.Map // [3]int to float64

// manySeeds is where the quantile hardly falls any more.
const manySeeds = 200

// mostDrawn is how many pairs times seeds a suite of noise has at most.
const mostDrawn = 20_000

// draw finds the quantile from suites of noise.
func draw(f Family, n, k, draws int) float64 {
	random := rand.New(rand.NewPCG(uint64(n), uint64(k)))
	x := make([]float64, k*n)
	largest := make([]float64, draws)
	for i := range largest {
		for j := range x {
			x[j] = random.NormFloat64()
		}
		for a := range k {
			for b := a + 1; b < k; b++ {
				largest[i] = max(largest[i], math.Abs(pairedT(x[a*n:][:n], x[b*n:][:n])))
			}
			if f == WithBaseline {
				break
			}
		}
	}
	slices.Sort(largest)
	return largest[int(math.Ceil(Level*float64(draws)))-1]
}

// pairedT is Student's t of a − b.
func pairedT(a, b []float64) float64 {
	sum, square := 0.0, 0.0
	for i := range a {
		d := a[i] - b[i]
		sum += d
		square += d * d
	}
	n := float64(len(a))
	mean := sum / n
	return mean / math.Sqrt((square-n*mean*mean)/(n-1)/n)
}

// Simultaneous widens the interval of a difference to what a family of k variants asks for, and its P-value with it: the
// interval leaves out 0 just where P is at most 1 − Level.
func (d Difference) Simultaneous(f Family, k int) Difference {
	if !d.Known() {
		return d
	}
	t := student(d.N - 1)
	alone, c := two(d.N-1), Critical(f, d.N, k)
	d.P = min(1, d.P*(1-Level)/(2*t.Survival(c))) // so that 1 − Level stands where the interval touches 0
	d.Half *= c / alone
	return d
}
