package train

import (
	"fmt"
	"math"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/nn"
)

// Options is the [train] table of an experiment.
type Options struct {
	Preset       string  `json:"preset"` // a framework (models.Frameworks) of which choices were taken; "" for none
	Loss         string  `json:"loss"`
	Optimizer    string  `json:"optimizer"`
	LearningRate float64 `json:"learning_rate"`
	BatchSize    int     `json:"batch_size"`
	Epochs       int     `json:"epochs"`        // 0: as many as steps need, and 1 without steps
	Steps        int     `json:"steps"`         // at most; 0: epochs decide
	EvalEvery    int     `json:"eval_every"`    // steps between evaluations on valid; 0: after each epoch
	Patience     int     `json:"patience"`      // evaluations without improvement before training stops; 0: it does not
	Select       string  `json:"select"`        // metric on valid that chooses the state; "" is logloss, or rmse for ratings
	Refit        bool    `json:"refit"`         // what valid chose is trained again, on train and valid together, and that is tested
	NegativeRate float64 `json:"negative_rate"` // the share of train's negatives that an epoch keeps; logits are those of the whole
	ClipRatings  bool    `json:"clip_ratings"`  // predictions to the range of ratings, in evaluation
	Group        string  `json:"group"`         // field whose ids group rows for gauc; "" for none
	Lanes        int     `json:"lanes"`         // gradient sums of a batch; 0 follows from batch_size
	ShardRows    int     `json:"shard_rows"`    // rows that a lane treats at a time, at most; 0 follows from batch_size
	Rules
}

// Rules are the keys that, beside optimizer and learning_rate, say what a step does to a model.
type Rules struct {
	ClipNorm float64 `json:"clip_norm"` // of the whole gradient; 0: off
	nn.Objective
	Average float64 `json:"average"` // decay of the average of values that is tested in their place; 0: none is
	Penalties
	nn.Constants
	Schedule
}

// Defaults are those of every key; where a file leaves out loss, an experiment takes that of its data's source instead.
func Defaults() Options {
	return Options{Loss: "bce", Optimizer: "adagrad", LearningRate: 0.05, BatchSize: 2048, NegativeRate: 1, Rules: Rules{Objective: nn.PlainObjective, Penalties: Penalties{Penalty: "batch"}, Schedule: Schedule{Schedule: "constant"}}}
}

// Check refuses what is out of range and fills in what follows from other keys, so that a trial has no default left
// to guess.
func (o *Options) Check() error {
	loss, ok := nn.FindLoss(o.Loss)
	if !ok {
		return fmt.Errorf("loss is %q, want one of %s", o.Loss, names(nn.Losses, func(l nn.Loss) string { return l.Name }))
	}
	optimizer, ok := nn.FindOptimizer(o.Optimizer)
	if !ok {
		return fmt.Errorf("optimizer is %q, want one of %s", o.Optimizer, names(nn.Optimizers, func(r nn.Optimizer) string { return r.Name }))
	}
	if err := within([]bound{
		{"batch_size", float64(o.BatchSize), 1, 1 << 22}, {"epochs", float64(o.Epochs), 0, 1e6}, {"steps", float64(o.Steps), 0, 1e9},
		{"eval_every", float64(o.EvalEvery), 0, 1e9}, {"patience", float64(o.Patience), 0, 1e9}, {"clip_norm", o.ClipNorm, 0, 1e30},
		{"average", o.Average, 0, 1 - 1e-9}, {"lanes", float64(o.Lanes), 0, 1024}, {"shard_rows", float64(o.ShardRows), 0, 1 << 22},
	}); err != nil {
		return err
	}
	if err := o.Fits(loss); err != nil {
		return err
	}
	if loss.Pairs && (o.BatchSize%2 == 1 || o.ShardRows%2 == 1) {
		return fmt.Errorf("loss is %q, of pairs of rows, and batch_size is %d and shard_rows %d, want even numbers", o.Loss, o.BatchSize, o.ShardRows)
	}
	if !(o.NegativeRate > 0 && o.NegativeRate <= 1) {
		return fmt.Errorf("negative_rate is %g, want more than 0 and at most 1", o.NegativeRate)
	}
	if o.NegativeRate < 1 && (loss.Rating || loss.Margin) {
		return fmt.Errorf("negative_rate is %g, and with loss %q there are no probabilities to set right for it", o.NegativeRate, o.Loss)
	}
	if err := o.Penalties.check(); err != nil {
		return err
	}
	if err := optimizer.Resolve(&o.Constants); err != nil {
		return err
	}
	if o.LearningRate < 1e-30 || o.LearningRate > 1e30 {
		return fmt.Errorf("learning_rate is %g, want more than 0, and what float32 can hold", o.LearningRate)
	}
	if err := o.Schedule.check(o.LearningRate); err != nil {
		return err
	}
	if o.Epochs == 0 && o.Steps == 0 {
		o.Epochs = 1
	}
	if o.Select == "" {
		o.Select = "logloss"
		switch {
		case loss.Rating:
			o.Select = "rmse"
		case loss.Margin:
			o.Select = "auc"
		}
	}
	if m, ok := metric.Find("valid." + o.Select); !ok || m.Better == metric.Neither {
		return fmt.Errorf("select is %q, want a metric of valid with a better side, such as logloss, auc or rmse", o.Select)
	}
	o.resolve()
	return nil
}

// bound is a key with its value and the range for it.
type bound struct {
	key                string
	value, least, most float64
}

func within(bounds []bound) error {
	for _, b := range bounds {
		if b.value < b.least {
			return fmt.Errorf("%s is %g, want at least %g", b.key, b.value, b.least)
		}
		if b.value > b.most {
			return fmt.Errorf("%s is %.10g, want at most %.10g", b.key, b.value, b.most)
		}
	}
	return nil
}

// Rating says that the loss takes predictions for ratings, and not for logits.
func (o Options) Rating() bool {
	loss, _ := nn.FindLoss(o.Loss)
	return loss.Rating
}

// Margin says that the loss wants predictions of a sign and a distance, and not logits.
func (o Options) Margin() bool {
	loss, _ := nn.FindLoss(o.Loss)
	return loss.Margin
}

// Examples is how many examples training takes on a split of some rows, unless it stops early.
func (o Options) Examples(rows int) int64 {
	epochs, steps := int64(rows)*int64(o.Epochs), int64(o.Steps)*int64(o.BatchSize)
	if o.Steps == 0 || o.Epochs > 0 && epochs < steps {
		return epochs
	}
	return steps
}

// batches is how many steps training takes on a split of some rows, unless it stops early.
func (o Options) batches(rows int) int {
	epochs := o.perEpoch(rows) * o.Epochs
	if o.Steps == 0 || o.Epochs > 0 && epochs < o.Steps {
		return epochs
	}
	return o.Steps
}

// Part is o for a share of its steps on a split of some rows.
func (o Options) Part(share float64, rows int) Options {
	if share < 1 {
		o.Steps = max(int(math.Ceil(share*float64(o.batches(rows))-1e-9)), 1)
	}
	return o
}

// end fills in decay_steps where the rate falls to the end of training on some rows.
func (o *Options) end(rows int) {
	if o.DecaySteps == 0 {
		o.DecaySteps = max(o.batches(rows)-o.DecayFrom, 1)
	}
}

// resolve chooses lanes and shards: enough lanes for eight threads on large batches and no more gradient sums than
// pay on small ones; shards whose activations stay in the second-level cache.
func (o *Options) resolve() {
	if o.Lanes == 0 {
		o.Lanes = min(max(o.BatchSize/64, 1), 8)
	}
	if o.ShardRows == 0 {
		o.ShardRows = min((o.BatchSize+o.Lanes-1)/o.Lanes, 256)
		if loss, _ := nn.FindLoss(o.Loss); loss.Pairs {
			o.ShardRows += o.ShardRows % 2
		}
	}
}

func names[T any](rows []T, name func(T) string) string {
	var all []string
	for _, r := range rows {
		all = append(all, name(r))
	}
	return strings.Join(all, ", ")
}
