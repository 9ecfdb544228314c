package report

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/describe"
)

// DataSet is a data set as its page has it.
type DataSet struct {
	Name     string
	Options  string // canonical JSON of its [data] table
	Identity string
	Cache    string // the file it is read from; "" where there is none
	Warnings []string
	*describe.Description
}

//go:embed dataset.html
var dataHTML string

// dataDocument is what dataset.html is filled with.
type dataDocument struct {
	DataSet
	CSS      template.CSS
	Script   template.JS
	Facts    string
	Contents []link
	Table    []setting // of the options
	Figures  []picture
	Splits   []splitRow
	Columns  []columnTable
	Memory   []memoryRow
}

type splitRow struct{ Name, Rows, Label string }

type memoryRow struct{ Width, Plain, One, Two string }

// A columnTable tells of all columns of a kind, a row each.
type columnTable struct {
	ID, Title string
	Heads     []heading
	Rows      [][]entry
}

// WriteData makes dir, where it is missing, and in it a data set's page, index.html, with its figures as PNGs beside it.
func WriteData(dir string, d DataSet) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	x := dataDocument{DataSet: d, CSS: styles(), Script: template.JS(pageJS), Facts: dataFacts(d), Table: settings(d.Options), Columns: columnTables(d)}
	for _, f := range dataFigures(d) {
		f.of = d.Name
		if err := errors.Join(f.render(), f.save(dir)); err != nil {
			return err
		}
		x.Figures = append(x.Figures, *f.picture())
	}
	for s := range batch.Splits {
		if d.Rows[s] > 0 {
			x.Splits = append(x.Splits, splitRow{s.String(), thousands(int64(d.Rows[s])), fixed(d.Label.Mean[s], 4)})
		}
	}
	for _, width := range []int{8, 16, 32, 64, 128} {
		x.Memory = append(x.Memory, memoryRow{
			fmt.Sprint(width), Memory(d.TableBytes(width, 0)), Memory(d.TableBytes(width, 1)), Memory(d.TableBytes(width, 2)),
		})
	}
	x.Contents = x.contents()
	var b bytes.Buffer
	if err := template.Must(template.Must(parts.Clone()).Parse(dataHTML)).Execute(&b, x); err != nil {
		return err
	}
	return replace(filepath.Join(dir, "index.html"), b.Bytes())
}

// contents are the sections that the page has.
func (x *dataDocument) contents() []link {
	var out []link
	if len(x.Figures) > 0 {
		out = append(out, link{"figures", "Figures"})
	}
	out = append(out, link{"splits", "Splits"})
	for _, c := range x.Columns {
		out = append(out, link{c.ID, c.Title})
	}
	if len(x.Fields) > 0 {
		out = append(out, link{"memory", "Memory"})
	}
	return append(out, link{"made", "Made with"})
}

// styles are the page's, in both colour schemes.
func styles() template.CSS {
	return template.CSS(":root{" + variables(false) + "}\n@media screen and (prefers-color-scheme:dark){:root{" + variables(true) + "}}\n" + pageCSS)
}

func dataFacts(d DataSet) string {
	rows, ids := 0, 0
	for _, n := range d.Rows {
		rows += n
	}
	for _, f := range d.Description.Fields {
		ids += f.Rows
	}
	return fmt.Sprintf("%s rows · %s · %s of %s ids", Count(float64(rows)), plural(len(d.Description.Dense), "dense feature"),
		plural(len(d.Description.Fields), "field"), Count(float64(ids)))
}

// cellOf is a number's cell, which sorts by its value.
func cellOf(x float64, text string) entry { return entry{Text: text, Value: fmt.Sprint(x)} }

// shareOf is a share's cell; – where it is not known.
func shareOf(x *float64) entry {
	if x == nil {
		return entry{Text: "–"}
	}
	return cellOf(*x, percent(*x))
}

// columnTables are those of the kinds of columns that a data set has.
func columnTables(d DataSet) []columnTable {
	fields := columnTable{ID: "fields", Title: "Fields", Heads: []heading{
		{Key: "field", Title: "Field"}, {Key: "table", Title: "Table", About: "rows of its table"}, {Key: "bag", Title: "Bag", About: "mean ids a row"},
		{Key: "train", Title: "In train", About: "distinct ids in train"}, {Key: "once", Title: "Once", About: "of these, ids that occur once"},
		{Key: "top", Title: "Top 10", About: "share of the lookups that the ten most frequent ids take"},
		{Key: "missing", Title: "Missing", About: "empty values in train"}, {Key: "unknown", Title: "Unknown", About: "lookups in train of values outside the vocabulary"},
		{Key: "unseen-valid", Title: "Unseen in valid", About: "lookups in valid of ids that train does not have"},
		{Key: "unseen-test", Title: "Unseen in test", About: "lookups in test of ids that train does not have"},
		{Key: "drift-valid", Title: "Drift to valid", About: "total variation distance between train and valid"},
		{Key: "drift-test", Title: "Drift to test", About: "total variation distance between train and test"},
	}}
	for _, f := range d.Description.Fields {
		fields.Rows = append(fields.Rows, fieldCells(f))
	}
	dense := columnTable{ID: "dense", Title: "Dense features", Heads: []heading{
		{Key: "feature", Title: "Feature"}, {Key: "missing", Title: "Missing", About: "empty values in train"}, {Key: "zero", Title: "Zero"},
		{Key: "mean", Title: "Mean"}, {Key: "sd", Title: "SD", About: "standard deviation"}, {Key: "least", Title: "Least"}, {Key: "median", Title: "Median"},
		{Key: "greatest", Title: "Greatest"}, {Key: "drift-valid", Title: "Drift to valid", About: "Kolmogorov–Smirnov distance between train and valid"},
		{Key: "drift-test", Title: "Drift to test", About: "Kolmogorov–Smirnov distance between train and test"},
	}}
	for _, c := range d.Description.Dense {
		dense.Rows = append(dense.Rows, denseCells(c))
	}
	return slices.DeleteFunc([]columnTable{fields, dense}, func(t columnTable) bool { return len(t.Rows) == 0 })
}

func denseCells(c describe.Dense) []entry {
	return []entry{
		{Text: c.Name, Value: c.Name}, shareOf(c.Missing), cellOf(c.Zero, percent(c.Zero)), cellOf(c.Mean, digits3(c.Mean)), cellOf(c.SD, digits3(c.SD)),
		cellOf(c.Min, digits3(c.Min)), cellOf(c.Quartile[1], digits3(c.Quartile[1])), cellOf(c.Max, digits3(c.Max)),
		shareOf(c.Drift[batch.Valid]), shareOf(c.Drift[batch.Test]),
	}
}

func fieldCells(f describe.Field) []entry {
	bag := entry{Text: "1", Value: "1"}
	if f.Bag > 0 {
		bag = cellOf(f.Bag, digits3(f.Bag))
	}
	once := float64(f.Once) / float64(max(f.Distinct[batch.Train], 1))
	return []entry{
		{Text: f.Name, Value: f.Name}, cellOf(float64(f.Rows), thousands(int64(f.Rows))), bag,
		cellOf(float64(f.Distinct[batch.Train]), thousands(int64(f.Distinct[batch.Train]))), cellOf(once, percent(once)),
		cellOf(f.HeadShare(10), percent(f.HeadShare(10))), shareOf(f.Missing), shareOf(f.Unknown[batch.Train]),
		shareOf(known(f, batch.Valid)), shareOf(known(f, batch.Test)), shareOf(f.Drift[batch.Valid]), shareOf(f.Drift[batch.Test]),
	}
}

// known is the share of a split's lookups of ids that train does not have, where the split has any.
func known(f describe.Field, s batch.Split) *float64 {
	if f.Lookups[s] == 0 {
		return nil
	}
	return &f.Unseen[s]
}
