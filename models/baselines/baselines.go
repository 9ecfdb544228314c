// Package baselines holds what is not trained by gradient. A Model is fitted in passes over batches of train and then scores
// batches; the presets that have one are rows of models.Presets like any other.
package baselines

import (
	"iter"

	"ctrlab/datasets/batch"
)

// Batches walks the rows of train once, in their own order. A batch is valid until the next.
type Batches = iter.Seq2[*batch.Batch, error]

// Model is a baseline for one schema.
type Model interface {
	// Fit learns from train; a range over rows is a pass, and there may be several. An error of rows is returned as it is.
	Fit(rows Batches) error
	// Predict writes the scores of a batch: ratings, or what ranks.
	Predict(dst []float32, b *batch.Batch)
	// Params is how many numbers Fit learns.
	Params() int64
}
