// Package runner takes an experiment through: NewPlan opens its data, resolves its trials and refuses what cannot
// run; Run stores the Plan, gives each trial that this build has not done to an Executor, and records what comes of
// it. Several processes may Run one plan: they share its trials. What is interrupted, in order or not, is taken up by the
// next Run of the same plan, or by one that is under way.
package runner

import (
	"context"
	"time"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
	"ctrlab/models"
)

// Executor executes one trial. It returns soon after ctx is cancelled, with an error; record is for points on the way. A
// panic fails the trial.
type Executor interface {
	Execute(ctx context.Context, t *Trial, record func(metric.Point)) (train.Result, error)
}

// Options say how to run a plan; the zero value is one trial at a time on all cores.
type Options struct {
	Workers    int           // threads a trial; 0: the cores
	Jobs       int           // trials at a time; with more than one, throughput is marked as shared. 0: 1
	FailFast   bool          // the first failure ends the rest
	SearchOnly bool          // of a plan that tunes: what the searches choose is not run
	KeepGoing  bool          // Patience has no end
	Patience   time.Duration // how long a locked database or a full disk is waited for; 0: a minute
	Lease      time.Duration // a process that is silent for so long loses its trial to another; 0: 30 seconds
	Build      string        // digest of the program; "": that of the executable
	Version    string        // of the program, as it calls itself
	Event      func(Event)
	Executor   Executor // nil: trains

	Every time.Duration // between checkpoints of a trial, which take a twentieth of its time at most; one is written at an interruption too
	Steps int           // between checkpoints, likewise
	Keep  int64         // bytes that the model of a trial that is done may have to be kept, and its scores of test likewise

	now  func() time.Time // for people to read; nil: time.Now
	room int64            // bytes that trials may take together; 0: what there is
}

// Event is something that happened. Events come one at a time.
type Event struct {
	Kind  Kind
	Trial *Trial // Started, Progressed, Told and Ended; Retrying, if it is about one

	metric.Progress // Progressed

	State   string             // Ended: done, failed, skipped, or cancelled
	Err     error              // Ended, when failed; Retrying: why
	Results map[string]float64 // Ended, when done or skipped

	Text      string // Told
	Known     Known  // Planned
	Elsewhere int    // Waiting: trials that other processes are at
}

// Known is how many trials of a plan the store knew of.
type Known struct {
	Done   int // by this build
	Others int // by another build, not by this
	Failed int // by this build, for good
}

// Kind is a kind of Event.
type Kind int

// An Ended comes once for each trial of a plan, also for those that never started. A Started may come again, after a Retrying.
const (
	Planned Kind = iota
	Started
	Progressed
	Ended
	Retrying
	Waiting
	Told // of a trial's checkpoints, what its user should know
)

// Skipped is the state of a trial that this build had done before, or another process meanwhile; the others are the store's.
const Skipped = "skipped"

// Summary counts the trials of a plan by how they ended. The cancelled are pending: running the plan again goes on
// with them. A search whose trials all failed has failed; else a failure there is a result like others.
type Summary struct {
	Done, Failed, Skipped, Cancelled int
	Tried, Diverged                  int // of searches: trials that ended, and those that failed
}

func (s *Summary) count(e Event) {
	switch {
	case e.State == store.Cancelled:
		s.Cancelled++
	case e.Trial.Proposed != nil:
		s.Tried++
		if e.State == store.Failed {
			s.Diverged++
		}
	case e.State == store.Done:
		s.Done++
	case e.State == store.Failed:
		s.Failed++
	case e.State == Skipped:
		s.Skipped++
	}
}

// trainer is the Executor that trains.
type trainer struct {
	workers  int
	progress func(t *Trial, p metric.Progress)
}

func (x trainer) Execute(ctx context.Context, t *Trial, record func(metric.Point)) (train.Result, error) {
	job := train.Job{
		Spec: t.Spec, Options: t.Train, Seed: t.Seed, Data: t.Source, Workers: x.workers, Record: record,
		Progress: func(p metric.Progress) { x.progress(t, p) },
		Inspect:  func(m *models.Model, results map[string]float64) error { return t.inspect(m, results) },
	}
	t.score(ctx, &job)
	if t.files != nil {
		defer t.files.add(&job)()
	}
	if o := t.external(); o != nil {
		return runExternal(ctx, t, *o, job)
	}
	return train.Run(ctx, job)
}
