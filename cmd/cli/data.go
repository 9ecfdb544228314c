package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/experiments"
	"ctrlab/report"
)

// dataCommands are what ctrlab data can do, a file each.
var dataCommands = []command{
	{name: "data prepare", args: "[FILE…]", about: "read the data of experiments, or of --set data.…, into the cache that run uses", prepare: prepareData},
	{name: "data describe", args: "[FILE…]", about: "show what data are like: labels, fields, heads and tails, drift; as text and as a page", prepare: dataDescribe},
	{name: "data export", args: "[FILE…]", about: "write data as tables of text, for other programs; docs/external.md", prepare: dataExport},
	{name: "data fetch", args: "[NAME]", about: "list public data sets, or download one from its official place", prepare: dataFetch},
	{name: "data generate", about: "write synthetic rows in Criteo's format, and beside them what can be attained on them", prepare: dataGenerate},
}

func dataNames() string {
	var names []string
	for _, c := range dataCommands {
		names = append(names, strings.TrimPrefix(c.name, "data "))
	}
	return strings.Join(names, ", ")
}

// dataFlags choose data, by experiment files or by --set alone.
type dataFlags struct {
	envFlags
	sets        words
	workers     int
	json, quiet bool
}

func (o *dataFlags) declare(f *flag.FlagSet) {
	o.envFlags.declare(f)
	f.Var(&o.sets, "set", "`KEY=VALUE` instead of the file's, or without one: data.source=criteo, data.path=FILE …")
	f.Var((*count)(&o.workers), "workers", "use `N` threads (all cores)")
	f.BoolVar(&o.json, "json", false, "print a JSON object a source")
	f.BoolVar(&o.quiet, "quiet", false, "no progress")
}

// chosen returns the distinct data of experiment files, or of --set where there is none.
func (o *dataFlags) chosen(files []string) ([]datasets.Config, error) {
	if len(files) == 0 && len(o.sets) == 0 {
		return nil, usage("want experiment files, or --set data.source=… and its keys")
	}
	var all []*experiments.Experiment
	for _, file := range files {
		e, err := experiments.Load(file, o.sets)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if len(files) == 0 {
		const empty = "name = 'data'\n[data]\n[[model]]\nname = 'lr'\n"
		e, err := experiments.Parse("--set", []byte(empty), o.sets)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	var list []datasets.Config
	seen := map[string]bool{}
	for _, e := range all {
		for _, t := range e.Trials {
			key, err := json.Marshal(t.Data)
			if err != nil {
				return nil, err
			}
			if !seen[string(key)] {
				seen[string(key)] = true
				list = append(list, t.Data)
			}
		}
	}
	return list, nil
}

// open opens one of them.
func (o *dataFlags) open(ctx context.Context, a *app, c datasets.Config) (datasets.Source, error) {
	w := a.stderr
	if o.quiet {
		w = nil
	}
	env, end := o.env(o.workers, w)
	defer end()
	s, err := c.Open(ctx, env)
	switch {
	case errors.Is(err, context.Canceled):
		return nil, exit{statusInterrupted, errors.New("interrupted; the same command goes on")}
	case err != nil:
		return nil, o.blame(fmt.Errorf("data %s: %w", c.Source, err))
	}
	return s, nil
}

func prepareData(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o dataFlags
	o.declare(f)
	return func(ctx context.Context, a *app, files []string) error {
		list, err := o.chosen(files)
		if err != nil {
			return err
		}
		out := newLines(a.stdout)
		for _, c := range list {
			began := time.Now()
			s, err := o.open(ctx, a, c)
			if err != nil {
				return err
			}
			p := preparedOf(c, s, began)
			if o.json {
				out.write(p)
			} else if err := p.print(a); err != nil {
				return environment(err)
			}
		}
		return environment(out.err)
	}
}

// preparedLine is what data prepare --json prints of a source.
type preparedLine struct {
	Source   string               `json:"source"`
	Options  any                  `json:"options"`
	Identity string               `json:"identity"`
	Rows     [batch.Splits]int    `json:"rows"` // train, valid, test
	Digests  [batch.Splits]string `json:"digests,omitzero"`
	BadRows  int                  `json:"bad_rows"`
	Warnings []string             `json:"warnings"`
	Schema   batch.Schema         `json:"schema"`
	Cache    string               `json:"cache"`   // the file; "" where the source needs none
	Made     bool                 `json:"made"`    // it was not there before
	Seconds  float64              `json:"seconds"` // that this took
}

func preparedOf(c datasets.Config, s datasets.Source, began time.Time) preparedLine {
	about := s.About()
	file, err := os.Stat(about.Cache)
	p := preparedLine{
		Source: c.Source, Options: c.Options, Identity: s.Identity(), Digests: about.Digests, BadRows: about.BadRows,
		Warnings: append([]string{}, about.Warnings...), Schema: s.Schema(), Cache: about.Cache,
		Made: err == nil && file.ModTime().After(began), Seconds: time.Since(began).Seconds(),
	}
	for split := range batch.Splits {
		p.Rows[split] = s.Rows(split)
	}
	return p
}

func (p preparedLine) print(a *app) error {
	rows, ids := 0, 0
	for _, n := range p.Rows {
		rows += n
	}
	for _, f := range p.Schema.Sparse {
		ids += f.Rows
	}
	count := func(n int) string { return report.Count(float64(n)) }
	text := fmt.Sprintf("%s: %s train, %s valid, %s test rows; %s, %s of %s ids\n", p.Source,
		count(p.Rows[batch.Train]), count(p.Rows[batch.Valid]), count(p.Rows[batch.Test]),
		plural(len(p.Schema.Dense), "dense feature"), plural(len(p.Schema.Sparse), "field"), count(ids))
	switch {
	case p.Made:
		text += fmt.Sprintf("  made %s in %.1f s, %s rows/s\n", p.Cache, p.Seconds, count(int(float64(rows)/p.Seconds)))
	case p.Cache != "":
		text += "  found " + p.Cache + "\n"
	}
	for _, w := range p.Warnings {
		text += "  warning: " + w + "\n"
	}
	_, err := io.WriteString(a.stdout, text)
	return err
}
