package report

import (
	"cmp"
	"math"
	"strings"

	"ctrlab/internal/stat"
)

// A column is a row of the table of columns: one metric and how it is written.
type column struct {
	metric   string // as results have it; empty for what the group is ranked by
	short    string // heading in a terminal
	terminal bool   // shown there too
	spread   bool   // with the half-width of its interval
	write    func(x float64) string
	unit     bool                // its unit stands in the page's heading: write does not say it
	bar      bool                // the page draws a bar from 0 to 1 behind it
	where    func(g *group) bool // it is of interest; nil: everywhere
	minor    bool                // the page shows it only when asked to
}

// columns are those of the leaderboard. One that no variant has a value of is left out.
var columns = []column{
	{metric: "", terminal: true, spread: true},
	{metric: "test.auc", short: "AUC", terminal: true, spread: true},
	{metric: "test.ndcg@10", short: "NDCG@10", terminal: true, spread: true},
	{metric: "test.hr@10", short: "HR@10", terminal: true, spread: true},
	{metric: "test.gauc", short: "gAUC", terminal: true, spread: true},
	{metric: "test.rmse", short: "RMSE", terminal: true, spread: true},
	{metric: "test.attained", short: "attained", terminal: true, write: percent, bar: true},
	{metric: "test.logloss", short: "log loss", terminal: true, spread: true},
	{metric: "test.mae", short: "MAE", terminal: true, spread: true},
	{metric: "train.examples_per_second", short: "train/s", terminal: true, write: scaled, unit: true},
	{metric: "infer.examples_per_second", short: "infer/s", write: scaled, unit: true},
	{metric: "train.seconds", short: "time", write: duration},
	{metric: "pairs.agreement", short: "pairs", write: func(x float64) string { return fixed(x, 2) }},
	{metric: "latents.recovered", short: "latents", write: percent, bar: true},
	{metric: "params", short: "params", terminal: true, write: scaled},
	{metric: "params.dense", short: "dense", write: scaled, minor: true},
	{metric: "tables.bytes", short: "tables", terminal: true, write: Memory, where: (*group).sizes},
	{metric: "interaction.width", short: "width", write: scaled, minor: true},
	{metric: "top.width", short: "top", write: scaled, minor: true},
	{metric: "flops", short: "flops", write: scaled},
	{metric: "peak_rss", short: "memory", write: Memory},
}

// A cell is one variant's entry in a column.
type cell struct {
	text string
	half string // of the interval; empty where it is not known or not shown
	stat.Interval
}

// said is the cell in words, for a label.
func (c cell) said(label string) string {
	words := label + ": " + c.text
	if c.half != "" {
		words += " " + c.half
	}
	if c.N > 1 {
		words += ", " + plural(c.N, "seed")
	}
	return words
}

// A field is a column filled for a group.
type field struct {
	column
	measure
	cells []cell // one a variant of the group
}

// fields fills the columns that have anything to show.
func (g *group) fields() []field {
	var out []field
	for _, c := range columns {
		name := c.metric
		if name == "" {
			name = g.main.name
		} else if name == g.main.name {
			continue
		}
		if g.has(name) && (c.where == nil || c.where(g)) {
			out = append(out, g.field(c, measureOf(name)))
		}
	}
	return out
}

func (g *group) field(c column, m measure) field {
	f := field{column: c, measure: m}
	var half []float64
	for _, v := range g.variants {
		i := v.interval(m.name)
		half = append(half, i.Half)
		f.cells = append(f.cells, cell{Interval: i})
	}
	places := decimals(half)
	for i := range f.cells {
		x := &f.cells[i]
		if c.write != nil {
			x.text = c.write(x.Mean)
			continue
		}
		x.text = fixed(x.Mean, places)
		if c.spread && !math.IsNaN(x.Half) {
			n := places
			for n < 6 && x.Half > 0 && x.Half < 0.5*math.Pow10(-n) { // narrower than others: 0.0000 would be no interval
				n++
			}
			x.half = "±" + fixed(x.Half, n)
		}
	}
	return f
}

// writer is how a metric is written, with its unit where that does not go without saying.
func writer(name string) func(x float64) string {
	for _, c := range columns {
		if c.metric == name && c.write != nil {
			if m := measureOf(name); c.unit || m.Unit == "" {
				return func(x float64) string { return c.write(x) + " " + cmp.Or(m.Unit, m.Title) }
			}
			return c.write
		}
	}
	return digits3
}

// heading is the column's in a terminal.
func (f field) heading() string {
	if f.short != "" {
		return f.short
	}
	return f.measure.String()
}

// title is the column's on a page.
func (f field) title() string { return strings.ToUpper(f.String()[:1]) + f.String()[1:] }
