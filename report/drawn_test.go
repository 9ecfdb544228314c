package report

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// kept are two variants whose results are those of scores: b's are a's with noise of its own on every example, the same on every seed but for a little.
func kept(t *testing.T, examples, seeds int) (*store.Report, Scores) {
	t.Helper()
	random := rand.New(rand.NewPCG(4, 4))
	label, base, own := make([]float32, examples), make([]float32, examples), make([]float32, examples)
	for i := range label {
		base[i], own[i] = float32(random.NormFloat64()), 0.5*float32(random.NormFloat64())
		if random.NormFloat64() < float64(base[i]) {
			label[i] = 1
		}
	}
	said := map[string]*Said{}
	r := &store.Report{Experiment: store.Experiment{Name: "scored"}, Datasets: []store.Dataset{{ID: "d", Rows: [3]int{0, 0, examples}}}}
	for v, name := range []string{"a", "b"} {
		for seed := range seeds {
			score := make([]float32, examples)
			for i := range score {
				score[i] = base[i] + float32(v)*own[i] + 0.02*float32(random.NormFloat64())
			}
			id := name + string(rune('0'+seed))
			said[id] = &Said{Eval: metric.Eval{Score: score, Label: label, Binary: true}, Examples: "x"}
			m, err := metric.Evaluate(said[id].Eval)
			if err != nil {
				t.Fatal(err)
			}
			r.Trials = append(r.Trials, store.Trial{ID: id, Label: name, Seed: uint64(seed), Dataset: "d", State: store.Done, Results: map[string]float64{"test.auc": m["auc"]}})
		}
	}
	return r, func(t store.Trial) (*Said, error) {
		if s := said[t.ID]; s != nil {
			return s, nil
		}
		return nil, errors.New("no scores are kept")
	}
}

// Of few examples seeds tell variants apart that other examples might not; text, page and JSON say both, and without scores why there is one alone.
func TestOtherExamples(t *testing.T) {
	r, read := kept(t, 150, 5)
	c, err := ComparePair(r, "a", "b", read)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Data[0].Metrics[0].Contrasts[0]
	o := got.Others
	if o == nil || o.Units != 150 || got.Verdict == stat.Unresolved || o.Verdict != stat.Unresolved || !(o.Low < got.Low) || !(o.High > got.High) {
		t.Fatalf("%+v with other examples %+v", got, o)
	}
	if !strings.Contains(c.Answer[0], "with other test examples that could turn (± ") {
		t.Errorf("answer %q", c.Answer)
	}
	Draw(r, "", read)
	all, err := Compare(r, "")
	if err != nil {
		t.Fatal(err)
	}
	if first := all.Data[0].Metrics[0].Contrasts[0].Others; first == nil || math.Abs(first.half-o.half) > 1e-15 {
		t.Errorf("all: %+v, of the pair %+v", first, o)
	}
	html, err := Page(r)
	if err != nil || !strings.Contains(string(html), "With other examples") {
		t.Errorf("the page does not say it: %v", err)
	}
	var out bytes.Buffer
	if err := Markdown(&out, r); err != nil || !strings.Contains(out.String(), "| verdict | with other examples |") || !strings.Contains(out.String(), "| "+all.Data[0].Metrics[0].Contrasts[0].Others.words()+" |") {
		t.Errorf("Markdown does not say it: %v\n%s", err, &out)
	}
}

func TestWithoutScores(t *testing.T) {
	for want, spoil := range map[string]func(r *store.Report){
		"a seed 1: no scores are kept":                  func(r *store.Report) { r.Trials[1].ID = "gone" },
		"a seed 1: its scores are of another run":       func(r *store.Report) { r.Trials[1].Results["test.auc"] += 0.001 },
		"6 trials have more scores than a report reads": func(r *store.Report) { r.Datasets[0].Rows[2] = 1e6 },
		"Each split has its own test examples":          func(r *store.Report) { resplit(r) },
	} {
		r, read := kept(t, 150, 3)
		spoil(r)
		Draw(r, "", read)
		c, err := Compare(r, "")
		if err != nil {
			t.Fatal(err)
		}
		if note := c.Data[0].Metrics[0].note(); !strings.Contains(note, want) {
			t.Errorf("%q, want %q", note, want)
		}
	}
}

// resplit makes of seeds splits.
func resplit(r *store.Report) {
	r.Datasets = nil
	for i, id := range []string{"d0", "d1", "d2"} {
		r.Datasets = append(r.Datasets, store.Dataset{ID: id, Source: "s", Rows: [3]int{80, 0, 20}, Options: `{"split_seed":` + string(rune('1'+i)) + `}`})
	}
	for i := range r.Trials {
		r.Trials[i].Dataset = r.Datasets[i%3].ID
	}
}
