package cli

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"

	"ctrlab/internal/store"
	"ctrlab/report"
)

// exportFlags choose what a report becomes instead of tables for a terminal, and a page.
type exportFlags struct {
	markdown, csv, latex bool
	tensorboard          string
}

func (o *exportFlags) declare(f *flag.FlagSet) {
	f.BoolVar(&o.markdown, "markdown", false, "print a comment for a pull request, the answer first")
	f.BoolVar(&o.csv, "csv", false, "print a row a trial and metric")
	f.BoolVar(&o.latex, "latex", false, "print tables for a paper, with booktabs")
	f.StringVar(&o.tensorboard, "tensorboard", "", "write event files for TensorBoard to `DIR`, a folder a trial")
}

// check refuses more than one form on stdout; instead says whether there is one of these.
func (o *exportFlags) check(asJSON bool) (instead bool, err error) {
	n := 0
	for _, on := range []bool{o.markdown, o.csv, o.latex, asJSON} {
		if on {
			n++
		}
	}
	if n > 1 {
		return true, usage("report: want one of --markdown, --csv, --latex and --json")
	}
	if asJSON && o.tensorboard != "" {
		return true, usage("report: want --json or --tensorboard")
	}
	return o.markdown || o.csv || o.latex || o.tensorboard != "", nil
}

// of writes experiments in the form that was chosen.
func (o *exportFlags) of(a *app, st *store.Store, db string, names []string) error {
	var all []*store.Report
	for _, name := range names {
		r, err := st.Report(name)
		if err != nil {
			return err
		}
		if o.markdown {
			report.Draw(r, "", scoresBeside(db))
		}
		all = append(all, r)
	}
	return o.export(a, all)
}

// export writes reports in the form that was chosen.
func (o *exportFlags) export(a *app, reports []*store.Report) error {
	if o.csv {
		return environment(report.CSV(a.stdout, reports...))
	}
	var failed error
	for i, r := range reports {
		if i > 0 && (o.markdown || o.latex) {
			_, err := fmt.Fprintln(a.stdout)
			failed = errors.Join(failed, err)
		}
		switch {
		case o.markdown:
			failed = errors.Join(failed, report.Markdown(a.stdout, r))
		case o.latex:
			failed = errors.Join(failed, report.LaTeX(a.stdout, r))
		}
		if o.tensorboard != "" {
			failed = errors.Join(failed, o.events(a, r, len(reports) > 1))
		}
	}
	return environment(failed)
}

func (o *exportFlags) events(a *app, r *store.Report, several bool) error {
	dir := o.tensorboard
	if several {
		dir = filepath.Join(dir, filepath.Base(reportDir("", r.Experiment.Name, 1)))
	}
	n, err := report.TensorBoard(dir, r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stderr, "TensorBoard: %s in %s\n", plural(n, "run"), dir)
	return err
}
