package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/internal/store"
	"ctrlab/models"
	"ctrlab/report"
	"ctrlab/runner"
)

func plan(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o runFlags
	o.declare(f)
	return func(ctx context.Context, a *app, files []string) error {
		plans, err := o.plans(ctx, a, files)
		if err != nil {
			return err
		}
		return o.show(a, plans)
	}
}

// planLine is what plan --json prints of a trial.
type planLine struct {
	Experiment string  `json:"experiment"`
	Trial      string  `json:"trial"`
	Label      string  `json:"label"`
	Model      string  `json:"model"`
	Seed       uint64  `json:"seed"`
	Params     int64   `json:"params"`
	Memory     float64 `json:"memory"`  // bytes
	FLOPs      float64 `json:"flops"`   // an example, forward
	Seconds    float64 `json:"seconds"` // of training, expected
	Measured   bool    `json:"measured"`
	*matched
	*tuned
}

// tuned is what is to be tuned of a variant. Seconds are then those of all that it takes.
type tuned struct {
	Keys     int `json:"keys"`     // of its space
	Searches int `json:"searches"` // one a repeat
	Trials   int `json:"trials"`   // of them together; 0 where their budget is seconds
	Final    int `json:"final"`    // of what they choose, with fresh seeds
}

// matched is what sizing to a budget made of a trial's model.
type matched struct {
	Match    string  `json:"match"`
	Budget   float64 `json:"budget"`
	OfBudget float64 `json:"of_budget"` // share
	Widths   string  `json:"widths"`    // "" where there is nothing to size
}

func (o *runFlags) show(a *app, plans []*runner.Plan) error {
	out := newLines(a.stdout)
	for i, p := range plans {
		known, err := o.measured(p)
		if err != nil {
			return err
		}
		var all []planLine
		for _, t := range p.Trials {
			all = append(all, o.lineOf(p, t, known.seconds))
		}
		for _, v := range p.Variants {
			all = append(all, o.tunedLine(p, v))
		}
		if !o.json {
			if i > 0 {
				fmt.Fprintln(a.stdout)
			}
			if err := cmp.Or(table(a, p, all), known.tell(a, o.db)); err != nil {
				return environment(err)
			}
			continue
		}
		for _, l := range all {
			out.write(l)
		}
	}
	return environment(out.err)
}

func (o *runFlags) lineOf(p *runner.Plan, t runner.Trial, known map[string]float64) planLine {
	l := planLine{p.Experiment.Name, t.ID, t.Label, t.Model.Name, t.Seed, t.Cost.Params, t.Memory().Sum(), t.Cost.FLOPs, 0, false, nil, nil}
	if m := t.Match; m != nil {
		l.matched = &matched{m.Name, m.Most, m.Has / m.Most, m.Widths}
	}
	if l.Seconds, l.Measured = known[t.Variant]; !l.Measured {
		l.Seconds = o.guess(t)
	}
	return l
}

// past is what the database has of a plan.
type past struct {
	seconds      map[string]float64 // mean training time of variants
	done, others int                // trials done by this build, and by others alone
}

func (o *runFlags) measured(p *runner.Plan) (k past, err error) {
	st, err := store.OpenRead(o.db)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return k, environment(err)
	}
	defer st.Close()
	if err = k.count(st, p); err == nil {
		k.seconds, err = trained(st, p.Experiment.Name)
	}
	return k, environment(err)
}

// count counts the trials that are done.
func (k *past) count(st *store.Store, p *runner.Plan) error {
	build, err := runner.Build()
	if err != nil {
		return err
	}
	runs, err := st.Runs()
	own := map[string]bool{}
	for _, r := range runs {
		if r.State == store.Done {
			own[r.Trial] = own[r.Trial] || r.Build == build
		}
	}
	for _, t := range p.Trials {
		if mine, done := own[t.ID]; mine {
			k.done++
		} else if done {
			k.others++
		}
	}
	return err
}

// tell says what run would not do, or do again.
func (k past) tell(a *app, db string) error {
	if k.done+k.others == 0 {
		return nil
	}
	text := fmt.Sprintf("Done in %s: %d by this build", db, k.done)
	if k.others > 0 {
		text += fmt.Sprintf(", %d by other builds, which would run again", k.others)
	}
	_, err := fmt.Fprintln(a.stdout, text+".")
	return err
}

// trained returns the mean training time of the variants of an experiment.
func trained(st *store.Store, name string) (map[string]float64, error) {
	all, err := st.Experiments()
	if err != nil {
		return nil, err
	}
	sum, n := map[string]float64{}, map[string]float64{}
	for _, e := range all {
		if e.Name != name {
			continue
		}
		r, err := st.Report(e.Name)
		if err != nil {
			return nil, err
		}
		for _, t := range r.Trials {
			if s, ok := t.Results["train.seconds"]; ok && !t.Shared {
				sum[t.Variant] += s
				n[t.Variant]++
			}
		}
	}
	for v := range sum {
		sum[v] /= n[v]
	}
	return sum, nil
}

// What a thread of a usual machine does; a guess by these is right to a factor of two or three.
const (
	flopsPerSecond    = 3e10
	bytesPerSecond    = 1e10
	secondsPerExample = 5e-7
)

// guess is the training time as if a backward pass cost two forward passes.
func (o *runFlags) guess(t runner.Trial) float64 {
	examples := float64(t.Train.Examples(t.Source.Rows(batch.Train)))
	workers := o.workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return examples * (secondsPerExample + 3*t.Cost.FLOPs/flopsPerSecond + 3*t.Cost.Bytes/bytesPerSecond) / float64(workers)
}

// table prints a plan, a line a variant.
func table(a *app, p *runner.Plan, all []planLine) error {
	width := columns(a.stdout)
	say := func(text string) {
		if width > 0 {
			text = strings.Join(wrap(text, width), "\n")
		}
		fmt.Fprintln(a.stdout, text)
	}
	say(strings.TrimSpace(p.Experiment.Name + ": " + p.Experiment.Question))
	last := ""
	for _, s := range p.Sources { // a matrix makes many that look alike
		line := fmt.Sprintf("data %s: %s train, %s valid, %s test examples", s.Name, report.Count(float64(s.Rows(batch.Train))),
			report.Count(float64(s.Rows(batch.Valid))), report.Count(float64(s.Rows(batch.Test))))
		if line != last {
			say(line)
		}
		last = line
	}
	if p.Variants != nil {
		return tuneTable(a, p, all, width)
	}
	seeds, total := len(p.Experiment.Seeds), 0.0
	rows := [][]string{{"VARIANT", "SEEDS", "PARAMS", "MEMORY", "FLOPS", "TIME"}}
	if of, ok := models.FindBudget(p.Experiment.Match); ok {
		say(fmt.Sprintf("match = %q: each variant is sized to %s %s, tables apart", of.Name, budgets(all), of.About))
		rows[0] = append(rows[0], "OF BUDGET", "WIDTHS")
	}
	for i, l := range all {
		if total += l.Seconds; i%seeds == 0 {
			rows = append(rows, l.row(seeds))
		}
	}
	fmt.Fprintf(a.stdout, "\n%s\n", strings.Join(layout(rows, width), ""))
	_, err := fmt.Fprintf(a.stdout, "%s, about %s of training. Plan %.12s.\n", plural(len(all), "trial"), report.Rough(total), p.Digest)
	return err
}

// row is a variant's, of some seeds.
func (l planLine) row(seeds int) []string {
	about := "~"
	if l.Measured {
		about = ""
	}
	row := []string{l.Label, strconv.Itoa(seeds), report.Count(float64(l.Params)), report.Memory(l.Memory), report.Count(l.FLOPs),
		about + report.Rough(l.Seconds*float64(seeds))}
	if l.matched != nil {
		row = append(row, fmt.Sprintf("%.1f %%", 100*l.OfBudget), cmp.Or(l.Widths, "nothing to size"))
	}
	return row
}

// budgets spells those of all data sets.
func budgets(all []planLine) string {
	var words []string
	for _, l := range all {
		if word := report.Count(l.Budget); !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, " or ")
}
