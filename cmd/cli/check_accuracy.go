package cli

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"ctrlab/experiments"
	"ctrlab/internal/train"
	"ctrlab/report/check"
	"ctrlab/runner"
)

// guarded are the trials of an experiment by what a baseline calls them.
type guarded struct {
	trials   map[string]map[uint64]*runner.Trial // label, seed
	baseline *check.Baseline
	against  *check.Accuracy
	report   *check.Report
	workers  int
}

// accuracy holds this build against a baseline.
func (o *checkFlags) accuracy(ctx context.Context, a *app, b *check.Baseline, r *check.Report) error {
	s, err := o.guarded(ctx, a, b, r)
	if err != nil {
		return err
	}
	if err := s.settle(ctx, o.shortcuts); err != nil {
		return err
	}
	for {
		want, jobs := s.against.Want(), map[*runner.Trial]check.Sample{}
		if len(want) == 0 {
			break
		}
		for label, seeds := range want {
			for _, seed := range seeds {
				jobs[s.trials[label][seed]] = check.Sample{}
			}
		}
		if err := s.train(ctx, jobs); err != nil {
			return err
		}
		for t, sample := range jobs {
			s.against.Sampled(t.Label, sample)
		}
		s.against.Look()
	}
	r.Baseline = named(r.Baseline, b.Name)
	r.Add(s.against.Findings()...)
	return nil
}

// guarded plans the experiment of a baseline.
func (o *checkFlags) guarded(ctx context.Context, a *app, b *check.Baseline, r *check.Report) (*guarded, error) {
	e, err := experiments.Load(b.Experiment, o.sets)
	if err != nil {
		return nil, err
	}
	if o.workers == 0 {
		o.workers = runtime.GOMAXPROCS(0)
	}
	env, end := o.env(o.workers, a.stderr)
	p, err := runner.NewPlan(ctx, env, e)
	end()
	if err != nil {
		return nil, o.blame(err)
	}
	s := &guarded{trials: map[string]map[uint64]*runner.Trial{}, baseline: b, against: check.NewAccuracy(b, r.Machine.Kernels), report: r, workers: o.workers}
	for i := range p.Trials {
		t := &p.Trials[i]
		if s.trials[t.Label] == nil {
			s.trials[t.Label] = map[uint64]*runner.Trial{}
		}
		s.trials[t.Label][t.Seed] = t
	}
	return s, s.match()
}

// match refuses an experiment that lacks what the baseline has, and notes what only one of them has.
func (s *guarded) match() error {
	known := map[string]bool{}
	for _, v := range s.baseline.Variants {
		known[v.Label] = true
		for _, sample := range v.Samples {
			t := s.trials[v.Label][sample.Seed]
			if t == nil {
				return fmt.Errorf("baseline %s has %s with seed %d, and %s has not: set it again", s.baseline.Name, v.Label, sample.Seed, s.baseline.Experiment)
			}
			if t.Variant != v.Config && sample.Seed == v.Samples[0].Seed {
				s.note("%s is another configuration, or has other data, than in baseline %s", v.Label, s.baseline.Name)
			}
		}
	}
	for _, label := range slices.Sorted(maps.Keys(s.trials)) {
		if !known[label] {
			s.note("%s is not in baseline %s: nothing guards it", label, s.baseline.Name)
		}
	}
	return nil
}

func (s *guarded) note(format string, args ...any) {
	s.report.Notes = append(s.report.Notes, fmt.Sprintf(format, args...))
}

// settle compares what every variant counts, and its first seed: by the final state, or else by how training begins. Steps come first and one
// after the other, since objects are counted in them.
func (s *guarded) settle(ctx context.Context, exact bool) error {
	begun, jobs := map[string]check.Variant{}, map[*runner.Trial]check.Sample{}
	for _, v := range s.baseline.Variants {
		t := s.trials[v.Label][v.Samples[0].Seed]
		jobs[t] = check.Sample{}
		now, err := begin(ctx, t)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.note("%v", err)
			now.Counts = t.Counts(train.Beginning{})
		}
		begun[v.Label] = now
		s.against.Count(v.Label, now.Counts)
	}
	if err := s.train(ctx, jobs); err != nil {
		return err
	}
	for t, sample := range jobs {
		if !s.against.Settle(t.Label, sample, exact) && (exact || len(begun[t.Label].Losses) > 0) {
			s.against.Follow(t.Label, begun[t.Label].Losses, begun[t.Label].Logits)
		}
	}
	return nil
}

// train fills samples in, some at a time; a trial that fails has none of the metrics.
func (s *guarded) train(ctx context.Context, jobs map[*runner.Trial]check.Sample) error {
	var group sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, s.workers)
	for t := range maps.Clone(jobs) {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			result, err := t.Once(ctx, 1)
			mu.Lock()
			defer mu.Unlock()
			if err != nil && ctx.Err() == nil {
				s.note("%s, seed %d: %v", t.Label, t.Seed, err)
			}
			jobs[t] = check.Sample{Seed: t.Seed, Digest: result.Digest, Metrics: result.Metrics}
		})
	}
	group.Wait()
	return ctx.Err()
}
