package train

import (
	"context"
	"fmt"
	"hash/fnv"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"ctrlab/datasets/batch"
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
	// Inspect looks at the model that was chosen, and adds what it finds to the results; may be nil.
	Inspect func(m *models.Model, results map[string]float64) error
	again   *choice // of the run that this one repeats; nil: none
}

// Run trains a model, keeps the state that is best on valid, reads test once with it, and returns the results by
// metric name.
func Run(ctx context.Context, j Job) (map[string]float64, error) {
	if j.Record == nil {
		j.Record = func(metric.Point) {}
	}
	if j.Progress == nil {
		j.Progress = func(int64, int64) {}
	}
	if err := j.Check(); err != nil {
		return nil, err
	}
	if loss, _ := nn.FindLoss(j.Options.Loss); loss.Pairs {
		j.Data = inPairs{j.Data, pairsOf(j.Data)}
	}
	if j.Spec.Baseline != nil {
		return fit(ctx, j)
	}
	if j.Options.Refit {
		return refit(ctx, j)
	}
	out, _, err := once(ctx, j)
	return out, err
}

// once is Run without a second time.
func once(ctx context.Context, j Job) (map[string]float64, choice, error) {
	o := j.Options
	var err error
	if j.Data, err = thin(j.Data, o.NegativeRate); err != nil {
		return nil, choice{}, err
	}
	o.end(j.Data.Rows(batch.Train))
	m := models.New(j.Spec, o.BatchSize, o.ShardRows, o.Lanes, j.Seed)
	m.ShiftLogit(float32(math.Log(o.NegativeRate)))
	t := NewTrainer(m, o, j.Seed, j.Workers)
	defer t.Close()
	r := &run{Job: j, trainer: t, plateau: plateau{Schedule: o.Schedule}, eval: evaluator{job: &j, model: t, trainer: t}, keep: newKeeper(m, o)}
	defer r.keep.close()
	if err := r.rank(ctx); err != nil {
		return nil, choice{}, err
	}
	if err := r.train(ctx); err != nil {
		return nil, choice{}, err
	}
	r.choice.epochs, r.choice.examples = float64(r.keep.step)/r.perEpoch(), r.examples
	out, err := r.results(ctx)
	return out, r.choice, err
}

// rank counts the ids of train for a model whose rows go by that.
func (r *run) rank(ctx context.Context) error {
	rankings := r.trainer.Model.Rankings()
	if len(rankings) == 0 {
		return nil
	}
	schema := r.Data.Schema()
	counts := make([][]int64, len(schema.Sparse))
	for i, f := range schema.Sparse {
		counts[i] = make([]int64, f.Rows)
	}
	for b, err := range r.Data.Batches(batch.Train, evalBatch, 0) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		for i, bags := range b.Sparse {
			ids := bags.IDs
			if bags.Offsets != nil {
				ids = ids[bags.Offsets[0]:bags.Offsets[b.N]]
			}
			for _, id := range ids {
				counts[i][id]++
			}
		}
	}
	for _, k := range rankings {
		k.Rank(counts[k.Field])
	}
	return nil
}

// Check refuses what can never give a result: a plan calls it before anything runs.
func (j Job) Check() error {
	o, schema := j.Options, j.Data.Schema()
	loss, _ := nn.FindLoss(o.Loss)
	if j.Data.Rows(batch.Train) == 0 {
		return fmt.Errorf("the train split is empty")
	}
	if loss.Pairs && pairsOf(j.Data) == nil {
		return fmt.Errorf(`train.loss is %q, which compares an item with one drawn beside it, as task = "implicit" has them`, o.Loss)
	}
	if o.Patience > 0 && j.Data.Rows(batch.Valid) == 0 {
		return fmt.Errorf("train.patience is %d, and the valid split, which it watches, is empty", o.Patience)
	}
	if o.Refit && j.Data.Rows(batch.Valid) == 0 {
		return fmt.Errorf("train.refit is on, and the valid split, which chooses, is empty")
	}
	if o.Refit && schema.Lists {
		return fmt.Errorf("train.refit is on, and valid is lists to rank, nothing to train on")
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
	names := []string{"auc", "pr_auc", "accuracy"}
	if loss, _ := nn.FindLoss(o.Loss); !loss.Margin {
		names = append([]string{"logloss"}, append(names, "ne", "ece", "brier")...)
	}
	if o.Group != "" {
		names = append(names, "gauc")
	}
	return names
}

// run is the state of a Job.
type run struct {
	Job
	trainer  *Trainer
	data     ahead
	eval     evaluator
	keep     *keeper
	plateau  plateau
	choice   choice
	speed    rate
	epochs   float64
	examples int64
	read     float64 // seconds
	lossSum  float64 // since the last point
	lossRows int
}

// train runs the epochs, with evaluations between.
func (r *run) train(ctx context.Context) error {
	rows := r.Data.Rows(batch.Train)
	total := r.Options.Examples(rows)
	for epoch := 0; r.Options.Epochs == 0 || epoch < r.Options.Epochs; epoch++ {
		began := time.Now()
		for b, err := range r.data.batches(r.Data.Batches(batch.Train, r.Options.BatchSize, order(r.Seed, epoch))) {
			if err != nil {
				return err
			}
			r.read += time.Since(began).Seconds()
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.step(b); err != nil {
				return err
			}
			r.epochs = float64(r.examples) / float64(rows)
			r.Progress(r.examples, total)
			if e := r.Options.EvalEvery; e > 0 && r.trainer.Steps()%e == 0 {
				if stop, err := r.evaluate(ctx, false); stop || err != nil {
					return err
				}
			}
			if r.Options.Steps > 0 && r.trainer.Steps() == r.Options.Steps {
				_, err := r.evaluate(ctx, true)
				return err
			}
			began = time.Now()
		}
		last := epoch == r.Options.Epochs-1
		if r.Options.EvalEvery == 0 || last {
			if stop, err := r.evaluate(ctx, last); stop || err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) step(b *batch.Batch) error {
	if r.again != nil {
		r.trainer.rate = r.again.at(float64(r.trainer.Steps())/r.perEpoch(), r.Options.LearningRate)
	}
	quiet, before := !r.data.reading.Load(), r.seconds()
	loss, err := r.trainer.Step(b)
	r.speed.add(b.N, r.seconds()-before, quiet && !r.data.reading.Load())
	r.examples += int64(b.N)
	r.lossSum += loss * float64(b.N)
	r.lossRows += b.N
	return err
}

// evaluate scores valid, unless this very step is scored already; stop says that patience is at its end.
func (r *run) evaluate(ctx context.Context, last bool) (stop bool, err error) {
	step := r.trainer.Steps()
	if step == r.keep.seen {
		return false, nil
	}
	r.point("train.loss", r.lossSum/float64(r.lossRows))
	r.lossSum, r.lossRows = 0, 0
	if r.Data.Rows(batch.Valid) == 0 {
		r.keep.step = step
		return false, nil
	}
	r.trainer.average.swap()
	defer r.trainer.average.swap()
	values, err := r.eval.split(ctx, batch.Valid)
	if err != nil {
		return false, err
	}
	for _, name := range sorted(values) {
		if !strings.HasPrefix(name, oracle) {
			r.point("valid."+name, values[name])
		}
	}
	stop, err = r.keep.offer(step, values[r.Options.Select], values, last)
	if rate := r.plateau.see(r.keep.current, r.trainer.rate); rate != r.trainer.rate {
		r.trainer.rate = rate
		r.choice.falls = append(r.choice.falls, fall{float64(step) / r.perEpoch(), rate})
	}
	return stop, err
}

func (r *run) perEpoch() float64 { return float64(r.Options.perEpoch(r.Data.Rows(batch.Train))) }

// point records a value at the present step.
func (r *run) point(name string, v float64) {
	r.Record(metric.Point{Name: name, Step: r.trainer.Steps(), Examples: r.examples, Seconds: r.seconds(), Value: v})
}

// seconds of training: forward, backward and update, without reading.
func (r *run) seconds() float64 {
	t := r.trainer.Times
	return t.Forward + t.Backward + t.Update
}

// results brings the best state back, reads test with it, and puts all figures together.
func (r *run) results(ctx context.Context) (map[string]float64, error) {
	if r.keep.current {
		r.trainer.average.swap()
	} else if err := r.keep.restore(); err != nil {
		return nil, err
	}
	out, err := r.eval.results(ctx, r.keep.values)
	if err != nil {
		return nil, err
	}
	c, t := r.Spec.Cost(), r.trainer.Times
	for name, v := range map[string]float64{
		"train.examples_per_second": r.speed.value(),
		"train.seconds":             r.seconds(),
		"time.read":                 r.read, "time.forward": t.Forward, "time.backward": t.Backward, "time.update": t.Update,
		"epochs": r.epochs, "best_step": float64(r.keep.step),
		"interaction.width": float64(c.InteractionWidth), "top.width": float64(c.TopWidth),
		"flops": c.FLOPs, "bytes": c.Bytes,
	} {
		if !math.IsNaN(v) {
			out[name] = v
		}
	}
	if r.Inspect != nil {
		err = r.Inspect(r.trainer.Model, out)
	}
	return out, err
}

// rate is examples a second: of the times when the source was not at work too, or where there were none, of all.
type rate struct {
	all, quiet struct{ examples, seconds float64 }
}

func (r *rate) add(examples int, seconds float64, quiet bool) {
	r.all.examples += float64(examples)
	r.all.seconds += seconds
	if quiet {
		r.quiet.examples += float64(examples)
		r.quiet.seconds += seconds
	}
}

func (r *rate) value() float64 {
	if r.quiet.examples > 0 {
		return r.quiet.examples / r.quiet.seconds
	}
	return r.all.examples / r.all.seconds
}

// order seeds the permutation of an epoch: a stream of its own beside initial values and dropout.
func order(seed uint64, epoch int) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "order %d %d", seed, epoch)
	return h.Sum64() | 1
}
