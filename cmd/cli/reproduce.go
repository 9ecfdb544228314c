package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"ctrlab/experiments"
	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
	"ctrlab/internal/strict"
	"ctrlab/internal/trace"
	"ctrlab/report"
	"ctrlab/runner"
)

// reproduceFlags are those of reproduce, with run's.
type reproduceFlags struct {
	runFlags
	markdown bool
}

func reproduce(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o reproduceFlags
	run := o.running(f)
	f.BoolVar(&o.markdown, "markdown", false, "print docs/reproductions.md, of all that the database has")
	return func(ctx context.Context, a *app, names []string) error {
		if len(names) == 0 {
			return o.list(a)
		}
		for _, name := range names {
			if err := paper(name); err != nil {
				return err
			}
		}
		files := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return experiments.Worked[name].Claim != "" })
		for _, name := range names {
			if !slices.Contains(files, name) {
				if err := o.replay(a, name); err != nil {
					return err
				}
			}
		}
		if len(files) == 0 {
			return nil
		}
		if err := run(ctx, a, files); err != nil || o.dryRun {
			return err
		}
		return o.conclude(a, files)
	}
}

// conclude prints what was found of each claim as JSON, or else the digests to compare with the documentation's.
func (o *reproduceFlags) conclude(a *app, names []string) error {
	st, err := store.OpenRead(o.db)
	if err != nil {
		return environment(err)
	}
	defer st.Close()
	out := newLines(a.stdout)
	for _, name := range names {
		p, err := reproduced(st, name, o.sets)
		switch {
		case err != nil:
			return err
		case o.json:
			out.claims(&p)
		case !o.quiet:
			fmt.Fprintf(a.stdout, "\nDigest of the results of %s, with the same kernels that of docs/reproductions.md:\n%s\n", p.Name, p.Digest)
		}
	}
	return environment(out.err)
}

// paper refuses what is no reproduction.
func paper(name string) error {
	names := append(experiments.Papers(), workedNames()...)
	if slices.Contains(names, name) {
		return nil
	}
	if near := strict.Nearest(name, names); near != "" {
		return usage("reproduce: there is no %s; did you mean %s?", name, near)
	}
	return usage("reproduce: there is no %s; want one of %s", name, strings.Join(names, ", "))
}

func workedNames() []string {
	var names []string
	for name := range experiments.Worked {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// replay holds a worked example against the model, number by number.
func (o *reproduceFlags) replay(a *app, name string) error {
	p, result, err := replayed(name)
	if err != nil {
		return err
	}
	if o.json {
		out := newLines(a.stdout)
		out.write(result)
		return environment(out.err)
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n%s\nVerdict: %s.\n", p.Claims[0].Claim, result, p.Claims[0].Said())
	return environment(err)
}

// replayed is a worked example as a reproduction: it takes no time, so that nothing of it is stored.
func replayed(name string) (report.Reproduced, trace.Result, error) {
	w := experiments.Worked[name]
	t, err := trace.Parse(w.Trace)
	if err != nil {
		return report.Reproduced{}, trace.Result{}, err
	}
	const tolerance = 2e-4 // of figures that are printed with five digits
	result := t.Verify(tolerance)
	c := report.Claim{Reference: metric.Reference{Claim: w.Claim, Source: w.Source}, Verdict: stat.NotReproduced}
	if result.OK {
		c.Verdict = stat.Reproduced
	}
	return report.Reproduced{Name: name, Claims: []report.Claim{c}, Done: 1, Trials: 1}, result, nil
}

// list prints every claim with its state and what was found last.
func (o *reproduceFlags) list(a *app) error {
	all, err := o.all()
	if err != nil {
		return err
	}
	if o.markdown {
		build, err := runner.Build()
		if err != nil {
			return environment(err)
		}
		return environment(report.WriteReproductions(a.stdout, all, build))
	}
	out := newLines(a.stdout)
	rows := [][]string{{"NAME", "CLAIM", "STATE", "VERDICT"}}
	for _, p := range all {
		if o.json {
			out.claims(&p)
		}
		for _, c := range p.Claims {
			rows = append(rows, []string{p.Name, c.Claim, p.State(), c.Said()})
		}
	}
	if o.json {
		return environment(out.err)
	}
	_, err = fmt.Fprint(a.stdout, strings.Join(layout(rows, cmp.Or(columns(a.stdout), lineWidth)), ""))
	return environment(err)
}

// claims writes a line a claim.
func (l *lines) claims(p *report.Reproduced) {
	for _, c := range p.Claims {
		l.write(claimLine{p.Name, c.Claim, c.Source, p.State(), c.Verdict.String(), c.Held(), len(c.Findings), p.Seconds, p.Digest})
	}
}

// claimLine is what reproduce --json prints of a claim.
type claimLine struct {
	Name     string  `json:"name"`
	Claim    string  `json:"claim"`
	Source   string  `json:"source"`
	State    string  `json:"state"`
	Verdict  string  `json:"verdict"`
	Held     int     `json:"held"`
	Findings int     `json:"findings"`
	Seconds  float64 `json:"seconds"` // of all runs that count
	Digest   string  `json:"digest"`  // of the results; "" where nothing is done
}

// all are the reproductions, those that are replayed first.
func (o *reproduceFlags) all() (all []report.Reproduced, err error) {
	for _, name := range workedNames() {
		p, _, err := replayed(name)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	st, err := store.OpenRead(o.db)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, environment(err)
	}
	if st != nil {
		defer st.Close()
	}
	for _, name := range experiments.Papers() {
		p, err := reproduced(st, name, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// reproduced is an experiment as the database has it, or as its file where it has not.
func reproduced(st *store.Store, name string, sets []string) (p report.Reproduced, err error) {
	e, err := experiments.Load(name, sets)
	if err != nil {
		return p, err
	}
	reference, err := json.Marshal(e.Reference)
	if err != nil {
		return p, err
	}
	r := &store.Report{Experiment: store.Experiment{Name: e.Name, Reference: string(reference)}}
	p = report.Reproduced{Name: e.Name, Question: e.Question, Seeds: len(e.Seeds), Trials: len(e.Trials)}
	if st != nil {
		if stored, err := stored(st, e.Name); err != nil {
			return p, err
		} else if stored != nil {
			r, p.Trials = stored, len(stored.Trials)
			r.Experiment.Reference = string(reference) // no part of the plan: the program's of today
			if p.Seconds, p.Last, err = spent(st, r); err != nil {
				return p, err
			}
		}
	}
	seeds := map[uint64]bool{}
	for _, t := range r.Trials {
		if t.State == store.Done {
			p.Done++
			seeds[t.Seed] = true
		}
	}
	if p.Done > 0 {
		p.Digest, p.Seeds, p.By, p.Picks = report.Digest(r), len(seeds), r.Environments, report.Picks(r)
		p.Sets = slices.DeleteFunc(slices.Clone(r.Experiment.Overrides), whereData.MatchString)
	}
	p.Claims = report.Claims(r)
	return p, nil
}

// whereData matches a --set that says where data are, of which results do not depend.
var whereData = regexp.MustCompile(`^data\.(path|train|valid|test|test_negative)=`)

// stored is the report of an experiment, nil where the database has none.
func stored(st *store.Store, name string) (*store.Report, error) {
	all, err := st.Experiments()
	if err != nil {
		return nil, environment(err)
	}
	if !slices.ContainsFunc(all, func(e store.Experiment) bool { return e.Name == name }) {
		return nil, nil
	}
	r, err := st.Report(name)
	return r, environment(err)
}

// spent is the seconds of all runs that count, and when the last of them ended.
func spent(st *store.Store, r *store.Report) (seconds float64, last time.Time, err error) {
	runs, err := st.Runs()
	of := map[int64]store.RunInfo{}
	for _, run := range runs {
		if !run.Ended.IsZero() {
			of[run.ID] = run
		}
	}
	for _, t := range r.Trials {
		run := of[t.Run]
		seconds += run.Ended.Sub(run.Started).Seconds()
		if run.Ended.After(last) {
			last = run.Ended
		}
	}
	return seconds, last, environment(err)
}
