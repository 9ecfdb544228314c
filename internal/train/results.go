package train

import (
	"context"
	"math"

	"ctrlab/datasets/batch"
)

// choose brings the best state into the model.
func (r *run) choose() error {
	if r.keep.Current {
		r.trainer.average.swap()
	} else if err := r.keep.restore(); err != nil {
		return err
	}
	r.Chosen = true
	return nil
}

// results reads test with the state that was chosen, and puts all figures together.
func (r *run) results(ctx context.Context, test unseen) (map[string]float64, error) {
	out, err := r.eval.results(ctx, r.keep.values, test)
	if err != nil {
		return nil, err
	}
	c, t := r.Spec.Cost(), r.trainer.Times
	for name, v := range map[string]float64{
		"train.examples_per_second": r.Speed.value(),
		"train.seconds":             r.seconds(),
		"time.read":                 r.Read, "time.forward": t.Forward, "time.backward": t.Backward, "time.update": t.Update,
		"epochs": float64(r.Examples) / float64(r.Data.Rows(batch.Train)), "best_step": float64(r.keep.Step),
		"interaction.width": float64(c.InteractionWidth), "top.width": float64(c.TopWidth),
		"flops": c.FLOPs, "bytes": c.Bytes,
	} {
		if !math.IsNaN(v) {
			out[name] = v
		}
	}
	if r.again != nil {
		r.again.merge(out)
	}
	if r.Inspect != nil {
		err = r.Inspect(r.trainer.Model, out)
	}
	return out, err
}

// rate is examples a second: of the times when the source was not at work too, or where there were none, of all.
type rate struct {
	All, Quiet struct{ Examples, Seconds float64 }
}

func (r *rate) add(examples int, seconds float64, quiet bool) {
	r.All.Examples += float64(examples)
	r.All.Seconds += seconds
	if quiet {
		r.Quiet.Examples += float64(examples)
		r.Quiet.Seconds += seconds
	}
}

func (r *rate) value() float64 {
	if r.Quiet.Examples > 0 {
		return r.Quiet.Examples / r.Quiet.Seconds
	}
	return r.All.Examples / r.All.Seconds
}
