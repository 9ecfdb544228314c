// Package runner takes an experiment through: NewPlan opens its data, resolves its trials and refuses what cannot
// run; Run stores the Plan, gives each trial that this build has not done to an Executor, and records what comes of
// it. A run that is interrupted, in order or not, is taken up by the next Run of the same plan.
package runner

import (
	"context"
	"fmt"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
)

// Executor executes one trial. It returns soon after ctx is cancelled, with an error; record is for points on the way. A
// panic fails the trial.
type Executor interface {
	Execute(ctx context.Context, t *Trial, record func(metric.Point)) (train.Result, error)
}

// Options say how to run a plan; the zero value is one trial at a time on all cores.
type Options struct {
	Workers  int    // threads a trial; 0: the cores
	Jobs     int    // trials at a time; with more than one, throughput is marked as shared. 0: 1
	FailFast bool   // the first failure ends the rest
	Build    string // digest of the program; "": that of the executable
	Version  string // of the program, as it calls itself
	Event    func(Event)
	Executor Executor // nil: trains
}

// Event is something that happened to a trial. Events come one at a time.
type Event struct {
	Kind  Kind
	Trial *Trial

	Examples, Total int64 // Progressed: trained on so far, and at most

	State   string             // Ended: done, failed, skipped, or cancelled
	Err     error              // Ended, when failed
	Results map[string]float64 // Ended, when done or skipped
}

// Kind is a kind of Event.
type Kind int

// An Ended comes once for each trial of a plan, also for those that never started.
const (
	Started Kind = iota
	Progressed
	Ended
)

// Skipped is the state of a trial that this build had done before; the others are the store's.
const Skipped = "skipped"

// Summary counts the trials of a plan by how they ended. The cancelled are pending: running the plan again goes on
// with them.
type Summary struct{ Done, Failed, Skipped, Cancelled int }

func (s *Summary) count(state string) {
	switch state {
	case store.Done:
		s.Done++
	case store.Failed:
		s.Failed++
	case Skipped:
		s.Skipped++
	case store.Cancelled:
		s.Cancelled++
	}
}

// trainer is the Executor that trains.
type trainer struct {
	workers  int
	progress func(t *Trial, done, total int64)
}

func (x trainer) Execute(ctx context.Context, t *Trial, record func(metric.Point)) (train.Result, error) {
	if have := kilobytes(read("/proc/meminfo"), "MemTotal:"); have > 0 && t.Memory() > float64(have) {
		return train.Result{}, fmt.Errorf("training it takes about %.0f GiB of memory, and the machine has %.0f", t.Memory()/(1<<30), float64(have)/(1<<30))
	}
	return train.Run(ctx, train.Job{
		Spec: t.Spec, Options: t.Train, Seed: t.Seed, Data: t.Source, Workers: x.workers, Record: record,
		Progress: func(done, total int64) { x.progress(t, done, total) },
	})
}
