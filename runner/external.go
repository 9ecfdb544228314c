package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/export"
	"ctrlab/internal/scores"
	"ctrlab/internal/train"
	"ctrlab/models/baselines"
)

// external are the options of a contestant that another program trains, nil of any other model.
func (t *Trial) external() *baselines.ExternalOptions {
	if o, ok := t.Model.Options.(baselines.ExternalOptions); ok {
		return &o
	}
	return nil
}

// fingerprint fills in what the files of an external model are, so that a trial is another when they are; other options stay as they are.
func fingerprint(options any) (any, error) {
	o, ok := options.(baselines.ExternalOptions)
	if !ok {
		return options, nil
	}
	if (len(o.Command) == 0) == (o.Scores == "") {
		return nil, errors.New(`an external model wants command = ["program", …] or scores = "FILES"`)
	}
	var names []string
	var err error
	if o.Scores != "" {
		if names, err = scoreFiles(o.Scores, "*"); err != nil {
			return nil, err
		}
	}
	for _, a := range o.Command {
		if f, err := os.Stat(a); err == nil && f.Mode().IsRegular() {
			names = append(names, a)
		}
	}
	h := sha256.New()
	for _, name := range names {
		if err := add(h, name); err != nil {
			return nil, err
		}
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if o.Files != "" && o.Files != sum {
		return nil, fmt.Errorf("%s: not what they were: their digest is %.12s…, want %.12s…", strings.Join(names, ", "), sum, o.Files)
	}
	o.Files = sum
	return o, nil
}

func add(h io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Fprintf(h, "%s\n", filepath.Base(name))
	_, err = io.Copy(h, f)
	return err
}

// scoreFiles are those of a seed.
func scoreFiles(pattern, seed string) ([]string, error) {
	names, err := filepath.Glob(strings.ReplaceAll(pattern, "{seed}", seed))
	if err == nil && len(names) == 0 {
		err = errors.New("there is no such file")
	}
	if err != nil {
		return nil, fmt.Errorf("scores = %q: %w", pattern, err)
	}
	slices.Sort(names)
	return names, nil
}

// runExternal is train.Run of a model that another program trains, or has trained.
func runExternal(ctx context.Context, t *Trial, o baselines.ExternalOptions, j train.Job) (train.Result, error) {
	x := &contestant{ctx: ctx, trial: t, options: o, workers: j.Workers, data: j.Data}
	if s := sourceOf(t.Source); s != nil {
		x.data = s // to compare labels is no reading of test
	}
	x.probability = o.Output == "probability" && !j.Options.Rating() && !j.Data.Schema().Lists
	j.Spec.Baseline = func(uint64) baselines.Model { return x }
	result, err := train.Run(ctx, j)
	switch {
	case ctx.Err() != nil:
		return train.Result{}, ctx.Err()
	case err != nil:
		return train.Result{}, err
	}
	maps.DeleteFunc(result.Metrics, func(name string, _ float64) bool { // what is ours, and what nobody knows
		return strings.HasPrefix(name, "params") || strings.HasSuffix(name, "examples_per_second") || name == "train.seconds" || name == "epochs"
	})
	maps.Copy(result.Metrics, x.took)
	return result, nil
}

// contestant is a model that another program trains, as evaluation sees it: its scores, in the order of the rows.
type contestant struct {
	ctx         context.Context // of the one trial
	trial       *Trial
	options     baselines.ExternalOptions
	workers     int
	data        train.Data
	probability bool

	table *scores.Table // nil before it is fitted
	left  []float32     // of the split under way
	took  map[string]float64
}

// Fit implements baselines.Model.
func (x *contestant) Fit(baselines.Batches) error {
	if x.table != nil {
		return nil
	}
	x.table = &scores.Table{Identity: x.trial.Source.Identity(), Seed: x.trial.Seed, Probability: x.probability, Proof: x.options.Scores != ""}
	for _, s := range []batch.Split{batch.Valid, batch.Test} {
		if n := x.data.Rows(s); n > 0 {
			x.table.Want(s.String(), n)
		}
	}
	if x.options.Scores != "" {
		names, err := scoreFiles(x.options.Scores, strconv.FormatUint(x.trial.Seed, 10))
		if err != nil {
			return err
		}
		return x.read(names)
	}
	dir, err := x.folder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := x.run(dir); err != nil {
		return err
	}
	return x.read([]string{filepath.Join(dir, "scores.tsv")})
}

// folder is one for the program's data and scores, among the artifacts where the trial has any.
func (x *contestant) folder() (string, error) {
	if x.trial.files == nil {
		return os.MkdirTemp("", "ctrlab-external-")
	}
	if err := os.MkdirAll(x.trial.files.dir(), 0o777); err != nil {
		return "", err
	}
	return os.MkdirTemp(x.trial.files.dir(), "external-")
}

// run gives the program the data, without the labels of test, and waits for it.
func (x *contestant) run(dir string) error {
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "scores.tsv")
	if _, err := export.Write(x.ctx, data, whole{x.data, x.trial.Source.Identity()}, true); err != nil {
		return err
	}
	replace := strings.NewReplacer("{data}", data, "{scores}", out, "{seed}", strconv.FormatUint(x.trial.Seed, 10), "{threads}", strconv.Itoa(x.workers))
	args := slices.Clone(x.options.Command)
	for i, a := range args {
		args[i] = replace.Replace(a)
	}
	began := time.Now()
	peak, lines, err := execute(x.ctx, args, "OMP_NUM_THREADS="+strconv.Itoa(x.workers))
	if err != nil {
		if x.trial.files != nil && x.trial.files.say != nil {
			for _, l := range lines {
				x.trial.files.say("%s", l)
			}
		}
		return err
	}
	x.took = map[string]float64{"train.seconds": time.Since(began).Seconds()}
	if peak > 0 {
		x.took["peak_rss"] = peak
	}
	return nil
}

// whole is data with its identity.
type whole struct {
	train.Data
	identity string
}

// Identity implements export.Source.
func (w whole) Identity() string { return w.identity }

// read takes files of scores, and holds their rows against the data's.
func (x *contestant) read(names []string) error {
	for _, name := range names {
		f, err := os.Open(name)
		if errors.Is(err, os.ErrNotExist) && x.options.Scores == "" {
			return fmt.Errorf("%s wrote no scores: want a table in the file that {scores} stands for", x.options.Command[0])
		}
		if err != nil {
			return err
		}
		err = x.table.Read(name, f)
		f.Close()
		if err != nil {
			return err
		}
	}
	if err := x.table.End(); err != nil {
		return err
	}
	for _, s := range []batch.Split{batch.Valid, batch.Test} {
		row := 0
		for line, err := range export.Lines(x.ctx, whole{x.data, ""}, s) {
			if err == nil {
				err = x.table.Check(s.String(), row, line.Label, line.Digest)
			}
			if err != nil {
				return err
			}
			row++
		}
	}
	return nil
}

// Begin implements baselines.Sequential.
func (x *contestant) Begin(s batch.Split) { x.left = x.table.Splits[s.String()].Score }

// Predict implements baselines.Model.
func (x *contestant) Predict(dst []float32, _ *batch.Batch) { x.left = x.left[copy(dst, x.left):] }

// Params implements baselines.Model.
func (x *contestant) Params() int64 { return 0 }
