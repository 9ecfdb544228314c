package tune

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Origin: optuna 5.0.0, _ParzenEstimator with default_weights, prior_weight 1, consider_magic_clip and neither endpoints nor
// multivariate: sigma of the mixture, and log_pdf.
func TestParzen(t *testing.T) {
	for _, c := range []struct {
		name        string
		dim         Dimension
		seen, sigma []float64
		at, density []float64
	}{
		{"range", Dimension{Low: 0, High: 1}, []float64{0.3, 0.9, 0.32}, []float64{0.2, 0.58, 0.58, 1}, []float64{0, 0.31, 0.5, 1},
			[]float64{-0.2801260207663083, 0.24945698468823463, 0.12198032538257197, -0.34061857264635687}},
		{"log", Dimension{Low: 1e-4, High: 1e-1, Log: true}, []float64{1e-3, 2e-2}, []float64{2.995732273553991, 2.995732273553991, 6.907755278982137},
			[]float64{math.Log(1e-4), math.Log(5e-3), math.Log(1e-1)}, []float64{-2.259482666507619, -1.8100034590546012, -2.1114507418851565}},
		{"int", Dimension{Low: 1, High: 6, Integer: true}, []float64{2, 2, 5}, []float64{1.2, 3, 3, 6}, []float64{1, 2, 4, 6},
			[]float64{-1.7319199559903442, -1.525076160716592, -1.831404914585477, -2.186319744979521}},
		{"log_int", Dimension{Low: 4, High: 64, Log: true, Integer: true}, []float64{8, 32}, []float64{1.3862943611198908, 1.3862943611198908, 2.9139022553063585},
			[]float64{math.Log(4), math.Log(16), math.Log(64)}, []float64{-2.6402675855181417, -3.738955504266478, -5.413234465335519}},
		{"nothing seen", Dimension{Low: 0, High: 1}, nil, []float64{1}, []float64{0.25}, []float64{0.009727800490949567}},
	} {
		p := c.dim.estimate(c.seen).(parzen)
		for i, want := range c.sigma {
			near(t, c.name+": sigma", p.sigma[i], want)
		}
		for i, x := range c.at {
			near(t, c.name+": log density", p.logDensity(x), c.density[i])
		}
	}
}

// Origin: the same of a categorical with three choices, of which 0, 2 and 2 were seen.
func TestFrequencies(t *testing.T) {
	s := Dimension{Choices: []any{"a", "b", "c"}}.estimate([]float64{0, 2, 2})
	for c, want := range []float64{-1.0986122886681098, -1.6582280766035324, -0.7419373447293772} {
		near(t, "log share", s.logDensity(float64(c)), want)
	}
}

// Origin: optuna's default_weights(28): the oldest three rise from 1/28 to 1, the others count 1, and so does the prior.
func TestWeights(t *testing.T) {
	w := weights(28)
	for i, want := range []float64{0.03571428571428571, 0.5178571428571429, 1, 1} {
		near(t, "weight", w[i]/w[28], want)
	}
	near(t, "sum", w[0]+w[1]+27*w[28], 1)
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12*max(1, math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Optuna's default_gamma: 1 of 10, 2 of 11, 25 of 250 and of more. Trials that failed are the worst.
func TestParted(t *testing.T) {
	for n, want := range map[int]int{1: 1, 10: 1, 11: 2, 250: 25, 300: 25} {
		tried := make([]Tried, n)
		for i := range tried {
			tried[i].Score = float64(i)
		}
		tried[0].Score = math.NaN()
		good, rest := parted(tried)
		if len(good) != want || len(rest) != n-want || n > 1 && good[0].Score != float64(n-want) {
			t.Errorf("of %d trials %d are good, from %v on; want %d", n, len(good), good[0].Score, want)
		}
	}
}

// Draws come from the mixture: the share below a point is that of its density, which Simpson's rule sums up.
func TestDraws(t *testing.T) {
	p := Dimension{Low: 0, High: 1}.estimate([]float64{0.3, 0.9, 0.32})
	r := rand.New(rand.NewPCG(1, 1))
	const n, at = 100_000, 0.4
	below := 0
	for range n {
		if p.draw(r) < at {
			below++
		}
	}
	want, steps := 0.0, 200
	for i := range steps + 1 {
		w := []float64{2, 4}[i%2]
		if i == 0 || i == steps {
			w = 1
		}
		want += w * math.Exp(p.logDensity(at*float64(i)/float64(steps))) * at / float64(steps) / 3
	}
	if got := float64(below) / n; math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/n) {
		t.Errorf("%v of the draws are below %v, want %v", got, at, want)
	}
}

// On a bowl that two keys of five decide, forty trials of tpe come nearer to its middle than forty random ones, in the median of nine repeats.
func TestFinds(t *testing.T) {
	best := func(method string) float64 {
		var all []float64
		for repeat := range 9 {
			s := search(t, "[tune]\nmethod = '"+method+"'\nbudget = { trials = 40 }\n[tune.space]"+two+"'model.c' = ['x', 'y', 'z']\n'train.d' = { range = [0, 1] }\n'train.e' = { range = [0, 1] }\n")
			s.Repeat = repeat + 1
			tried := play(s, bowl)
			all = append(all, tried[Best(tried)].Score)
		}
		slices.Sort(all)
		return all[4]
	}
	if tpe, random := best("tpe"), best("random"); tpe <= random {
		t.Errorf("tpe's best is %v, that of random draws %v", tpe, random)
	}
}
