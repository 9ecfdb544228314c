// Package metric says what is measured: All is the table of metrics, with the unit of each, which way is better and how
// it is compared; Point is one measured value; Evaluate turns the scores of a split into the metrics of its row.
//
// It imports nothing of ours. Values are in base units (seconds, bytes, examples); scaling them for people is report's.
package metric

import (
	"slices"
	"strings"
)

// Better is which way a metric improves.
type Better int

// Neither is for what describes and does not judge, and for a ratio that is right at 1.
const (
	Neither Better = iota
	Higher
	Lower
)

// String returns the word that listings use.
func (b Better) String() string { return [...]string{"neither", "higher", "lower"}[b] }

// Kind is what a metric belongs to, and so how two values of it are compared.
type Kind int

// The kinds, in the order of the table.
const (
	Quality Kind = iota // of a model on a split: paired over the seeds that both variants have
	Bound               // of the data: what the truth itself scores; the same for all variants
	Course              // of training: where it went and stopped; described, not compared
	Speed               // of a run on its machine: as a ratio, on one machine, unless trials shared it
	Size                // of the configuration: exact, the same in every run
)

// String returns the kind's name.
func (k Kind) String() string { return [...]string{"quality", "bound", "course", "speed", "size"}[k] }

// Metric is a row of the table.
type Metric struct {
	Name   string // where Kind is Quality, "valid." or "test." stands before it
	Title  string // what a column or an axis calls it
	Unit   string // empty where it has none
	Better Better
	Kind   Kind
	About  string // one line; the formula where it has one
}

// All is the table of metrics, in the order of listings.
var All = []Metric{
	{"auc", "AUC", "", Higher, Quality, "probability that a positive scores above a negative, ties half"},
	{"gauc", "gAUC", "", Higher, Quality, "mean of the AUC within groups that have both classes, or within the lists of a ranking, weighted by rows"},
	{"pr_auc", "PR-AUC", "", Higher, Quality, "average precision: Σ (Rₖ − Rₖ₋₁) Pₖ over the distinct scores"},
	{"logloss", "log loss", "nats", Lower, Quality, "mean binary cross-entropy"},
	{"ne", "NE", "", Lower, Quality, "log loss over the entropy of the split's base rate"},
	{"accuracy", "accuracy", "", Higher, Quality, "share of rows where (probability > 1/2) is the label"},
	{"calibration", "calibration", "", Neither, Quality, "mean probability over the base rate; 1 is right"},
	{"ece", "ECE", "", Lower, Quality, "Σ n/N |mean probability − mean label| over 15 bins of equal count; equal scores stay together"},
	{"brier", "Brier score", "", Lower, Quality, "mean squared error of the probability"},
	{"attained", "attained", "", Higher, Quality, "share of the attainable gain, (H − log loss) / (H − the truth's log loss), H the entropy of the split's base rate"},
	{"rmse", "RMSE", "", Lower, Quality, "root mean squared error, predictions clipped to the rating range where asked"},
	{"mae", "MAE", "", Lower, Quality, "mean absolute error, predictions clipped likewise"},
	{"hr@10", "HR@10", "", Higher, Quality, "share of lists in which fewer than 10 candidates stand before the held-out item, ties half"},
	{"ndcg@10", "NDCG@10", "", Higher, Quality, "mean of 1/log₂(2 + candidates before the held-out item), ties half, 0 from 10 on"},

	{"oracle.auc", "AUC of the truth", "", Neither, Bound, "AUC of the true probabilities on test"},
	{"oracle.logloss", "log loss of the truth", "nats", Neither, Bound, "log loss of the true probabilities on test"},

	{"train.loss", "training loss", "", Lower, Course, "mean loss of the batches since the last point"},
	{"epochs", "epochs", "", Neither, Course, "passes over train that were begun"},
	{"best_step", "best step", "steps", Neither, Course, "step of the state that was kept"},
	{"pairs.agreement", "pair agreement", "", Higher, Course, "Somers' D of learned strengths given those planted: of two pairs of fields, how often the stronger is learned as that, less how often not"},
	{"latents.recovered", "latents recovered", "", Higher, Course, "share of the variance of an fm truth's hidden vectors that embeddings explain after the best rotation and scaling"},

	{"train.examples_per_second", "training speed", "examples/s", Higher, Speed, "examples trained a second, reading left out"},
	{"infer.examples_per_second", "inference speed", "examples/s", Higher, Speed, "examples scored a second, reading left out"},
	{"train.seconds", "training time", "s", Lower, Speed, "wall time of training, evaluation and reading left out"},
	{"time.read", "reading", "s", Lower, Speed, "training time spent waiting for batches"},
	{"time.forward", "forward", "s", Lower, Speed, "training time spent in forward passes"},
	{"time.backward", "backward", "s", Lower, Speed, "training time spent in backward passes"},
	{"time.update", "update", "s", Lower, Speed, "training time spent in the optimiser"},
	{"roof.flops", "arithmetic roof", "FLOP/s", Neither, Speed, "operations that the machine did a second in registers, two a multiply-add, on the run's threads"},
	{"roof.bytes", "memory roof", "bytes/s", Neither, Speed, "bytes that it read and wrote a second in order, y = x + a·z"},
	{"roof.rows", "row roof", "rows/s", Neither, Speed, "rows of 64 bytes that it gathered a second in no order"},
	{"peak_rss", "peak memory", "bytes", Lower, Speed, "the process's resident memory at its highest during the run"},

	{"params", "parameters", "", Lower, Size, "numbers that are learnt"},
	{"params.dense", "dense parameters", "", Lower, Size, "those outside the tables"},
	{"params.tables", "table parameters", "", Lower, Size, "those in embedding and linear tables"},
	{"tables.bytes", "table bytes", "bytes", Lower, Size, "what predictions read tables from: 4 bytes a number, or codes"},
	{"interaction.width", "interaction width", "columns", Lower, Size, "outputs of the interactions, an example"},
	{"top.width", "top width", "columns", Lower, Size, "inputs of the top perceptron"},
	{"flops", "FLOPs", "FLOP", Lower, Size, "floating-point operations of a forward pass, an example"},
	{"bytes", "bytes moved", "bytes", Lower, Size, "embeddings, activations and outputs of a forward pass, an example"},
}

// splits are those that a Quality is measured on, as names spell them.
var splits = []string{"valid", "test"}

// Find returns the row of a name as points and results have it: "test.auc", "params". A Quality is found by its bare name too.
func Find(name string) (Metric, bool) {
	split, base, _ := strings.Cut(name, ".")
	of := slices.Contains(splits, split)
	for _, m := range All {
		if m.Name == name || of && m.Name == base && m.Kind == Quality {
			return m, true
		}
	}
	return Metric{}, false
}
