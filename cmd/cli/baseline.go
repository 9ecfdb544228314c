package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctrlab/experiments"
	"ctrlab/internal/store"
	"ctrlab/report/check"
	"ctrlab/runner"
)

// defaultBaselines is where baselines are kept unless --dir says otherwise.
const defaultBaselines = "results/baseline"

var baselineCommands = []command{
	{"baseline set", "NAME", "keep what an experiment's stored runs came to, for ctrlab check to hold later builds against", baselineSet, nil},
	{"baseline list", "", "list baselines", baselineList, nil},
}

// baselineFlags are those of baseline set.
type baselineFlags struct {
	envFlags
	db, dir, from, reason string
	margins               words
}

func baselineSet(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o baselineFlags
	o.envFlags.declare(f)
	f.StringVar(&o.db, "db", defaultDB, "the database's `FILE`")
	f.StringVar(&o.dir, "dir", defaultBaselines, "keep baselines in `DIR`")
	f.StringVar(&o.from, "from", "", "the experiment, a `FILE` or the name of one that is part of the program")
	f.StringVar(&o.reason, "reason", "", "`TEXT`: why it is set")
	f.Var(&o.margins, "margin", "`METRIC=MARGIN`: what every variant may lose, again for another (what ten seeds of a variant can decide)")
	return o.set
}

func (o *baselineFlags) set(ctx context.Context, a *app, names []string) error {
	if len(names) != 1 || o.from == "" || o.reason == "" {
		return usage("baseline set: want NAME, --from EXPERIMENT and --reason TEXT; see ctrlab help baseline set")
	}
	margins, err := o.read()
	if err != nil {
		return usage("baseline set: %w", err)
	}
	e, err := experiments.Load(o.from, nil)
	if err != nil {
		return err
	}
	env, end := o.env(runtime.GOMAXPROCS(0), a.stderr)
	p, err := runner.NewPlan(ctx, env, e)
	end()
	if err != nil {
		return o.blame(err)
	}
	revision, err := revision(ctx, o.dir)
	if err != nil {
		return err
	}
	b := &check.Baseline{Name: names[0], Reason: o.reason, At: time.Now().Format(time.DateOnly), Revision: revision, Experiment: o.from}
	if err := o.collect(ctx, b, p, margins); err != nil {
		return err
	}
	path := filepath.Join(o.dir, b.Name+".json")
	if _, err := check.Decode(path, b.Encode()); err != nil {
		return err
	}
	if err := os.MkdirAll(o.dir, 0o777); err != nil {
		return environment(err)
	}
	if err := save(path, func(w io.Writer) error { _, err := w.Write(b.Encode()); return err }); err != nil {
		return environment(err)
	}
	_, err = fmt.Fprintf(a.stdout, "%s: %s, %d seeds each at least, %s kernels\n", path, plural(len(b.Variants), "variant"), b.Seeds(), b.Kernels)
	return environment(err)
}

// usual are the metrics that are guarded where no margin is given, of clicks, ratings and lists.
var usual = []string{"test.auc", "test.logloss", "test.rmse", "test.ndcg@10"}

// read reads the margins; without any those of the usual metrics are 0, for their variants to say.
func (o *baselineFlags) read() (map[string]float64, error) {
	all := map[string]float64{}
	for _, word := range o.margins {
		name, text, ok := strings.Cut(word, "=")
		x, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil {
			return nil, fmt.Errorf("--margin is %q, want METRIC=MARGIN, as test.auc=0.005", word)
		}
		if err := check.CheckMargin(name, x); err != nil {
			return nil, err
		}
		all[name] = x
	}
	for _, name := range usual {
		if len(o.margins) == 0 {
			all[name] = 0
		}
	}
	return all, nil
}

// collect reads the runs that the plan's trials have, all of this build, and takes the first steps of every variant.
func (o *baselineFlags) collect(ctx context.Context, b *check.Baseline, p *runner.Plan, margins map[string]float64) error {
	env, err := runner.Environment(version())
	if err != nil {
		return environment(err)
	}
	b.Machine = machineOf(env)
	st, err := store.OpenRead(o.db)
	if err != nil {
		return err
	}
	defer st.Close()
	for i := range p.Trials {
		t := &p.Trials[i]
		f, err := o.run(st, t, env.Build)
		if err != nil {
			return err
		}
		s := check.Sample{Seed: t.Seed, Digest: f.Digest, Metrics: map[string]float64{}}
		for name := range margins {
			if x, ok := f.Trial.Results[name]; ok && !math.IsNaN(x) {
				s.Metrics[name] = x
			}
		}
		if n := len(b.Variants); n == 0 || b.Variants[n-1].Label != t.Label {
			v, err := begin(ctx, t)
			if err != nil {
				return err
			}
			b.Variants = append(b.Variants, v)
		}
		v := &b.Variants[len(b.Variants)-1]
		v.Samples = append(v.Samples, s)
	}
	for i := range b.Variants {
		v := &b.Variants[i]
		slices.SortFunc(v.Samples, func(x, y check.Sample) int { return cmp.Compare(x.Seed, y.Seed) })
		if v.Margins = allowed(v, margins); len(v.Margins) == 0 {
			return usage("baseline set: want --margin METRIC=MARGIN: %s has none of %s", v.Label, strings.Join(slices.Sorted(maps.Keys(margins)), ", "))
		}
	}
	return nil
}

// allowed are the margins of the metrics that a variant has: those that were given, or else its own.
func allowed(v *check.Variant, margins map[string]float64) map[string]float64 {
	all := map[string]float64{}
	for name, x := range margins {
		if _, ok := v.Samples[0].Metrics[name]; ok && x == 0 {
			x = v.Margin(name)
		} else if !ok {
			continue
		}
		all[name] = x
	}
	return all
}

// run finds the run of a trial.
func (o *baselineFlags) run(st *store.Store, t *runner.Trial, build string) (store.Found, error) {
	found, err := st.Find(t.ID)
	if err != nil {
		return store.Found{}, fmt.Errorf("%s, seed %d: no run in %s: ctrlab run %s --db %s makes it: %w", t.Label, t.Seed, o.db, o.from, o.db, err)
	}
	f := found[0]
	switch {
	case f.Environment.Build != build:
		return f, fmt.Errorf("%s is of another build: ctrlab run %s with this one first", f.Name(), o.from)
	case f.Sealed:
		return f, fmt.Errorf("%s is sealed: ctrlab unseal %s first", f.Name(), f.Experiment)
	case f.State != store.Done:
		return f, fmt.Errorf("%s is %s", f.Name(), f.State)
	}
	return f, nil
}

// begin is a variant without samples.
func begin(ctx context.Context, t *runner.Trial) (check.Variant, error) {
	first, err := t.Begin(ctx, 1, check.Steps)
	if err != nil {
		return check.Variant{}, fmt.Errorf("%s: %w", t.Label, err)
	}
	return check.Variant{Label: t.Label, Config: t.Variant, Counts: t.Counts(first), Losses: first.Losses, Logits: first.Logits}, nil
}

func machineOf(e store.Environment) check.Machine {
	return check.Machine{Build: e.Build, Go: e.Go, OS: e.OS, Arch: e.Arch, CPU: e.CPU, Kernels: e.Kernels, Cores: e.Cores}
}

func baselineList(f *flag.FlagSet) func(context.Context, *app, []string) error {
	dir := f.String("dir", defaultBaselines, "baselines are in `DIR`")
	return func(_ context.Context, a *app, _ []string) error {
		all, err := baselines(*dir, "")
		if err != nil {
			return err
		}
		for _, b := range all {
			if _, err := fmt.Fprintf(a.stdout, "%s  %s  %.12s  %s of %s  %s kernels  %s\n", b.Name, b.At, b.Revision, plural(len(b.Variants), "variant"), b.Experiment, b.Kernels, b.Reason); err != nil {
				return environment(err)
			}
		}
		return nil
	}
}

// baselines reads those of some names, with commas; all of the folder where names is empty.
func baselines(dir, names string) (all []*check.Baseline, err error) {
	var files []string
	for name := range strings.SplitSeq(names, ",") {
		files = append(files, filepath.Join(dir, name+".json"))
	}
	if names == "" {
		if files, err = filepath.Glob(filepath.Join(dir, "*.json")); err != nil {
			return nil, err
		}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%w; ctrlab baseline set makes one", err)
		}
		if err != nil {
			return nil, environment(err)
		}
		b, err := check.Decode(file, text)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}
