// Package datasets turns files and generators into batches.
//
// A Source gives a Schema and, for each split, an iterator of batches. All is the table of sources: a row has the
// options with their defaults and the function that opens them; a new kind of data is one file and one row.
package datasets

import (
	"context"
	"iter"

	"ctrlab/datasets/batch"
)

// Source is data in three splits. Its methods may be called from several goroutines at once.
type Source interface {
	Schema() batch.Schema
	// Rows is the number of rows of a split; 0 where the split is empty.
	Rows(s batch.Split) int
	// Batches walks a split in batches of n rows, the last one shorter. order 0 is the rows' own order; any other
	// value is a permutation of all rows of the split, drawn from it. A batch is valid until the next.
	Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error]
	batch.Seeker
	// Identity is the SHA-256 (hex) of everything that decides the rows: content of the files and all options.
	Identity() string
	// About tells what a reader of a report should know.
	About() About
}

// About describes an opened source.
type About struct {
	BadRows  int                  // rows that were skipped
	Warnings []string             // in sentences, printed with the results
	Digests  [batch.Splits]string // of each split's rows as the files have them, in order: SHA-256 (hex); "" where there are none
	Cache    string               // the file that the rows come from; "" where there is none
}

// Dataset is a row of the table of sources.
type Dataset struct {
	Name     string // as data.source spells it
	About    string // one line
	Loss     string // of its labels, unless the options have a method Goal, as Config has
	Defaults any    // a struct of options, json tags; may have a method Check() error
	Open     func(ctx context.Context, env Env, options any) (Source, error)
}

// Config is a data source chosen and resolved: what an experiment's [data] table becomes.
type Config struct {
	Source  string
	Options any // the struct type of the row's Defaults, by value
}

// Find returns the row with a name.
func Find(name string) (Dataset, bool) {
	for _, d := range All {
		if d.Name == name {
			return d, true
		}
	}
	return Dataset{}, false
}

// Goal returns the loss that the labels want, and the metric on valid to select by where that does not follow from the loss: what
// train takes where a file leaves them out.
func (c Config) Goal() (loss, selects string) {
	if o, ok := c.Options.(interface{ Goal() (loss, selects string) }); ok {
		return o.Goal()
	}
	d, _ := Find(c.Source)
	return d.Loss, ""
}

// Open opens the source that c chose.
func (c Config) Open(ctx context.Context, env Env) (Source, error) {
	d, _ := Find(c.Source)
	return d.Open(ctx, env, c.Options)
}

// define makes a row whose options are of type O.
func define[O any](name, about, loss string, defaults O, open func(context.Context, Env, O) (Source, error)) Dataset {
	return Dataset{name, about, loss, defaults, func(ctx context.Context, env Env, o any) (Source, error) { return open(ctx, env, o.(O)) }}
}

// generated is an open of what needs nothing but its options.
func generated[O any](open func(context.Context, O) (Source, error)) func(context.Context, Env, O) (Source, error) {
	return func(ctx context.Context, _ Env, o O) (Source, error) { return open(ctx, o) }
}
