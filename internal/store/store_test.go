package store

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"ctrlab/internal/metric"
)

var (
	noon    = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	machine = Environment{ID: "m-b1", Build: "b1", Version: "dev", Go: "go1.26", OS: "linux", Arch: "amd64",
		CPU: "a CPU", Features: "avx2 fma", Kernels: "avx2", Cores: 2, Memory: 1 << 33}
	data = []Dataset{{ID: "d1", Source: "synthetic", Options: `{"rows":10}`, Schema: `{"Dense":null}`,
		Rows: [3]int{8, 1, 1}, Warnings: []string{"test has 1 example"}, Digests: [3]string{"a", "b", "c"}}}
)

// plan is two seeds of one variant and one of another.
func plan() []Trial {
	return []Trial{
		{ID: "t1", Label: "FM", Model: "fm", Variant: "v1", Seed: 1, Config: `{}`, Dataset: "d1"},
		{ID: "t2", Label: "FM", Model: "fm", Variant: "v1", Seed: 1 << 63, Config: `{}`, Dataset: "d1"},
		{ID: "t3", Label: "LR", Model: "lr", Variant: "v2", Seed: 1, Config: `{}`, Dataset: "d1"},
	}
}

func experiment(digest string, at time.Time) *Experiment {
	return &Experiment{Name: "quickstart", Question: "Which?", File: "name = …", Overrides: []string{"a=1"}, PlanDigest: digest, Created: at}
}

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, s *Store, trial string, e Environment) *Run {
	t.Helper()
	r, standing, err := s.Claim(Start{Trial: trial, Environment: e, Workers: 2, At: noon})
	must(t, err)
	if r == nil {
		t.Fatalf("%s is %s", trial, standing.State)
	}
	return r
}

func TestReport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results", "ctrlab.db")
	s := open(t, path)
	must(t, s.SavePlan(experiment("p1", noon), data, plan(), "b1"))

	r := begin(t, s, "t1", machine)
	for i, v := range []float64{0.5, math.NaN(), 0.75} {
		must(t, r.Record(metric.Point{Name: "valid.auc", Step: 10 * i, Examples: int64(100 * i), Seconds: float64(i), Value: v}))
	}
	must(t, r.Record(metric.Point{Name: "time.read", Step: 20, Value: 1}))
	must(t, r.Record(metric.Point{Name: "valid.auc", Step: 20, Examples: 200, Seconds: 2.5, Value: 0.8})) // again: the later counts
	must(t, r.ReadTest())
	must(t, r.Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.7, "test.ne": math.Inf(1)}}))
	must(t, begin(t, s, "t2", machine).Finish(Outcome{State: Failed, At: noon, Error: "loss is not finite", Stack: "main.go"}))
	must(t, begin(t, s, "t3", machine).Finish(Outcome{State: Cancelled, At: noon}))

	reader, err := OpenRead(path) // beside the writer
	must(t, err)
	defer reader.Close()
	got, err := reader.Report("quickstart")
	must(t, err)

	if e := got.Experiment; e.Question != "Which?" || e.PlanDigest != "p1" || !e.Created.Equal(noon) || e.Overrides[0] != "a=1" {
		t.Errorf("experiment: %+v", e)
	}
	if !reflect.DeepEqual(got.Datasets, data) {
		t.Errorf("datasets: %+v", got.Datasets)
	}
	if !reflect.DeepEqual(got.Environments, []Environment{machine}) {
		t.Errorf("environments: %+v", got.Environments)
	}
	t1, t2, t3 := got.Trials[0], got.Trials[1], got.Trials[2]
	if t1.State != Done || t1.Run != r.ID || t1.TestRead != 1 || t1.Results["test.auc"] != 0.7 || !math.IsNaN(t1.Results["test.ne"]) {
		t.Errorf("t1: %+v", t1)
	}
	if t2.State != Failed || t2.Error != "loss is not finite" || t2.Seed != 1<<63 || t2.Run != 0 || len(t2.Results) != 0 {
		t.Errorf("t2: %+v", t2)
	}
	if t3.State != Pending || t3.Label != "LR" || t3.Ordinal != 2 {
		t.Errorf("t3: %+v", t3)
	}
	if len(got.Series) != 1 { // time.read is no curve
		t.Fatalf("series: %+v", got.Series)
	}
	c := got.Series[0]
	if !reflect.DeepEqual(c.Step, []int{0, 10, 20}) || c.Value[0] != 0.5 || !math.IsNaN(c.Value[1]) || c.Value[2] != 0.8 || c.Seconds[2] != 2.5 {
		t.Errorf("series: %+v", c)
	}
	if _, err := reader.Report("quickstar"); err == nil || err.Error() != path+`: it has no experiment "quickstar", but quickstart` {
		t.Errorf("an unknown name: %v", err)
	}
	runs, err := reader.Runs()
	must(t, err)
	if len(runs) != 3 || runs[0].Trial != "t3" || runs[1].Experiment != "quickstart" || runs[2].Label != "FM" || runs[2].State != Done {
		t.Errorf("runs: %+v", runs)
	}
}

// Only what the same build has done, or failed at for good, counts when the same file runs again.
func TestResume(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "ctrlab.db"))
	b2 := machine
	b2.ID, b2.Build = "m-b2", "b2"
	states := func(build string) (got [3]string) {
		t.Helper()
		p := plan()
		must(t, s.SavePlan(experiment("p1", noon), data, p, build))
		for i := range p {
			got[i] = p[i].State
		}
		return got
	}
	current := func() map[string]float64 {
		t.Helper()
		r, err := s.Report("quickstart")
		must(t, err)
		return r.Trials[0].Results
	}
	done := func(auc float64) Outcome {
		return Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": auc}}
	}

	if got := states("b1"); got != [3]string{Pending, Pending, Pending} {
		t.Error("at first:", got)
	}
	must(t, begin(t, s, "t1", machine).Finish(done(0.7)))
	must(t, begin(t, s, "t2", machine).Finish(Outcome{State: Failed, Error: "…", At: noon}))
	must(t, begin(t, s, "t3", machine).Finish(Outcome{State: Cancelled, At: noon}))
	if got := states("b1"); got != [3]string{Done, Failed, Pending} {
		t.Error("by the same build:", got)
	}
	if got := states("b2"); got != [3]string{Pending, Pending, Pending} {
		t.Error("by another build:", got)
	}
	must(t, begin(t, s, "t1", b2).Finish(Outcome{State: Cancelled, At: noon}))
	if got := current(); got["test.auc"] != 0.7 {
		t.Error("a cancelled run by another build changed what was done:", got)
	}
	must(t, begin(t, s, "t1", b2).Finish(done(0.8)))
	if got := current(); got["test.auc"] != 0.8 {
		t.Error("the last done does not count:", got)
	}
	states("b1")
	if got := current(); got["test.auc"] != 0.7 {
		t.Error("the first build again does not find its own:", got)
	}
	b3 := machine
	b3.ID, b3.Build = "m-b3", "b3"
	must(t, begin(t, s, "t1", b3).Finish(Outcome{State: Failed, Error: "…", At: noon}))
	if got := current(); len(got) != 0 {
		t.Error("a failed trial has results:", got)
	}
}

// A process that was killed leaves its run marked as running; the next writer knows that it is not.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	s := open(t, path)
	must(t, s.SavePlan(experiment("p1", noon), data, plan(), "b1"))
	r := begin(t, s, "t1", machine)
	must(t, r.ReadTest())
	s.Close()

	s = open(t, path)
	runs, err := s.Runs()
	must(t, err)
	got, err := s.Report("quickstart")
	must(t, err)
	if runs[0].State != Lost || got.Trials[0].State != Pending || got.Trials[0].TestRead != 1 {
		t.Errorf("run %s, trial %s, test read %d times; want lost, pending, 1", runs[0].State, got.Trials[0].State, got.Trials[0].TestRead)
	}
}

// Names are not unique, plans are: the latest asked for is reported.
func TestPlans(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "ctrlab.db"))
	save := func(digest string, minute int, trials []Trial) int64 {
		e := experiment(digest, noon.Add(time.Duration(minute)*time.Minute))
		must(t, s.SavePlan(e, data, trials, "b1"))
		return e.ID
	}
	first := save("p1", 0, plan())
	second := save("p2", 1, plan()[:1])
	if again := save("p1", 2, plan()); again != first || second == first {
		t.Errorf("plans p1, p2, p1 are %d, %d, %d", first, second, again)
	}
	l, err := s.Experiments()
	must(t, err)
	if len(l) != 1 || l[0].PlanDigest != "p1" || !l[0].Created.Equal(noon) {
		t.Errorf("%+v", l)
	}
	r, err := s.Report("quickstart")
	must(t, err)
	if len(r.Trials) != 3 {
		t.Errorf("%d trials, want 3", len(r.Trials))
	}
}

func TestViews(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "ctrlab.db"))
	must(t, s.SavePlan(experiment("p1", noon), data, plan(), "b1"))
	for i, auc := range map[string]float64{"t1": 0.7, "t2": 0.8, "t3": 0.6} {
		r := begin(t, s, i, machine)
		must(t, r.Record(metric.Point{Name: "valid.auc", Step: 1, Value: auc}))
		must(t, r.Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": auc, "params": 5}}))
	}
	for query, want := range map[string]string{
		`SELECT group_concat(label || ' ' || seeds || ' ' || round(test_auc, 6) || ' ' || test_auc_low || ' ' || test_auc_high, ', ') FROM leaderboard`: "FM 2 0.75 0.7 0.8, LR 1 0.6 0.6 0.6",
		`SELECT group_concat(label || ' ' || name || ' ' || value, ', ') FROM trial_results WHERE ordinal < 2`:                                          "FM params 5.0, FM test.auc 0.7, FM params 5.0, FM test.auc 0.8",
		`SELECT group_concat(label || ' ' || name || ' ' || value, ', ') FROM learning_curve`:                                                           "FM valid.auc 0.7, FM valid.auc 0.8, LR valid.auc 0.6",
	} {
		var got string
		must(t, s.db.QueryRow(query).Scan(&got))
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestOpenReadNeedsDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	if _, err := OpenRead(path); !errors.Is(err, os.ErrNotExist) || errors.Is(err, ErrEnvironment) {
		t.Error(err)
	}
	if l, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(l) > 0 {
		t.Error("left behind:", l)
	}
}

// What the plan sized variants to, and strengths of pairs, come back with the trials; those that are not known are NaN.
func TestPairsAndBudgets(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "ctrlab.db"))
	trials, e := plan(), experiment("p1", noon)
	e.Match = "params"
	trials[0].Budget, trials[0].Widths = 1000, "top=[8]"
	must(t, s.SavePlan(e, data, trials, "b1"))
	pairs := []metric.Pair{{Fields: [2]string{"a", "b"}, Learned: 0.5, Planted: 2}, {Fields: [2]string{"a", "c"}, Learned: 0.25, Planted: math.NaN()}}
	must(t, begin(t, s, "t1", machine).Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.7}, Pairs: pairs}))
	r, err := s.Report("quickstart")
	must(t, err)
	got := r.Trials[0]
	if r.Experiment.Match != "params" || got.Budget != 1000 || got.Widths != "top=[8]" || r.Trials[1].Budget != 0 || r.Trials[1].Pairs != nil {
		t.Errorf("match %q, trials %+v", r.Experiment.Match, r.Trials)
	}
	if len(got.Pairs) != 2 || got.Pairs[0] != pairs[0] || got.Pairs[1].Fields != pairs[1].Fields || !math.IsNaN(got.Pairs[1].Planted) {
		t.Errorf("pairs %+v, want %+v", got.Pairs, pairs)
	}
}

// A second connection sees what the first does, or is not had, while another process writes.
func TestTwin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	writer := open(t, path)
	s, err := OpenRead(path)
	must(t, err)
	defer s.Close()
	stop, stopped := make(chan struct{}), make(chan error)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
				if err := writer.write(func(tx *sql.Tx) error { return exec(tx, fmt.Sprintf(`PRAGMA user_version = %d`, 6+i)) }); err != nil {
					stopped <- err
					return
				}
			}
		}
	}()
	both := 0 // times
	for range 200 {
		must(t, s.read(func(tx *sql.Tx) error {
			other, end := s.twin(tx)
			defer end()
			var a, b int
			if other == nil {
				return nil
			}
			both++
			err := errors.Join(tx.QueryRow(`PRAGMA user_version`).Scan(&a), other.QueryRow(`PRAGMA user_version`).Scan(&b))
			if a != b {
				t.Fatalf("one sees write %d, the other %d", a, b)
			}
			return err
		}))
	}
	close(stop)
	must(t, <-stopped)
	if both == 0 {
		t.Error("no second connection was had")
	}
}
