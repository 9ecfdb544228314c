package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"ctrlab/datasets"
	"ctrlab/datasets/prepare"
	"ctrlab/experiments"
	"ctrlab/internal/strict"
	"ctrlab/report"
)

// generateFlags are those of data generate.
type generateFlags struct {
	rows, ids, workers int
	seed               uint64
	zipf               float64
	sets               words
	out                string
	logits, quiet      bool
}

func dataGenerate(f *flag.FlagSet) func(context.Context, *app, []string) error {
	o := generateFlags{rows: 1_000_000, ids: 100_000}
	f.Var((*count)(&o.rows), "rows", "write `N` rows")
	f.Uint64Var(&o.seed, "seed", 1, "a `NUMBER` that decides all rows")
	f.Float64Var(&o.zipf, "zipf", 1.1, "`EXPONENT` of how often ids are: P(id) ∝ (id+1)^−zipf; 0 is uniform")
	f.Var((*count)(&o.ids), "ids", "at most `N` values a category, of which the challenge's have up to 10 million")
	f.Var(&o.sets, "set", "`KEY=VALUE` of the source synthetic, like truth=mixed, missing=0 or label_noise=0.1")
	f.StringVar(&o.out, "out", "", "the `FILE` to write, compressed where it ends in .gz or .zst; beside it FILE.truth.json")
	f.BoolVar(&o.logits, "logits", false, "write FILE.logits too: the true logit of each row, a line each")
	f.BoolVar(&o.quiet, "quiet", false, "no progress")
	f.Var((*count)(&o.workers), "workers", "draw on `N` threads (all cores); the rows do not depend on it")
	return func(ctx context.Context, a *app, args []string) error {
		if len(args) > 0 {
			return usage("data generate: %s is one word too many; see ctrlab help data generate", args[0])
		}
		if o.out == "" {
			return usage("data generate: want --out FILE")
		}
		if o.out == "-" {
			return usage("data generate: --out is -, want a file; the truth is written beside it")
		}
		if err := replaceable("data generate", o.out); err != nil {
			return err
		}
		options, err := o.options()
		if err != nil {
			return err
		}
		return o.generate(ctx, a, options)
	}
}

// options are those of rows like the challenge's, changed by the flags.
func (o *generateFlags) options() (datasets.Synthetic, error) {
	options := datasets.ClickDefaults(o.ids)
	table, err := strict.TOML("", nil)
	if err != nil {
		return options, err
	}
	for _, set := range o.sets {
		key, text, _ := strings.Cut(set, "=")
		v, err := experiments.Value(strings.TrimSpace(text))
		if err != nil {
			return options, usage("--set %s: %w", set, err)
		}
		if err := table.Set(strings.Split(strings.TrimSpace(key), "."), v, "--set "+set); err != nil {
			return options, usage("%w", err)
		}
	}
	if !(o.zipf >= 0) {
		return options, usage("data generate: --zipf is %g, want 0 or more", o.zipf)
	}
	options.Rows, options.Seed, options.Zipf = o.rows, o.seed, o.zipf
	if err := table.Decode(&options); err != nil {
		return options, usage("%w", err)
	}
	return options, nil
}

// truthFile is FILE.truth.json.
type truthFile struct {
	File    string             `json:"file"`
	Oracle  datasets.Oracle    `json:"oracle"` // on all rows
	Options datasets.Synthetic `json:"options"`
}

func (o *generateFlags) generate(ctx context.Context, a *app, options datasets.Synthetic) error {
	clicks, err := datasets.NewClicks(options)
	if err != nil {
		return usage("data generate: %w", err)
	}
	text, err := create(o.out)
	if err != nil {
		return environment(err)
	}
	defer text.abandon()
	var logits *draft
	var lines io.Writer
	if o.logits {
		if logits, err = create(o.out + ".logits"); err != nil {
			return environment(err)
		}
		defer logits.abandon()
		lines = logits
	}
	progress, end := o.progress(a.stderr)
	oracle, err := clicks.Write(ctx, text, lines, o.out, cmp.Or(o.workers, runtime.GOMAXPROCS(0)), progress)
	end()
	if err != nil {
		return environment(err)
	}
	if err := o.writeTruth(truthFile{filepath.Base(o.out), oracle, options}); err != nil {
		return environment(err)
	}
	if logits != nil {
		err = logits.keep()
	}
	if err := errors.Join(err, text.keep()); err != nil {
		return environment(err)
	}
	_, err = fmt.Fprintf(a.stdout, "%s: %s rows, %.1f%% positive; of the truth AUC %.4f, log loss %.4f\n",
		o.out, report.Count(float64(oracle.Rows)), 100*oracle.BaseRate, oracle.AUC, oracle.LogLoss)
	return environment(err)
}

// progress shows how many rows are written.
func (o *generateFlags) progress(w io.Writer) (show func(rows int), end func()) {
	if o.quiet {
		return nil, func() {}
	}
	p, began := newPreparing(w), time.Now()
	return func(rows int) {
		s := prepare.Progress{Step: "writing", Name: o.out, Rows: int64(rows), Bytes: int64(rows), Of: int64(o.rows)}
		s.PerSecond = float64(rows) / max(time.Since(began).Seconds(), 1e-3)
		s.Left = time.Duration(float64(o.rows-rows) / s.PerSecond * float64(time.Second))
		p.show(s)
	}, p.end
}

func (o *generateFlags) writeTruth(t truthFile) error {
	f, err := create(o.out + ".truth.json")
	if err != nil {
		return err
	}
	defer f.abandon()
	j := json.NewEncoder(f)
	j.SetIndent("", "  ")
	if err := j.Encode(t); err != nil {
		return err
	}
	return f.keep()
}
