package baselines

import (
	"errors"

	"ctrlab/datasets/batch"
)

// ExternalOptions are those of a contestant that another program trains. Paths are relative to the working directory.
type ExternalOptions struct {
	Command []string `json:"command"` // program and arguments; {data}, {scores}, {seed} and {threads} in them are replaced
	Scores  string   `json:"scores"`  // instead: files, a glob with {seed} where it stands in their names
	Output  string   `json:"output"`  // what a score of a class is: probability or logit
	Files   string   `json:"files"`   // SHA-256 of the files that command or scores name; a plan fills it in
}

// Sequential is a Model that is told which split the batches that follow are of; they come in their own order.
type Sequential interface {
	Begin(s batch.Split)
}

// External stands for the contestant until who runs it puts another Model in its place.
type External struct{}

// Fit implements Model.
func (External) Fit(Batches) error {
	return errors.New("another program trains it, which nothing here runs")
}

// Predict implements Model.
func (External) Predict([]float32, *batch.Batch) {
	panic("baselines: an external model has not been run")
}

// Params implements Model: nobody knows.
func (External) Params() int64 { return 0 }
