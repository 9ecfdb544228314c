package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

var (
	labels = []bool{true, true, true, false, false, false, false, true, false, true}
	scoreA = []float64{.9, .8, .3, .2, .4, .1, .35, .7, .5, .6}
	scoreB = []float64{.8, .5, .6, .3, .4, .5, .2, .6, .7, .45}
)

// Origin: numpy 2's covariance of the structural components, as DeLong et al. write it, and scipy 1.17.1's normal tail.
func TestDeLong(t *testing.T) {
	d := DeLong(Scored{Label: labels, Score: [][]float64{scoreA}}, Scored{Label: labels, Score: [][]float64{scoreB}})
	near(t, "difference", d.Mean, 0.1)
	near(t, "standard error", d.Sampling, 0.20976176963403032)
	near(t, "p", d.P, 0.6335534753768335)
	near(t, "seeds' part", d.Seed, 0)

	two := DeLong(Scored{Label: labels, Score: [][]float64{scoreA, scoreB}}, Scored{Label: labels, Score: [][]float64{scoreB, scoreB}})
	near(t, "mean of two seeds", two.Mean, 0.05)
	near(t, "seeds' part of 0.1 and 0", two.Seed, 0.05) // their SD is 0.1/√2
}

// An example that is there twice, as one cluster, counts once.
func TestDeLongClusters(t *testing.T) {
	twice := Scored{Label: append(labels, labels...), Score: [][]float64{append(scoreA, scoreA...)}}
	for range 2 {
		for i := range int32(10) {
			twice.Cluster = append(twice.Cluster, i)
		}
	}
	b := Scored{Label: twice.Label, Score: [][]float64{append(scoreB, scoreB...)}}
	d := DeLong(twice, b)
	near(t, "difference", d.Mean, 0.1)
	if once := DeLong(Scored{Label: labels, Score: [][]float64{scoreA}}, Scored{Label: labels, Score: [][]float64{scoreB}}).Sampling; math.Abs(d.Sampling/once-1) > 0.1 {
		t.Errorf("standard error %v, and %v of each once", d.Sampling, once) // 10/9 against 5/4 under the roots
	}
}

// With one seed and no clusters the bootstrap of a mean is its own: ± 1.96·s/√n. With clusters of four equal examples the interval is twice as wide.
func TestBootstrap(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const n = 400
	x, group := make([]float64, n), make([]int32, n)
	for i := range x {
		if x[i], group[i] = random.NormFloat64(), int32(i/4); i%4 != 0 {
			x[i] = x[i-1]
		}
	}
	mean := func(_ int, w []float64) float64 {
		var sum, all float64
		for i, v := range x {
			sum, all = sum+w[i]*v, all+w[i]
		}
		return sum / all
	}
	low, high := Bootstrap(1, n, nil, 2000, 7, mean)
	if want := 2 * 1.96 * SD(x) / math.Sqrt(n); math.Abs((high-low)/want-1) > 0.1 {
		t.Errorf("width %v, want %v", high-low, want)
	}
	l, h := Bootstrap(1, n, group, 2000, 7, mean)
	if ratio := (h - l) / (high - low); math.Abs(ratio-2) > 0.2 {
		t.Errorf("with clusters %v times as wide, want 2", ratio)
	}
	if again, _ := Bootstrap(1, n, nil, 2000, 7, mean); again != low {
		t.Error("the same seed draws otherwise")
	}
	seeds := []float64{0, 1}
	l, h = Bootstrap(2, n, nil, 2000, 7, func(s int, _ []float64) float64 { return seeds[s] })
	if l != 0 || h != 1 {
		t.Errorf("over two seeds %v to %v, want 0 to 1", l, h)
	}
}

// Origin: the paper's factor 1/J + n₂/n₁ by numpy and scipy 1.17.1.
func TestOverlapping(t *testing.T) {
	d := differ([]float64{0.01, 0.02, 0.005, 0.015, 0.012}).Overlapping(20. / 80)
	near(t, "mean", d.Mean, 0.0124)
	near(t, "half width", d.Half, 0.010419995150735918)
	near(t, "p", d.P, 0.029820773261341544)
}
