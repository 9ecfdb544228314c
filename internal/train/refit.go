package train

import (
	"context"
	"math"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
)

// choice is what a run that chose on valid passes on to the one that repeats it.
type choice struct {
	Epochs   float64 // of the state that was chosen
	Steps    int     // that were trained
	Examples int64
	Falls    []fall // of the base rate, by plateau
	Metrics  map[string]exact
	points   []metric.Point
}

// fall is a rate that was come to after some epochs.
type fall struct{ Epochs, Rate float64 }

// at is the base rate after some epochs.
func (c *choice) at(epochs, rate float64) float64 {
	for _, f := range c.Falls {
		if epochs > f.Epochs-1e-9 {
			rate = f.Rate
		}
	}
	return rate
}

// refit chooses on valid how long to train, trains again from the start on train and valid together for as many epochs, with the rates that
// the first run had, and tests that. Metrics of valid are those of the choice, times of both.
func refit(ctx context.Context, j Job, test unseen) (Result, error) {
	c, err := j.chosen(ctx)
	if err != nil {
		return Result{}, err
	}
	second := j
	second.again, second.Data = &c, union{j.Data}
	second.Options = j.Options.refit(c.Epochs, j.Data.Rows(batch.Train), second.Data.Rows(batch.Train))
	second.Record = func(metric.Point) {}
	second.Progress = func(p metric.Progress) {
		p.Examples, p.Total = c.Examples+p.Examples, c.Examples+p.Total
		j.Progress(p)
	}
	result, _, err := once(ctx, second, test)
	return result, err
}

// chosen chooses, unless that is done where the job goes on.
func (j *Job) chosen(ctx context.Context) (choice, error) {
	if j.Resume != nil {
		s, err := readSaved(j.Resume)
		if err != nil {
			return choice{}, err
		}
		if s.Again != nil {
			s.Again.points = s.points()
			for _, p := range s.Again.points {
				j.Record(p)
			}
			return *s.Again, nil
		}
	}
	first := *j
	first.Model, first.Inspect = nil, nil
	_, c, err := once(ctx, first, unseen{})
	j.Resume = nil
	return c, err
}

// merge adds to the results of the second run those of the first.
func (c *choice) merge(out map[string]float64) {
	for name, v := range c.Metrics {
		switch {
		case strings.HasPrefix(name, "valid."):
			out[name] = float64(v)
		case name == "train.seconds" || strings.HasPrefix(name, "time."):
			out[name] += float64(v)
		}
	}
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
