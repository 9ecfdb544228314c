package train

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
)

// evaluator scores splits and keeps the time that predicting took.
type evaluator struct {
	job     *Job
	trainer *Trainer
	data    ahead
	speed   rate
	score   []float32
}

// evalBatch is how many rows are predicted at a time.
const evalBatch = 8192

// split computes the metrics of a split.
func (e *evaluator) split(ctx context.Context, s batch.Split) (map[string]float64, error) {
	schema, o := e.job.Data.Schema(), e.job.Options
	n := e.job.Data.Rows(s)
	in := metric.Eval{Label: make([]float32, 0, n), Binary: !e.trainer.loss.Rating}
	if o.ClipRatings && schema.Rating != nil {
		in.Rating = &[2]float64{float64(schema.Rating.Min), float64(schema.Rating.Max)}
	}
	by, err := group(o, schema)
	if err != nil {
		return nil, err
	}
	e.score = slices.Grow(e.score[:0], n)
	for b, err := range e.data.batches(e.job.Data.Batches(s, evalBatch, 0)) {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e.score = slices.Grow(e.score, b.N)[:len(e.score)+b.N]
		quiet, began := !e.data.reading.Load(), time.Now()
		e.trainer.Predict(e.score[len(e.score)-b.N:], b)
		e.speed.add(b.N, time.Since(began).Seconds(), quiet && !e.data.reading.Load())
		in.Label = append(in.Label, b.Label...)
		if b.Truth != nil {
			in.Truth = append(in.Truth, b.Truth...)
		}
		if by >= 0 {
			in.Group = append(in.Group, b.Sparse[by].IDs...)
		}
	}
	if !finite(e.score) {
		return nil, e.trainer.diverged("a prediction for %s is not finite", s)
	}
	in.Score = e.score
	values, err := metric.Evaluate(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	return values, nil
}

// sorted returns a map's keys in order.
func sorted(m map[string]float64) []string { return slices.Sorted(maps.Keys(m)) }

// group returns the field that groups rows for gauc, or −1 for none.
func group(o Options, schema batch.Schema) (int, error) {
	if o.Group == "" {
		return -1, nil
	}
	i := slices.IndexFunc(schema.Sparse, func(f batch.Field) bool { return f.Name == o.Group })
	if i < 0 || schema.Sparse[i].MultiHot {
		return -1, fmt.Errorf("train.group is %q, which is no one-hot field of the data", o.Group)
	}
	return i, nil
}
