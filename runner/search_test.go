package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// tuned is small with searches of lr's rate, and of fm's rate and dimension.
const tuned = small + `
[tune]
method = "tpe"
startup = 3
budget = { trials = 6 }
repeats = 2
[tune.space]
"train.learning_rate" = { log = [1e-3, 1] }
"model.embedding_dim" = { int = [1, 8] }
`

// bowl scores a trial by how near its rate is to 0.05 and, of fm, its dimension to 4; rates above 0.8 diverge.
var bowl mock = func(_ context.Context, t *Trial, record func(metric.Point)) (map[string]float64, error) {
	if t.Train.LearningRate > 0.8 {
		return nil, errors.New("the loss is NaN at step 3")
	}
	loss := math.Pow(math.Log10(t.Train.LearningRate/0.05), 2) + float64(t.Seed%1000)/1e6
	var m struct {
		Model struct {
			Dim int `json:"embedding_dim"`
		}
	}
	if err := json.Unmarshal([]byte(t.Config), &m); err != nil {
		return nil, err
	}
	if t.Model.Name == "fm" {
		loss += math.Pow(float64(m.Model.Dim-4), 2)
	}
	record(metric.Point{Name: "valid.logloss", Value: loss})
	return map[string]float64{"valid.logloss": loss, "test.logloss": loss + 1, "train.seconds": 2}, nil
}

// shape is what the store has of a tuned experiment, without what clocks say.
func shape(t *testing.T, s *store.Store) (out []string) {
	t.Helper()
	r := report(t, s)
	for _, x := range r.Searches {
		for i, y := range x.Tried {
			out = append(out, fmt.Sprintf("%s/%d %d %s %s %d %v chosen %v", x.Label, x.Repeat, i, y.Point, y.State, y.Seed, y.Results["valid.logloss"], i == x.Chosen))
		}
	}
	for _, x := range r.Trials {
		out = append(out, fmt.Sprintf("%s/%d %d %s %.12s %v", x.Label, x.Repeat, x.Seed, x.State, x.Variant, x.Results["valid.logloss"]))
	}
	return out
}

func TestTune(t *testing.T) {
	p, s := planOf(t, tuned), newStore(t)
	var shown []string // results on test that events have
	got, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: bowl, Event: func(e Event) {
		for name := range e.Results {
			if strings.HasPrefix(name, "test.") {
				shown = append(shown, name)
			}
		}
	}})
	must(t, err)
	if got.Tried != 24 || got.Done != 8 || got.Failed+got.Skipped+got.Cancelled != 0 || shown != nil {
		t.Errorf("%+v, of test %q are shown", got, shown)
	}
	r := report(t, s)
	for i, x := range r.Searches {
		if !x.Ended || len(x.Tried) != 6 || x.Metric != "valid.logloss" || x.Label != []string{"lr", "lr", "fm", "fm"}[i] || x.Repeat != i%2+1 {
			t.Errorf("search %d: %+v", i, x)
		}
		for k, y := range x.Tried {
			if y.Seed != uint64(1000000*x.Repeat) || y.State == store.Done && y.Results["valid.logloss"] < x.Tried[x.Chosen].Results["valid.logloss"] {
				t.Errorf("search %d, trial %d: seed %d, %v, and the chosen %v", i, k, y.Seed, y.Results, x.Tried[x.Chosen].Results)
			}
		}
	}
	// Two seeds of each choice, of a block that no search has seen, and the configuration that was chosen.
	for i, x := range r.Trials {
		search := r.Searches[i/2]
		if want := uint64(1000000*search.Repeat + i%2 + 1); x.Seed != want || x.Repeat != search.Repeat || x.Variant != search.Tried[search.Chosen].Variant || x.Label != search.Label {
			t.Errorf("trial %d: %+v of search %s/%d", i, x, search.Label, search.Repeat)
		}
	}

	idle := mock(func(context.Context, *Trial, func(metric.Point)) (map[string]float64, error) {
		t.Error("a trial ran again")
		return nil, nil
	})
	before := shape(t, s)
	got, err = Run(t.Context(), planOf(t, tuned), s, Options{Build: "b1", Executor: idle})
	must(t, err)
	if want := (Summary{Skipped: 8}); got != want || !slices.Equal(shape(t, s), before) {
		t.Errorf("again: %+v", got)
	}
}

// Searches that are interrupted in any wave, or run several trials at a time, or in two processes, end as unbroken ones.
func TestTuneInterrupted(t *testing.T) {
	const few = "tune.budget={trials=4}"
	unbroken := newStore(t)
	_, err := Run(t.Context(), planOf(t, tuned, few), unbroken, Options{Build: "b1", Executor: bowl})
	must(t, err)
	want := shape(t, unbroken)

	at, s := 0, newStore(t)
	for {
		ctx, interrupt := context.WithCancel(t.Context())
		ran := 0
		breaking := mock(func(inner context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
			if ran++; ran > 3 {
				interrupt()
				return nil, inner.Err()
			}
			return bowl(inner, trial, record)
		})
		_, err := Run(ctx, planOf(t, tuned, few), s, Options{Build: "b1", Executor: breaking, Jobs: 1})
		interrupt()
		if at++; err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) || at > 100 {
			t.Fatal(at, err)
		}
	}
	if got := shape(t, s); !slices.Equal(got, want) || at < 5 {
		t.Errorf("interrupted %d times:\n%s\nwant\n%s", at, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	jobs := newStore(t)
	_, err = Run(t.Context(), planOf(t, tuned, few), jobs, Options{Build: "b1", Executor: bowl, Jobs: 3})
	must(t, err)
	if got := shape(t, jobs); !slices.Equal(got, want) {
		t.Errorf("three at a time:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	_, err = Run(t.Context(), planOf(t, tuned, few), s, Options{Build: "b2", Executor: bowl}) // another build goes the same way from the start
	must(t, err)
	if got := shape(t, s); !slices.Equal(got, want) {
		t.Errorf("another build:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// With training: searches choose by valid, and what their trials score on test waits until all is chosen and run, and it is unsealed.
func TestTuneTrains(t *testing.T) {
	s := newStore(t)
	_, err := Run(t.Context(), planOf(t, tuned, "tune.budget={trials=3}", "train.eval_every=0"), s, Options{})
	must(t, err)
	visible := func() (n int) {
		r := report(t, s)
		results := []map[string]float64{}
		for _, x := range r.Trials {
			results = append(results, x.Results)
			if x.State != store.Done || x.TestRead != 1 || x.Results["valid.logloss"] == 0 {
				t.Errorf("%+v", x)
			}
		}
		for _, x := range r.Searches {
			for _, y := range x.Tried {
				results = append(results, y.Results)
			}
		}
		for _, m := range results {
			if m["test.logloss"] > 0 {
				n++
			}
		}
		return n
	}
	if n := visible(); n != 0 {
		t.Errorf("%d trials show what they score on test", n)
	}
	if got := report(t, s).Scored; len(got) != 1 {
		t.Errorf("scored %v", got)
	}
	_, err = s.Unseal("small", "all is chosen", time.Now())
	must(t, err)
	if n := visible(); n != 8+12 {
		t.Errorf("unsealed, %d trials show what they score on test, want 20", n)
	}
}

func TestTuneOnlySearches(t *testing.T) {
	p, s := planOf(t, tuned), newStore(t)
	got, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: bowl, SearchOnly: true})
	must(t, err)
	if want := (Summary{Tried: 24, Diverged: got.Diverged}); got != want {
		t.Errorf("%+v", got)
	}
	if trials := report(t, s).Trials; len(trials) != 8 || trials[0].State != store.Pending {
		t.Errorf("the trials that were chosen: %+v", trials)
	}
}

// A search whose trials all fail chooses nothing; the others go on.
func TestTuneFails(t *testing.T) {
	p, s := planOf(t, tuned), newStore(t)
	got, err := Run(t.Context(), p, s, Options{Build: "b1", FailFast: true, Executor: mock(func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
		if trial.Model.Name == "lr" {
			return nil, errors.New("diverged")
		}
		return bowl(ctx, trial, record)
	})})
	must(t, err)
	if got.Failed != 2 || got.Done != 4 || got.Diverged < 12 {
		t.Errorf("%+v", got)
	}
	if x := report(t, s).Searches[0]; !x.Ended || x.Chosen != -1 || x.Tried[0].State != store.Failed {
		t.Errorf("%+v", x)
	}
}

// Halving trains shares of the steps, and what it chooses is trained in full.
func TestTuneHalving(t *testing.T) {
	file := strings.Replace(tuned, "method = \"tpe\"\nstartup = 3\nbudget = { trials = 6 }", "method = \"halving\"\neta = 2\nrungs = 2\nbudget = { trials = 2 }", 1)
	p, s := planOf(t, file), newStore(t)
	steps := map[float64][]int{}
	_, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: mock(func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
		share := 0.0
		if trial.Proposed != nil {
			share = trial.Proposed.Share
		}
		if !slices.Contains(steps[share], trial.Train.Steps) {
			steps[share] = append(steps[share], trial.Train.Steps)
		}
		return bowl(ctx, trial, record)
	})})
	must(t, err)
	// 2 epochs of 2400 rows by 128 are 38 steps.
	if want := (map[float64][]int{0: {0}, 0.5: {19}, 1: {0}}); !reflect.DeepEqual(steps, want) {
		t.Errorf("steps by share: %v, want %v", steps, want)
	}
}

func TestTuneSeconds(t *testing.T) {
	file := strings.Replace(tuned, "budget = { trials = 6 }", "budget = { seconds = 7 }", 1)
	s := newStore(t)
	_, err := Run(t.Context(), planOf(t, file), s, Options{Build: "b1", Executor: bowl})
	must(t, err)
	for _, x := range report(t, s).Searches {
		failed := 0
		for _, y := range x.Tried {
			failed += len(y.Error) / max(len(y.Error), 1)
		}
		if len(x.Tried)-failed != 4 { // of 2 s each: the fourth begins at 6 s
			t.Errorf("%s: %d trials of 2 s, %d of them failed", x.Label, len(x.Tried), failed)
		}
	}
}

// A key that no trial could have is told before anything runs, of the last choice too.
func TestTuneRefused(t *testing.T) {
	_, err := planFrom(t.Context(), strings.Replace(tuned, `{ int = [1, 8] }`, `[4, 8, 0]`, 1))
	if want := "small.toml:36: model[1].embedding_dim is 0, want at least 1"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
