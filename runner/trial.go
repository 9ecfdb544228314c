package runner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"time"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
)

// attempts is how often a trial is tried in one Run that fails by what may pass.
const attempts = 3

// trial takes a claimed trial to its end; an error ends the others too.
func (p *pool) trial(ctx context.Context, i int, run *store.Run) error {
	defer func() {
		select {
		case p.freed <- struct{}{}:
		default: // it is known
		}
	}()
	t := &p.plan.Trials[i]
	p.event(Event{Kind: Started, Trial: t})
	o, failure, err := p.execute(ctx, run, *t)
	if err == nil {
		err = p.patiently(ctx, func() error { return run.Finish(o) })
	}
	if err == nil && o.State == store.Done {
		(&files{folder: Artifacts(p.store.Path()), header: Header{Trial: t.ID}}).done()
	}
	switch {
	case errors.Is(err, store.ErrLost): // whoever has it goes on with it
		p.event(Event{Kind: Retrying, Trial: t, Err: err})
		p.requeue(i)
		return nil
	case err != nil: // the store's: the run stays as it is, and is lost when we are gone
		p.end(i, store.Cancelled, nil, nil)
		return err
	case o.State == store.Cancelled:
		p.end(i, store.Cancelled, nil, nil)
		return ctx.Err()
	}
	if p.retried[i]++; o.Retry && p.retried[i] < attempts {
		p.event(Event{Kind: Retrying, Trial: t, Err: failure})
		p.requeue(i)
		return nil
	}
	p.end(i, o.State, o.Results, failure)
	if o.State == store.Failed && p.options.FailFast {
		return errFailFast
	}
	return nil
}

// execute gives a trial to the executor, and beats meanwhile. failure is the trial's, err the store's.
func (p *pool) execute(parent context.Context, run *store.Run, t Trial) (o store.Outcome, failure, err error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	began, log := time.Now(), newJournal()
	t.pace = &pace{}
	beat := func() error {
		if at, rate := t.pace.get(); at.Total > 0 {
			run.Progress(at, rate)
		}
		return run.Beat(p.options.now(), log.String())
	}
	broken := &fault{cancel: cancel}
	try := func(f func() error) error { return broken.note(p.patiently(ctx, f)) } // which stops the trial
	t.Source = counted{t.Source, func() error { return try(run.ReadTest) }}
	record := func(m metric.Point) {
		log.point(m)
		_ = try(func() error { return run.Record(m) })
	}
	t.files = &files{
		folder: Artifacts(p.store.Path()), header: t.header(p.options.Build, p.environment.Kernels),
		every: p.options.Every, steps: p.options.Steps, most: p.options.Keep,
		lease: beat,
		tell: func(text string) {
			log.say("%s", text)
			p.event(Event{Kind: Told, Trial: &t, Text: text})
		},
		say:  log.say,
		from: func(step int) { _ = try(func() error { return run.Resumed(step) }) },
	}
	var beats sync.WaitGroup
	quiet := make(chan struct{})
	beats.Go(func() {
		every := time.NewTicker(p.options.Lease / 6)
		defer every.Stop()
		for {
			select {
			case <-quiet:
				return
			case <-every.C:
				_ = try(beat)
			}
		}
	})
	result, failure := p.measured(ctx, &t, record)
	close(quiet)
	beats.Wait()
	if o = outcome(parent, result, failure); o.State == store.Done {
		o.Pairs, o.Slices = t.pairs, t.slices
		for _, a := range t.files.left {
			_ = try(func() error { return run.Leave(a) })
		}
		if a, ok := modelOf(t.files.folder, t.ID); ok && t.files.model {
			_ = try(func() error { return run.Leave(a) })
		}
	}
	o.Log, o.At = log.String(), run.Started.Add(time.Since(began)) // the duration is right whatever is done to the clock
	return o, failure, broken.first()
}

// measured executes a trial and adds what it took of the machine.
func (p *pool) measured(ctx context.Context, t *Trial, record func(metric.Point)) (result train.Result, failure error) {
	var limits map[string]float64
	if p.roofs != nil {
		limits = p.roofs()
	}
	alone := p.options.Jobs == 1
	if alone {
		resetPeak()
	}
	result, failure = guarded(func() (train.Result, error) { return p.executor.Execute(ctx, t, record) })
	result.Metrics = maps.Collect(maps.All(result.Metrics)) // never nil
	maps.Copy(result.Metrics, limits)
	if peak := peakMemory(); alone && peak > 0 && t.external() == nil {
		result.Metrics["peak_rss"] = float64(peak)
	}
	return result, failure
}

func outcome(ctx context.Context, result train.Result, failure error) store.Outcome {
	o := store.Outcome{State: store.Done, Results: result.Metrics, Digest: result.Digest}
	switch {
	case failure != nil && ctx.Err() != nil:
		o.State, o.Results, o.Digest = store.Cancelled, nil, ""
	case failure != nil:
		o.State, o.Results, o.Digest, o.Error, o.Retry = store.Failed, nil, "", failure.Error(), passing(failure)
		var p *panicked
		if errors.As(failure, &p) {
			o.Stack = string(p.stack)
		}
	}
	return o
}

// passing says whether a trial that failed so may do better another time: its file was away, the disk full, memory short.
// What follows from the trial alone, as a loss that diverged, does not pass.
func passing(failure error) bool {
	var code syscall.Errno
	return errors.As(failure, &code) && slices.Contains([]syscall.Errno{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.EAGAIN, syscall.EINTR,
		syscall.ESTALE, syscall.EROFS, syscall.ENOENT, syscall.EACCES,
	}, code)
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
		switch v := recover().(type) {
		case nil:
		case *train.Panic:
			result, err = train.Result{}, &panicked{v.Value, v.Stack}
		default:
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

// Unwrap gives what else the source can do with train: see train.Paired.
func (c counted) Unwrap() any { return c.Source }

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
