package runner

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// wideData is small with a field of enough ids to be cut by frequency.
var wideData = strings.NewReplacer("rows_per_field = 20", "rows_per_field = 200", "seeds = 2", "seeds = 1").Replace(small)

// What is kept of a trial is what its results are made from, and slices are of all rows.
func TestScores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	p, s := planOf(t, wideData), open(t, path)
	_, err := Run(t.Context(), p, s, Options{Build: "b1", Keep: 1 << 20})
	must(t, err)
	r := report(t, s)
	for _, trial := range r.Trials {
		found, err := s.Find(trial.ID[:12])
		must(t, err)
		got, err := Scores(path, found[0])
		must(t, err)
		values, err := metric.Evaluate(metric.Eval{Score: got.Score, Label: got.Label, Binary: true})
		must(t, err)
		if got.Rows != 300 || got.Output != "logit" || values["auc"] != trial.Results["test.auc"] || values["logloss"] != trial.Results["test.logloss"] {
			t.Errorf("%s: %+v with AUC %v, want %v", trial.Label, got.Header, values["auc"], trial.Results["test.auc"])
		}
		var names []string
		for _, slice := range trial.Slices {
			names = append(names, slice.Name)
			rows := 0
			for _, part := range slice.Parts {
				rows += part.Examples
			}
			if rows != 300 {
				t.Errorf("%s: %s has %d rows of 300", trial.Label, slice.Name, rows)
			}
		}
		if len(names) != 4 || names[0] != metric.Calibration || !strings.HasPrefix(names[1], metric.Frequency) {
			t.Errorf("%s: slices %q", trial.Label, names)
		}
	}
	found, err := s.Find(r.Trials[0].ID[:12])
	must(t, err)
	found[0].Sealed = true
	if _, err := Scores(path, found[0]); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Error("sealed scores:", err)
	}
}

// Scores that have no room are not kept; slices are none the less.
func TestScoresAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	p, s := planOf(t, wideData), open(t, path)
	_, err := Run(t.Context(), p, s, Options{Build: "b1", Keep: 4*300 - 1})
	must(t, err)
	r := report(t, s)
	run, err := s.Run(r.Trials[0].Run)
	must(t, err)
	if slices.ContainsFunc(run.Artifacts, func(a store.Artifact) bool { return a.Kind == "scores" }) || len(r.Trials[0].Slices) == 0 {
		t.Errorf("artifacts %+v, %d slices", run.Artifacts, len(r.Trials[0].Slices))
	}
}

// Of 20: 10 is half, 10 + 5 + 3 are nine tenths, and one that ties with the last of these is with it.
func TestClassesOf(t *testing.T) {
	got := classesOf([]uint32{1, 10, 0, 3, 5, 1})
	if want := []uint8{2, 0, 3, 1, 1, 2}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := classesOf([]uint32{2, 2, 0}); !reflect.DeepEqual(got, []uint8{0, 0, 3}) {
		t.Errorf("equal ones: %v", got)
	}
}

func TestTimely(t *testing.T) {
	for options, want := range map[string]bool{
		`{"split":{"kind":"time"}}`:             true,
		`{"split":{"kind":"random"}}`:           false,
		`{"split":{"fractions":[0.8,0.1,0.1]}}`: false,
		`{"test":["a.tsv"],"valid_from":"end"}`: true,
	} {
		if got := (&Source{Options: options}).timely(); got != want {
			t.Errorf("%s: %v", options, got)
		}
	}
}
