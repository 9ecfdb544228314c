package train

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
)

// reads counts how often each split is walked.
type reads struct {
	planted
	of *[batch.Splits]int
}

func (r reads) Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	r.of[s]++
	return r.planted.Batches(s, n, order)
}

// A refit tests what training on both splits for the epochs that valid chose gives, to the bit, and says of valid what the choice did;
// test is read once.
func TestRefit(t *testing.T) {
	const options = "learning_rate = 0.2\nbatch_size = 50\npatience = 3\nepochs = 12"
	j := job(t, every[6], options)
	first, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	epochs := int(first.Metrics["best_step"]) / 20
	if epochs < 1 || epochs > 8 {
		t.Fatalf("the best of 12 epochs is %d: choose a case in which something is overfitted", epochs)
	}
	both := j
	both.Data, both.Options.Epochs, both.Options.Patience = union{j.Data}, epochs, 0
	want, err := Run(context.Background(), both)
	if err != nil {
		t.Fatal(err)
	}
	var count [batch.Splits]int
	j.Data, j.Options.Refit = reads{j.Data.(planted), &count}, true
	got, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"test.logloss", "test.auc", "best_step", "epochs"} {
		if got.Metrics[name] != want.Metrics[name] {
			t.Errorf("%s is %v, want %v, as of %d epochs on both splits", name, got.Metrics[name], want.Metrics[name], epochs)
		}
	}
	if got.Metrics["valid.logloss"] != first.Metrics["valid.logloss"] || got.Metrics["test.logloss"] == first.Metrics["test.logloss"] {
		t.Errorf("valid %v and test %v, and without a refit %v and %v", got.Metrics["valid.logloss"], got.Metrics["test.logloss"], first.Metrics["valid.logloss"], first.Metrics["test.logloss"])
	}
	if count[batch.Test] != 1 {
		t.Errorf("test is read %d times", count[batch.Test])
	}
}

// Half an epoch stays half an epoch of more rows, decays end where training would, and the rate falls when it fell.
func TestRefitOptions(t *testing.T) {
	o := Defaults()
	if err := decodeOptions("batch_size = 10\nepochs = 8\nschedule = \"cosine\"\neval_every = 5\npatience = 2", &o); err != nil {
		t.Fatal(err)
	}
	o = o.refit(2.5, 100, 200)
	if o.Steps != 50 || o.DecaySteps != 160 || o.Epochs != 0 || o.EvalEvery != 0 || o.Patience != 0 {
		t.Errorf("%d steps, %d of decay, %d epochs, evaluations every %d, patience %d", o.Steps, o.DecaySteps, o.Epochs, o.EvalEvery, o.Patience)
	}
	c := choice{Falls: []fall{{1, 0.5}, {2.5, 0.25}}}
	for epochs, want := range map[float64]float64{0: 1, 0.9: 1, 1: 0.5, 2.4: 0.5, 2.5: 0.25, 9: 0.25} {
		if got := c.at(epochs, 1); got != want {
			t.Errorf("after %g epochs the rate is %g, want %g", epochs, got, want)
		}
	}
}

// A plateau's falls are repeated when they were, without valid: on the same rows training takes the same course.
func TestRefitPlateau(t *testing.T) {
	j := job(t, every[6], "learning_rate = 0.2\nbatch_size = 50\nepochs = 9\nschedule = \"plateau\"\ndecay_factor = 0.5")
	j.Progress = func(metric.Progress) {}
	losses := func() (all []float64, c choice) {
		j.Record = func(p metric.Point) {
			if p.Name == "train.loss" {
				all = append(all, p.Value)
			}
		}
		_, c, err := once(context.Background(), j, unseen{})
		if err != nil {
			t.Fatal(err)
		}
		return all, c
	}
	want, c := losses()
	if len(c.Falls) < 3 {
		t.Fatalf("the rate falls at %v alone: choose another case", c.Falls)
	}
	j.again, j.Options, j.Data = &c, j.Options.refit(9, 1000, 1000), planted{[3]int{1000, 0, 300}}
	if got, _ := losses(); !slices.Equal(got, want) {
		t.Errorf("training losses are %v the second time, want %v", got, want)
	}
}

func TestRefitRefused(t *testing.T) {
	j := job(t, every[0], "refit = true")
	j.Data = planted{[3]int{100, 0, 100}}
	if err := j.Check(); err == nil || !strings.Contains(err.Error(), "train.refit is on, and the valid split, which chooses, is empty") {
		t.Errorf("got %v", err)
	}
	if err := listJob(t, `name = "lr"`, "select = \"hr@10\"\nrefit = true").Check(); err == nil || !strings.Contains(err.Error(), "valid is lists to rank") {
		t.Errorf("got %v", err)
	}
}
