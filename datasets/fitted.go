package datasets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"reflect"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/cache"
	"ctrlab/datasets/prepare"
)

// OpenFitted opens files of the format that c reads with the preprocessing of c: the steps and ids of the cache with the identity
// of c's source, which env.Cache must have. Its rows are all of the split test.
func (c Config) OpenFitted(ctx context.Context, env Env, identity string, files []string) (Source, error) {
	o := reflect.New(reflect.TypeOf(c.Options))
	o.Elem().Set(reflect.ValueOf(c.Options))
	f, ok := o.Interface().(interface{ only(files []string) })
	if !ok {
		return nil, fmt.Errorf("data of the source %s are not in files: it cannot read any", c.Source)
	}
	f.only(files)
	env.fitted = identity
	return Config{c.Source, o.Elem().Interface()}.Open(ctx, env)
}

// only leaves no other files than these.
func (f *Files) only(files []string) {
	*f = Files{Train: files, SplitSeed: f.SplitSeed, MaxBadRows: f.MaxBadRows}
}

// fit makes the job one of rows to predict for, where that is what they are opened for; done ends it.
func (e Env) fit(job *prepare.Job) (done func() error, err error) {
	if e.fitted == "" {
		return func() error { return nil }, nil
	}
	file, err := cache.Open(cache.Path(e.Cache, e.fitted), e.fitted)
	if errors.Is(err, fs.ErrNotExist) || e.Cache == "" {
		return nil, fmt.Errorf("the folder of prepared data %q lacks those that the model was trained on, %.12s, whose values have its ids; ctrlab data prepare makes them from the files", e.Cache, e.fitted)
	}
	if err != nil {
		return nil, err
	}
	job.Fitted = &prepare.Fitted{Cache: file, TextKey: textKey}
	job.Assign = func(s *prepare.Staged) (iter.Seq[batch.Split], error) {
		return each(s.Rows(), func(int) batch.Split { return batch.Test }), nil
	}
	return file.Close, nil
}
