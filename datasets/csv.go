package datasets

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
	"ctrlab/internal/strict"
)

// CSV are the options of tables in text: a row a line, columns between separators. Columns are known by the names in the
// first line, or by their numbers from 1. What no key names is left out.
type CSV struct {
	Files
	Steps
	Roles
	Separator string   `json:"separator"`         // one character
	Header    bool     `json:"header"`            // the first line of every file has the names of columns
	Columns   []string `json:"columns,omitempty"` // the names, where no header has them or others are wanted
	Missing   []string `json:"missing,omitempty"` // values that are as if empty
	Quotes    bool     `json:"quotes"`            // a value may stand between double quotes
	Comment   string   `json:"comment,omitempty"` // what lines begin with that are no rows
}

func csvDefaults() CSV {
	return CSV{Files: Files{SplitSeed: 1}, Separator: ",", Header: true, Quotes: true}
}

// Check refuses what does not go together and resolves the keys of Files and Steps.
func (o *CSV) Check() error {
	if len(o.Separator) != 1 || strings.ContainsAny(o.Separator, "\"\r\n ") {
		return fmt.Errorf("separator is %q, want one character, like \",\" or \"\\t\"", o.Separator)
	}
	if err := o.Roles.check(); err != nil {
		return err
	}
	if err := distinct("columns", o.Columns); err != nil {
		return err
	}
	for i, m := range o.Multi {
		if m.Separator == o.Separator {
			return fmt.Errorf("multi[%d].separator is %q, which separates columns", i, m.Separator)
		}
	}
	if err := o.Steps.resolve("standard"); err != nil {
		return err
	}
	return o.Files.resolve(o.Roles.splits(), "end")
}

func openCSV(ctx context.Context, env Env, o CSV) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	return prepared(ctx, env, "csv", 1, o, &o.Files, &o.Steps, o.detect)
}

// csvColumn is what becomes of a column of the file.
type csvColumn struct {
	name      string
	role      csvRole
	place     int    // among dense columns or fields
	separator []byte // of a multi-valued one
}

type csvRole int

const (
	csvUnused csvRole = iota
	csvLabel
	csvDense
	csvCategorical
	csvMulti
	csvTime
)

// detect reads the names of columns, which all files must agree on.
func (o *CSV) detect(files []string) (lines, error) {
	names := o.Columns
	for i, file := range files {
		if o.Columns != nil || i > 0 && !o.Header {
			break
		}
		its, err := o.names(file)
		if err != nil {
			return lines{}, err
		}
		if i == 0 {
			names = its
		} else if err := sameNames(files[0], names, file, its); err != nil {
			return lines{}, err
		}
	}
	return o.plan(names)
}

// names are those of a file's columns.
func (o *CSV) names(file string) ([]string, error) {
	if file == "-" {
		return nil, fmt.Errorf("data.columns is missing, want the names of columns: standard input is read but once")
	}
	first, err := text.First(file, 1, text.Limits{})
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		return nil, fmt.Errorf("%s: has no rows", file)
	}
	cells, err := (&csvCells{separator: o.Separator[0], quotes: o.Quotes}).split([]byte(first[0]))
	if err != nil {
		return nil, fmt.Errorf("%s:1: %w", file, err)
	}
	var names []string
	for i, c := range cells {
		if o.Header {
			names = append(names, string(c))
		} else {
			names = append(names, strconv.Itoa(i+1))
		}
	}
	return names, nil
}

func sameNames(a string, as []string, b string, bs []string) error {
	if len(as) != len(bs) {
		return fmt.Errorf("%s:1: has %s, and %s has %d", b, counted(len(bs), "column"), a, len(as))
	}
	for i := range as {
		if as[i] != bs[i] {
			return fmt.Errorf("%s:1: column %d is %q, and in %s it is %q", b, i+1, bs[i], a, as[i])
		}
	}
	return nil
}

// plan gives every column its role.
func (o *CSV) plan(names []string) (lines, error) {
	columns := make([]csvColumn, len(names))
	for i, name := range names {
		columns[i].name = name
	}
	take := func(key, name string, role csvRole, place int) (*csvColumn, error) {
		i := slices.Index(names, name)
		switch near := strict.Nearest(name, names); {
		case i >= 0 && slices.Contains(names[i+1:], name):
			return nil, fmt.Errorf("data.%s: %q is the name of several columns, want columns = [names] that tell them apart", key, name)
		case i < 0 && near != "":
			return nil, fmt.Errorf("data.%s: there is no column %q; did you mean %s?", key, name, near)
		case i < 0:
			return nil, fmt.Errorf("data.%s: there is no column %q; columns are %s", key, name, strings.Join(names, ", "))
		}
		columns[i].role, columns[i].place = role, place
		return &columns[i], nil
	}
	var l raw.Layout
	if _, err := take("label", o.Label, csvLabel, 0); err != nil {
		return lines{}, err
	}
	if o.Time != "" {
		l.Time = true
		if _, err := take("time", o.Time, csvTime, 0); err != nil {
			return lines{}, err
		}
	}
	if o.Rating != nil {
		l.Rating = &batch.Range{Min: o.Rating[0], Max: o.Rating[1]}
	}
	l.Dense = o.all(o.Dense, names)
	for i, name := range l.Dense {
		if _, err := take("dense", name, csvDense, i); err != nil {
			return lines{}, err
		}
	}
	for i, name := range o.all(o.Categorical, names) {
		if _, err := take("categorical", name, csvCategorical, i); err != nil {
			return lines{}, err
		}
		l.Fields = append(l.Fields, raw.Field{Name: name, Key: raw.Text})
	}
	for _, m := range o.Multi {
		c, err := take("multi", m.Name, csvMulti, len(l.Fields))
		if err != nil {
			return lines{}, err
		}
		c.separator = []byte(cmp.Or(m.Separator, "|"))
		p, _ := pool(m.Pool)
		l.Fields = append(l.Fields, raw.Field{Name: m.Name, Key: raw.Text, MultiHot: true, Pool: p})
	}
	head := 0
	if o.Header {
		head = 1
	}
	return lines{l, head, func() text.Parser { return newCSVLine(o, &l, columns) }}, nil
}
