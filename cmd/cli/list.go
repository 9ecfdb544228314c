package cli

import (
	"cmp"
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
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/strict"
	"ctrlab/report"
)

// listing is a table to print: what --json calls the columns, and the rows, of texts and numbers. The last columns, so many as
// below says, stand under the others. options, where there are any, are a struct a row whose keys a file can set.
type listing struct {
	columns []string
	rows    [][]any
	below   int
	options []any
}

func (l *listing) add(options any, row ...any) {
	l.rows = append(l.rows, row)
	if options != nil {
		l.options = append(l.options, options)
	}
}

// listFlags are the flags of list.
type listFlags struct {
	db          string
	fields, dim int // that costs are of
	json        bool
}

// listings is what can be listed, and how; costs says that --fields and --dim take part.
var listings = []struct {
	name  string
	costs bool
	make  func(o listFlags) (listing, error)
}{
	{"models", true, listModels},
	{"interactions", true, listInteractions},
	{"embeddings", false, listEmbeddings},
	{"datasets", false, listDatasets},
	{"truths", false, listTruths},
	{"metrics", false, listMetrics},
	{"experiments", false, listExperiments},
	{"runs", false, listRuns},
}

func listNames() (names []string) {
	for _, l := range listings {
		names = append(names, l.name)
	}
	return names
}

func list(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o listFlags
	f.StringVar(&o.db, "db", defaultDB, "the database's `FILE`")
	f.IntVar(&o.fields, "fields", 39, "of models and interactions, costs are those of an example of `F` fields")
	f.IntVar(&o.dim, "dim", 16, "and of vectors of `D` numbers")
	f.BoolVar(&o.json, "json", false, "print a JSON object a row")
	return func(_ context.Context, a *app, args []string) error {
		if len(args) > 1 {
			return usage("list: want one of %s", strings.Join(listNames(), ", "))
		}
		for _, l := range listings {
			if l.name != args[0] {
				continue
			}
			if err := o.check(f, l.costs); err != nil {
				return usage("list %s: %w", l.name, err)
			}
			table, err := l.make(o)
			if err != nil {
				return err
			}
			if o.json {
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

// check refuses sizes that no model has, or that are of no use.
func (o listFlags) check(f *flag.FlagSet, costs bool) (err error) {
	f.Visit(func(given *flag.Flag) {
		if !costs && (given.Name == "fields" || given.Name == "dim") {
			err = fmt.Errorf("--%s is for models and interactions, which have costs", given.Name)
		}
	})
	switch {
	case err != nil:
		return err
	case o.fields < 1 || o.fields > 1000:
		return fmt.Errorf("--fields is %d, want 1 to 1000", o.fields)
	case o.dim < 1 || o.dim > 1024:
		return fmt.Errorf("--dim is %d, want 1 to 1024", o.dim)
	}
	return nil
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
	beside := len(l.columns) - l.below
	rows := [][]string{each(l.columns[:beside], strings.ToUpper)}
	for _, row := range l.rows {
		rows = append(rows, texts(row[:beside]))
	}
	for i, text := range layout(rows, cmp.Or(columns(a.stdout), lineWidth)) {
		if _, err := io.WriteString(a.stdout, text); err != nil {
			return err
		}
		if i == 0 {
			continue // the columns' names stand before the first row
		}
		for k, text := range texts(l.rows[i-1][beside:]) {
			if l.rows[i-1][beside+k] == nil {
				continue
			}
			if k > 0 {
				text = l.columns[beside+k] + ": " + text
			}
			fmt.Fprintf(a.stdout, "    %s\n", strings.Join(wrap(text, lineWidth-4), "\n    "))
		}
		if l.options != nil {
			settings(a.stdout, l.options[i-1])
		}
	}
	return nil
}

// texts spells values for people: of counts three digits, and a dash for none.
func texts(values []any) (words []string) {
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			words = append(words, "–")
		case string:
			words = append(words, v)
		case float64:
			words = append(words, report.Count(v))
		default:
			panic("cli: a value that no listing has")
		}
	}
	return words
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

func listEmbeddings(listFlags) (listing, error) {
	l := listing{columns: []string{"name", "formula", "source"}}
	for _, v := range embeddings.All {
		l.add(v.Options, v.Name, v.Formula, v.Source)
	}
	return l, nil
}

func listDatasets(listFlags) (listing, error) {
	l := listing{columns: []string{"name", "about"}}
	for _, d := range datasets.All {
		l.add(d.Defaults, d.Name, d.About)
	}
	return l, nil
}

// listTruths lists the names that data.truth may have, with the terms that they stand for.
func listTruths(listFlags) (listing, error) {
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

func listMetrics(listFlags) (listing, error) {
	l := listing{columns: []string{"name", "unit", "better", "about"}}
	for _, m := range metric.All {
		l.add(nil, m.Name, m.Unit, m.Better.String(), m.About)
	}
	return l, nil
}

// listExperiments lists those that are part of the program and those that the database has.
func listExperiments(o listFlags) (listing, error) {
	l := listing{columns: []string{"name", "where", "question"}}
	for _, name := range experiments.Files() {
		e, err := experiments.Load(name, nil)
		if err != nil {
			return l, err
		}
		l.add(nil, name, "program", e.Question)
	}
	st, err := store.OpenRead(o.db)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	defer st.Close()
	all, err := st.Experiments()
	for _, e := range all {
		l.add(nil, e.Name, o.db, e.Question)
	}
	return l, err
}

func listRuns(o listFlags) (listing, error) {
	l := listing{columns: []string{"run", "experiment", "label", "seed", "state", "started", "seconds"}}
	st, err := store.OpenRead(o.db)
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
