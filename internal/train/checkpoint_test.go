package train

import (
	"context"
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/internal/checkpoint"
	"ctrlab/models"
)

// killed is what a run panics with that is ended without a word.
type killed struct{}

// file is a place for checkpoints: each takes the place of the one before.
func file(t testing.TB) (path string, save func(step int, write func(*checkpoint.Writer))) {
	path = filepath.Join(t.TempDir(), "a.ckpt")
	return path, func(step int, write func(*checkpoint.Writer)) {
		w, err := checkpoint.Create(path, nil)
		if err == nil {
			write(w)
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// from is j, to go on where a file left it.
func from(t testing.TB, j Job, path string) Job {
	f, err := checkpoint.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	j.Resume = f
	return j
}

// kill runs j and ends it after the checkpoint of a step, if it comes to that.
func kill(t *testing.T, j Job, at int) (path string, was bool) {
	path, save := file(t)
	j.Checkpoint = &Checkpoint{Steps: 1, Save: func(step int, write func(*checkpoint.Writer)) {
		if step == at {
			save(step, write)
			panic(killed{})
		}
	}}
	defer func() {
		if r := recover(); r != nil && r != (killed{}) {
			panic(r)
		} else {
			was = r != nil
		}
	}()
	if _, err := Run(context.Background(), j); err != nil {
		t.Fatal(err)
	}
	return path, false
}

// unbroken is all that must be the same: bits, and the digest.
func unbroken(t *testing.T, j Job) string {
	all, digest := bitsAndDigest(t, j)
	return all + digest
}

// resumed are options of runs of each kind: what an optimiser remembers, and what ends or steers a run.
var resumed = []string{
	"batch_size = 256\nepochs = 2",
	"batch_size = 256\nepochs = 2\neval_every = 3\noptimizer = \"sgd\"\nlearning_rate = 0.1",
	"batch_size = 256\nsteps = 7\neval_every = 2\noptimizer = \"rowwise_adagrad\"\nclip_norm = 0.1",
	"batch_size = 256\nepochs = 2\noptimizer = \"adam\"\nembedding_l2 = 0.01\nwarmup_steps = 5",
	"batch_size = 256\nepochs = 2\noptimizer = \"dense_adam\"\nschedule = \"cosine\"\naverage = 0.8\neval_every = 3",
	"batch_size = 256\nsteps = 9\noptimizer = \"adamw\"\nschedule = \"polynomial\"",
	"batch_size = 256\nepochs = 2\noptimizer = \"momentum\"\nlearning_rate = 0.05\nnet_l2 = 0.01\npenalty = \"table\"",
	"batch_size = 256\nepochs = 2\noptimizer = \"ftrl\"\nftrl_l1 = 0.01",
	"batch_size = 256\nepochs = 9\neval_every = 1\npatience = 2\nlearning_rate = 0.2\naverage = 0.5",
	"batch_size = 256\nepochs = 3\neval_every = 1\nschedule = \"plateau\"\nlearning_rate = 0.5\ndecay_patience = 2",
	"batch_size = 128\nepochs = 2\nnegative_rate = 0.5",
	"batch_size = 256\nepochs = 3\nrefit = true\neval_every = 2\nschedule = \"plateau\"\nlearning_rate = 0.5",
}

// A run that is killed after any step and goes on, on other threads, is the unbroken one: points, results, state.
func TestKilledIsUnbroken(t *testing.T) {
	for _, options := range resumed {
		j := job(t, every[14], options) // batch norm and dropout
		want := unbroken(t, j)
		for at := 1; ; at++ {
			j.Workers = 1 + at%3
			path, was := kill(t, j, at)
			if !was {
				if at < 5 {
					t.Fatalf("%s: it ends after %d steps: choose a longer case", options, at)
				}
				break
			}
			again := from(t, j, path)
			again.Workers = 1 + (at+1)%3
			if got := unbroken(t, again); got != want {
				t.Fatalf("%s: killed after step %d it gives\n%s\nand unbroken\n%s", options, at, got, want)
			}
		}
	}
}

func TestKilledIsUnbrokenForAnyModel(t *testing.T) {
	models := slices.Clone(every)
	for _, kind := range []string{`{ kind = "hashed", rows = 30 }`, `{ kind = "qr", threshold = 30 }`, `{ kind = "mixed", alpha = 0.3 }`, `{ kind = "capped", rows = 20 }`, `"quantized"`} {
		models = append(models, "name = \"deepfm\"\nembeddings = "+kind)
	}
	for i, model := range models {
		j := job(t, model, resumed[4])
		want := unbroken(t, j)
		path, _ := kill(t, j, 1+i%7)
		if got := unbroken(t, from(t, j, path)); got != want {
			t.Errorf("%s: killed after step %d it gives\n%s\nand unbroken\n%s", model, 1+i%7, got, want)
		}
	}
}

// interrupting is data that cancels a run when so many of its batches were made, of any split.
type interrupting struct {
	planted
	left   int
	cancel func()
}

func (d *interrupting) Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	return d.BatchesFrom(s, n, order, 0)
}

func (d *interrupting) BatchesFrom(s batch.Split, n int, order uint64, first int) iter.Seq2[*batch.Batch, error] {
	return func(yield func(*batch.Batch, error) bool) {
		for b, err := range batch.From(d.planted, s, n, order, first) {
			if d.left--; d.left == 0 {
				d.cancel()
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// A run that is interrupted wherever it is, in training, in valid or in test, again and again, is the unbroken one.
func TestInterruptedIsUnbroken(t *testing.T) {
	interrupted, inTest := 0, 0
	for _, options := range []string{resumed[4], resumed[8]} {
		j := job(t, every[15], options)
		want := unbroken(t, j)
		for left := 5; left < 40; left += 2 {
			path, save := file(t)
			saves, parts := 0, 0
			j.Resume = nil
			for broken := true; broken; parts++ {
				ctx, cancel := context.WithCancel(context.Background())
				data := &interrupting{planted{[3]int{1000, 300, 300}}, left, cancel}
				part := j
				part.Data = data
				part.Checkpoint = &Checkpoint{Save: func(step int, write func(*checkpoint.Writer)) { saves++; save(step, write) }}
				_, err := Run(ctx, part)
				cancel()
				if broken = err != nil; broken && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				if broken && saves > 0 {
					j = from(t, j, path)
					place, err := j.Resume.Bytes(placeSection)
					if err != nil {
						t.Fatal(err)
					}
					if strings.Contains(string(place), `"Chosen":true`) {
						inTest++
					}
				}
			}
			if saves < parts-2 {
				t.Errorf("%d checkpoints of %d parts", saves, parts)
			}
			if interrupted += parts - 1; saves == 0 {
				continue
			}
			if got := unbroken(t, from(t, j, path)); got != want {
				t.Errorf("%s: interrupted after every %d batches it gives\n%s\nand unbroken\n%s", options, left, got, want)
			}
		}
	}
	if interrupted < 20 || inTest == 0 {
		t.Errorf("%d interruptions, %d of them after training: choose longer cases", interrupted, inTest)
	}
}

// The model's file has the state that was chosen, and so has, until it is, the checkpoint of a run.
func TestLoad(t *testing.T) {
	j := job(t, every[14], "batch_size = 100\nepochs = 8\nlearning_rate = 0.3")
	path, save := file(t)
	j.Model = func(write func(*checkpoint.Writer)) { save(0, write) }
	result, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if result.Metrics["best_step"] == 80 {
		t.Fatal("the last step is the best: choose another case")
	}
	state := func(path string) string {
		m := models.Infer(j.Spec, 30, 1, 99)
		if err := Load(m, from(t, j, path).Resume); err != nil {
			t.Fatal(err)
		}
		return digest(arrays(m), result.Metrics)
	}
	if got := state(path); got != result.Digest {
		t.Errorf("the model's file has the state %s, and the run chose %s", got, result.Digest)
	}
	under, was := kill(t, j, 79)
	if !was {
		t.Fatal("the run ended before step 79")
	}
	if got := state(under); got != result.Digest {
		t.Errorf("the last checkpoint has the state %s, and the run chose %s", got, result.Digest)
	}
}

func TestResumeRefuses(t *testing.T) {
	j := job(t, every[2], "batch_size = 256")
	path, was := kill(t, j, 2)
	if !was {
		t.Fatal("not killed")
	}
	for _, other := range []Job{job(t, every[4], "batch_size = 256"), job(t, every[2]+"\nembedding_dim = 3", "batch_size = 256"), job(t, every[2], "batch_size = 256\noptimizer = \"adam\"")} {
		if _, err := Run(context.Background(), from(t, other, path)); err == nil || !strings.Contains(err.Error(), "section") {
			t.Errorf("a checkpoint of another model or optimiser: %v", err)
		}
	}
	none, save := file(t)
	save(0, func(w *checkpoint.Writer) { w.Bytes(placeSection, []byte(`{"Steps":3,"Epoch":0,"Batch":-1}`)) })
	if _, err := Run(context.Background(), from(t, j, none)); err == nil || !strings.Contains(err.Error(), "cannot be") {
		t.Errorf("a place that cannot be: %v", err)
	}
}

// Time calls for checkpoints too, but never for so many that they take more than a twentieth of it.
func TestCheckpointsByTime(t *testing.T) {
	j := job(t, every[0], "batch_size = 10\nepochs = 1")
	for _, c := range []struct {
		every time.Duration
		takes time.Duration
		least int
		most  int
	}{{time.Nanosecond, 0, 100, 100}, {time.Hour, 0, 0, 0}, {0, 0, 0, 0}, {time.Nanosecond, time.Hour, 1, 1}} {
		saves := 0
		r := &run{Job: j, saved: time.Now().Add(-time.Millisecond), trainer: &Trainer{steps: 1}}
		r.Checkpoint = &Checkpoint{Every: c.every, Save: func(int, func(*checkpoint.Writer)) { saves++; r.saving = c.takes }}
		for range 100 {
			r.keepState()
			r.saving, r.saved = max(r.saving, c.takes*time.Duration(min(saves, 1))), r.saved.Add(-time.Millisecond)
		}
		if saves < c.least || saves > c.most {
			t.Errorf("every %v, %v each: %d checkpoints, want %d to %d", c.every, c.takes, saves, c.least, c.most)
		}
	}
}

// Writing a checkpoint copies no array: it takes no memory to speak of, whatever the model's size.
func TestCheckpointTakesNoMemory(t *testing.T) {
	j := job(t, "name = \"fm\"\nembedding_dim = 4096", "batch_size = 256\noptimizer = \"adam\"\neval_every = 2") // 370 ids: 6 MB, three times
	_, save := file(t)
	took := uint64(math.MaxUint64)
	j.Checkpoint = &Checkpoint{Steps: 1, Save: func(step int, write func(*checkpoint.Writer)) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		save(step, write)
		runtime.ReadMemStats(&after)
		took = min(took, after.TotalAlloc-before.TotalAlloc)
	}}
	if _, err := Run(context.Background(), j); err != nil {
		t.Fatal(err)
	}
	if took > 3<<20 {
		t.Errorf("a checkpoint of 24 MB allocates %d bytes", took)
	}
}

func TestExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, v := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, math.MaxFloat64, 0.1, r.NormFloat64(), r.ExpFloat64()} {
		b, err := exact(v).MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got exact
		if err := got.UnmarshalText(b); err != nil || math.Float64bits(float64(got)) != math.Float64bits(v) {
			t.Errorf("%v became %v: %v", v, got, err)
		}
	}
	var nan exact
	if err := nan.UnmarshalText([]byte("NaN")); err != nil || !math.IsNaN(float64(nan)) {
		t.Errorf("NaN became %v: %v", nan, err)
	}
	if err := nan.UnmarshalText([]byte("x")); err == nil {
		t.Error("x is no number")
	}
}
