package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// errFailFast ends the trials after one that failed.
var errFailFast = errors.New("runner: another trial failed")

// Run stores a plan and runs what is left of it, beside other processes that do the same: a trial is one's at a time, and
// those of others are waited for. Trials that fail are counted and no error; an error is that of the store, of a trial
// that has no room, or of ctx. Then the trials under way are pending again, as are those that had not started.
func Run(ctx context.Context, plan *Plan, s *store.Store, o Options) (Summary, error) {
	if o.Build == "" {
		var err error
		if o.Build, err = Build(); err != nil {
			return Summary{}, fmt.Errorf("the program's own file: %w", err)
		}
	}
	o = o.resolved()
	room, err := plan.Room()
	if err != nil {
		return Summary{}, err
	}
	room = cmp.Or(o.room, room)
	p := &pool{plan: plan, store: s, options: o, room: room, executor: o.Executor, environment: environment(o.Build, o.Version),
		began: time.Now(), freed: make(chan struct{}, 1)}
	if p.executor == nil {
		p.executor = trainer{o.Workers, p.progress}
		if o.Jobs == 1 {
			p.roofs = sync.OnceValue(func() map[string]float64 { return roofs(o.Workers) })
		}
	}
	err = p.patiently(ctx, func() (err error) {
		p.experiment, p.saved, err = plan.save(s, o.Build, o.now())
		return err
	})
	if err != nil {
		return Summary{}, err
	}
	if plan.Variants != nil {
		if err := p.tune(ctx); err != nil || o.SearchOnly {
			return p.summary, err
		}
	}
	p.announce()
	return p.run(ctx)
}

func (o Options) resolved() Options {
	o.Jobs = max(o.Jobs, 1)
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = time.Minute
	}
	if o.now == nil {
		o.now = time.Now
	}
	return o
}

// pool runs the trials of a plan, the first in order that can be had, some at a time.
type pool struct {
	plan        *Plan
	experiment  int64 // its number in the store
	saved       []store.Trial
	store       *store.Store
	options     Options
	room        int64 // bytes that all trials under way may take
	executor    Executor
	environment store.Environment
	began       time.Time

	roofs func() map[string]float64 // of the machine; nil where trials do not have it to themselves

	queue   sync.Mutex
	left    []int         // ordinals of trials that no one is known to have ended, but those that we are at
	retried []int         // by ordinal: how often it failed by what may pass
	freed   chan struct{} // a trial of ours ended, so that one that had no room may have it

	mu      sync.Mutex // of events and what they count
	summary Summary
	waited  int // for the last Waiting
}

func (p *pool) run(parent context.Context) (Summary, error) {
	p.retried, p.left = make([]int, len(p.plan.Trials)), nil
	for i := range p.plan.Trials {
		p.left = append(p.left, i)
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	var jobs sync.WaitGroup
	for range p.options.Jobs {
		jobs.Go(func() {
			if err := p.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	jobs.Wait()
	for _, i := range p.left {
		p.end(i, store.Cancelled, nil, nil)
	}
	switch err := context.Cause(ctx); {
	case err == nil || errors.Is(err, errFailFast):
		return p.summary, nil
	case !errors.Is(err, context.Cause(parent)):
		return p.summary, err
	case p.summary.Cancelled > 0:
		return p.summary, parent.Err()
	}
	return p.summary, nil
}

// work runs trials until none is left; an error ends the others too.
func (p *pool) work(ctx context.Context) error {
	for ctx.Err() == nil {
		i, run, err := p.next(ctx)
		switch {
		case err != nil:
			return err
		case run != nil:
			if err := p.trial(ctx, i, run); err != nil {
				return err
			}
		case i < 0:
			return nil
		default:
			p.pause(ctx, min(time.Second, p.options.Lease/10))
		}
	}
	return nil
}

// pause waits for a while, or until a trial of ours has ended.
func (p *pool) pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-p.freed:
	case <-time.After(d):
	}
}

// next claims the first trial that can be had, and ends on its way those that are at an end. Without a run, i is negative
// where none is left, and else one that must be waited for.
func (p *pool) next(ctx context.Context) (i int, run *store.Run, err error) {
	p.queue.Lock()
	defer p.queue.Unlock()
	elsewhere := 0
	for at := 0; at < len(p.left); {
		i = p.left[at]
		state := p.saved[i].State
		if state == store.Pending {
			run, state, err = p.claim(ctx, i)
		}
		switch {
		case err != nil:
			return i, nil, err
		case run != nil:
			p.left = slices.Delete(p.left, at, at+1)
			return i, run, nil
		case state == store.Done:
			p.left = slices.Delete(p.left, at, at+1)
			p.end(i, Skipped, p.saved[i].Results, nil)
		case state == store.Failed:
			p.left = slices.Delete(p.left, at, at+1)
			p.end(i, store.Failed, nil, errors.New(p.saved[i].Error))
			if p.options.FailFast {
				return i, nil, errFailFast
			}
		case state == store.Running:
			elsewhere++
			at++
		default: // no room
			at++
		}
	}
	if len(p.left) == 0 {
		return -1, nil, nil
	}
	p.wait(elsewhere)
	return p.left[0], nil, nil
}

// claim asks the store for a trial; without a run, state is how the trial stands.
func (p *pool) claim(ctx context.Context, i int) (run *store.Run, state string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	t := &p.plan.Trials[i]
	err = p.patiently(ctx, func() error {
		var standing store.Trial
		run, standing, err = p.store.Claim(store.Start{
			Trial: t.ID, Environment: p.environment, Workers: p.options.Workers, Shared: p.options.Jobs > 1, At: p.options.now(),
			Memory: int64(t.Memory().Sum()), Room: p.room, Tick: time.Since(p.began), Lease: p.options.Lease,
		})
		if state = standing.State; state == store.Done || state == store.Failed {
			p.saved[i].Results, p.saved[i].Error = standing.Results, standing.Error
		}
		return err
	})
	return run, state, err
}

// requeue puts a trial behind those that are left.
func (p *pool) requeue(i int) {
	p.queue.Lock()
	defer p.queue.Unlock()
	p.left = append(p.left, i)
}

// patiently repeats what the store refuses for now, until patience is at its end.
func (p *pool) patiently(ctx context.Context, f func() error) error {
	began := time.Now()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := f()
		if !errors.Is(err, store.ErrPassing) || !p.options.KeepGoing && time.Since(began) > p.options.Patience {
			return err
		}
		p.event(Event{Kind: Retrying, Err: err})
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// announce tells what the store knew of the plan.
func (p *pool) announce() {
	e := Event{Kind: Planned}
	for _, t := range p.saved {
		switch {
		case t.State == store.Done:
			e.Known.Done++
		case t.State == store.Failed:
			e.Known.Failed++
		case t.Run != 0:
			e.Known.Others++
		}
	}
	p.event(e)
}

// wait tells how many trials others are at, where that has changed.
func (p *pool) wait(elsewhere int) {
	if elsewhere != p.waited {
		p.waited = elsewhere
		p.event(Event{Kind: Waiting, Elsewhere: elsewhere})
	}
}

func (p *pool) end(i int, state string, results map[string]float64, err error) {
	p.event(Event{Kind: Ended, Trial: &p.plan.Trials[i], State: state, Results: results, Err: err})
}

func (p *pool) progress(t *Trial, at metric.Progress) {
	t.pace.see(at, time.Now())
	p.event(Event{Kind: Progressed, Trial: t, Progress: at})
}

// event counts and passes on, one at a time.
func (p *pool) event(e Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Kind == Ended {
		p.summary.count(e)
	}
	if p.options.Event != nil {
		p.options.Event(e)
	}
}
