package cli

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/experiments"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
	"ctrlab/nn"
	"ctrlab/runner"
)

// predictFlags are those of predict.
type predictFlags struct {
	envFlags
	db, out, split string
	data, sets     words
	workers        int
}

func predict(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o predictFlags
	o.envFlags.declare(f)
	f.StringVar(&o.db, "db", defaultDB, "the database's `FILE`")
	f.Var(&o.data, "data", "score the rows of `FILE`, of the format of the model's data, which --cache has prepared")
	f.StringVar(&o.split, "split", "", "score a `SPLIT` of the model's own data: train, valid or test (test)")
	f.StringVar(&o.out, "out", "-", "write to `FILE`, values between commas where it ends in .csv, else between tabs")
	f.Var(&o.sets, "set", "`KEY=VALUE` instead of the model's, as data.path=FILE where its data lie elsewhere")
	f.Var((*count)(&o.workers), "workers", "predict on `N` threads (all cores)")
	return o.run
}

func (o *predictFlags) run(ctx context.Context, a *app, names []string) error {
	split := slices.Index([]string{"train", "valid", "test"}, o.split)
	switch {
	case len(names) != 1:
		return usage("predict: got %s, want one: see ctrlab help predict", plural(len(names), "name"))
	case len(o.data) > 0 && o.split != "":
		return usage("predict: --split is of the model's own data, and --data names others")
	case o.split == "":
		split = int(batch.Test)
	case split < 0:
		return usage("predict: --split is %q, want train, valid or test", o.split)
	}
	if o.workers == 0 {
		o.workers = runtime.GOMAXPROCS(0)
	}
	path, found, err := modelFile(o.db, names[0])
	if err != nil {
		return err
	}
	s, err := runner.OpenStored(path, o.workers)
	if err != nil {
		return err
	}
	if found == nil { // a file may be a run's all the same
		if f, err := foundOne(o.db, s.Header.Trial); err == nil {
			found = &f
		}
	}
	test := len(o.data) == 0 && batch.Split(split) == batch.Test
	if test && found != nil && found.Sealed {
		return fmt.Errorf("test is sealed for %s: its scores would tell; ctrlab unseal opens it, and --split valid is open", found.Name())
	}
	if o.out != "-" {
		if err := replaceable("predict", o.out); err != nil {
			return err
		}
	}
	source, err := o.open(ctx, a, s)
	if err != nil {
		return o.blame(err)
	}
	if err := s.Fits(source.Schema()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if source.Rows(batch.Split(split)) == 0 {
		return fmt.Errorf("the %v split of the data has no rows", batch.Split(split))
	}
	if test && found != nil {
		if err := o.count(a, *found); err != nil {
			return err
		}
	}
	var failed error // of the data
	written := a.writeTo("predict", o.out, func(w io.Writer) error {
		failed = scores{s, source, batch.Split(split), o.workers}.write(ctx, w, strings.EqualFold(filepath.Ext(o.out), ".csv"))
		return failed
	})
	if failed != nil && !errors.Is(failed, errWrite) {
		return failed
	}
	return written
}

// count counts the reading of test before it is read, and tells how much of test is known.
func (o *predictFlags) count(a *app, f store.Found) error {
	return changing(o.db, func(st *store.Store) error {
		reads, configurations, err := st.ReadTest(f.Run)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "ctrlab: %s has read test %s; %s ever scored on this split\n", f.Name(), plural(reads, "time"),
			map[bool]string{true: "1 configuration was", false: strconv.Itoa(configurations) + " configurations were"}[configurations == 1])
		return nil
	})
}

// open opens the data whose rows are scored.
func (o *predictFlags) open(ctx context.Context, a *app, s *runner.Stored) (datasets.Source, error) {
	trial, err := experiments.Resolved(s.Path, s.Config, s.Seed, o.sets)
	if err != nil {
		return nil, err
	}
	env, end := o.env(o.workers, a.stderr)
	defer end()
	if len(o.data) == 0 {
		return trial.Data.Open(ctx, env)
	}
	return trial.Data.OpenFitted(ctx, env, s.Dataset, o.data)
}

// errWrite marks errors of the output among those of the data.
var errWrite = errors.New("the scores cannot be written")

// scores are the predictions of a model for a split.
type scores struct {
	*runner.Stored
	source  datasets.Source
	split   batch.Split
	workers int
}

// predictRows is how many rows are predicted at a time.
const predictRows = 8192

// write writes a line a row: its number in the split's order, from 1, the score, and the label. The score is the probability of a
// label of 1, or the rating.
func (p scores) write(ctx context.Context, w io.Writer, commas bool) error {
	predictor := train.NewPredictor(p.Model, p.workers)
	defer predictor.Close()
	out, output := bufio.NewWriter(w), p.Output()
	gap := byte('\t')
	if commas {
		gap = ','
	}
	out.WriteString(strings.Join([]string{"row", "score", "label"}, string(gap)) + "\n")
	z, row := make([]float32, predictRows), 0
	for b, err := range p.source.Batches(p.split, predictRows, 0) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		predictor.Predict(z[:b.N], b)
		for n, v := range z[:b.N] {
			switch row++; {
			case !output.Rating:
				v = float32(nn.Sigmoid(float64(v)))
			case output.Clip != nil:
				v = min(max(v, output.Clip.Min), output.Clip.Max)
			}
			line := append(strconv.AppendInt(out.AvailableBuffer(), int64(row), 10), gap)
			line = append(strconv.AppendFloat(line, float64(v), 'g', -1, 32), gap)
			line = append(strconv.AppendFloat(line, float64(b.Label[n]), 'g', -1, 32), '\n')
			if _, err := out.Write(line); err != nil {
				return errors.Join(errWrite, err)
			}
		}
	}
	if err := out.Flush(); err != nil {
		return errors.Join(errWrite, err)
	}
	return nil
}
