package train

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
)

// run is the state of a Job.
type run struct {
	Job
	place
	trainer *Trainer
	data    ahead
	eval    evaluator
	keep    *keeper
	plateau plateau
	choice  choice         // when it is done
	points  []metric.Point // recorded so far, for checkpoints

	saved  time.Time // when the last checkpoint was, or the start
	saving time.Duration
}

// train runs the epochs, or what is left of them, with evaluations between.
func (r *run) train(ctx context.Context) error {
	if stop, err := r.after(ctx); stop || err != nil { // the step of a checkpoint
		return err
	}
	for ; r.Options.Epochs == 0 || r.Epoch < r.Options.Epochs; r.Epoch, r.Batch = r.Epoch+1, 0 {
		if stop, err := r.epoch(ctx); stop || err != nil {
			return err
		}
		last := r.Epoch == r.Options.Epochs-1
		if r.Options.EvalEvery == 0 || last {
			if stop, err := r.evaluate(ctx, last); stop || err != nil {
				return err
			}
		}
	}
	return nil
}

// epoch takes the steps of an epoch that are left.
func (r *run) epoch(ctx context.Context) (stop bool, err error) {
	total, began := r.Options.Examples(r.Data.Rows(batch.Train)), time.Now()
	batches := batch.From(r.Data, batch.Train, r.Options.BatchSize, order(r.Seed, r.Epoch), r.Batch)
	for b, err := range r.data.batches(batches) {
		if err != nil {
			return false, err
		}
		r.Read += time.Since(began).Seconds()
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if err := r.step(b); err != nil {
			return false, err
		}
		r.Progress(metric.Progress{Examples: r.Examples, Total: total, Loss: r.LossSum / float64(r.LossRows)})
		if stop, err := r.after(ctx); stop || err != nil {
			return stop, err
		}
		r.keepState()
		began = time.Now()
	}
	return false, nil
}

func (r *run) step(b *batch.Batch) error {
	if r.again != nil {
		r.trainer.rate = r.again.at(float64(r.trainer.Steps())/r.perEpoch(), r.Options.LearningRate)
	}
	quiet, before := !r.data.reading.Load(), r.seconds()
	loss, err := r.trainer.Step(b)
	r.Speed.add(b.N, r.seconds()-before, quiet && !r.data.reading.Load())
	r.Batch++
	r.Examples += int64(b.N)
	r.LossSum += loss * float64(b.N)
	r.LossRows += b.N
	return err
}

// after evaluates where a step calls for it, and says whether it was the last.
func (r *run) after(ctx context.Context) (stop bool, err error) {
	step, o := r.trainer.Steps(), r.Options
	if o.EvalEvery > 0 && step%o.EvalEvery == 0 {
		if stop, err := r.evaluate(ctx, false); stop || err != nil {
			return stop, err
		}
	}
	if o.Steps > 0 && step == o.Steps {
		_, err := r.evaluate(ctx, true)
		return true, err
	}
	return false, nil
}

// evaluate scores valid, unless this very step is scored already; stop says that patience is at its end. Interrupted, it
// leaves all as it was.
func (r *run) evaluate(ctx context.Context, last bool) (stop bool, err error) {
	step := r.trainer.Steps()
	if step == r.keep.Seen {
		return r.keep.tired(), nil
	}
	var values map[string]float64 // nil where valid is empty
	if r.Data.Rows(batch.Valid) > 0 {
		r.trainer.average.swap()
		defer r.trainer.average.swap()
		if values, err = r.eval.split(ctx, r.Data, batch.Valid); err != nil {
			return false, err
		}
	}
	r.point("train.loss", r.LossSum/float64(r.LossRows))
	r.LossSum, r.LossRows = 0, 0
	if values == nil {
		r.keep.Seen, r.keep.Step = step, step
		return false, nil
	}
	for _, name := range sorted(values) {
		if !strings.HasPrefix(name, oracle) {
			r.point("valid."+name, values[name])
		}
	}
	stop, err = r.keep.offer(step, values, last)
	if rate := r.plateau.see(r.keep.Current, r.trainer.rate); rate != r.trainer.rate {
		r.trainer.rate = rate
		r.Falls = append(r.Falls, fall{float64(step) / r.perEpoch(), rate})
	}
	return stop, err
}

func (r *run) perEpoch() float64 { return float64(r.Options.perEpoch(r.Data.Rows(batch.Train))) }

// point records a value at the present step.
func (r *run) point(name string, v float64) {
	r.record(metric.Point{Name: name, Step: r.trainer.Steps(), Examples: r.Examples, Seconds: r.seconds(), Value: v})
}

func (r *run) record(p metric.Point) {
	if r.Checkpoint != nil && r.again == nil {
		r.points = append(r.points, p)
	}
	r.Record(p)
}

// seconds of training: forward, backward and update, without reading.
func (r *run) seconds() float64 {
	t := r.trainer.Times
	return t.Forward + t.Backward + t.Update
}

// order seeds the permutation of an epoch: a stream of its own beside initial values and dropout.
func order(seed uint64, epoch int) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "order %d %d", seed, epoch)
	return h.Sum64() | 1
}
