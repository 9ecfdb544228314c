package runner

import (
	"context"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
)

// Once executes a trial, as Run does, and stores nothing.
func (t *Trial) Once(ctx context.Context, workers int) (train.Result, error) {
	x := trainer{workers: workers, progress: func(*Trial, metric.Progress) {}}
	return guarded(func() (train.Result, error) { return x.Execute(ctx, t, func(metric.Point) {}) })
}

// Begin takes the first steps of a trial.
func (t *Trial) Begin(ctx context.Context, workers, steps int) (train.Beginning, error) {
	return train.Begin(ctx, train.Job{Spec: t.Spec, Options: t.Train, Seed: t.Seed, Data: t.Source, Workers: workers}, steps)
}

// Environment describes this build, which calls itself version, on this machine.
func Environment(version string) (store.Environment, error) {
	build, err := Build()
	return environment(build, version), err
}

// Counts are the numbers that every run of a trial has, whatever the machine: what its model costs, and what b found of a step.
func (t *Trial) Counts(b train.Beginning) map[string]float64 {
	c := map[string]float64{"params": float64(t.Cost.Params)}
	if t.Spec.Baseline == nil {
		c["flops"], c["bytes"], c["step.allocs"], c["checkpoint.bytes"] = t.Cost.FLOPs, t.Cost.Bytes, b.Allocs, b.Bytes
	}
	return c
}
