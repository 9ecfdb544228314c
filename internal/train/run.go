package train

import (
	"context"
	"errors"
	"fmt"
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
	Record   func(metric.Point)    // takes the learning curve; may be nil
	Progress func(metric.Progress) // after each step; may be nil
	// Inspect looks at the model that was chosen, and adds what it finds to the results; may be nil.
	Inspect func(m *models.Model, results map[string]float64) error

	// Scored takes what the state that was chosen said of test, with each row's id of some one-hot Fields; all is valid until it
	// returns. Of lists there are scores and labels alone. May be nil.
	Scored func(e metric.Eval, ids [][]int32) error
	Fields []int

	Checkpoint *Checkpoint      // nil: none are written
	Resume     *checkpoint.File // where an interrupted run goes on; nil: from the start
	// Model makes a file of the state that was chosen, which write writes; may be nil.
	Model func(write func(*checkpoint.Writer))

	again *choice // of the run that this one repeats; nil: none
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
		j.Progress = func(metric.Progress) {}
	}
	if err := j.Check(); err != nil {
		return Result{}, err
	}
	if loss, _ := nn.FindLoss(j.Options.Loss); loss.Pairs {
		j.Data = inPairs{j.Data, pairsOf(j.Data)}
	}
	test := unseen{j.Data}
	j.Data = selection{j.Data}
	if j.Spec.Baseline != nil {
		return fit(ctx, j, test)
	}
	if j.Options.Refit {
		return refit(ctx, j, test)
	}
	result, _, err := once(ctx, j, test)
	return result, err
}

// once is Run without a second time. j has no test; test is for the state that is chosen.
func once(ctx context.Context, j Job, test unseen) (Result, choice, error) {
	o := j.Options
	var err error
	if j.Data, err = thin(j.Data, o.NegativeRate); err != nil {
		return Result{}, choice{}, err
	}
	o.end(j.Data.Rows(batch.Train))
	m := models.New(j.Spec, o.BatchSize, o.ShardRows, o.Lanes, j.Seed)
	m.ShiftLogit(float32(math.Log(o.NegativeRate)))
	t := NewTrainer(m, o, j.Seed, j.Workers)
	defer t.Close()
	r := &run{Job: j, trainer: t, plateau: plateau{Schedule: o.Schedule}, eval: evaluator{job: &j, model: t, trainer: t}, keep: newKeeper(m, o), saved: time.Now()}
	defer r.keep.close()
	if err := r.rank(ctx); err != nil {
		return Result{}, choice{}, err
	}
	if err := r.resume(); err != nil {
		return Result{}, choice{}, err
	}
	result, err := r.finish(ctx, test)
	if err != nil && errors.Is(err, ctx.Err()) {
		r.save()
	}
	return result, r.choice, err
}

// finish does what is left of a run.
func (r *run) finish(ctx context.Context, test unseen) (Result, error) {
	if !r.Chosen {
		if err := r.train(ctx); err != nil {
			return Result{}, err
		}
		if err := r.choose(); err != nil {
			return Result{}, err
		}
	}
	metrics, err := r.results(ctx, test)
	if err != nil {
		return Result{}, err
	}
	if r.Model != nil {
		r.Model(r.write)
	}
	r.choice = choice{float64(r.keep.Step) / r.perEpoch(), r.trainer.Steps(), r.Examples, r.Falls, exactly(metrics), r.points}
	return Result{metrics, digest(arrays(r.trainer.Model), metrics)}, nil
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
