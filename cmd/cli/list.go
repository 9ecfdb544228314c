package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"ctrlab/datasets"
	"ctrlab/embeddings"
	"ctrlab/experiments"
	"ctrlab/interactions"
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/strict"
	"ctrlab/models"
)

// listing is a table to print: what --json calls the columns, and the rows. options, where there are any, are a
// struct a row whose keys a file can set.
type listing struct {
	columns []string
	rows    [][]string
	options []any
}

func (l *listing) add(options any, row ...string) {
	l.rows = append(l.rows, row)
	if options != nil {
		l.options = append(l.options, options)
	}
}

// listings is what can be listed, and how.
var listings = []struct {
	name string
	make func(db string) (listing, error)
}{
	{"models", listModels},
	{"interactions", listInteractions},
	{"embeddings", listEmbeddings},
	{"datasets", listDatasets},
	{"truths", listTruths},
	{"metrics", listMetrics},
	{"experiments", listExperiments},
	{"runs", listRuns},
}

func listNames() (names []string) {
	for _, l := range listings {
		names = append(names, l.name)
	}
	return names
}

func list(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	asJSON := f.Bool("json", false, "print a JSON object a row")
	return func(_ context.Context, a *app, args []string) error {
		if len(args) > 1 {
			return usage("list: want one of %s", strings.Join(listNames(), ", "))
		}
		for _, l := range listings {
			if l.name != args[0] {
				continue
			}
			table, err := l.make(*db)
			if err != nil {
				return err
			}
			if *asJSON {
				return environment(table.json(a))
			}
			return environment(table.text(a))
		}
		if near := strict.Nearest(args[0], listNames()); near != "" {
			return usage("list: there are no %s; did you mean %s?", args[0], near)
		}
		return usage("list: there are no %s; want one of %s", args[0], strings.Join(listNames(), ", "))
	}
}

func (l listing) json(a *app) error {
	out := newLines(a.stdout)
	for i, row := range l.rows {
		m := map[string]any{}
		for j, c := range l.columns {
			m[c] = row[j]
		}
		if l.options != nil {
			m["options"] = l.options[i]
		}
		out.write(m)
	}
	return out.err
}

func (l listing) text(a *app) error {
	rows := [][]string{each(l.columns, strings.ToUpper)}
	for i, text := range layout(append(rows, l.rows...), columns(a.stdout)) {
		if _, err := io.WriteString(a.stdout, text); err != nil {
			return err
		}
		if i > 0 && l.options != nil { // the columns' names stand before the first
			settings(a.stdout, l.options[i-1])
		}
	}
	return nil
}

func each(words []string, change func(string) string) []string {
	var out []string
	for _, w := range words {
		out = append(out, change(w))
	}
	return out
}

// settings prints keys with their defaults, in lines that fit a terminal; of tables only that they are some.
func settings(w io.Writer, options any) {
	raw, _ := json.Marshal(options) // options are plain structs
	var values map[string]json.RawMessage
	_ = json.Unmarshal(raw, &values)
	line := "   "
	for _, k := range strict.Fields(options) {
		word := " " + k
		switch v := string(values[k]); {
		case strings.Contains(v, "{"):
			word += "=…"
		case v != "" && v != "null":
			word += "=" + v
		}
		if len(line)+len(word) > lineWidth {
			fmt.Fprintln(w, line)
			line = "   "
		}
		line += word
	}
	if strings.TrimSpace(line) != "" {
		fmt.Fprintln(w, line)
	}
}

func listModels(string) (listing, error) {
	l := listing{columns: []string{"name", "formula", "source"}}
	for _, p := range models.Presets {
		l.add(p.Options, p.Name, p.Formula, p.Source)
	}
	return l, nil
}

func listInteractions(string) (listing, error) {
	l := listing{columns: []string{"name", "formula", "source"}}
	for _, v := range interactions.Table() {
		l.add(v.Options, v.Name, v.Formula, v.Source)
	}
	return l, nil
}

func listEmbeddings(string) (listing, error) {
	l := listing{columns: []string{"name", "formula", "source"}}
	for _, v := range embeddings.All {
		l.add(v.Options, v.Name, v.Formula, v.Source)
	}
	return l, nil
}

func listDatasets(string) (listing, error) {
	l := listing{columns: []string{"name", "about"}}
	for _, d := range datasets.All {
		l.add(d.Defaults, d.Name, d.About)
	}
	return l, nil
}

// listTruths lists the names that data.truth may have, with the terms that they stand for.
func listTruths(string) (listing, error) {
	l := listing{columns: []string{"name", "about", "terms"}}
	for _, t := range datasets.NamedTruths {
		terms, err := json.Marshal(t.Terms)
		if err != nil {
			return l, err
		}
		l.add(nil, t.Name, t.About, string(terms))
	}
	return l, nil
}

func listMetrics(string) (listing, error) {
	l := listing{columns: []string{"name", "unit", "better", "about"}}
	for _, m := range metric.All {
		l.add(nil, m.Name, m.Unit, m.Better.String(), m.About)
	}
	return l, nil
}

// listExperiments lists those that are part of the program and those that the database has.
func listExperiments(db string) (listing, error) {
	l := listing{columns: []string{"name", "where", "question"}}
	for _, name := range experiments.Files() {
		e, err := experiments.Load(name, nil)
		if err != nil {
			return l, err
		}
		l.add(nil, name, "program", e.Question)
	}
	st, err := store.OpenRead(db)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	defer st.Close()
	all, err := st.Experiments()
	for _, e := range all {
		l.add(nil, e.Name, db, e.Question)
	}
	return l, err
}

func listRuns(db string) (listing, error) {
	l := listing{columns: []string{"run", "experiment", "label", "seed", "state", "started", "seconds"}}
	st, err := store.OpenRead(db)
	if err != nil {
		return l, err
	}
	defer st.Close()
	runs, err := st.Runs()
	for _, r := range runs {
		seconds := ""
		if !r.Ended.IsZero() {
			seconds = fmt.Sprintf("%.1f", r.Ended.Sub(r.Started).Seconds())
		}
		l.add(nil, fmt.Sprint(r.ID), r.Experiment, r.Label, fmt.Sprint(r.Seed), r.State, r.Started.Local().Format(time.DateTime), seconds)
	}
	return l, err
}
