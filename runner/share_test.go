package runner

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// Several runners of one plan share its trials and do none twice; each of them comes to know how all ended.
func TestShareWork(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	p := planOf(t, small, "model.embedding_dim=2,3,4,5,6,7,8,9,10,11") // 20 of fm, 2 of lr
	var mu sync.Mutex
	ran := map[string]int{}
	var runners sync.WaitGroup
	for range 3 {
		s := open(t, path)
		runners.Go(func() {
			got, err := Run(t.Context(), p, s, Options{Build: "b1", Lease: time.Second, Executor: mock(
				func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
					mu.Lock()
					ran[trial.ID]++
					mu.Unlock()
					if trial.Ordinal == 7 {
						return nil, errors.New("it diverged")
					}
					return fine(ctx, trial, record)
				})})
			if err != nil || got.Done+got.Skipped != 21 || got.Failed != 1 {
				t.Errorf("%+v, %v; want 21 done by whomever, 1 failed", got, err)
			}
		})
	}
	runners.Wait()
	for i, trial := range p.Trials {
		if ran[trial.ID] != 1 {
			t.Errorf("trial %d ran %d times", i, ran[trial.ID])
		}
	}
}

// Trials that do not fit together do not run together, though there are jobs enough.
func TestMemoryIsPlanned(t *testing.T) {
	p, s := planOf(t, small), newStore(t)
	room := int64(p.Trials[2].Memory().Sum() + p.Trials[0].Memory().Sum()) // fm and lr, but not two of fm
	var mu sync.Mutex
	taken, most := 0.0, 0.0
	x := mock(func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
		mu.Lock()
		taken += trial.Memory().Sum()
		most = max(most, taken)
		mu.Unlock()
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			taken -= trial.Memory().Sum()
		}()
		return fine(ctx, trial, record)
	})
	o := Options{Build: "b1", Jobs: 4, Executor: x, room: room}
	got, err := Run(t.Context(), p, s, o)
	must(t, err)
	if want := (Summary{Done: 4}); got != want || most == 0 || most > float64(room) {
		t.Errorf("%+v; %.0f bytes at once, want at most %d", got, most, room)
	}
}

// passes fails as errs say, in turn, and then does well.
func passes(errs ...error) mock {
	return func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
		if trial.Ordinal == 1 && len(errs) > 0 {
			err := errs[0]
			errs = errs[1:]
			return nil, err
		}
		return fine(ctx, trial, record)
	}
}

// What may pass is tried again, behind what is left, and no more than three times; what follows from the trial is not.
func TestRetries(t *testing.T) {
	full := fmt.Errorf("its best state: %w", &os.PathError{Op: "write", Path: "state", Err: syscall.ENOSPC})
	for name, c := range map[string]struct {
		x        mock
		want     Summary
		states   string
		last     string
		retrying int
	}{
		"passes":    {passes(full, full), Summary{Done: 4}, "done failed* done done failed* done", "lr 2: done", 2},
		"does not":  {passes(full, full, full), Summary{Done: 3, Failed: 1}, "done failed* done done failed* failed*", "lr 2: failed", 2},
		"its own":   {passes(errors.New("the loss is NaN")), Summary{Done: 3, Failed: 1}, "done failed done done", "fm 2: done", 0},
		"a panic's": {func(context.Context, *Trial, func(metric.Point)) (map[string]float64, error) { panic(full) }, Summary{Failed: 4}, "failed failed failed failed", "fm 2: failed", 0},
	} {
		t.Run(name, func(t *testing.T) {
			p, s := planOf(t, small), newStore(t)
			var l ended
			retrying := 0
			got, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: c.x, Event: func(e Event) {
				l.event(e)
				if e.Kind == Retrying {
					retrying++
				}
			}})
			must(t, err)
			runs, err := s.Runs()
			must(t, err)
			var states []string
			for _, r := range slices.Backward(runs) {
				states = append(states, r.State+map[bool]string{true: "*"}[r.Retry])
			}
			if got != c.want || strings.Join(states, " ") != c.states || l[len(l)-1] != c.last || retrying != c.retrying {
				t.Errorf("%+v, %q, %q, %d times; want %+v, %q, %q, %d times", got, states, l, retrying, c.want, c.states, c.last, c.retrying)
			}
		})
	}
}

// A database that another program has locked, and a full disk that gets room, are waited for: nothing is lost.
func TestPatience(t *testing.T) {
	t.Run("locked", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "ctrlab.db")
		s := open(t, path)
		other := sqlite(t, path)
		calls := 0
		got, err := Run(t.Context(), planOf(t, small), s, Options{Build: "b1", KeepGoing: true, Patience: 1, Event: func(e Event) {
			switch {
			case e.Kind == Started && e.Trial.Ordinal == 1:
				_, err := other.Exec(`BEGIN IMMEDIATE`)
				must(t, err)
			case e.Kind == Retrying && errors.Is(e.Err, store.ErrPassing):
				calls++
				_, err := other.Exec(`ROLLBACK`)
				must(t, err)
			}
		}, Executor: fine})
		must(t, err)
		if want := (Summary{Done: 4}); got != want || calls != 1 {
			t.Errorf("%+v after %d waits, want %+v after 1", got, calls, want)
		}
	})
	t.Run("full", func(t *testing.T) {
		dir := t.TempDir()
		if err := syscall.Mount("none", dir, "tmpfs", 0, "size=512k"); err != nil {
			t.Skip("no right to mount a small disk:", err)
		}
		defer syscall.Unmount(dir, syscall.MNT_DETACH)
		s := open(t, filepath.Join(dir, "ctrlab.db"))
		defer s.Close()
		const points = 20_000 // about 1 MB
		chatty := mock(func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
			for i := 0; trial.Ordinal == 2 && i < points; i++ {
				record(metric.Point{Name: "valid.auc", Step: i, Value: float64(i)})
			}
			return fine(ctx, trial, record)
		})
		waits := 0
		got, err := Run(t.Context(), planOf(t, small), s, Options{Build: "b1", Executor: chatty, Event: func(e Event) {
			if e.Kind == Retrying {
				waits++
				must(t, syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT, "size=8m"))
			}
		}})
		must(t, err)
		if want := (Summary{Done: 4}); got != want || waits == 0 {
			t.Errorf("%+v after %d waits, want %+v after some", got, waits, want)
		}
		for _, c := range report(t, s).Series {
			if c.Trial == planOf(t, small).Trials[2].ID && len(c.Step) != points {
				t.Errorf("%d points, want %d", len(c.Step), points)
			}
		}
	})
}

// A clock that is set while trials run changes no lease, nor how long a run took.
func TestClockJumps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	p := planOf(t, small)
	r := rand.New(rand.NewPCG(1, 1))
	var mu sync.Mutex
	jumping := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(time.Duration(r.IntN(2001)-1000) * time.Hour)
	}
	slow := mock(func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
		time.Sleep(200 * time.Millisecond) // heartbeats
		return fine(ctx, trial, record)
	})
	var runners sync.WaitGroup
	for range 2 {
		s := open(t, path)
		runners.Go(func() {
			if _, err := Run(t.Context(), p, s, Options{Build: "b1", Lease: 600 * time.Millisecond, Executor: slow, now: jumping}); err != nil {
				t.Error(err)
			}
		})
	}
	runners.Wait()
	runs, err := open(t, path).Runs()
	must(t, err)
	for _, r := range runs {
		if r.State != store.Done || r.Ended.Before(r.Started) {
			t.Errorf("%+v", r)
		}
	}
	if len(runs) != 4 {
		t.Errorf("%d runs, want 4", len(runs))
	}
}
