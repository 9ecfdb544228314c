package train

import (
	"context"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
)

// fit is Run for a baseline: no steps, no choice of a state, and of the options only those of evaluation.
func fit(ctx context.Context, j Job) (Result, error) {
	rows := int64(j.Data.Rows(batch.Train))
	m, examples, began := j.Spec.Baseline(j.Seed), int64(0), time.Now()
	err := m.Fit(func(yield func(*batch.Batch, error) bool) {
		for b, err := range j.Data.Batches(batch.Train, evalBatch, 0) {
			if err == nil {
				err = ctx.Err()
			}
			if !yield(b, err) || err != nil {
				return
			}
			examples += int64(b.N)
			j.Progress(examples, max(rows, examples))
		}
	})
	if err != nil {
		return Result{}, err
	}
	seconds := time.Since(began).Seconds()
	e := evaluator{job: &j, model: m}
	var valid map[string]float64
	if j.Data.Rows(batch.Valid) > 0 {
		if valid, err = e.split(ctx, batch.Valid); err != nil {
			return Result{}, err
		}
	}
	for _, name := range sorted(valid) {
		j.Record(metric.Point{Name: "valid." + name, Examples: examples, Seconds: seconds, Value: valid[name]})
	}
	out, err := e.results(ctx, valid)
	if err != nil {
		return Result{}, err
	}
	out["train.examples_per_second"], out["train.seconds"] = float64(examples)/seconds, seconds
	out["epochs"] = float64(examples) / float64(rows)
	return Result{out, digest(nil, out)}, nil
}
