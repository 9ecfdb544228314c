// Package prepare makes a cache of files' rows under a memory ceiling.
//
// Build reads a Job's Inputs once into a stage, a folder with one file a column; has every row assigned to a split; fits
// vocabularies and steps on the training rows, a column at a time; and writes the columns of the cache. What is finished is
// marked in the stage, so that a Build that was killed goes on there, and its cache is the same bit for bit.
// Files are read and written from front to back alone; what Memory bounds are hash tables and buffers.
package prepare

import (
	"context"
	"iter"
	"runtime"
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/cache"
	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// Job is what to build.
type Job struct {
	// Recipe is canonical JSON of all that decides the rows beside the content of the Inputs: the options of the source and
	// the version of its reading, and which Inputs are of which split. Steps and Fields are added to it.
	Recipe string
	Layout raw.Layout
	Inputs []Input
	MaxBad int // malformed rows of all Inputs to skip before one is an error

	// Assign gives the split of every row, in the order of the Inputs, or Dropped. A split's rows keep that order.
	Assign func(*Staged) (iter.Seq[batch.Split], error)
	Dense  []DenseStep // one a dense column
	Fields []FieldStep // one a field

	Fitted *Fitted // nil: steps and vocabularies are fitted on the rows of train

	Dir      string // of caches; "" keeps none: the file goes when it is closed
	Memory   int64  // bytes of tables and buffers; beside them the program has some 100 MB
	Workers  int    // 0: all cores
	Progress func(Progress)
	Tell     func(text string) // of what a person should know that is no error; may be nil
}

// Dropped is the split of rows that the cache does not have.
const Dropped batch.Split = -1

// Input is one file.
type Input struct {
	Name string // for people
	Path string // of the file as it lies; "" where there is none, as of standard input: then no reading is saved
	// Read emits the rows in the file's order.
	Read func(ctx context.Context, r Reading) (sum string, err error) // SHA-256 (hex) of the content
}

// Reading is what an Input's Read is given.
type Reading struct {
	Workers int
	Bad     *text.Bad                               // the account of all Inputs' malformed rows
	Emit    func(rows *raw.Rows, bytes int64) error // bytes of the file that are read; keeps nothing of rows
}

// Build opens the cache that Dir has of the job, or makes it. Another process that does the same is waited for.
func Build(ctx context.Context, job Job) (*cache.File, error) {
	job.check()
	job.Inputs = slices.Clone(job.Inputs)
	if job.Workers == 0 {
		job.Workers = runtime.GOMAXPROCS(0)
	}
	b, err := newBuilding(&job)
	if err != nil {
		return nil, err
	}
	return b.build(ctx)
}

func (j *Job) check() {
	if len(j.Dense) != len(j.Layout.Dense) || len(j.Fields) != len(j.Layout.Fields) {
		panic("prepare: not one step a column")
	}
	if j.Memory <= 0 {
		panic("prepare: no memory")
	}
	for _, d := range j.Dense {
		d.check()
	}
	for _, f := range j.Fields {
		f.check()
	}
}
