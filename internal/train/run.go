package train

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/internal/checkpoint"
	"ctrlab/internal/metric"
	"ctrlab/models"
	"ctrlab/nn"
)

// Data is where batches come from; a datasets.Source is one.
type Data interface {
	Schema() batch.Schema
	Rows(s batch.Split) int
	Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error]
}

// Job is one trial to run.
type Job struct {
	Spec     models.Spec
	Options  Options
	Seed     uint64
	Data     Data
	Workers  int
	Record   func(metric.Point)      // takes the learning curve; may be nil
	Progress func(done, total int64) // examples; may be nil

	Checkpoint *Checkpoint      // nil: none are written
	Resume     *checkpoint.File // where an interrupted run goes on; nil: from the start
	// Model makes a file of the state that was chosen, which write writes; may be nil.
	Model func(write func(*checkpoint.Writer))
}

// Result is what a trial came to.
type Result struct {
	Metrics map[string]float64 // by name
	Digest  string             // SHA-256 (hex) of the state that was chosen and its scores, of a baseline of these alone
}

// Run trains a model, keeps the state that is best on valid, and reads test once with it. Interrupted and resumed it comes to the
// same, to the bit; only times differ.
func Run(ctx context.Context, j Job) (Result, error) {
	if j.Record == nil {
		j.Record = func(metric.Point) {}
	}
	if j.Progress == nil {
		j.Progress = func(int64, int64) {}
	}
	if err := j.Check(); err != nil {
		return Result{}, err
	}
	if j.Spec.Baseline != nil {
		return fit(ctx, j)
	}
	o := j.Options
	var err error
	if j.Data, err = thin(j.Data, o.NegativeRate); err != nil {
		return Result{}, err
	}
	o.end(j.Data.Rows(batch.Train))
	m := models.New(j.Spec, o.BatchSize, o.ShardRows, o.Lanes, j.Seed)
	m.ShiftLogit(float32(math.Log(o.NegativeRate)))
	t := NewTrainer(m, o, j.Seed, j.Workers)
	defer t.Close()
	r := &run{Job: j, trainer: t, plateau: plateau{Schedule: o.Schedule}, eval: evaluator{job: &j, model: t, trainer: t}, keep: newKeeper(m, o), saved: time.Now()}
	defer r.keep.close()
	if j.Resume != nil {
		if err := r.resume(j.Resume); err != nil {
			return Result{}, err
		}
	}
	result, err := r.finish(ctx)
	if err != nil && errors.Is(err, ctx.Err()) {
		r.save()
	}
	return result, err
}

// finish does what is left of a run.
func (r *run) finish(ctx context.Context) (Result, error) {
	if !r.Chosen {
		if err := r.train(ctx); err != nil {
			return Result{}, err
		}
		if err := r.choose(); err != nil {
			return Result{}, err
		}
	}
	metrics, err := r.results(ctx)
	if err != nil {
		return Result{}, err
	}
	if r.Model != nil {
		r.Model(r.write)
	}
	return Result{metrics, digest(arrays(r.trainer.Model), metrics)}, nil
}

// Check refuses what can never give a result: a plan calls it before anything runs.
func (j Job) Check() error {
	o, schema := j.Options, j.Data.Schema()
	loss, _ := nn.FindLoss(o.Loss)
	if j.Data.Rows(batch.Train) == 0 {
		return fmt.Errorf("the train split is empty")
	}
	if o.Patience > 0 && j.Data.Rows(batch.Valid) == 0 {
		return fmt.Errorf("train.patience is %d, and the valid split, which it watches, is empty", o.Patience)
	}
	if schema.Rating != nil && !loss.Rating {
		return fmt.Errorf(`train.loss is %q, and the labels are ratings, which want "mse"`, o.Loss)
	}
	if names := selectable(o, schema); !slices.Contains(names, o.Select) {
		return fmt.Errorf("train.select is %q, want one of %s", o.Select, strings.Join(names, ", "))
	}
	if o.Group != "" && schema.Lists {
		return fmt.Errorf("train.group is %q, and valid and test are lists, which are groups themselves", o.Group)
	}
	if o.Group != "" && loss.Rating {
		return fmt.Errorf("train.group is %q, and gauc, which it is for, is no metric of ratings", o.Group)
	}
	if o.ClipRatings && schema.Rating == nil {
		return fmt.Errorf("train.clip_ratings is on, and the labels are no ratings")
	}
	if _, err := group(o, schema); err != nil {
		return err
	}
	return nil
}

// selectable are the metrics of valid that training with these options has, and a choice can rest on.
func selectable(o Options, schema batch.Schema) []string {
	if schema.Lists {
		return []string{"ndcg@10", "hr@10", "gauc"}
	}
	if loss, _ := nn.FindLoss(o.Loss); loss.Rating {
		return []string{"rmse", "mae"}
	}
	names := []string{"logloss", "auc", "pr_auc", "ne", "accuracy", "ece", "brier"}
	if o.Group != "" {
		names = append(names, "gauc")
	}
	return names
}

// run is the state of a Job.
type run struct {
	Job
	place
	trainer *Trainer
	data    ahead
	eval    evaluator
	keep    *keeper
	plateau plateau
	points  []metric.Point // recorded so far, for checkpoints

	saved  time.Time // when the last checkpoint was, or the start
	saving time.Duration
}

// train runs the epochs, or what is left of them, with evaluations between.
func (r *run) train(ctx context.Context) error {
	if stop, err := r.after(ctx); stop || err != nil { // the step of a checkpoint
		return err
	}
	for ; r.Options.Epochs == 0 || r.Epoch < r.Options.Epochs; r.Epoch, r.Batch = r.Epoch+1, 0 {
		if stop, err := r.epoch(ctx); stop || err != nil {
			return err
		}
		last := r.Epoch == r.Options.Epochs-1
		if r.Options.EvalEvery == 0 || last {
			if stop, err := r.evaluate(ctx, last); stop || err != nil {
				return err
			}
		}
	}
	return nil
}

// epoch takes the steps of an epoch that are left.
func (r *run) epoch(ctx context.Context) (stop bool, err error) {
	total, began := r.Options.Examples(r.Data.Rows(batch.Train)), time.Now()
	batches := batch.From(r.Data, batch.Train, r.Options.BatchSize, order(r.Seed, r.Epoch), r.Batch)
	for b, err := range r.data.batches(batches) {
		if err != nil {
			return false, err
		}
		r.Read += time.Since(began).Seconds()
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if err := r.step(b); err != nil {
			return false, err
		}
		r.Progress(r.Examples, total)
		if stop, err := r.after(ctx); stop || err != nil {
			return stop, err
		}
		r.keepState()
		began = time.Now()
	}
	return false, nil
}

func (r *run) step(b *batch.Batch) error {
	quiet, before := !r.data.reading.Load(), r.seconds()
	loss, err := r.trainer.Step(b)
	r.Speed.add(b.N, r.seconds()-before, quiet && !r.data.reading.Load())
	r.Batch++
	r.Examples += int64(b.N)
	r.LossSum += loss * float64(b.N)
	r.LossRows += b.N
	return err
}

// after evaluates where a step calls for it, and says whether it was the last.
func (r *run) after(ctx context.Context) (stop bool, err error) {
	step, o := r.trainer.Steps(), r.Options
	if o.EvalEvery > 0 && step%o.EvalEvery == 0 {
		if stop, err := r.evaluate(ctx, false); stop || err != nil {
			return stop, err
		}
	}
	if o.Steps > 0 && step == o.Steps {
		_, err := r.evaluate(ctx, true)
		return true, err
	}
	return false, nil
}

// evaluate scores valid, unless this very step is scored already; stop says that patience is at its end. Interrupted, it
// leaves all as it was.
func (r *run) evaluate(ctx context.Context, last bool) (stop bool, err error) {
	step := r.trainer.Steps()
	if step == r.keep.Seen {
		return r.keep.tired(), nil
	}
	var values map[string]float64 // nil where valid is empty
	if r.Data.Rows(batch.Valid) > 0 {
		r.trainer.average.swap()
		defer r.trainer.average.swap()
		if values, err = r.eval.split(ctx, batch.Valid); err != nil {
			return false, err
		}
	}
	r.point("train.loss", r.LossSum/float64(r.LossRows))
	r.LossSum, r.LossRows = 0, 0
	if values == nil {
		r.keep.Seen, r.keep.Step = step, step
		return false, nil
	}
	for _, name := range sorted(values) {
		if !strings.HasPrefix(name, oracle) {
			r.point("valid."+name, values[name])
		}
	}
	stop, err = r.keep.offer(step, values, last)
	r.trainer.rate = r.plateau.see(r.keep.Current, r.trainer.rate)
	return stop, err
}

// point records a value at the present step.
func (r *run) point(name string, v float64) {
	r.record(metric.Point{Name: name, Step: r.trainer.Steps(), Examples: r.Examples, Seconds: r.seconds(), Value: v})
}

func (r *run) record(p metric.Point) {
	if r.Checkpoint != nil {
		r.points = append(r.points, p)
	}
	r.Record(p)
}

// seconds of training: forward, backward and update, without reading.
func (r *run) seconds() float64 {
	t := r.trainer.Times
	return t.Forward + t.Backward + t.Update
}

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
func (r *run) results(ctx context.Context) (map[string]float64, error) {
	out, err := r.eval.results(ctx, r.keep.values)
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
	return out, nil
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

// order seeds the permutation of an epoch: a stream of its own beside initial values and dropout.
func order(seed uint64, epoch int) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "order %d %d", seed, epoch)
	return h.Sum64() | 1
}
