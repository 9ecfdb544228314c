package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ctrlab/datasets/fetch"
	"ctrlab/experiments"
	"ctrlab/internal/store"
	"ctrlab/report"
	"ctrlab/runner"
)

// runFlags are the flags of run; plan has some of them.
type runFlags struct {
	envFlags
	db, out                     string
	sets                        words
	workers, jobs               int
	dryRun, failFast, keepGoing bool
	quiet, json                 bool
	searchOnly                  bool // of tune
	checkpoint                  interval
	keep                        size
}

func run(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o runFlags
	return o.running(f)
}

// running declares the flags of commands that run.
func (o *runFlags) running(f *flag.FlagSet) func(context.Context, *app, []string) error {
	o.declare(f)
	f.StringVar(&o.out, "out", "", "write the report to `DIR` (results/NAME)")
	o.jobs = 1
	f.Var((*count)(&o.jobs), "jobs", "run `N` trials at a time; their throughput is marked as shared")
	f.BoolVar(&o.dryRun, "dry-run", false, "plan alone, and show it")
	f.BoolVar(&o.failFast, "fail-fast", false, "end with the first trial that fails")
	f.BoolVar(&o.keepGoing, "keep-going", false, "wait for a full disk or a locked database as long as it takes, not a minute")
	o.checkpoint.every, o.keep = 5*time.Minute, 64e6
	f.Var(&o.checkpoint, "checkpoint", "keep a trial's state every so often, `5m` or so many steps, to go on from; 0: when it is interrupted")
	f.Var(&o.keep, "keep", "keep the model of a trial that is done, if it is of at most `SIZE`")
	f.BoolVar(&o.quiet, "quiet", false, "no progress and no leaderboard")
	return o.run
}

// declare declares the flags that run and plan share.
func (o *runFlags) declare(f *flag.FlagSet) {
	o.envFlags.declare(f)
	f.StringVar(&o.db, "db", defaultDB, "the database's `FILE`")
	f.Var(&o.sets, "set", "`KEY=VALUE` instead of the file's; KEY=VALUE,VALUE… as a matrix")
	f.Var((*count)(&o.workers), "workers", "train on `N` threads (all cores); results do not depend on it")
	f.BoolVar(&o.json, "json", false, "print a JSON object a trial")
}

func (o *runFlags) run(ctx context.Context, a *app, files []string) error {
	plans, err := o.plans(ctx, a, files)
	if err != nil {
		return err
	}
	if o.dryRun {
		return o.show(a, plans)
	}
	for _, p := range plans {
		if _, err := p.Room(); err != nil { // before any of them runs
			return err
		}
		if err := writable(o.dir(p, len(plans))); err != nil {
			return environment(err)
		}
	}
	st, err := store.Open(o.db)
	if err != nil {
		return environment(err)
	}
	err = o.each(ctx, a, st, plans)
	if closed := st.Close(); err == nil {
		err = environment(closed)
	}
	return err
}

// each executes plans in turn.
func (o *runFlags) each(ctx context.Context, a *app, st *store.Store, plans []*runner.Plan) error {
	failed := 0
	for _, p := range plans {
		n, err := o.execute(ctx, a, st, p, o.dir(p, len(plans)))
		if err != nil {
			return err
		}
		if failed += n; failed > 0 && o.failFast {
			break
		}
	}
	if failed > 0 {
		return exit{status: statusFailed}
	}
	return nil
}

// plans loads and plans every file, so that nothing runs if one is wrong.
func (o *runFlags) plans(ctx context.Context, a *app, files []string) ([]*runner.Plan, error) {
	var plans []*runner.Plan
	names := map[string]string{}
	for _, file := range files {
		e, err := experiments.Load(file, o.sets)
		if err != nil {
			return nil, err
		}
		if other, ok := names[e.Name]; ok {
			return nil, usage("%s and %s are both named %s", other, file, e.Name)
		}
		names[e.Name] = file
		if o.searchOnly && e.Tuning == nil {
			return nil, usage("%s: has no [tune] table, which says what to search; see docs/tuning.md", file)
		}
		env, end := o.env(o.workers, o.progress(a))
		p, err := runner.NewPlan(ctx, env, e)
		end()
		if err != nil {
			return nil, o.blame(o.advise(err))
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// progress is where progress goes, nil for nowhere.
func (o *runFlags) progress(a *app) io.Writer {
	if o.quiet {
		return nil
	}
	return a.stderr
}

var dataKey = regexp.MustCompile(`\bdata\.(path|train|valid|test|test_negative): `)

// advise adds to the error of a data file that the experiment file names, and is not there, how to name another.
func (o *runFlags) advise(err error) error {
	m := dataKey.FindStringSubmatch(err.Error())
	if m == nil || !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "matches no file") {
		return err
	}
	key := "data." + m[1] + "="
	if slices.ContainsFunc(o.sets, func(s string) bool { return strings.HasPrefix(s, key) }) {
		return err
	}
	if set := fetched(err); set != "" {
		return fmt.Errorf("%w; ctrlab data fetch %s gets it, or name yours with --set %sFILE", err, set, key)
	}
	return fmt.Errorf("%w; name yours with --set %sFILE", err, key)
}

// fetched names the data set, of those that data fetch gets, whose folder a file that is not there would be in; "" for none.
func fetched(err error) string {
	for _, s := range fetch.Sets {
		_, file, ok := strings.Cut(err.Error(), filepath.Join("data", s.Name)+"/")
		if file, _, _ = strings.Cut(file, ":"); !ok {
			continue
		}
		file, _, _ = strings.Cut(file, " ")
		if slices.ContainsFunc(s.Files, func(f fetch.File) bool {
			match, _ := path.Match(file, path.Base(f.URL))
			return match || slices.Contains([]string{".zip", ".gz"}, path.Ext(f.URL))
		}) {
			return s.Name
		}
	}
	return ""
}

// dir is where a plan's report goes, one of n.
func (o *runFlags) dir(p *runner.Plan, n int) string { return reportDir(o.out, p.Experiment.Name, n) }

func reportDir(out, name string, n int) string {
	switch {
	case out == "":
		return filepath.Join("results", name)
	case n > 1:
		return filepath.Join(out, name)
	}
	return out
}

// writable makes a folder and makes sure that a file can be made in it: better before the training than after.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".ctrlab-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// execute runs a plan and reports; it returns how many trials failed.
func (o *runFlags) execute(ctx context.Context, a *app, st *store.Store, p *runner.Plan, dir string) (failed int, err error) {
	build, err := runner.Build()
	if err != nil {
		return 0, environment(err)
	}
	if !o.quiet {
		warn(a, p)
	}
	show := newProgress(a.stderr, o.expected(p), o.quiet)
	lines := newLines(a.stdout)
	summary, err := runner.Run(ctx, p, st, runner.Options{
		Workers: o.workers, Jobs: o.jobs, FailFast: o.failFast, KeepGoing: o.keepGoing, SearchOnly: o.searchOnly, Build: build, Version: version(),
		Every: o.checkpoint.every, Steps: o.checkpoint.steps, Keep: int64(o.keep),
		Event: func(e runner.Event) {
			if e.Kind == runner.Planned && !o.quiet {
				recall(a.stderr, p.Experiment.Name, len(p.Trials), e.Known)
			}
			show.event(e)
			if o.json && e.Kind == runner.Ended {
				lines.write(lineOf(p.Experiment.Name, e))
			}
		},
	})
	show.end()
	switch {
	case errors.Is(err, context.Canceled) && p.Variants != nil:
		return 0, exit{statusInterrupted, errors.New("interrupted; the same command goes on")}
	case errors.Is(err, context.Canceled):
		return 0, exit{statusInterrupted, fmt.Errorf("interrupted with %d of %s left; the same command goes on",
			summary.Cancelled, plural(len(p.Trials), "trial"))}
	case err != nil:
		return 0, environment(err)
	case lines.err != nil:
		return 0, environment(lines.err)
	}
	r, err := st.Report(p.Experiment.Name)
	if err != nil {
		return 0, environment(err)
	}
	if err := publish(a, r, o.db, dir, o.json || o.quiet); err != nil {
		return 0, err
	}
	return summary.Failed, nil
}

// warn tells what the data's reader should know.
func warn(a *app, p *runner.Plan) {
	for _, s := range p.Sources {
		for _, w := range s.About().Warnings {
			fmt.Fprintf(a.stderr, "ctrlab: warning: %s: %s\n", s.Name, w)
		}
	}
}

// recall tells what of a plan was known before.
func recall(w io.Writer, name string, trials int, k runner.Known) {
	if k.Done > 0 {
		fmt.Fprintf(w, "%d of %s had been done before by this build\n", k.Done, plural(trials, "trial"))
	}
	if k.Failed > 0 {
		fmt.Fprintf(w, "%s had failed before by this build; after ctrlab runs retry %s they run again\n", plural(k.Failed, "trial"), name)
	}
	if k.Others == 1 {
		fmt.Fprintln(w, "1 trial was done before by another build; it runs again")
	} else if k.Others > 1 {
		fmt.Fprintf(w, "%d trials were done before by another build; they run again\n", k.Others)
	}
}

// publish writes the report and, unless silent, prints the leaderboard, each also where the other cannot be.
func publish(a *app, r *store.Report, db, dir string, silent bool) error {
	report.Draw(r, "", scoresBeside(db))
	p := report.Prepare(r)
	written := p.Write(dir, beside)
	if silent {
		return environment(written)
	}
	printed := p.Leaderboard(a.stdout, report.Text{Width: columns(a.stdout), Color: colour(a.stdout)})
	if written == nil && printed == nil {
		_, printed = fmt.Fprintf(a.stdout, "\nReport: %s\n", filepath.Join(dir, "index.html"))
	}
	return environment(cmp.Or(written, printed))
}

// beside calls f for each number below n, on all cores.
func beside(n int, f func(i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var hands sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		hands.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				errs[i] = f(int(i))
			}
		})
	}
	hands.Wait()
	return errors.Join(errs...)
}

// version is what the Go command knows of this build.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
