package train

import (
	"context"
	"math"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/models"
)

// After three steps the average is what float64 makes of the values that the same steps without it leave.
func TestAverage(t *testing.T) {
	const options = "batch_size = 100\noptimizer = \"sgd\"\nlearning_rate = 0.5\naverage = 0.75"
	j := job(t, every[11], options)
	tr := NewTrainer(models.New(j.Spec, 100, j.Options.ShardRows, j.Options.Lanes, 1), j.Options, 1, 2)
	defer tr.Close()
	var want []float64
	for _, s := range tr.average.spans {
		for _, v := range s.value {
			want = append(want, float64(v))
		}
	}
	steps := 0
	for b := range j.Data.Batches(batch.Train, 100, 1) {
		if _, err := tr.Step(b); err != nil {
			t.Fatal(err)
		}
		i := 0
		for _, s := range tr.average.spans {
			for _, v := range s.value {
				want[i] += 0.25 * (float64(v) - want[i])
				i++
			}
		}
		if steps++; steps == 3 {
			break
		}
	}
	before := clone(tr.Model.Values())
	tr.average.swap()
	i, moved := 0, 0.0
	for _, s := range tr.average.spans {
		for k, v := range s.value {
			if math.Abs(float64(v)-want[i]) > 1e-6 {
				t.Fatalf("number %d is %g in the average, want %g", i, v, want[i])
			}
			moved = max(moved, math.Abs(float64(v-s.average[k])))
			i++
		}
	}
	if moved < 1e-3 {
		t.Error("the average is the values themselves: the test sees nothing")
	}
	tr.average.swap()
	for i, v := range tr.Model.Values() {
		for k := range v {
			if v[k] != before[i][k] {
				t.Fatal("two exchanges change a value")
			}
		}
	}
}

// Test sees the average of the chosen step, be it the last or one before; training itself does not.
func TestAverageIsTested(t *testing.T) {
	for _, c := range []struct {
		rate string
		last bool
	}{{"0.2", false}, {"0.001", true}} {
		options := "batch_size = 50\nepochs = 6\nlearning_rate = " + c.rate
		j := job(t, every[6], options+"\naverage = 0.9")
		long, err := Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if (long.Metrics["best_step"] == 6*20) != c.last {
			t.Fatalf("the best step is %v: choose another case", long.Metrics["best_step"])
		}
		j.Options.Epochs = int(long.Metrics["best_step"]) / 20
		short, err := Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := Run(context.Background(), job(t, every[6], options))
		if err != nil {
			t.Fatal(err)
		}
		if short.Metrics["test.logloss"] != long.Metrics["test.logloss"] || plain.Metrics["test.logloss"] == long.Metrics["test.logloss"] {
			t.Errorf("test has %v, ended at the best step %v, without average %v", long.Metrics["test.logloss"], short.Metrics["test.logloss"], plain.Metrics["test.logloss"])
		}
	}
}
