package runner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
)

// errFailFast ends the trials after one that failed.
var errFailFast = errors.New("runner: another trial failed")

// Run stores a plan and runs what is left of it. Trials that fail are counted and no error; an error is that of the
// store, or of ctx. Then the trials under way are pending again, as are those that had not started.
func Run(ctx context.Context, plan *Plan, s *store.Store, o Options) (Summary, error) {
	if o.Build == "" {
		var err error
		if o.Build, err = Build(); err != nil {
			return Summary{}, fmt.Errorf("the program's own file: %w", err)
		}
	}
	o.Jobs = max(o.Jobs, 1)
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	saved, err := plan.save(s, o.Build)
	if err != nil {
		return Summary{}, err
	}
	p := &pool{plan: plan, saved: saved, store: s, options: o, executor: o.Executor, environment: environment(o.Build, o.Version)}
	if p.executor == nil {
		p.executor = trainer{o.Workers, p.progress}
		if o.Jobs == 1 {
			p.roofs = sync.OnceValue(func() map[string]float64 { return roofs(o.Workers) })
		}
	}
	return p.run(ctx)
}

// pool runs the trials of a plan, in order, some at a time.
type pool struct {
	plan        *Plan
	saved       []store.Trial
	store       *store.Store
	options     Options
	executor    Executor
	environment store.Environment

	roofs func() map[string]float64 // of the machine; nil where trials do not have it to themselves

	mu      sync.Mutex // of events and what they count
	summary Summary
}

func (p *pool) run(parent context.Context) (Summary, error) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	var first error // that ended the others
	var once sync.Once
	next := make(chan int)
	var jobs sync.WaitGroup
	for range p.options.Jobs {
		jobs.Go(func() {
			for i := range next {
				if err := p.trial(ctx, i); err != nil {
					once.Do(func() { first = err; cancel() })
				}
			}
		})
	}
	for i := range p.plan.Trials {
		next <- i
	}
	close(next)
	jobs.Wait()
	switch {
	case first != nil && !errors.Is(first, errFailFast):
		return p.summary, first
	case first == nil && p.summary.Cancelled > 0:
		return p.summary, parent.Err()
	}
	return p.summary, nil
}

// trial takes one trial to its end; an error ends the others too.
func (p *pool) trial(ctx context.Context, i int) error {
	if saved := p.saved[i]; saved.State == store.Done {
		p.end(i, Skipped, saved.Results, nil)
		return nil
	}
	if err := ctx.Err(); err != nil {
		p.end(i, store.Cancelled, nil, nil)
		return err
	}
	t := &p.plan.Trials[i]
	p.event(Event{Kind: Started, Trial: t})
	run, err := p.store.Begin(store.Start{
		Trial: t.ID, Environment: p.environment, Workers: p.options.Workers, Shared: p.options.Jobs > 1, At: time.Now(),
	})
	if err != nil {
		p.end(i, store.Cancelled, nil, nil)
		return err
	}
	results, failure, err := p.execute(ctx, run, *t)
	if err != nil { // the store's: the run stays as it is, and the next Open takes it for lost
		p.end(i, store.Cancelled, nil, nil)
		return err
	}
	o := outcome(ctx, results, failure)
	if err := run.Finish(o); err != nil {
		p.end(i, store.Cancelled, nil, nil)
		return err
	}
	p.end(i, o.State, o.Results, failure)
	if o.State == store.Failed && p.options.FailFast {
		return errFailFast
	}
	return nil
}

func outcome(ctx context.Context, results map[string]float64, failure error) store.Outcome {
	o := store.Outcome{State: store.Done, Results: results, At: time.Now()}
	switch {
	case failure != nil && ctx.Err() != nil:
		o.State = store.Cancelled
	case failure != nil:
		o.State, o.Error = store.Failed, failure.Error()
		var p *panicked
		if errors.As(failure, &p) {
			o.Stack = string(p.stack)
		}
	}
	return o
}

// execute gives a trial to the executor. failure is the trial's, err the store's.
func (p *pool) execute(ctx context.Context, run *store.Run, t Trial) (results map[string]float64, failure, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	broken := &fault{cancel: cancel}
	t.Source = counted{t.Source, func() error { return broken.note(run.ReadTest()) }}
	record := func(m metric.Point) { _ = broken.note(run.Record(m)) } // which stops the trial

	var limits map[string]float64
	if p.roofs != nil {
		limits = p.roofs()
	}
	alone := p.options.Jobs == 1
	if alone {
		resetPeak()
	}
	result, failure := guarded(func() (train.Result, error) { return p.executor.Execute(ctx, &t, record) })
	results = maps.Collect(maps.All(result.Metrics)) // never nil
	maps.Copy(results, limits)
	if peak := peakMemory(); alone && peak > 0 {
		results["peak_rss"] = float64(peak)
	}
	return results, failure, broken.first()
}

// fault keeps the first error of the store in a trial, and stops the trial.
type fault struct {
	mu     sync.Mutex
	err    error
	cancel context.CancelCauseFunc
}

func (f *fault) note(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil && f.err == nil {
		f.err = err
		f.cancel(err)
	}
	return err
}

func (f *fault) first() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// panicked is a panic as the error of the trial that it struck.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func guarded(f func() (train.Result, error)) (result train.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			result, err = train.Result{}, &panicked{v, debug.Stack()}
		}
	}()
	return f()
}

// counted is a source that tells before its test split is read.
type counted struct {
	datasets.Source
	test func() error
}

func (c counted) Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	return c.BatchesFrom(s, n, order, 0)
}

// BatchesFrom implements batch.Seeker.
func (c counted) BatchesFrom(s batch.Split, n int, order uint64, first int) iter.Seq2[*batch.Batch, error] {
	batches := c.Source.BatchesFrom(s, n, order, first)
	if s != batch.Test {
		return batches
	}
	return func(yield func(*batch.Batch, error) bool) {
		if err := c.test(); err != nil {
			yield(nil, err)
			return
		}
		batches(yield)
	}
}

func (p *pool) end(i int, state string, results map[string]float64, err error) {
	p.event(Event{Kind: Ended, Trial: &p.plan.Trials[i], State: state, Results: results, Err: err})
}

func (p *pool) progress(t *Trial, done, total int64) {
	p.event(Event{Kind: Progressed, Trial: t, Examples: done, Total: total})
}

// event counts and passes on, one at a time.
func (p *pool) event(e Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Kind == Ended {
		p.summary.count(e.State)
	}
	if p.options.Event != nil {
		p.options.Event(e)
	}
}
