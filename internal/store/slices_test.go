package store

import (
	"math"
	"path/filepath"
	"reflect"
	"testing"

	"ctrlab/internal/metric"
)

var inParts = []metric.Slice{
	{Name: "calibration", Parts: []metric.Part{{Name: "1", Examples: 3, Predicted: 0.25, Observed: 0.5, LogLoss: 0.75, AUC: 0.5}}},
	{Name: "time", Parts: []metric.Part{{Name: "1", Examples: 2, Predicted: 0.5, Observed: 1, LogLoss: 0.75, AUC: 0.25}, {Name: "2", Examples: 1, Observed: 1, AUC: 1}}},
}

// Slices come back with the trials, and where searches choose not before test may be seen.
func TestSlices(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "ctrlab.db"))
	e := experiment("p1", noon)
	e.Compare, e.Reference = `{"margin":{"auc":0.001}}`, `[1]`
	must(t, s.SavePlan(e, data, plan(), "b1"))
	unknown := []metric.Slice{{Name: "time", Parts: []metric.Part{{Name: "1", AUC: math.NaN()}}}}
	must(t, begin(t, s, "t1", machine).Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.7}, Slices: inParts}))
	must(t, begin(t, s, "t2", machine).Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.7}, Slices: unknown}))
	r, err := s.Report("quickstart")
	must(t, err)
	if !reflect.DeepEqual(r.Trials[0].Slices, inParts) || r.Trials[2].Slices != nil {
		t.Errorf("got %+v and %+v, want %+v", r.Trials[0].Slices, r.Trials[2].Slices, inParts)
	}
	if got := r.Trials[1].Slices; len(got) != 1 || !math.IsNaN(got[0].Parts[0].AUC) {
		t.Errorf("not finite: %+v", got)
	}
	if r.Experiment.Compare != e.Compare || r.Experiment.Reference != e.Reference {
		t.Errorf("%+v", r.Experiment)
	}

	tuned := experiment("p2", noon.Add(1))
	tuned.Name, tuned.Tuned = "tuned", true
	must(t, s.SavePlan(tuned, data, nil, "b1"))
	one := []Trial{{ID: "t9", Label: "FM", Model: "fm", Variant: "v9", Seed: 1, Config: `{}`, Dataset: "d1"}}
	must(t, s.Choose(tuned.ID, one, "b1"))
	must(t, begin(t, s, "t9", machine).Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.7}, Slices: inParts}))
	if r, err = s.Report("tuned"); err != nil || r.Trials[0].Slices != nil {
		t.Errorf("sealed: %+v, %v", r.Trials[0].Slices, err)
	}
	_, err = s.Unseal("tuned", "done", noon)
	must(t, err)
	if r, err = s.Report("tuned"); err != nil || !reflect.DeepEqual(r.Trials[0].Slices, inParts) {
		t.Errorf("unsealed: %+v, %v", r.Trials[0].Slices, err)
	}
}

func TestChecks(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "ctrlab.db"))
	first := Check{At: noon, Revision: "a", Against: "b", Baseline: "main", Verdict: "passed", Report: `{}`}
	later := Check{At: noon.Add(1e9), Revision: "c", Against: "b", Baseline: "main", Verdict: "regressed", Report: `{}`}
	must(t, s.SaveCheck(&first))
	must(t, s.SaveCheck(&later))
	got, err := s.Checks()
	must(t, err)
	if !reflect.DeepEqual(got, []Check{later, first}) || first.ID == later.ID {
		t.Errorf("%+v", got)
	}
}
