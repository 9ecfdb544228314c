package train

import (
	"context"
	"math"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
	"ctrlab/models/baselines"
)

// fit is Run for a baseline: no steps, no choice of a state, and of the options only those of evaluation, and refit.
func fit(ctx context.Context, j Job, test unseen) (Result, error) {
	m, examples, seconds, err := learn(ctx, j)
	if err != nil {
		return Result{}, err
	}
	e := evaluator{job: &j, model: m}
	var valid map[string]float64
	if j.Data.Rows(batch.Valid) > 0 {
		if valid, err = e.split(ctx, j.Data, batch.Valid); err != nil {
			return Result{}, err
		}
	}
	for _, name := range sorted(valid) {
		j.Record(metric.Point{Name: "valid." + name, Examples: examples, Seconds: seconds, Value: valid[name]})
	}
	if j.Options.Refit {
		j.Data = union{j.Data}
		if m, examples, seconds, err = learn(ctx, j); err != nil {
			return Result{}, err
		}
		e.model = m
	}
	out, err := e.results(ctx, valid, test)
	if err != nil {
		return Result{}, err
	}
	out["train.examples_per_second"], out["train.seconds"] = float64(examples)/seconds, seconds
	out["epochs"] = float64(examples) / float64(j.Data.Rows(batch.Train))
	return Result{out, digest(nil, out)}, nil
}

// learn fits a baseline to train, and says how many examples it looked at and how long that took.
func learn(ctx context.Context, j Job) (m baselines.Model, examples int64, seconds float64, err error) {
	rows, began := int64(j.Data.Rows(batch.Train)), time.Now()
	m = j.Spec.Baseline(j.Seed)
	err = m.Fit(func(yield func(*batch.Batch, error) bool) {
		for b, err := range j.Data.Batches(batch.Train, evalBatch, 0) {
			if err == nil {
				err = ctx.Err()
			}
			if !yield(b, err) || err != nil {
				return
			}
			examples += int64(b.N)
			j.Progress(metric.Progress{Examples: examples, Total: max(rows, examples), Loss: math.NaN()})
		}
	})
	return m, examples, time.Since(began).Seconds(), err
}
