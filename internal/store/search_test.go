package store

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// tuned stores a tuned experiment with two searches of two trials each, all done, and returns the searches.
func tuned(t *testing.T, s *Store) (*Experiment, []Search) {
	t.Helper()
	e := experiment("tuned", noon)
	e.Tuned = true
	must(t, s.SavePlan(e, data, nil, "b1"))
	l := []Search{{Label: "FM", Repeat: 1, Method: "random", Metric: "valid.auc", Trials: 2, Space: "[]"}, {Label: "FM", Repeat: 2, Method: "random", Metric: "valid.auc", Trials: 2, Space: "[]"}}
	must(t, s.SaveSearches(e.ID, l))
	for i, id := range []string{"s0", "s1", "s2", "s3"} {
		tried := Tried{Trial: Trial{ID: id, Label: "FM rate=" + id, Model: "fm", Variant: "v" + id, Seed: 1000000, Config: "{}", Dataset: "d1"}, Point: `{"rate":1}`, Share: 1}
		must(t, s.Propose(l[i/2].ID, i%2, tried))
		test(t, s, machine, id, float64(i))
	}
	return e, l
}

// test runs a trial that reads test and scores x on both splits.
func test(t *testing.T, s *Store, e Environment, trial string, x float64) {
	t.Helper()
	r := begin(t, s, trial, e)
	must(t, r.ReadTest())
	must(t, r.Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"valid.auc": x, "test.auc": x, "train.seconds": 3}}))
}

func names(m map[string]float64) string { return strings.Join(slices.Sorted(maps.Keys(m)), " ") }

func TestSearches(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "ctrlab.db"))
	e, l := tuned(t, s)
	check := func(build, state string, seconds float64) {
		t.Helper()
		got, err := s.Searches(e.ID, build)
		must(t, err)
		if len(got) != 2 || len(got[1].Tried) != 2 || got[1].Ended || got[1].Chosen != -1 || got[1].Repeat != 2 {
			t.Fatalf("%+v", got)
		}
		if x := got[1].Tried[1]; x.ID != "s3" || x.State != state || x.Seconds != seconds || x.Label != "FM rate=s3" || x.Point != `{"rate":1}` || x.Share != 1 {
			t.Errorf("build %q: %+v", build, x)
		}
	}
	check("", Done, 3)
	check("b1", Done, 3)
	check("b2", Pending, 0)

	failed := begin(t, s, "s3", Environment{ID: "m-b2", Build: "b2"})
	must(t, failed.Finish(Outcome{State: Failed, Error: "diverged", At: noon.Add(7 * time.Second)}))
	check("b2", Failed, 7)

	must(t, s.EndSearch(l[0].ID, 1, 0)) // another build had tried more
	got, err := s.Searches(e.ID, "")
	must(t, err)
	if x := got[0]; !x.Ended || x.Chosen != 0 || len(x.Tried) != 1 {
		t.Errorf("%+v", x)
	}
}

// Results on test are seen when the experiment is unsealed, by what reads the database in any way, and not before.
func TestSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	s := open(t, path)
	e, l := tuned(t, s)
	seen := func() (views int, tables string) {
		t.Helper()
		db := sqlite(t, path, `SELECT 1`)
		defer db.Close()
		must(t, db.QueryRow(`SELECT (SELECT count(*) FROM trial_results WHERE name LIKE 'test%') + (SELECT count(test_auc) FROM leaderboard)
			+ (SELECT count(*) FROM results WHERE name LIKE 'test%')`).Scan(&views))
		r, err := s.Report("quickstart")
		must(t, err)
		return views, names(r.Searches[0].Tried[0].Results)
	}
	_, err := s.Unseal("quickstart", "to look", noon)
	if err == nil || !strings.Contains(err.Error(), "quickstart: 2 of its searches are not at their end") {
		t.Errorf("while the searches go on: %v", err)
	}
	for _, x := range l {
		must(t, s.EndSearch(x.ID, 2, 1))
	}
	chosen := []Trial{{ID: "c1", Label: "FM", Model: "fm", Variant: "vs1", Seed: 1000001, Config: "{}", Dataset: "d1", Repeat: 1}}
	must(t, s.Choose(e.ID, chosen, "b1"))
	if _, err := s.Unseal("quickstart", "to look", noon); err == nil || !strings.Contains(err.Error(), "1 of its trials are not done") {
		t.Errorf("before the trials: %v", err)
	}
	test(t, s, machine, "c1", 9)
	if n, tables := seen(); n != 0 || tables != "train.seconds valid.auc" {
		t.Errorf("sealed, %d results on test are seen, in a report %s", n, tables)
	}
	r, err := s.Report("quickstart")
	must(t, err)
	if got := r.Scored["d1"]; got != (Scored{Configurations: 4, Seen: 0}) || r.Unseals != nil || r.Trials[0].Repeat != 1 {
		t.Errorf("%+v were scored, unsealed %+v, trials %+v", got, r.Unseals, r.Trials) // vs1 of a search and its choice are one configuration
	}

	found, err := s.Find("1")
	if err != nil || !found[0].Sealed || names(found[0].Trial.Results) != "train.seconds valid.auc" {
		t.Errorf("sealed, run 1 is %+v (%v)", found, err)
	}

	moved, err := s.Unseal("quickstart", "the paper is due", noon)
	must(t, err)
	if found, err = s.Find("1"); err != nil || found[0].Sealed || names(found[0].Trial.Results) != "test.auc train.seconds valid.auc" {
		t.Errorf("unsealed, run 1 is %+v (%v)", found, err)
	}
	if n, tables := seen(); moved != 5 || n != 7 || tables != "test.auc train.seconds valid.auc" {
		t.Errorf("of %d runs unsealed %d results are seen, in a report %s", moved, n, tables)
	}
	r, err = s.Report("quickstart")
	must(t, err)
	if got := r.Scored["d1"]; got != (Scored{4, 4}) || len(r.Unseals) != 1 || r.Unseals[0].Why != "the paper is due" || !r.Unseals[0].At.Equal(noon) {
		t.Errorf("%+v were scored, unsealed %+v", got, r.Unseals)
	}
	test(t, s, Environment{ID: "m-b2", Build: "b2"}, "c1", 10) // by another build: nothing is left to hide
	if n, _ := seen(); n != 8 {
		t.Errorf("%d results are seen after one more run", n)
	}
}

// A trial of a plan that tunes nothing is seen, also where a search had it before, and that search's other trials are not.
func TestUntunedUnseals(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "ctrlab.db"))
	tuned(t, s)
	other := experiment("plain", noon)
	other.Name = "plain"
	must(t, s.SavePlan(other, data, []Trial{{ID: "s1", Label: "FM", Model: "fm", Variant: "vs1", Seed: 1000000, Config: "{}", Dataset: "d1"}}, "b1"))
	r, err := s.Report("plain")
	must(t, err)
	if names(r.Trials[0].Results) != "test.auc train.seconds valid.auc" || len(r.Unseals) != 1 || r.Unseals[0].Why != Untuned {
		t.Errorf("%+v, %+v", r.Trials[0].Results, r.Unseals)
	}
	if got := r.Scored["d1"]; got != (Scored{4, 1}) {
		t.Errorf("%+v were scored", got)
	}
	must(t, s.SavePlan(other, data, []Trial{{ID: "s1", Label: "FM", Model: "fm", Variant: "vs1", Seed: 1000000, Config: "{}", Dataset: "d1"}}, "b1"))
	if r, err = s.Report("plain"); err != nil || len(r.Unseals) != 1 {
		t.Errorf("planned again: %+v, %v", r.Unseals, err)
	}
}
