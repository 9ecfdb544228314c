package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"ctrlab/internal/store"
)

// tried is a trial of a search that took two seconds; a score of NaN is one that failed.
func tried(share, valid, test float64) store.Tried {
	t := store.Tried{Point: fmt.Sprintf(`{"train.learning_rate":%v}`, valid), Share: share, Seconds: 2}
	t.Dataset, t.State, t.Results = "dddddddddddd", "done", map[string]float64{"valid.auc": valid, "test.auc": test}
	if math.IsNaN(valid) {
		t.State, t.Results = "failed", nil
	}
	return t
}

// tunedReport has two variants with two searches of three trials each, and what was chosen, of two seeds a repeat.
func tunedReport() *store.Report {
	r := &store.Report{Experiment: store.Experiment{Name: "tuned", Tuned: true}, Datasets: []store.Dataset{{ID: "dddddddddddd", Source: "synthetic"}},
		Scored: map[string]store.Scored{"dddddddddddd": {Configurations: 12}}}
	for v, label := range []string{"FM", "LR"} {
		for repeat := 1; repeat <= 2; repeat++ {
			up := float64(repeat)/100 - float64(v)/10
			s := store.Search{Label: label, Repeat: repeat, Method: "random", Metric: "valid.auc", Trials: 3, Ended: true, Chosen: 2}
			s.Tried = []store.Tried{tried(1, 0.7+up, 0.69), tried(1, math.NaN(), 0), tried(1, 0.75+up, 0.74)}
			r.Searches = append(r.Searches, s)
			for seed := 1; seed <= 2; seed++ {
				t := store.Trial{ID: fmt.Sprint(label, repeat, seed), Label: label, Variant: fmt.Sprint(label, repeat), Seed: uint64(1000000*repeat + seed), Repeat: repeat,
					Dataset: "dddddddddddd", State: "done", Results: map[string]float64{"valid.auc": 0.74 + up + float64(seed)/1000}}
				r.Trials = append(r.Trials, t)
			}
		}
	}
	return r
}

func TestTuningIsOverRepeats(t *testing.T) {
	g := summarize(tunedReport()).groups[0]
	if len(g.variants) != 2 || g.variants[0].label != "FM" || g.main.name != "valid.auc" {
		t.Fatalf("%d variants by %s", len(g.variants), g.main.name)
	}
	// Means of the seeds' 0.001 and 0.002 above 0.75 and 0.76.
	if got := g.variants[0].values("valid.auc"); len(got) != 2 || math.Abs(got[0]-0.7515) > 1e-9 || math.Abs(got[1]-0.7615) > 1e-9 {
		t.Errorf("values %v", got)
	}
}

func TestClimb(t *testing.T) {
	s := summarize(tunedReport())
	c := s.groups[0].tunings[0].climb(s.Searches[0])
	if !slices.Equal(c.trials, []float64{1, 2, 3}) || !slices.Equal(c.seconds, []float64{2, 4, 6}) || fmt.Sprintf("%.2f", c.best) != "[0.71 0.71 0.76]" {
		t.Errorf("%+v", c)
	}
	short := store.Search{Tried: []store.Tried{tried(0.25, 0.9, 0), tried(0.25, 0.8, 0), tried(1, 0.7, 0)}}
	if c := s.groups[0].tunings[0].climb(short); !slices.Equal(c.best, []float64{0.9, 0.9, 0.7}) || c.trials[2] != 1.5 {
		t.Errorf("what is trained longer counts: %+v", c)
	}
	if x := at([]float64{1, 2}, []float64{5, 6}, 1.5); x != 5 || !math.IsNaN(at([]float64{1, 2}, []float64{5, 6}, 0.5)) || !math.IsNaN(at([]float64{1, 2}, []float64{5, 6}, 2.5)) {
		t.Errorf("between %v", x)
	}
}

func TestSealedNotes(t *testing.T) {
	r := tunedReport()
	text := func() string {
		s := summarize(r)
		return strings.Join(s.notes(s.groups[0]), "\n")
	}
	got := text()
	for _, want := range []string{"Test is sealed. ", "ctrlab unseal tuned --why REASON", "12 configurations were scored on these test rows so far", "the scores of 0 seen", "2 repeats of the search"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "choosing on test") {
		t.Error("a sealed test is looked at")
	}
	r.Unseals = []store.Unseal{{At: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC), Why: "the paper is due."}}
	got = text()
	for _, want := range []string{"Test was unsealed on 2 January 2026, 12:00 UTC: the paper is due.\n", "FM: choosing on test would have gained 0 in test AUC"} {
		if !strings.Contains(got+"\n", want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestBudgetsThatDiffer(t *testing.T) {
	r := tunedReport()
	r.Searches[2].Tried, r.Searches[3].Tried = r.Searches[2].Tried[:1], r.Searches[3].Tried[:1]
	r.Searches[2].Chosen, r.Searches[3].Chosen = 0, -1
	got := strings.Join(doubts(summarize(r).groups[0].tunings), "\n")
	want := "Repeat 2 of LR chose nothing: all its trials failed.\nBudgets differ: FM had 3 trials a search and LR only 1, since its space has no more.\n" +
		"Searches took unequal seconds of training: 6 s of FM, 2 s of LR. Equal trials favour small spaces, equal seconds fast kernels."
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTuningIsDrawn(t *testing.T) {
	drawn, err := draft(summarize(tunedReport()), inTurn)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range drawn {
		names = append(names, d.file)
	}
	if !slices.Contains(names, "tuning") || !slices.Contains(names, "expected") {
		t.Errorf("figures %v", names)
	}
}
