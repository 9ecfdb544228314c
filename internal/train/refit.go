package train

import (
	"context"
	"math"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
)

// choice is what a run that chose on valid passes on to the one that repeats it; times are in epochs.
type choice struct {
	epochs   float64 // of the state that was chosen
	examples int64   // that were trained
	falls    []fall  // of the base rate, by plateau
}

type fall struct{ epochs, rate float64 }

// at is the base rate after some epochs.
func (c *choice) at(epochs, rate float64) float64 {
	for _, f := range c.falls {
		if epochs > f.epochs-1e-9 {
			rate = f.rate
		}
	}
	return rate
}

// untested is data without its test split.
type untested struct{ Data }

func (u untested) Rows(s batch.Split) int {
	if s == batch.Test {
		return 0
	}
	return u.Data.Rows(s)
}

// refit chooses on valid how long to train, trains again from the start on train and valid together for as many epochs, with the rates that
// the first run had, and tests that. Metrics of valid are those of the choice, times of both.
func refit(ctx context.Context, j Job) (map[string]float64, error) {
	first := j
	first.Data = untested{j.Data}
	chosen, c, err := once(ctx, first)
	if err != nil {
		return nil, err
	}
	second := j
	second.again, second.Data = &c, union{j.Data}
	second.Options = j.Options.refit(c.epochs, j.Data.Rows(batch.Train), second.Data.Rows(batch.Train))
	second.Record = func(metric.Point) {}
	second.Progress = func(done, total int64) { j.Progress(c.examples+done, c.examples+total) }
	out, _, err := once(ctx, second)
	if err != nil {
		return nil, err
	}
	for name, v := range chosen {
		switch {
		case strings.HasPrefix(name, "valid."):
			out[name] = v
		case name == "train.seconds" || strings.HasPrefix(name, "time."):
			out[name] += v
		}
	}
	return out, nil
}

// refit are the options of training on more rows for some epochs. What is counted in steps stays; a rate that falls to the end of
// training falls to where that would be.
func (o Options) refit(epochs float64, rows, more int) Options {
	scale := float64(o.perEpoch(more)) / float64(o.perEpoch(rows))
	if o.DecaySteps == 0 {
		o.DecaySteps = max(int(math.Round(scale*float64(o.batches(rows))))-o.DecayFrom, 1)
	}
	o.Steps = max(int(math.Round(epochs*float64(o.perEpoch(more)))), 1)
	o.Epochs, o.EvalEvery, o.Patience = 0, 0, 0
	return o
}

// perEpoch is how many steps an epoch of some rows takes.
func (o Options) perEpoch(rows int) int { return (rows + o.BatchSize - 1) / o.BatchSize }
