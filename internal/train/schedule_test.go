package train

import (
	"context"
	"math"
	"strings"
	"testing"

	"ctrlab/internal/metric"
)

// polynomial: DLRM's LRPolicyScheduler with warm-up 4, decay from 6 in 10 steps, its floor 1e-7, at base 1: (1 − t)². cosine: PyTorch's
// CosineAnnealingLR(T_max=4, eta_min=0.2): 0.2 + 0.8·(1 + cos(πt/4))/2, t from 0.
func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		options string
		want    []float64
	}{
		{"", []float64{1, 1, 1}},
		{"warmup_steps = 4", []float64{0.25, 0.5, 0.75, 1, 1}},
		{"schedule = \"polynomial\"\nwarmup_steps = 4\ndecay_from = 6\ndecay_steps = 10\nmin_learning_rate = 1e-7",
			[]float64{0.25, 0.5, 0.75, 1, 1, 1, 0.81, 0.64, 0.49, 0.36, 0.25, 0.16, 0.09, 0.04, 0.01, 1e-7, 1e-7}},
		{"schedule = \"polynomial\"\nwarmup_steps = 2\ndecay_steps = 4\ndecay_power = 1", []float64{0.5, 1, 0.75, 0.5, 0.25, 0, 0}},
		{"schedule = \"cosine\"\ndecay_steps = 4\nmin_learning_rate = 0.2",
			[]float64{1, 0.2 + 0.4*(1+math.Sqrt2/2), 0.6, 0.2 + 0.4*(1-math.Sqrt2/2), 0.2, 0.2}},
		{"schedule = \"plateau\"", []float64{1, 1, 1}},
	} {
		o := job(t, every[0], "learning_rate = 1\n"+c.options).Options
		for i, want := range c.want {
			if got := o.at(i+1, 1); math.Abs(got-want) > 1e-12 {
				t.Errorf("%q: the rate of step %d is %g, want %g", c.options, i+1, got, want)
			}
		}
	}
}

// Better, worse, worse, better, worse, worse, worse at patience 2 and a floor.
func TestPlateau(t *testing.T) {
	p := plateau{Schedule: Schedule{Schedule: "plateau", DecayFactor: 0.1, DecayPatience: 2, MinLearningRate: 0.02}}
	rate := 1.0
	for i, c := range []struct {
		improved bool
		want     float64
	}{{true, 1}, {false, 1}, {false, 0.1}, {true, 0.1}, {false, 0.1}, {false, 0.02}, {false, 0.02}, {false, 0.02}} {
		if rate = p.see(c.improved, rate); math.Abs(rate-c.want) > 1e-12 {
			t.Errorf("after evaluation %d the rate is %g, want %g", i+1, rate, c.want)
		}
	}
}

// A run that overfits falls back to a smaller rate, and its loss on train then moves less.
func TestPlateauInARun(t *testing.T) {
	moves := func(schedule string) (last float64) {
		j := job(t, every[6], "learning_rate = 0.2\nbatch_size = 50\nepochs = 12\n"+schedule)
		var losses []float64
		j.Record = func(p metric.Point) {
			if p.Name == "train.loss" {
				losses = append(losses, p.Value)
			}
		}
		if _, err := Run(context.Background(), j); err != nil {
			t.Fatal(err)
		}
		return math.Abs(losses[len(losses)-1] - losses[len(losses)-2])
	}
	if still, moving := moves("schedule = \"plateau\"\ndecay_factor = 1e-6"), moves(""); still > 1e-3*moving {
		t.Errorf("the loss still moves by %g, without a schedule by %g", still, moving)
	}
}

// decay_steps alone end with training: 1000 rows in batches of 300 are 4 steps an epoch.
func TestDecayToTheEnd(t *testing.T) {
	for options, want := range map[string]int{"epochs = 3": 12, "epochs = 3\nsteps = 7": 7, "steps = 50": 50, "epochs = 3\nwarmup_steps = 5": 7} {
		o := job(t, every[0], "batch_size = 300\nschedule = \"cosine\"\n"+options).Options
		if o.end(1000); o.DecaySteps != want {
			t.Errorf("%s: the rate falls in %d steps, want %d", options, o.DecaySteps, want)
		}
	}
}

func TestRulesRefused(t *testing.T) {
	for options, want := range map[string]string{
		"decay_power = 1": "decay_power is 1, and the schedule constant has no use for it",
		"schedule = \"cosine\"\ndecay_patience = 2": "decay_patience is 2, and the schedule cosine has no use for it",
		"schedule = \"step\"":                       `schedule is "step", want one of constant, polynomial, cosine, plateau`,
		"penalty = \"l2\"":                          `penalty is "l2", want one of batch, table, deepctr`,
		"loss = \"mse\"\nfocal_gamma = 2":           `loss is "mse", and label_smoothing`,
		"label_smoothing = 1":                       "label_smoothing is 1, want at least 0",
		"net_l2 = -1":                               "net_l2 is -1, want at least 0",
		"optimizer = \"sgd\"\nbeta1 = 0.9":          "beta1 is 0.9, and the optimizer sgd has none; it is for adam, dense_adam, adamw",
		"learning_rate = 0.1\nschedule = \"plateau\"\nmin_learning_rate = 0.2": "min_learning_rate is 0.2, want at most 0.1",
	} {
		o := Defaults()
		err := decodeOptions(options, &o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", options, err, want)
		}
	}
}
