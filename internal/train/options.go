package train

import (
	"fmt"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/nn"
)

// Options is the [train] table of an experiment.
type Options struct {
	Loss         string  `json:"loss"`
	Optimizer    string  `json:"optimizer"`
	LearningRate float64 `json:"learning_rate"`
	BatchSize    int     `json:"batch_size"`
	Epochs       int     `json:"epochs"`
	Steps        int     `json:"steps"`        // at most; 0: epochs decide
	EvalEvery    int     `json:"eval_every"`   // steps between evaluations on valid; 0: after each epoch
	Patience     int     `json:"patience"`     // evaluations without improvement before training stops; 0: it does not
	Select       string  `json:"select"`       // metric on valid that chooses the state; "" is logloss, or rmse for ratings
	ClipNorm     float64 `json:"clip_norm"`    // of the whole gradient; 0: off
	L2           float64 `json:"l2"`           // of table rows: l2/2·‖row‖² for every lookup, a mean over the batch
	ClipRatings  bool    `json:"clip_ratings"` // predictions to the range of ratings, in evaluation
	Group        string  `json:"group"`        // field whose ids group rows for gauc; "" for none
	Lanes        int     `json:"lanes"`        // gradient sums of a batch; 0 follows from batch_size
	ShardRows    int     `json:"shard_rows"`   // rows that a lane treats at a time; 0 follows from batch_size
}

// Defaults are those of every key but loss, which the data decides where a file does not.
func Defaults() Options {
	return Options{Loss: "bce", Optimizer: "adagrad", LearningRate: 0.05, BatchSize: 2048, Epochs: 1}
}

// Check refuses what is out of range and fills in what follows from other keys, so that a trial has no default left
// to guess.
func (o *Options) Check() error {
	loss, ok := nn.FindLoss(o.Loss)
	if !ok {
		return fmt.Errorf("loss is %q, want one of %s", o.Loss, names(nn.Losses, func(l nn.Loss) string { return l.Name }))
	}
	if _, ok := nn.FindOptimizer(o.Optimizer); !ok {
		return fmt.Errorf("optimizer is %q, want one of %s", o.Optimizer, names(nn.Optimizers, func(r nn.Optimizer) string { return r.Name }))
	}
	for _, c := range []struct {
		key   string
		value float64
		least float64
	}{
		{"batch_size", float64(o.BatchSize), 1}, {"epochs", float64(o.Epochs), 1}, {"steps", float64(o.Steps), 0},
		{"eval_every", float64(o.EvalEvery), 0}, {"patience", float64(o.Patience), 0}, {"clip_norm", o.ClipNorm, 0},
		{"l2", o.L2, 0}, {"lanes", float64(o.Lanes), 0}, {"shard_rows", float64(o.ShardRows), 0},
	} {
		if c.value < c.least {
			return fmt.Errorf("%s is %g, want at least %g", c.key, c.value, c.least)
		}
	}
	if o.LearningRate <= 0 {
		return fmt.Errorf("learning_rate is %g, want more than 0", o.LearningRate)
	}
	if o.Select == "" {
		o.Select = "logloss"
		if loss.Rating {
			o.Select = "rmse"
		}
	}
	if m, ok := metric.Find("valid." + o.Select); !ok || m.Better == metric.Neither {
		return fmt.Errorf("select is %q, want a metric of valid with a better side, such as logloss, auc or rmse", o.Select)
	}
	o.resolve()
	return nil
}

// resolve chooses lanes and shards: enough lanes for eight threads on large batches and no more gradient sums than
// pay on small ones; shards whose activations stay in the second-level cache.
func (o *Options) resolve() {
	if o.Lanes == 0 {
		o.Lanes = min(max(o.BatchSize/64, 1), 8)
	}
	if o.ShardRows == 0 {
		o.ShardRows = min((o.BatchSize+o.Lanes-1)/o.Lanes, 256)
	}
}

func names[T any](rows []T, name func(T) string) string {
	var all []string
	for _, r := range rows {
		all = append(all, name(r))
	}
	return strings.Join(all, ", ")
}
