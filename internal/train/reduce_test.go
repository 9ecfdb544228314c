package train

import (
	"math"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/models"
)

const normed = "name = \"dnn\"\ntop = [6, 4]\nembedding_dim = 3\nnorm = \"batch\"\nactivation = \"tanh\"\n" +
	"init = { embedding = { kind = \"normal\", scale = 1 }, weight = { kind = \"uniform\", scale = 0.7 } }"

// stepped is a trainer after a step on the first n rows, with its model, loss and gradients.
type stepped struct {
	*Trainer
	loss  float64
	grads map[string][]float32
}

func newStepped(t *testing.T, model, options string, n int, change func(*models.Model)) stepped {
	t.Helper()
	j := job(t, model, options)
	m := models.New(j.Spec, j.Options.BatchSize, j.Options.ShardRows, j.Options.Lanes, 1)
	if change != nil {
		change(m)
		m.Repack()
	}
	s := stepped{Trainer: NewTrainer(m, j.Options, 1, 2)}
	t.Cleanup(s.Close)
	var err error
	if s.loss, err = s.Step(first(j, n)); err != nil {
		t.Fatal(err)
	}
	s.grads = s.Gradients()
	return s
}

// first is the first n rows of train.
func first(j Job, n int) *batch.Batch {
	for b := range j.Data.Batches(batch.Train, n, 0) {
		return b
	}
	return nil
}

// The gradient through BatchNorm of a batch in four lanes, the last of them short, against finite differences of the loss:
// each row moves the mean and variance of all.
func TestBatchNormGradients(t *testing.T) {
	const options, rows = "batch_size = 24\nlanes = 4", 20
	s := newStepped(t, normed, options, rows, nil)
	values := func(m *models.Model) map[string][]float32 {
		all := map[string][]float32{}
		for _, p := range m.Params() {
			all[p.Name] = p.Value
		}
		for _, tb := range m.Tables() {
			all[tb.Name] = tb.Value
		}
		return all
	}
	for name, g := range s.grads {
		scale := 0.02
		for _, d := range g {
			scale = max(scale, math.Abs(float64(d)))
		}
		for i := 0; i < len(g); i += 1 + len(g)/40 {
			at := func(h float32) float64 {
				return newStepped(t, normed, options, rows, func(m *models.Model) { values(m)[name][i] += h }).loss
			}
			if want := (at(4e-3) - at(-4e-3)) / 8e-3; math.Abs(float64(g[i])-want) > 0.01*scale {
				t.Errorf("gradient of %s[%d] is %g, finite differences say %g", name, i, g[i], want)
			}
		}
	}
}

// Lanes change rounding alone: BatchNorm over four shards is BatchNorm over one, in gradients and running statistics.
func TestBatchNormOverLanes(t *testing.T) {
	one := newStepped(t, normed, "batch_size = 30\nlanes = 1", 23, nil)
	for _, lanes := range []string{"2", "4", "23", "30", "40"} {
		more := newStepped(t, normed, "batch_size = 30\nlanes = "+lanes, 23, nil)
		for name, want := range one.grads {
			for i, g := range more.grads[name] {
				if math.Abs(float64(g-want[i])) > 1e-6 {
					t.Errorf("%s lanes: gradient of %s[%d] is %g, want %g", lanes, name, i, g, want[i])
				}
			}
		}
		for k, r := range more.Model.Runnings() {
			for i, v := range r.Value {
				if want := one.Model.Runnings()[k].Value[i]; math.Abs(float64(v-want)) > 1e-6 {
					t.Errorf("%s lanes: %s[%d] is %g, want %g", lanes, r.Name, i, v, want)
				}
			}
		}
	}
}

// A batch of one row has no variance: behind BatchNorm it is the bias, and running statistics stay as they are.
func TestBatchNormOfOneRow(t *testing.T) {
	s := newStepped(t, normed, "batch_size = 30\nlanes = 3\nlearning_rate = 1e-9", 1, nil)
	for _, r := range s.Model.Runnings() {
		want := float32(0)
		if strings.HasSuffix(r.Name, "running_var") {
			want = 1
		}
		for i, v := range r.Value {
			if v != want {
				t.Errorf("%s[%d] is %g, want %g", r.Name, i, v, want)
			}
		}
	}
	for name, g := range s.grads {
		for i, v := range g {
			if v != 0 && !strings.HasPrefix(name, "top.1.norm") && !strings.HasPrefix(name, "top.2") {
				t.Errorf("gradient of %s[%d] is %g below a constant", name, i, v)
			}
		}
	}
}

// Prediction neither drops, nor looks at the batch, nor changes anything: a row's score is its own.
func TestPredictionIsPure(t *testing.T) {
	for _, model := range every {
		j := job(t, model, "batch_size = 100\nlanes = 3")
		m := models.New(j.Spec, 100, j.Options.ShardRows, 3, 1)
		tr := NewTrainer(m, j.Options, 1, 2)
		defer tr.Close()
		b := first(j, 100)
		for range 3 {
			if _, err := tr.Step(b); err != nil {
				t.Fatal(err)
			}
		}
		before := clone(m.Values())
		all, few := make([]float32, 100), make([]float32, 7)
		tr.Predict(all, b)
		tr.Predict(few, first(j, 7))
		if !slices.Equal(few, all[:7]) {
			t.Errorf("%s: seven rows score %v, and %v beside others", model, few, all[:7])
		}
		for i, v := range m.Values() {
			if !slices.Equal(v, before[i]) {
				t.Errorf("%s: prediction changes the model", model)
			}
		}
	}
}

// A layer that reduces in one lane and not in another is a mistake of ours, and says so.
func TestReductionsTogether(t *testing.T) {
	j := job(t, normed, "batch_size = 30\nlanes = 3")
	tr := NewTrainer(models.New(j.Spec, 30, 10, 3, 1), j.Options, 1, 1)
	defer tr.Close()
	tr.b = first(j, 30)
	for _, waits := range [][]int{{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {1, 2, 1}} {
		for l, n := range waits {
			tr.courses[l].v = make([]float64, n)
			if n == 0 {
				tr.courses[l].v = nil
			}
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("lanes that wait with %v numbers are summed", waits)
				}
			}()
			tr.reduce()
		}()
	}
}
