package stat

import "testing"

// Of three seeds t(2) is 4.303: 0.010 ± 0.001 in standard deviation has a half-width of 0.0025.
func TestReproduce(t *testing.T) {
	spread := func(mean float64) []float64 { return []float64{mean - 0.001, mean, mean + 0.001} }
	for _, c := range []struct {
		d         []float64
		higher    bool
		tolerance float64
		want      Reproduction
	}{
		{spread(0), true, 0.003, Reproduced},         // −0.0025 is within
		{spread(0), true, 0.002, CannotTell},         // and not here
		{spread(0.010), true, 0.003, Exceeded},       // 0.0075 to 0.0125
		{spread(0.004), true, 0.003, Reproduced},     // 0.0015 to 0.0065
		{spread(-0.006), true, 0.003, NotReproduced}, // −0.0085 to −0.0035
		{spread(-0.006), false, 0.003, Exceeded},     // 0.0035 to 0.0085, lower being better
		{spread(0.006), false, 0.003, NotReproduced},
		{[]float64{0}, true, 1, CannotTell}, // one seed
		{nil, true, 1, Absent},
	} {
		if _, got, _ := Reproduce(c.d, c.higher, c.tolerance, false); got != c.want {
			t.Errorf("%v, higher %v, tolerance %g: %v, want %v", c.d, c.higher, c.tolerance, got, c.want)
		}
	}
	if _, got, _ := Reproduce([]float64{0}, true, 0, true); got != Reproduced {
		t.Errorf("one exact value: %v", got)
	}
}

func TestReproduceOrder(t *testing.T) {
	for _, c := range []struct {
		d         []float64
		higher    bool
		tolerance float64
		want      Reproduction
	}{
		{[]float64{0.009, 0.010, 0.011}, true, 0, Reproduced},
		{[]float64{0.009, 0.010, 0.011}, false, 0, NotReproduced},
		{[]float64{-0.001, 0, 0.001}, true, 0, CannotTell},
		{[]float64{-0.001, 0, 0.001}, true, 0.003, NotReproduced}, // no better by 0.0025
		{[]float64{0.01}, true, 0, CannotTell},
	} {
		if _, got, _ := ReproduceOrder(c.d, c.higher, c.tolerance, false); got != c.want {
			t.Errorf("%v, higher %v, tolerance %g: %v, want %v", c.d, c.higher, c.tolerance, got, c.want)
		}
	}
	// d = 1 needs 10 seeds for a power of 0.8 (Cohen 1988, table 2.3.5: paired, two-sided 0.05).
	if _, _, n := ReproduceOrder([]float64{-0.4, 1, 1.4, 0.6, -0.6, 0.1}, true, 0, false); n < 10 {
		t.Errorf("%d seeds for a distance of half a standard deviation", n)
	}
}
