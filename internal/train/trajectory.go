package train

import (
	"context"
	"iter"
	"math"
	"runtime"

	"ctrlab/datasets/batch"
	"ctrlab/models"
	"ctrlab/nn"
)

// Beginning is how a training begins, and what a step of it takes. Sums in another order move losses and logits by little; another rule of
// training, or another model, by more, and from the step on where it first matters.
type Beginning struct {
	Losses []float64 // mean, of each of the first steps, from before its update
	Logits []float64 // after them, of the first rows of valid
	Allocs float64   // objects that a step allocates, once all has grown that grows
	Bytes  float64   // of the numbers in a checkpoint: the model, and what the optimiser remembers
}

// Begin takes the first steps of a trial, fewer where an epoch has fewer, and scores as many rows. A model that is fitted at once has no
// steps, and all is zero.
func Begin(ctx context.Context, j Job, steps int) (b Beginning, err error) {
	if err := j.Check(); err != nil || j.Spec.Baseline != nil {
		return b, err
	}
	if loss, _ := nn.FindLoss(j.Options.Loss); loss.Pairs {
		j.Data = inPairs{j.Data, pairsOf(j.Data)}
	}
	j.Data = selection{j.Data}
	if j.Data, err = thin(j.Data, j.Options.NegativeRate); err != nil {
		return b, err
	}
	j.Options.end(j.Data.Rows(batch.Train))
	m := models.New(j.Spec, j.Options.BatchSize, j.Options.ShardRows, j.Options.Lanes, j.Seed)
	m.ShiftLogit(float32(math.Log(j.Options.NegativeRate)))
	t := NewTrainer(m, j.Options, j.Seed, max(j.Workers, 1))
	defer t.Close()
	if err := (&run{Job: j, trainer: t}).rank(ctx); err != nil {
		return b, err
	}
	if b.Losses, err = opening(ctx, j, t, steps); err != nil {
		return b, err
	}
	if b.Logits, err = j.score(t, steps); err != nil {
		return b, err
	}
	b.Bytes = remembered(t)
	b.Allocs, err = j.allocations(t)
	return b, err
}

// opening takes the first steps and returns their losses.
func opening(ctx context.Context, j Job, t *Trainer, steps int) (losses []float64, err error) {
	for b, err := range j.inOrder() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		loss, err := t.Step(b)
		if err != nil {
			return nil, err
		}
		if losses = append(losses, loss); len(losses) == steps {
			break
		}
	}
	return losses, nil
}

// inOrder walks the first epoch as a run does.
func (j Job) inOrder() iter.Seq2[*batch.Batch, error] {
	return batch.From(j.Data, batch.Train, j.Options.BatchSize, order(j.Seed, 0), 0)
}

// score returns the logits of the first rows of valid.
func (j Job) score(t *Trainer, rows int) ([]float64, error) {
	if j.Data.Rows(batch.Valid) == 0 {
		return nil, nil
	}
	for b, err := range j.Data.Batches(batch.Valid, rows, 0) {
		if err != nil {
			return nil, err
		}
		logits, wide := make([]float32, b.N), make([]float64, b.N)
		t.Predict(logits, b)
		for i, z := range logits {
			wide[i] = float64(z)
		}
		return wide, nil
	}
	return nil, nil
}

// allocations repeats the step of a batch and counts objects, a few times over: the runtime allocates beside it now and then, so the least is the step's.
func (j Job) allocations(t *Trainer) (float64, error) {
	const steps, times = 4, 5
	for b, err := range j.inOrder() {
		if err != nil {
			return 0, err
		}
		least := math.Inf(1)
		for range 1 + times { // all grows in the first
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range steps {
				if _, err := t.Step(b); err != nil {
					return 0, err
				}
			}
			runtime.ReadMemStats(&after)
			least = min(least, float64(after.Mallocs-before.Mallocs)/steps)
		}
		return math.Floor(least), nil
	}
	return 0, nil
}

// remembered is the bytes of all numbers that a checkpoint of training has.
func remembered(t *Trainer) float64 {
	n := 0
	for _, a := range arrays(t.Model) {
		n += len(a.value)
	}
	t.memory(func(_ string, parts ...[]float32) {
		for _, p := range parts {
			n += len(p)
		}
	})
	return float64(4 * n)
}
