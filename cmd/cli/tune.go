package cli

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ctrlab/internal/store"
	"ctrlab/report"
	"ctrlab/runner"
)

func tuning(f *flag.FlagSet) func(context.Context, *app, []string) error {
	o := runFlags{searchOnly: true}
	return o.running(f)
}

func unseal(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	why := f.String("why", "", "the `REASON`, which is kept and shown with the results")
	return func(_ context.Context, a *app, names []string) error {
		if strings.TrimSpace(*why) == "" {
			return usage("unseal: want --why REASON: it is kept and shown with the results")
		}
		return changing(*db, func(st *store.Store) error {
			for _, name := range names {
				n, err := st.Unseal(name, *why, time.Now())
				if err != nil {
					return err
				}
				if n == 0 {
					fmt.Fprintf(a.stdout, "%s: nothing was sealed\n", name)
					continue
				}
				_, err = fmt.Fprintf(a.stdout, "%s: what %s scored on test may be seen now; ctrlab report %s shows it\n", name, plural(n, "run"), name)
				if err != nil {
					return environment(err)
				}
			}
			return nil
		})
	}
}

// tunedLine is the plan of a variant that is to be tuned; time is that of the configuration which the file has.
func (o *runFlags) tunedLine(p *runner.Plan, v *runner.Variant) planLine {
	l := o.lineOf(p, v.Base, nil)
	t, tuning := &tuned{Keys: len(v.Space)}, p.Experiment.Tuning
	t.Final = tuning.Repeats * len(p.Experiment.Seeds)
	full := float64(t.Final)
	if t.Keys > 0 {
		t.Searches = tuning.Repeats
		trials, cost := p.Expected(v)
		t.Trials = trials
		full += cost
	}
	l.Seconds = l.Seconds*full + tuning.Budget.Seconds*float64(t.Searches)
	l.tuned = t
	return l
}

// tuneTable prints the plan of an experiment that tunes, a line a variant.
func tuneTable(a *app, p *runner.Plan, all []planLine, width int) error {
	tuning := p.Experiment.Tuning
	rows, total, searched, final := [][]string{{"VARIANT", "KEYS", "SEARCHES", "TRIALS", "FINAL", "PARAMS", "MEMORY", "TIME"}}, 0.0, 0, 0
	for _, l := range all {
		total, searched, final = total+l.Seconds, searched+l.Trials, final+l.Final
		trials := strconv.Itoa(l.Trials)
		if tuning.Budget.Seconds > 0 {
			trials = "by time"
		}
		rows = append(rows, []string{l.Label, strconv.Itoa(l.Keys), strconv.Itoa(l.Searches), trials, strconv.Itoa(l.Final),
			report.Count(float64(l.Params)), report.Memory(l.Memory), "~" + report.Rough(l.Seconds)})
	}
	budget := "all points of the grid"
	switch b := tuning.Budget; {
	case b.Trials > 0:
		budget = plural(b.Trials, "trial")
	case b.Seconds > 0:
		budget = report.Rough(b.Seconds) + " of training"
	}
	fmt.Fprintf(a.stdout, "tuned by %s, %s a search, repeats = %d\n\n%s\n", tuning.Method, budget, tuning.Repeats, strings.Join(layout(rows, width), ""))
	_, err := fmt.Fprintf(a.stdout, "%s to search and %d of what is chosen, about %s of training. Plan %.12s.\n", plural(searched, "trial"), final, report.Rough(total), p.Digest)
	return err
}

// expected is how many trials a plan has, those of its searches too; 0 where no one knows.
func (o *runFlags) expected(p *runner.Plan) int {
	n := len(p.Trials)
	for _, v := range p.Variants {
		l := o.tunedLine(p, v)
		if l.Keys > 0 && l.Trials == 0 {
			return 0
		}
		if n += l.Trials; !o.searchOnly {
			n += l.Final
		}
	}
	return n
}
