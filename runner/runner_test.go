package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/experiments"
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
)

// small has four trials: LR and FM, two seeds each.
const small = `
name = "small"
question = "Do they run?"
seeds = 2

[data]
source = "synthetic"
rows = 3000
fields = 3
rows_per_field = 20
split = { fractions = [0.8, 0.1, 0.1] }

[[data.truth]]
kind = "fm"
strength = 1.0

[train]
batch_size = 128
epochs = 2
eval_every = 5

[[model]]
name = "lr"

[[model]]
name = "fm"
embedding_dim = 4
`

func planOf(t *testing.T, file string, sets ...string) *Plan {
	t.Helper()
	p, err := planFrom(t.Context(), file, sets...)
	must(t, err)
	return p
}

func planFrom(ctx context.Context, file string, sets ...string) (*Plan, error) {
	e, err := experiments.Parse("small.toml", []byte(file), sets)
	if err != nil {
		return nil, err
	}
	return NewPlan(ctx, datasets.Env{}, e)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func newStore(t *testing.T) *store.Store { return open(t, filepath.Join(t.TempDir(), "ctrlab.db")) }

func report(t *testing.T, s *store.Store) *store.Report {
	t.Helper()
	r, err := s.Report("small")
	must(t, err)
	return r
}

// mock executes trials as f says.
type mock func(ctx context.Context, t *Trial, record func(metric.Point)) (map[string]float64, error)

func (f mock) Execute(ctx context.Context, t *Trial, record func(metric.Point)) (train.Result, error) {
	results, err := f(ctx, t, record)
	return train.Result{Metrics: results}, err
}

// fine gives results that follow from the trial.
var fine mock = func(_ context.Context, t *Trial, record func(metric.Point)) (map[string]float64, error) {
	for i := range 3 {
		record(metric.Point{Name: "valid.auc", Step: i, Value: float64(t.Ordinal) + float64(i)/10})
	}
	return map[string]float64{"test.auc": float64(t.Ordinal)}, nil
}

// ended collects what Ended events say: "label seed: state", in order.
type ended []string

func (l *ended) event(e Event) {
	if e.Kind == Ended {
		*l = append(*l, fmt.Sprintf("%s %d: %s", e.Trial.Label, e.Trial.Seed, e.State))
	}
}

func TestRunAndSkip(t *testing.T) {
	p, s := planOf(t, small), newStore(t)
	var l ended
	got, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: fine, Event: l.event})
	must(t, err)
	if want := (Summary{Done: 4}); got != want || !slices.Equal(l, ended{"lr 1: done", "lr 2: done", "fm 1: done", "fm 2: done"}) {
		t.Errorf("at first: %+v, %q", got, l)
	}
	for i, trial := range report(t, s).Trials {
		if trial.State != store.Done || trial.Results["test.auc"] != float64(i) || trial.Results["peak_rss"] < 1<<20 {
			t.Errorf("trial %d: %+v", i, trial)
		}
	}

	l = nil
	var auc []float64
	idle := mock(func(context.Context, *Trial, func(metric.Point)) (map[string]float64, error) {
		t.Error("a trial ran again")
		return nil, nil
	})
	got, err = Run(t.Context(), p, s, Options{Build: "b1", Executor: idle, Event: func(e Event) {
		l.event(e)
		if e.Kind == Ended {
			auc = append(auc, e.Results["test.auc"])
		}
	}})
	must(t, err)
	if want := (Summary{Skipped: 4}); got != want || l[3] != "fm 2: skipped" || !slices.Equal(auc, []float64{0, 1, 2, 3}) {
		t.Errorf("again: %+v, %q, results %v", got, l, auc)
	}

	got, err = Run(t.Context(), p, s, Options{Build: "b2", Executor: fine})
	must(t, err)
	if want := (Summary{Done: 4}); got != want {
		t.Errorf("another build: %+v", got)
	}
}

// A trial of one plan counts in another that has it too.
func TestShareTrials(t *testing.T) {
	s := newStore(t)
	_, err := Run(t.Context(), planOf(t, small), s, Options{Build: "b1", Executor: fine})
	must(t, err)
	got, err := Run(t.Context(), planOf(t, small, "model.embedding_dim=4,8"), s, Options{Build: "b1", Executor: fine})
	must(t, err)
	if want := (Summary{Done: 2, Skipped: 4}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// result is a report without what clocks and counters say, so that two suites compare.
func result(t *testing.T, s *store.Store) *store.Report {
	t.Helper()
	r := report(t, s)
	r.Experiment.Created, r.Experiment.ID, r.Unseals = time.Time{}, 0, nil
	for i := range r.Trials {
		r.Trials[i].Run, r.Trials[i].TestRead = 0, 0
		maps.DeleteFunc(r.Trials[i].Results, func(name string, _ float64) bool {
			m, ok := metric.Find(name)
			return !ok || m.Kind == metric.Speed
		})
	}
	for i := range r.Series {
		r.Series[i].Seconds = nil
	}
	return r
}

// A suite that is interrupted in any trial, and run again, ends as an unbroken one; so it does on other threads.
func TestInterruptedIsUnbroken(t *testing.T) {
	p := planOf(t, small)
	unbroken := newStore(t)
	_, err := Run(t.Context(), p, unbroken, Options{Workers: 1})
	must(t, err)
	want := result(t, unbroken)
	if len(want.Trials) != 4 || len(want.Series) == 0 || want.Trials[3].Results["test.auc"] < 0.5 {
		t.Fatalf("the unbroken suite came to nothing: %+v", want.Trials)
	}
	for at := range p.Trials {
		s := newStore(t)
		ctx, interrupt := context.WithCancel(t.Context())
		seen := 0
		got, err := Run(ctx, p, s, Options{Workers: 1 + at, Event: func(e Event) {
			if e.Kind == Progressed && e.Trial.Ordinal == at {
				if seen++; seen == 7 { // past the first points
					interrupt()
				}
			}
		}})
		if count := (Summary{Done: at, Cancelled: 4 - at}); got != count || !errors.Is(err, context.Canceled) {
			t.Fatalf("interrupted: %+v, %v; want %+v", got, err, count)
		}
		for i, trial := range report(t, s).Trials {
			if state := map[bool]string{true: store.Done, false: store.Pending}[i < at]; trial.State != state {
				t.Errorf("trial %d is %s, want %s", i, trial.State, state)
			}
		}
		got, err = Run(t.Context(), p, s, Options{Workers: 2})
		must(t, err)
		if count := (Summary{Skipped: at, Done: 4 - at}); got != count {
			t.Errorf("again: %+v, want %+v", got, count)
		}
		if got := result(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("interrupted in trial %d, the suite ends otherwise:\n got %+v\nwant %+v", at, got, want)
		}
	}
}

func TestFailures(t *testing.T) {
	bad := mock(func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
		switch trial.Ordinal {
		case 1:
			return nil, errors.New("the loss is NaN at step 3")
		case 2:
			var none []float64
			return map[string]float64{"test.auc": none[trial.Ordinal]}, nil
		}
		return fine(ctx, trial, record)
	})
	p, s := planOf(t, small), newStore(t)
	errs := map[int]string{}
	got, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: bad, Event: func(e Event) {
		if e.Err != nil {
			errs[e.Trial.Ordinal] = e.Err.Error()
		}
	}})
	must(t, err)
	if want := (Summary{Done: 2, Failed: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	want := map[int]string{1: "the loss is NaN at step 3", 2: "panic: runtime error: index out of range [2] with length 0"}
	if !maps.Equal(errs, want) {
		t.Errorf("errors %v", errs)
	}
	for i, text := range want {
		if trial := report(t, s).Trials[i]; trial.State != store.Failed || trial.Error != text {
			t.Errorf("trial %d: %s, %q", i, trial.State, trial.Error)
		}
	}
	runs, err := s.Runs()
	must(t, err)
	if i := slices.IndexFunc(runs, func(r store.RunInfo) bool { return r.Stack != "" }); i < 0 || !strings.Contains(runs[i].Stack, "TestFailures") {
		t.Errorf("no stack of the panic: %+v", runs)
	}

	idle := mock(func(context.Context, *Trial, func(metric.Point)) (map[string]float64, error) {
		t.Error("what had failed for good ran again")
		return nil, nil
	})
	got, err = Run(t.Context(), p, s, Options{Build: "b1", Executor: idle})
	must(t, err)
	if want := (Summary{Failed: 2, Skipped: 2}); got != want {
		t.Errorf("again: %+v, want %+v", got, want)
	}
	for _, r := range runs {
		if r.State == store.Failed {
			must(t, s.Retry(r.ID))
		}
	}
	got, err = Run(t.Context(), p, s, Options{Build: "b1", Executor: fine})
	must(t, err)
	if want := (Summary{Done: 2, Skipped: 2}); got != want {
		t.Errorf("after a retry that was asked for: %+v, want %+v", got, want)
	}
}

func TestFailFast(t *testing.T) {
	p, s := planOf(t, small), newStore(t)
	var l ended
	bad := mock(func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
		if trial.Ordinal == 1 {
			return nil, errors.New("no")
		}
		return fine(ctx, trial, record)
	})
	got, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: bad, FailFast: true, Event: l.event})
	must(t, err)
	if want := (Summary{Done: 1, Failed: 1, Cancelled: 2}); got != want || l[3] != "fm 2: cancelled" {
		t.Errorf("%+v, %q", got, l)
	}
}

// Trials that run beside others say so, and have no peak of memory of their own.
func TestJobs(t *testing.T) {
	p, s := planOf(t, small), newStore(t)
	var both sync.WaitGroup
	both.Add(2)
	meet := mock(func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
		if trial.Ordinal < 2 {
			both.Done()
			both.Wait() // for ever, were they not run at once
		}
		return fine(ctx, trial, record)
	})
	var l ended
	got, err := Run(t.Context(), p, s, Options{Build: "b1", Jobs: 2, Executor: meet, Event: l.event})
	must(t, err)
	if want := (Summary{Done: 4}); got != want || len(l) != 4 {
		t.Errorf("%+v, %q", got, l)
	}
	for _, trial := range report(t, s).Trials {
		if _, ok := trial.Results["peak_rss"]; ok || !trial.Shared {
			t.Errorf("%+v", trial)
		}
	}
}

func TestCountsTestReads(t *testing.T) {
	p, s := planOf(t, small), newStore(t)
	greedy := mock(func(_ context.Context, trial *Trial, _ func(metric.Point)) (map[string]float64, error) {
		for _, split := range []batch.Split{batch.Train, batch.Valid, batch.Test, batch.Test} {
			for _, err := range trial.Source.Batches(split, 64, 0) {
				if err != nil {
					return nil, err
				}
			}
		}
		return nil, nil
	})
	_, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: greedy})
	must(t, err)
	if n := report(t, s).Trials[0].TestRead; n != 2 {
		t.Errorf("test was read %d times, want 2", n)
	}
	s = newStore(t)
	_, err = Run(t.Context(), p, s, Options{})
	must(t, err)
	for _, trial := range report(t, s).Trials {
		if trial.TestRead != 1 {
			t.Errorf("%s: training read test %d times, want 1", trial.Label, trial.TestRead)
		}
	}
}
