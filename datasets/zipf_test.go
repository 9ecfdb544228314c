package datasets

import (
	"math"
	"testing"
)

// The probabilities are (id+1)^-s / Σ; with 200,000 draws a frequency p has a standard error of √(p/200000).
func TestZipf(t *testing.T) {
	for _, c := range []struct {
		rows int
		s    float64
		from int // ids from … to
		to   int
		p    float64
	}{
		{1, 1.1, 0, 0, 1},
		{4, 0, 2, 2, 0.25},
		{3, 1, 0, 0, 6. / 11},                   // 1 / (1 + 1/2 + 1/3)
		{3, 1, 2, 2, 2. / 11},                   //
		{2, 2, 1, 1, 0.2},                       // ¼ / (1 + ¼)
		{100_000, 0, 50_000, 99_999, 0.5},       // most of it in the tail
		{100_000, 1, 0, 0, 0.082712},            // H(100000) = 12.090146
		{100_000, 1, 16_384, 99_999, 0.149613},  // (H(100000) − H(16384)) / H(100000), H(16384) = 10.281307
		{1 << 30, 2, 0, 0, 0.607927},            // 6/π²
		{1 << 30, 0.5, 1 << 28, 1<<30 - 1, 0.5}, // the integral of x^-½ is 2√x
	} {
		z := newZipf(c.rows, c.s)
		s, hits := stream(1), 0
		const draws = 200_000
		for range draws {
			id := int(z.draw(&s))
			if id < 0 || id >= c.rows {
				t.Fatalf("rows %d, s %g: drew %d", c.rows, c.s, id)
			}
			if id >= c.from && id <= c.to {
				hits++
			}
		}
		if got, se := float64(hits)/draws, math.Sqrt(c.p*(1-c.p)/draws); math.Abs(got-c.p) > 4*se+1e-9 {
			t.Errorf("rows %d, s %g: ids %d to %d came with %.5f, want %.5f ± %.5f", c.rows, c.s, c.from, c.to, got, c.p, se)
		}
	}
}

// Moments of the standard normal are 0, 1, 0, 3; of 400,000 draws their standard errors are 0.0016, 0.0022, 0.0039
// and 0.0155. P(|x| > 4) = 6.3e-5, so 25 draws, where a table of 4096 quantiles alone would end at 3.66.
func TestNormal(t *testing.T) {
	var m [5]float64
	far := 0
	s := stream(3)
	const draws = 400_000
	for range draws {
		x := float64(normal(s.next()))
		for k := 1; k <= 4; k++ {
			m[k] += math.Pow(x, float64(k)) / draws
		}
		if math.Abs(x) > 4 {
			far++
		}
	}
	for k, want := range []float64{1: 0, 2: 1, 3: 0, 4: 3} {
		if se := []float64{0, 0.0016, 0.0022, 0.0039, 0.0155}[k]; math.Abs(m[k]-want) > 4*se {
			t.Errorf("moment %d is %.4f, want %g", k, m[k], want)
		}
	}
	if far < 5 || far > 45 {
		t.Errorf("%d of %d draws are beyond 4, want about 25", far, draws)
	}
	for _, u := range []uint64{0, 1, math.MaxUint64, 1 << 63} {
		if x := float64(normal(u)); math.IsNaN(x) || math.IsInf(x, 0) {
			t.Errorf("normal(%#x) is %g", u, x)
		}
	}
}
