package train

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/internal/metric"
	"ctrlab/internal/strict"
	"ctrlab/models"
)

// planted is data whose label depends on one field's id being even, on the sign of a dense feature, and on noise.
type planted struct{ rows [3]int }

func (planted) Schema() batch.Schema {
	return batch.Schema{
		Dense:  []string{"x", "y"},
		Sparse: []batch.Field{{Name: "a", Rows: 50}, {Name: "b", Rows: 20, MultiHot: true, Pool: batch.Mean}, {Name: "c", Rows: 300}},
	}
}

func (p planted) Rows(s batch.Split) int { return p.rows[s] }

func (p planted) Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	return func(yield func(*batch.Batch, error) bool) {
		at := rand.New(rand.NewPCG(order, 1)).Perm(p.rows[s])
		if order == 0 {
			slices.Sort(at)
		}
		for from := 0; from < len(at); from += n {
			if !yield(p.make(s, at[from:min(from+n, len(at))]), nil) {
				return
			}
		}
	}
}

func (p planted) make(s batch.Split, rows []int) *batch.Batch {
	b := &batch.Batch{N: len(rows), Sparse: []batch.Bags{{}, {Offsets: []int32{0}}, {}}}
	for _, row := range rows {
		r := rand.New(rand.NewPCG(uint64(s), uint64(row)))
		a, x := r.Int32N(50), float32(r.NormFloat64())
		b.Sparse[0].IDs = append(b.Sparse[0].IDs, a)
		for range r.IntN(4) {
			b.Sparse[1].IDs = append(b.Sparse[1].IDs, r.Int32N(20))
		}
		b.Sparse[1].Offsets = append(b.Sparse[1].Offsets, int32(len(b.Sparse[1].IDs)))
		b.Sparse[2].IDs = append(b.Sparse[2].IDs, r.Int32N(300))
		b.Dense = append(b.Dense, x, float32(r.NormFloat64()))
		z := 2*float64(x) + 3*float64(a%2) - 1.5
		label := float32(0)
		if r.Float64() < 1/(1+math.Exp(-z)) {
			label = 1
		}
		b.Label = append(b.Label, label)
	}
	return b
}

// job reads tables of TOML, as an experiment does.
func job(t testing.TB, model, options string) Job {
	t.Helper()
	mt, err := strict.TOML("model", []byte(model))
	if err != nil {
		t.Fatal(err)
	}
	c, err := models.Decode(mt)
	if err != nil {
		t.Fatal(err)
	}
	j := Job{Data: planted{[3]int{1000, 300, 300}}, Options: Defaults(), Seed: 5, Workers: 1}
	if j.Spec, err = c.Spec(j.Data.Schema()); err != nil {
		t.Fatal(err)
	}
	if err := decodeOptions(options, &j.Options); err != nil {
		t.Fatal(err)
	}
	return j
}

func decodeOptions(text string, o *Options) error {
	t, err := strict.TOML("train", []byte(text))
	if err == nil {
		err = t.Decode(o)
	}
	return err
}

// every is a model of each kind, small, with all ways of dense features.
var every = []string{
	`name = "lr"`,
	`name = "mf"`,
	`name = "fm"`,
	`name = "gmf"`,
	`name = "neumf"`,
	`name = "dnn"`,
	`name = "dlrm"`,
	`name = "dlrm"` + "\n" + `interaction = "cin"`,
	`name = "wide_deep"`,
	`name = "dcn"`,
	`name = "dcnv2"` + "\n" + `structure = "stacked"`,
	`name = "deepfm"`,
	`name = "xdeepfm"`,
	"name = \"autoint\"\nheads = 3\nattention_dim = 6\nscaled = true",
	"name = \"dnn\"\ntop = [9, 7]\nnorm = \"batch\"\ndropout = 0.2",
	"name = \"dlrm\"\ntop = [9]\nbottom = [5]\nnorm = \"batch\"\nactivation = \"dice\"",
	"name = \"dcn\"\ntop = [9]\nnorm = \"layer\"\nactivation = \"gelu\"\ndropout = 0.5",
	"name = \"custom\"\n[[branch]]\ninteractions = [\"fm\", { name = \"cross\", layers = 1 }]\n[[branch]]\ninteractions = [\"hadamard\"]\ntop = [8]\nembedding = { dim = 3 }",
	`name = "hofm"`, "name = \"autoint_plus\"\nlayers = 1", `name = "deepcrossing"`, `name = "afn_plus"`, "name = \"masknet\"\nstructure = \"parallel\"\ntop = [8]\nblocks = [8, 4]",
	"name = \"finalmlp\"\nheads = 2\ncontext1 = [\"a\"]", "name = \"finalnet\"\nblocks = 2", "name = \"eulernet\"\nlayers = [5]\nlayer_norm = true", `name = "wukong"`, `name = "dcnv3"`,
	"name = \"poly2\"\nhash_rows = 997",
	embedded("hashed", `rows = 8, hash = "mix"`), embedded("double_hashed", "rows = 8"), embedded("double_hashed", `rows = 8, operation = "product"`),
	embedded("qr", "collisions = 3, threshold = 10"), embedded("qr", `collisions = 3, threshold = 10, operation = "concat"`),
	embedded("mixed", "alpha = 0.7"), embedded("capped", "rows = 7"), embedded("shared", "rows = 40"), embedded("quantized", "bits = 4"),
	"name = \"finalmlp\"\nnorm = \"batch\"\ndropout = 0.3\nactivation = \"prelu\"", "name = \"deepcrossing\"\nnorm = \"batch\"\ndropout = 0.2", "name = \"masknet\"\nblock_norm = \"batch\"\ndropout = 0.2",
	"name = \"wukong\"\nnorm = \"layer\"\ndropout = 0.5\ntop = []", "name = \"finalnet\"\nblocks = 2\nauxiliary = \"tri_bce\"\ndropout = 0.2",
	"name = \"deepfm\"\ndense = \"deep\"", "name = \"ffm\"\nnormalized = true", "name = \"nfm\"\ndense = \"deep\"\ntop = [5]", "name = \"fwfm\"\nlinear = \"felv\"", "name = \"fwfm\"\nlinear = \"filv\"", "name = \"fmfm\"\nkernel = \"diagonal\"", "name = \"fibinet\"\nbilinear = \"each\"", "name = \"custom\"\n[[branch]]\ninteractions = [\"dhen\"]",
}

// embedded is a model with tables of width 1 beside those of a kind of embeddings.
func embedded(kind, keys string) string {
	return "name = \"deepfm\"\nembedding_dim = 6\ntop = [5]\nembeddings = { kind = \"" + kind + "\", " + keys + " }"
}

// bits are a run's learning curve and results, without what a clock gave.
func bits(t *testing.T, j Job) string {
	t.Helper()
	all, _ := bitsAndDigest(t, j)
	return all
}

func bitsAndDigest(t *testing.T, j Job) (all, digest string) {
	t.Helper()
	var out strings.Builder
	j.Record = func(p metric.Point) { fmt.Fprintf(&out, "%s@%d %x\n", p.Name, p.Step, math.Float64bits(p.Value)) }
	result, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sorted(result.Metrics) {
		if m, ok := metric.Find(name); ok && m.Kind != metric.Speed {
			fmt.Fprintf(&out, "%s %x\n", name, math.Float64bits(result.Metrics[name]))
		}
	}
	return out.String(), result.Digest
}

func TestWorkersChangeNoBit(t *testing.T) {
	for _, model := range every {
		for _, options := range []string{
			"batch_size = 256\nepochs = 2\nlanes = 4\nshard_rows = 30\neval_every = 3",
			"batch_size = 100\noptimizer = \"adam\"\nclip_norm = 0.1\nembedding_l2 = 0.01\nnegative_rate = 0.5",
			"batch_size = 100\noptimizer = \"dense_adam\"\nembedding_l2 = 0.01\nnet_l1 = 0.001\npenalty = \"recbole\"\nschedule = \"cosine\"\naverage = 0.9",
		} {
			j := job(t, model, options)
			want := bits(t, j)
			for _, workers := range []int{1, 2, 3, 7} {
				j.Workers = workers
				if got := bits(t, j); got != want {
					t.Fatalf("%s\n%s\n%d workers give\n%s\nand 1 gave\n%s", model, options, workers, got, want)
				}
			}
			j.Seed++
			if bits(t, j) == want {
				t.Errorf("%s: another seed gives the same run", model)
			}
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, model := range every {
		for _, options := range []string{
			"batch_size = 200", "batch_size = 200\nclip_norm = 0.1\noptimizer = \"adam\"\nembedding_l2 = 0.1",
			"batch_size = 200\noptimizer = \"dense_adam\"\nclip_norm = 0.1\nembedding_l2 = 0.1\nembedding_l1 = 0.1",
			"batch_size = 200\noptimizer = \"rowwise_adagrad\"\nnet_l2 = 0.1\nembedding_l1 = 0.1\npenalty = \"deepctr\"",
			"batch_size = 200\noptimizer = \"ftrl\"\nfocal_gamma = 2\npositive_weight = 3\nschedule = \"polynomial\"\ndecay_steps = 10\naverage = 0.9",
		} {
			j := job(t, model, options)
			m := models.New(j.Spec, j.Options.BatchSize, j.Options.ShardRows, j.Options.Lanes, 1)
			tr := NewTrainer(m, j.Options, 1, 2)
			var b *batch.Batch
			for b = range j.Data.Batches(batch.Train, 200, 1) {
				break
			}
			logits := make([]float32, b.N)
			n := testing.AllocsPerRun(3, func() {
				if _, err := tr.Step(b); err != nil {
					t.Fatal(err)
				}
				tr.Predict(logits, b)
			})
			if n != 0 {
				t.Errorf("%s, %s: a step and a prediction allocate %g times", model, options, n)
			}
			tr.Close()
		}
	}
}

// The best state on valid is the one that test sees: training on for long after does not change the result.
func TestBestStateIsKept(t *testing.T) {
	j := job(t, every[6], "learning_rate = 0.2\nbatch_size = 50\nepochs = 12")
	long, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if long.Metrics["best_step"] >= 12*20 {
		t.Fatal("nothing is overfitted here any more: choose a case in which something is")
	}
	j.Options.Epochs = int(long.Metrics["best_step"]) / 20
	short, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"valid.logloss", "test.logloss", "test.auc", "best_step"} {
		if short.Metrics[name] != long.Metrics[name] {
			t.Errorf("%s is %v when training ends at the best step, %v when it goes on", name, short.Metrics[name], long.Metrics[name])
		}
	}
}

func TestPatience(t *testing.T) {
	j := job(t, every[6], "learning_rate = 0.2\nbatch_size = 50\nepochs = 50\npatience = 2")
	r, err := Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if want := r.Metrics["best_step"]/20 + 2; r.Metrics["epochs"] != want {
		t.Errorf("it ran %v epochs with the best at step %v of 20 an epoch, want %v", r.Metrics["epochs"], r.Metrics["best_step"], want)
	}
}

func TestLossNotFinite(t *testing.T) {
	j := job(t, every[5], "optimizer = \"sgd\"\nlearning_rate = 1e30\nbatch_size = 100")
	_, err := Run(context.Background(), j)
	if err == nil || !strings.Contains(err.Error(), "at step ") || !strings.Contains(err.Error(), "is not finite") {
		t.Errorf("got %v, want the step and the parameter at fault", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, job(t, every[0], "")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// Clipping to a norm that the gradient has anyway changes nothing; to a small one it bounds the step of SGD.
func TestClipNorm(t *testing.T) {
	j := job(t, every[2], "optimizer = \"sgd\"\nlearning_rate = 1\nbatch_size = 1000\nclip_norm = 0.001")
	m := models.New(j.Spec, 1000, j.Options.ShardRows, j.Options.Lanes, 1)
	tr := NewTrainer(m, j.Options, 1, 1)
	defer tr.Close()
	before := clone(m.Values())
	for b := range j.Data.Batches(batch.Train, 1000, 1) {
		if _, err := tr.Step(b); err != nil {
			t.Fatal(err)
		}
	}
	sum := 0.0
	for i, v := range m.Values() {
		for k := range v {
			d := float64(v[k] - before[i][k])
			sum += d * d
		}
	}
	if norm := math.Sqrt(sum); math.Abs(norm-0.001) > 1e-5 {
		t.Errorf("the step has norm %g, want 0.001", norm)
	}
}

func clone(v [][]float32) [][]float32 {
	var c [][]float32
	for _, s := range v {
		c = append(c, slices.Clone(s))
	}
	return c
}

// steps alone go round the data as often as they need; with epochs the smaller of the two ends training.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		options string
		steps   int64
	}{{"steps = 25", 25}, {"steps = 25\nepochs = 2", 20}, {"epochs = 2", 20}, {"", 10}} {
		j := job(t, every[0], c.options+"\nbatch_size = 100")
		last := 0
		j.Record = func(p metric.Point) { last = max(last, p.Step) }
		if _, err := Run(context.Background(), j); err != nil {
			t.Fatal(err)
		}
		if int64(last) != c.steps || j.Options.Examples(1000) != 100*c.steps {
			t.Errorf("%q takes %d steps, announced as %d examples, want %d steps", c.options, last, j.Options.Examples(1000), c.steps)
		}
	}
}

// What valid will never have must not be selected on.
func TestSelectRefused(t *testing.T) {
	for _, options := range []string{`select = "gauc"`, `select = "hr@10"`, `select = "attained"`, `select = "rmse"`, "loss = \"mse\"\nselect = \"auc\""} {
		if err := job(t, every[0], options).Check(); err == nil || !strings.Contains(err.Error(), "train.select is") {
			t.Errorf("%s: got %v, want a refusal of select", options, err)
		}
	}
	if err := job(t, every[0], "select = \"gauc\"\ngroup = \"a\"").Check(); err != nil {
		t.Error(err)
	}
}

// A model that overflows in the last step before an evaluation has no result either.
func TestPredictionNotFinite(t *testing.T) {
	_, err := Run(context.Background(), job(t, every[2], "optimizer = \"sgd\"\nlearning_rate = 1e30\nbatch_size = 1000\nclip_norm = 1e29"))
	if err == nil || !strings.Contains(err.Error(), "at step ") {
		t.Errorf("got %v, want the step and the parameter at fault", err)
	}
}

// A model built for inference gives what the same model in training gives, to the bit, and allocates nothing.
func TestPredictorIsTrainer(t *testing.T) {
	for _, model := range every {
		j := job(t, model, "batch_size = 200\nlanes = 3\nshard_rows = 30")
		tr := NewTrainer(models.New(j.Spec, 200, 30, 3, 8), j.Options, 8, 2)
		p := NewPredictor(models.Infer(j.Spec, 30, 3, 8), 2)
		for b := range j.Data.Batches(batch.Test, 170, 0) {
			want, got := make([]float32, b.N), make([]float32, b.N)
			tr.Predict(want, b)
			p.Predict(got, b)
			if !slices.Equal(got, want) {
				t.Errorf("%s: a model for inference gives other predictions", model)
			}
			if n := testing.AllocsPerRun(3, func() { p.Predict(got, b) }); n != 0 {
				t.Errorf("%s: a prediction allocates %g times", model, n)
			}
		}
		tr.Close()
		p.Close()
	}
}
