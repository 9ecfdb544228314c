package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
	"ctrlab/report"
	"ctrlab/runner"
)

// rerunFlags are those of rerun.
type rerunFlags struct {
	envFlags
	db          string
	sets        words
	workers     int
	quiet, json bool
}

func rerun(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o rerunFlags
	o.envFlags.declare(f)
	f.StringVar(&o.db, "db", defaultDB, "the database's `FILE`")
	f.Var(&o.sets, "set", "`KEY=VALUE` instead of the run's, as data.path=FILE where its data lie elsewhere")
	f.Var((*count)(&o.workers), "workers", "train on `N` threads (all cores); results do not depend on it")
	f.BoolVar(&o.quiet, "quiet", false, "no progress")
	f.BoolVar(&o.json, "json", false, "print a JSON object")
	return o.run
}

// repetition is what a run came to when it was repeated.
type repetition struct {
	Run       int64               `json:"run"`
	Trial     string              `json:"trial"`
	Repeated  *bool               `json:"repeated"` // nil: what is kept of the run does not tell
	Digest    string              `json:"digest"`
	Stored    string              `json:"stored_digest"`
	Different []report.Difference `json:"different"` // of configuration, build and machine
	Metrics   []report.Result     `json:"metrics"`   // of valid and test: a the stored run's, b this one's
}

func (o *rerunFlags) run(ctx context.Context, a *app, names []string) error {
	if len(names) != 1 {
		return usage("rerun: got %s, want one: see ctrlab help rerun", plural(len(names), "name"))
	}
	f, err := foundOne(o.db, names[0])
	if err != nil {
		return err
	}
	if f.State != store.Done {
		return fmt.Errorf("%s is %s, and what is not done has nothing to compare with", f.Name(), f.State)
	}
	if o.workers == 0 {
		o.workers = runtime.GOMAXPROCS(0)
	}
	again, err := o.again(ctx, a, f)
	if err != nil {
		return err
	}
	result, err := o.train(ctx, a, again)
	if err != nil {
		return exit{statusFailed, fmt.Errorf("%s: %w", f.Name(), err)}
	}
	r := compare(f, again, result, o.workers)
	if err := o.show(a, f, r); err != nil {
		return environment(err)
	}
	return r.status()
}

// again opens the run's data, which must be those that it had.
func (o *rerunFlags) again(ctx context.Context, a *app, f store.Found) (*runner.Again, error) {
	w := a.stderr
	if o.quiet {
		w = nil
	}
	env, end := o.env(o.workers, w)
	again, err := runner.NewAgain(ctx, env, f, o.sets, version())
	end()
	if err != nil {
		return nil, o.blame(err)
	}
	if is := again.Trial.Source.Identity(); is != f.Dataset.ID {
		return nil, fmt.Errorf("%s: the data are not those of the run: %.12s, and it had %.12s; name the files that it had with --set data.path=FILE", f.Name(), is, f.Dataset.ID)
	}
	return again, nil
}

func (o *rerunFlags) train(ctx context.Context, a *app, again *runner.Again) (train.Result, error) {
	show := newProgress(a.stderr, 1, o.quiet)
	defer show.end()
	show.event(runner.Event{Kind: runner.Started, Trial: again.Trial})
	return again.Run(ctx, o.workers, func(at metric.Progress) {
		show.event(runner.Event{Kind: runner.Progressed, Trial: again.Trial, Progress: at})
	})
}

// compare holds a repetition against the run as it is stored.
func compare(f store.Found, again *runner.Again, result train.Result, workers int) *repetition {
	now := f
	now.Trial.Config, now.Trial.Results = again.Trial.Config, map[string]float64{}
	now.Environment, now.Workers, now.Shared, now.Digest = again.Environment, workers, f.Shared, result.Digest
	was := f
	was.Trial.Results, was.Workers = map[string]float64{}, workers // threads never change a bit
	for name, v := range f.Trial.Results {
		if again, ok := result.Metrics[name]; ok && (strings.HasPrefix(name, "valid.") || strings.HasPrefix(name, "test.")) {
			was.Trial.Results[name], now.Trial.Results[name] = v, again
		}
	}
	d := report.NewDiff([]store.Found{was}, []store.Found{now})
	r := &repetition{Run: f.Run, Trial: f.Trial.ID, Digest: result.Digest, Stored: f.Digest, Metrics: d.Results, Different: append(d.Configuration, d.Machine...)}
	same := !slices.ContainsFunc(r.Metrics, func(m report.Result) bool { return m.A != m.B && !(math.IsNaN(m.A) && math.IsNaN(m.B)) })
	switch {
	case f.Digest != "":
		same = d.Digest == "same"
		r.Repeated = &same
	case !same:
		r.Repeated = &same
	}
	return r
}

// excused says that bits may differ: something that decides on them is not what it was. The data are, wherever they lie.
func (r *repetition) excused() bool {
	return slices.ContainsFunc(r.Different, func(d report.Difference) bool {
		return slices.Contains([]string{"build", "kernels", "arch"}, d.Key) || strings.HasPrefix(d.Key, "model.") || strings.HasPrefix(d.Key, "train.")
	})
}

func (r *repetition) status() error {
	switch {
	case r.Repeated == nil || !*r.Repeated && r.excused():
		return exit{status: statusInconclusive}
	case !*r.Repeated:
		return exit{status: statusFailed}
	}
	return nil
}

func (r *repetition) verdict() string {
	switch {
	case r.Repeated == nil:
		return "All metrics are the same; the run has kept no digest of its final state, so more is not known."
	case *r.Repeated:
		return "Repeated bit for bit: " + r.Digest[:12] + "."
	case r.excused():
		return "The final state is another, as it may be where configuration, build or kernels are."
	}
	return "The final state is another, by the same build on the same machine: that must not be."
}

func (o *rerunFlags) show(a *app, f store.Found, r *repetition) error {
	if o.json {
		lines := newLines(a.stdout)
		lines.write(r)
		return lines.err
	}
	text := f.Name() + " again\n"
	for _, table := range [][][]string{
		report.Differences([]string{"different", "then", "now"}, r.Different), report.Results([]string{"metric", "then", "now", "change"}, r.Metrics),
	} {
		if table != nil {
			text += "\n" + strings.Join(layout(table, cmp.Or(columns(a.stdout), 80)), "")
		}
	}
	_, err := io.WriteString(a.stdout, text+"\n"+r.verdict()+"\n")
	return err
}
