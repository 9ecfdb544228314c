package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ctrlab/internal/store"
	"ctrlab/report/check"
	"ctrlab/runner"
)

var checkCommands = []command{
	{"check history", "", "list the checks that were made, and draw what they measured", checkHistory, nil},
	{"check time", "", "time kernels and steps once, as check does in processes of their own", checkTime, nil},
}

// checkFlags are those of check.
type checkFlags struct {
	envFlags
	db, dir, names, out   string
	sets                  words
	workers               int
	inconclusive, changed string
	shortcuts             bool
	json                  bool
	speed                 speedFlags
}

func checks(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o checkFlags
	o.envFlags.declare(f)
	f.StringVar(&o.names, "baseline", "", "hold this build against baselines of `NAMES`, with commas (all; with --against none)")
	f.StringVar(&o.dir, "dir", defaultBaselines, "baselines are in `DIR`")
	f.StringVar(&o.db, "db", defaultDB, "keep the check in the database `FILE`; \"\" keeps none")
	f.StringVar(&o.out, "out", "", "write the report to `DIR` too, in every format")
	f.Var(&o.sets, "set", "`KEY=VALUE` instead of the experiment's, as data.path=FILE where data lie elsewhere")
	f.Var((*count)(&o.workers), "workers", "train `N` trials at a time, on a thread each (all cores)")
	f.StringVar(&o.inconclusive, "inconclusive", "", "what that verdict counts as: `pass` or fail (exit status 4)")
	f.StringVar(&o.changed, "changed", "fail", "what another rule of training that is no worse counts as: pass or `fail`")
	f.BoolVar(&o.shortcuts, "shortcuts", true, "where final states or programs are equal, take the rest for granted")
	f.BoolVar(&o.json, "json", false, "print a JSON object")
	o.speed.declare(f)
	return o.run
}

func (o *checkFlags) run(ctx context.Context, a *app, _ []string) error {
	if err := o.check(); err != nil {
		return usage("check: %w", err)
	}
	r, err := o.begin(ctx)
	if err != nil {
		return err
	}
	if o.names != "" || !o.speed.wanted() {
		all, err := baselines(o.dir, o.names)
		if err != nil {
			return err
		}
		for _, b := range all {
			if err := o.accuracy(ctx, a, b, r); err != nil {
				return err
			}
		}
	}
	if o.speed.wanted() {
		if err := o.speed.run(ctx, a, o.shortcuts, r); err != nil {
			return err
		}
	}
	return errors.Join(o.show(a, r), o.keep(r), o.status(r))
}

func (o *checkFlags) check() error {
	switch {
	case o.inconclusive != "" && o.inconclusive != "pass" && o.inconclusive != "fail":
		return fmt.Errorf("--inconclusive is %q, want pass or fail", o.inconclusive)
	case o.changed != "pass" && o.changed != "fail":
		return fmt.Errorf("--changed is %q, want pass or fail", o.changed)
	}
	return o.speed.check()
}

func (o *checkFlags) begin(ctx context.Context) (*check.Report, error) {
	env, err := runner.Environment(version())
	if err != nil {
		return nil, environment(err)
	}
	at, err := revision(ctx, o.dir)
	return &check.Report{Revision: at, Machine: machineOf(env), Findings: []check.Finding{}}, err
}

// show prints the report, and writes it in every format where that is wanted.
func (o *checkFlags) show(a *app, r *check.Report) error {
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o777); err != nil {
			return environment(err)
		}
		for _, format := range check.Formats {
			if err := save(filepath.Join(o.out, format.File), func(w io.Writer) error { return format.Write(r, w) }); err != nil {
				return environment(err)
			}
		}
	}
	if o.json {
		return environment(r.JSON(a.stdout))
	}
	return environment(r.Text(a.stdout))
}

// keep adds the check to the history, unless nothing was measured.
func (o *checkFlags) keep(r *check.Report) error {
	if o.db == "" || len(r.Findings) == 0 {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	st, err := store.Open(o.db)
	if err != nil {
		return environment(err)
	}
	c := store.Check{At: time.Now(), Revision: r.Revision, Against: r.Against, Baseline: r.Baseline, Verdict: string(r.Verdict), Report: string(text)}
	return environment(errors.Join(st.SaveCheck(&c), st.Close()))
}

// status is the exit status of a report.
func (o *checkFlags) status(r *check.Report) error {
	switch {
	case len(r.Findings) == 0:
		return exit{statusEnvironment, fmt.Errorf("check: nothing was measured: no baseline in %s, and no --against", o.dir)}
	case r.Verdict == check.Regressed, o.changed == "fail" && r.Changed():
		return exit{status: statusFailed}
	case r.Count(check.Inconclusive) == 0, o.inconclusive == "pass":
		return nil
	case o.inconclusive == "fail":
		return exit{status: statusFailed}
	}
	return exit{status: statusInconclusive}
}

// named adds a name to those with commas.
func named(all, name string) string { return strings.TrimPrefix(all+","+name, ",") }
