package runner

import (
	"context"

	"ctrlab/datasets"
	"ctrlab/experiments"
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
)

// Again is a stored run's trial, resolved by this build and ready to run.
type Again struct {
	Trial       *Trial
	Environment store.Environment // of this build and machine
}

// NewAgain opens the data of a stored run; sets are as those of an experiment, to name files that lie elsewhere.
func NewAgain(ctx context.Context, env datasets.Env, f store.Found, sets []string, version string) (*Again, error) {
	t, err := experiments.Resolved(f.Name(), f.Trial.Config, f.Trial.Seed, sets)
	if err != nil {
		return nil, err
	}
	t.Label = f.Trial.Label
	p, err := NewPlan(ctx, env, &experiments.Experiment{File: f.Name(), Name: f.Experiment, Trials: []experiments.Trial{t}})
	if err != nil {
		return nil, err
	}
	build, err := Build()
	return &Again{&p.Trials[0], environment(build, version)}, err
}

// Run trains it; nothing is stored.
func (a *Again) Run(ctx context.Context, workers int, progress func(metric.Progress)) (train.Result, error) {
	x := trainer{workers: workers, progress: func(_ *Trial, p metric.Progress) { progress(p) }}
	return x.Execute(ctx, a.Trial, func(metric.Point) {})
}
