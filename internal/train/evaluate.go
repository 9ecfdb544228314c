package train

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
	"ctrlab/models/baselines"
	"ctrlab/nn"
)

// evaluator scores splits and keeps the time that predicting took.
type evaluator struct {
	job   *Job
	model interface {
		Predict(dst []float32, b *batch.Batch)
	} // a Trainer or a baseline
	trainer *Trainer // the same; nil for a baseline
	data    ahead
	speed   rate
	score   []float32
}

// evalBatch is how many rows are predicted at a time.
const evalBatch = 8192

// split computes the metrics of a split of some data.
func (e *evaluator) split(ctx context.Context, from Data, s batch.Split) (values map[string]float64, err error) {
	if e.trainer != nil {
		e.trainer.Model.Encode()
	}
	if m, ok := e.model.(baselines.Sequential); ok {
		m.Begin(s)
	}
	if e.job.Data.Schema().Lists {
		values, err = e.lists(ctx, from, s)
	} else {
		values, err = e.rows(ctx, from, s)
	}
	if err != nil && e.trainer != nil && !finite(e.score) {
		return nil, e.trainer.diverged("a prediction for %s is not finite", s)
	}
	return values, err
}

// lists ranks, and holds the scores of a batch alone.
func (e *evaluator) lists(ctx context.Context, from Data, s batch.Split) (map[string]float64, error) {
	var l metric.Lists
	var all metric.Eval
	keep := s == batch.Test && e.job.Scored != nil
	err := e.predict(ctx, from, s, func(b *batch.Batch) error {
		if err := l.Add(e.score, b.Label); err != nil {
			return of(s, err)
		}
		if keep {
			all.Score, all.Label = append(all.Score, e.score...), append(all.Label, b.Label...)
		}
		e.score = e.score[:0]
		return nil
	})
	if err != nil {
		return nil, err
	}
	values, err := l.Metrics()
	if err == nil && keep {
		err = e.job.Scored(all, nil)
	}
	return values, of(s, err)
}

// of says which split an error is of.
func of(s batch.Split, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", s, err)
	}
	return err
}

// rows compares the score of every row with its label.
func (e *evaluator) rows(ctx context.Context, from Data, s batch.Split) (map[string]float64, error) {
	schema, o := e.job.Data.Schema(), e.job.Options
	loss, _ := nn.FindLoss(o.Loss)
	n := from.Rows(s)
	in := metric.Eval{Label: make([]float32, 0, n), Binary: !loss.Rating, Margin: loss.Margin}
	if o.ClipRatings && schema.Rating != nil {
		in.Rating = &[2]float64{float64(schema.Rating.Min), float64(schema.Rating.Max)}
	}
	by, err := group(o, schema)
	if err != nil {
		return nil, err
	}
	var ids [][]int32
	keep := s == batch.Test && e.job.Scored != nil
	if keep {
		ids = make([][]int32, len(e.job.Fields))
	}
	e.score = slices.Grow(e.score[:0], n)
	err = e.predict(ctx, from, s, func(b *batch.Batch) error {
		in.Label = append(in.Label, b.Label...)
		if b.Truth != nil {
			in.Truth = append(in.Truth, b.Truth...)
		}
		if by >= 0 {
			in.Group = append(in.Group, b.Sparse[by].IDs...)
		}
		for i := range ids {
			ids[i] = append(ids[i], b.Sparse[e.job.Fields[i]].IDs...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	in.Score = e.score
	values, err := metric.Evaluate(in)
	if err == nil && keep {
		err = e.job.Scored(in, ids)
	}
	return values, of(s, err)
}

// predict walks a split; scores are appended to e.score before each is called.
func (e *evaluator) predict(ctx context.Context, from Data, s batch.Split, each func(*batch.Batch) error) error {
	e.score = e.score[:0]
	for b, err := range e.data.batches(from.Batches(s, evalBatch, 0)) {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		e.score = slices.Grow(e.score, b.N)[:len(e.score)+b.N]
		quiet, began := !e.data.reading.Load(), time.Now()
		e.model.Predict(e.score[len(e.score)-b.N:], b)
		e.speed.add(b.N, time.Since(began).Seconds(), quiet && !e.data.reading.Load())
		if err := each(b); err != nil {
			return err
		}
	}
	return nil
}

// results are the metrics of the state that was chosen: valid's, as they were found, and test's, which are read now, with the
// model's speed in predicting and its size.
func (e *evaluator) results(ctx context.Context, valid map[string]float64, test unseen) (map[string]float64, error) {
	out := map[string]float64{}
	for name, v := range valid {
		if !strings.HasPrefix(name, oracle) {
			out["valid."+name] = v
		}
	}
	if test.rows() > 0 {
		values, err := e.split(ctx, test.data, batch.Test)
		if err != nil {
			return nil, err
		}
		for name, v := range values {
			if strings.HasPrefix(name, oracle) {
				out[name] = v
			} else {
				out["test."+name] = v
			}
		}
	}
	c := e.job.Spec.Cost()
	out["params"], out["params.dense"], out["params.tables"] = float64(c.Params), float64(c.Params-c.Tables), float64(c.Tables)
	if c.Tables > 0 {
		out["tables.bytes"] = float64(c.TableBytes)
	}
	if v := e.speed.value(); !math.IsNaN(v) {
		out["infer.examples_per_second"] = v
	}
	return out, nil
}

// oracle is the prefix of what the truth itself scores; that of test is the data's own figure.
const oracle = "oracle."

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
