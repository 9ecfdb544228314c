package store

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// A name means a run by its number, a trial's run that counts by the first digits of its id, or a variant's by its label.
func TestFind(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	trials := plan()
	for i, id := range []string{"abcd10", "abcd20", "12345678"} {
		trials[i].ID = id
	}
	must(t, s.SavePlan(experiment("p1", noon), data, trials, "b1"))
	must(t, begin(t, s, "abcd10", machine).Finish(Outcome{State: Done, At: noon, Digest: "f1", Results: map[string]float64{"test.auc": 0.7}}))
	must(t, begin(t, s, "abcd20", machine).Finish(Outcome{State: Done, At: noon, Digest: "f2"}))
	must(t, begin(t, s, "12345678", machine).Finish(Outcome{State: Cancelled, At: noon}))

	for name, want := range map[string][]int64{"1": {1}, "3": {3}, "abcd1": {1}, "abcd20": {2}, "quickstart/FM": {1, 2}} {
		found, err := s.Find(name)
		var runs []int64
		for _, f := range found {
			runs = append(runs, f.Run)
		}
		if err != nil || !reflect.DeepEqual(runs, want) {
			t.Errorf("%s is runs %v (%v), want %v", name, runs, err, want)
		}
	}
	for name, want := range map[string]string{
		"77": "it has no run 77; ctrlab runs lists those there are", "abcd": "abcd begins the ids of several trials, want more digits",
		"abcd3": "it has no run abcd3; ctrlab runs", "1234": "trial 12345678 has no run that is done", "FM": "it has no run FM; ctrlab runs",
		"quick/FM": `it has no experiment "quick", but quickstart`, "quickstart/DNN": `quickstart has no variant "DNN", but FM, LR`,
		"quickstart/LR": "quickstart/LR has no run that is done", "ABCD1": "it has no run ABCD1",
	} {
		if _, err := s.Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	found, err := s.Find("1")
	must(t, err)
	trial := trials[0]
	trial.Run, trial.State, trial.Results, trial.Ordinal = 1, Done, map[string]float64{"test.auc": 0.7}, 0
	dataset := data[0]
	dataset.Warnings = nil
	want := Found{Run: 1, State: Done, Started: found[0].Started, Workers: 2, Digest: "f1", Experiment: "quickstart", Trial: trial, Dataset: dataset, Environment: machine}
	if !reflect.DeepEqual(found[0], want) || !want.Started.Equal(noon.Truncate(time.Millisecond)) {
		t.Errorf("found %+v\nwant  %+v", found[0], want)
	}
	if name := found[0].Name(); name != "run 1 (FM, seed 1) of quickstart" {
		t.Errorf("it is called %q", name)
	}
}
