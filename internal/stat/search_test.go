package stat

import (
	"math"
	"testing"
)

// Origin: means over all sets by hand: of {1, 2, 3, 4} the best of the six pairs are 2, 3, 4, 3, 4, 4.
func TestBestOf(t *testing.T) {
	for _, c := range []struct {
		name   string
		x      []float64
		k      int
		higher bool
		want   float64
	}{
		{"one", []float64{4, 1, 3, 2}, 1, true, 2.5},
		{"pairs", []float64{4, 1, 3, 2}, 2, true, 20.0 / 6},
		{"triples", []float64{4, 1, 3, 2}, 3, true, 3.75},
		{"all", []float64{4, 1, 3, 2}, 4, true, 4},
		{"pairs, lower", []float64{4, 1, 3, 2}, 2, false, 10.0 / 6},
		{"more than there are", []float64{4, 1, 3, 2}, 5, true, nan},
		{"a failure is as the worst, 2", []float64{4, nan, 3, 2}, 2, true, (4 + 4 + 4 + 3 + 3 + 2) / 6.0},
		{"failures alone", []float64{nan, nan}, 1, true, nan},
		{"none", nil, 1, true, nan},
	} {
		near(t, c.name, BestOf(c.x, c.k, c.higher), c.want)
	}
}

// Two configurations whose order on test is the other way round: of the four exchanges two leave them so, with a gain of 1, and two
// make valid and test agree. Where test is valid, on another level, there is nothing to gain, and no exchange changes that.
func TestTestGain(t *testing.T) {
	g := TestGain([]Scores{{Valid: []float64{2, 1}, Test: []float64{1, 2}}})
	if g.Mean != 1 || math.Abs(g.Noise-0.5) > 0.02 || g.High != 1 || math.Abs(g.P-0.5) > 0.02 { // 4 standard errors of 10,000 draws
		t.Errorf("%+v, want a gain of 1 and of noise 0.5", g)
	}
	if g := TestGain([]Scores{{Valid: []float64{2, 1, 3}, Test: []float64{12, 11, 13}}, {}}); g != (Gain{0, 0, 0, 1}) {
		t.Errorf("%+v, want nothing to gain", g)
	}
	if g := TestGain([]Scores{{}}); !math.IsNaN(g.Mean) {
		t.Errorf("%+v of no configuration", g)
	}
}

// A test split that tells what valid does not gives more than noise: valid is the same for all, and one configuration is far better on test.
func TestTestGainBeyondNoise(t *testing.T) {
	s := Scores{}
	for i := range 30 {
		s.Valid, s.Test = append(s.Valid, math.Sin(float64(i))/100), append(s.Test, math.Cos(float64(i))/100)
	}
	if g := TestGain([]Scores{s}); g.P < 0.05 {
		t.Errorf("of two columns of noise: %+v", g)
	}
	var six []Scores
	for k := range 6 {
		x := Scores{append([]float64(nil), s.Valid...), append([]float64(nil), s.Test...)}
		x.Test[k] += 1
		six = append(six, x)
	}
	if g := TestGain(six); g.Mean < 0.9 || g.P > 0.05 {
		t.Errorf("of configurations that only test shows to be better: %+v", g)
	}
}
