package metric

import (
	"maps"
	"math"
	"slices"
	"testing"
)

var nan = math.NaN()

// near asks for the reference's own accuracy: both sides sum some thousand terms in float64.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-12 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func evaluate(t *testing.T, e Eval) map[string]float64 {
	t.Helper()
	m, err := Evaluate(e)
	if err != nil {
		t.Fatal(err)
	}
	for name := range m {
		if _, ok := Find(name); !ok {
			t.Errorf("%s is not in the table", name)
		}
	}
	return m
}

// thousand makes 1000 rows with some 9 rows a score, from Knuth's MMIX generator, so that another language can make them too:
// logits on a grid, labels drawn from a truth that they follow at a distance, groups −25 to 24.
func thousand() Eval {
	e := Eval{Binary: true}
	state := uint64(1)
	draw := func() int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state >> 33)
	}
	for range 1000 {
		truth := float64(draw()%4001-2000) / 1000
		z := math.RoundToEven(truth*8)/8*0.75 + float64(draw()%9-4)/16
		y := float32(0)
		if float64(draw())/(1<<31) < sigmoid(float64(float32(truth))-1) {
			y = 1
		}
		e.Score = append(e.Score, float32(z))
		e.Truth = append(e.Truth, float32(truth-1))
		e.Label = append(e.Label, y)
		e.Group = append(e.Group, int32(draw()%50-25))
	}
	return e
}

func TestClasses(t *testing.T) {
	for _, c := range []struct {
		name string
		eval Eval
		want map[string]float64
	}{
		// Origin: scikit-learn 1.9.1 (roc_auc_score, average_precision_score, log_loss, accuracy_score, brier_score_loss) on float64;
		// gauc by roc_auc_score a group: (5·4/6 + 3·1)/8; ece by hand for 8 rows in 7 bins of one score each, the rest by their formulas.
		{"ties and signs", Eval{
			Binary: true,
			Score:  []float32{-2, -1, -1, 0, float32(math.Copysign(0, -1)), 0.5, 1, 3},
			Label:  []float32{0, 0, 1, 0, 1, 1, 0, 1},
			Truth:  []float32{-3, -1, 1, -2, 2, 1, -1, 2},
			Group:  []int32{7, -1, 7, 7, -1, -1, 7, 7},
		}, map[string]float64{
			"auc": 0.6875, "gauc": 19.0 / 24, "pr_auc": 0.7095238095238094, "logloss": 0.6219589713089224, "ne": 0.8972971235437834,
			"accuracy": 0.625, "calibration": 0.9907944503541001, "ece": 0.21716814998598055, "brier": 0.225027285695922,
			"oracle.auc": 1, "oracle.logloss": 0.21030226684694386, "attained": 0.14743493662094675,
		}},
		// Origin: the same functions of scikit-learn 1.9.1; ece by numpy: searchsorted for the ends of the bins.
		{"a thousand rows, 109 scores", thousand(), map[string]float64{
			"auc": 0.7594260972461274, "gauc": 0.7513110484985469, "pr_auc": 0.5628064047244886, "logloss": 0.6126771428003605, "ne": 0.959787613960302,
			"accuracy": 0.669, "calibration": 1.5034032089285567, "ece": 0.16914347819999503, "brier": 0.21162854492949906,
			"oracle.auc": 0.762319366752725, "oracle.logloss": 0.540446197299832, "attained": 0.2621995742415559,
		}},
		// By hand: σ(0) = 1/2, so every loss is ln 2, every square 1/4; a score of 1/2 is no vote for 1.
		{"a constant", Eval{Binary: true, Score: make([]float32, 4), Label: []float32{1, 0, 0, 0}}, map[string]float64{
			"auc": 0.5, "pr_auc": 0.25, "logloss": math.Ln2, "ne": math.Ln2 / 0.5623351446188083, // H(1/4)
			"accuracy": 0.75, "calibration": 2, "ece": 0.25, "brier": 0.25,
		}},
		{"one class leaves what needs two undefined", Eval{Binary: true, Score: make([]float32, 2), Label: make([]float32, 2), Group: make([]int32, 2), Truth: make([]float32, 2)}, map[string]float64{
			"auc": nan, "gauc": nan, "pr_auc": nan, "logloss": math.Ln2, "ne": nan, "accuracy": 1, "calibration": nan, "ece": 0.5, "brier": 0.25,
			"oracle.auc": nan, "oracle.logloss": math.Ln2, "attained": nan,
		}},
		// By hand: ln(1+e^1000) = 1000 in float64, e^−1000 = 0; two bins, each half right.
		{"logits beyond exp", Eval{Binary: true, Score: []float32{1000, -1000, 1000, -1000}, Label: []float32{1, 0, 0, 1}}, map[string]float64{
			"auc": 0.5, "pr_auc": 0.5, "logloss": 500, "ne": 500 / math.Ln2, "accuracy": 0.5, "calibration": 1, "ece": 0.5, "brier": 0.5,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := evaluate(t, c.eval)
			for _, name := range slices.Sorted(maps.Keys(got)) {
				if _, ok := c.want[name]; !ok {
					t.Errorf("%s is not wanted", name)
				}
			}
			for name, want := range c.want {
				near(t, name, got[name], want)
			}
		})
	}
}

// The truth as the score attains all that there is; the base rate as the score attains nothing.
// Margins have what needs order and sign alone, and the same of it as logits.
func TestMargins(t *testing.T) {
	e := thousand()
	e.Group = nil
	want := evaluate(t, e)
	e.Margin = true
	got := evaluate(t, e)
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, []string{"accuracy", "auc", "oracle.auc", "oracle.logloss", "pr_auc"}) {
		t.Errorf("metrics are %q", names)
	}
	for name, v := range got {
		if v != want[name] {
			t.Errorf("%s is %v, of logits %v", name, v, want[name])
		}
	}
}

func TestAttainedEnds(t *testing.T) {
	e := thousand()
	e.Score = e.Truth
	near(t, "attained by the truth", evaluate(t, e)["attained"], 1)

	base := math.Log(0.336 / 0.664) // the sample's base rate
	e.Score = slices.Repeat([]float32{float32(base)}, 1000)
	if a := evaluate(t, e)["attained"]; math.Abs(a) > 1e-12 { // the rounding to float32 costs its square
		t.Errorf("the base rate attains %v", a)
	}
}

// Rows in another order score the same: only sums in float64 may move, by their last bits.
func TestOrderOfRows(t *testing.T) {
	a, b := thousand(), Eval{Binary: true}
	for i := range a.Score {
		j := i * 617 % 1000 // 617 and 1000 have no common factor
		b.Score, b.Label = append(b.Score, a.Score[j]), append(b.Label, a.Label[j])
		b.Truth, b.Group = append(b.Truth, a.Truth[j]), append(b.Group, a.Group[j])
	}
	x, y := evaluate(t, a), evaluate(t, b)
	for name := range x {
		near(t, name, y[name], x[name])
	}
	for _, name := range []string{"auc", "oracle.auc", "accuracy"} {
		if x[name] != y[name] {
			t.Errorf("%s is %v, and %v in another order: counts are exact", name, x[name], y[name])
		}
	}
}

// AUC is what its definition says, pair by pair.
func TestAUCByPairs(t *testing.T) {
	e := thousand()
	var twice, pairs int
	for i := range e.Score {
		for j := range e.Score {
			if e.Label[i] == 1 && e.Label[j] == 0 {
				pairs++
				switch {
				case e.Score[i] > e.Score[j]:
					twice += 2
				case e.Score[i] == e.Score[j]:
					twice++
				}
			}
		}
	}
	if got, want := evaluate(t, e)["auc"], float64(twice)/2/float64(pairs); got != want {
		t.Errorf("AUC is %v, want %v", got, want)
	}
}

// Origin: by hand.
func TestRatings(t *testing.T) {
	clip := &[2]float64{1, 5}
	for _, c := range []struct {
		name         string
		score, label []float32
		rating       *[2]float64
		rmse, mae    float64
	}{
		{"errors 3 and 4", []float32{4, 5}, []float32{1, 1}, nil, math.Sqrt(12.5), 3.5},
		{"clipped to 5 and to 1", []float32{7, -3, 3}, []float32{4, 1, 3}, clip, math.Sqrt(1.0 / 3), 1.0 / 3},
		{"not clipped", []float32{7, -3, 3}, []float32{4, 1, 3}, nil, 5 / math.Sqrt(3), 7.0 / 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := evaluate(t, Eval{Score: c.score, Label: c.label, Rating: c.rating})
			near(t, "rmse", m["rmse"], c.rmse)
			near(t, "mae", m["mae"], c.mae)
			if len(m) != 2 {
				t.Errorf("metrics %v", m)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	inf, bad := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		eval Eval
		want string
	}{
		{Eval{Binary: true}, "no rows to evaluate, want at least 1"},
		{Eval{Binary: true, Score: []float32{0, bad}, Label: []float32{0, 1}}, "score of row 1 is NaN, want a finite number"},
		{Eval{Score: []float32{inf}, Label: []float32{1}}, "score of row 0 is +Inf, want a finite number"},
		{Eval{Binary: true, Score: []float32{0}, Label: []float32{0}, Truth: []float32{-inf}}, "true logit of row 0 is -Inf, want a finite number"},
		{Eval{Binary: true, Score: []float32{0}, Label: []float32{0.5}}, "label of row 0 is 0.5, want 0 or 1"},
		{Eval{Score: []float32{0}, Label: []float32{bad}}, "label of row 0 is NaN, want a finite number"},
	} {
		if _, err := Evaluate(c.eval); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	const rows = 1 << 20
	e := Eval{Binary: true, Score: make([]float32, rows), Label: make([]float32, rows), Truth: make([]float32, rows), Group: make([]int32, rows)}
	for i := range rows {
		h := uint64(i+1) * 0x9e3779b97f4a7c15 // a Weyl sequence: no order, few ties
		e.Score[i] = float32(h>>40)/(1<<22) - 2
		e.Truth[i] = -e.Score[i]
		e.Label[i] = float32(h >> 20 & 1)
		e.Group[i] = int32(h >> 10 & 1023)
	}
	b.Run("rows=1M", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Evaluate(e); err != nil {
				b.Fatal(err)
			}
		}
	})
}
