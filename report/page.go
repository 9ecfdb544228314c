package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

// document is what page.html is filled with.
type document struct {
	*summary
	CSS      template.CSS
	Script   template.JS
	Overview []picture // of several data sets
	Groups   []section
	Common   []table   // of all configurations
	Full     []setting // those, and what they leave out
	Plan     []planned
	Glossary []metric.Metric
	Data     []dataset
	Version  string
	States   string // empty where all trials are done
	Facts    string
	Faults   []fault
}

// A section is a group with its table and figures.
type section struct {
	Name, Main string
	Fields     []heading
	Rows       []row
	Notes      []string
	Figures    []picture
	Tuned      string // how; empty where nothing is
	Searches   []searched
	Audits     []audit
}

// searched is a row of the table of searches.
type searched struct {
	Label, Mark, Trials, Failed, Time, Best, Chosen string
	Repeat                                          int
}

type heading struct{ Title, Unit, About, Sort string }

type row struct {
	Label, Mark string
	Leads       bool
	Cells       []entry
}

// An entry is a cell of the page: Value sorts it, Bar fills it.
type entry struct {
	Text, Half, Value string
	Bar               template.CSS
}

type picture struct {
	File, Title, Caption string
	SVG                  template.HTML
}

type dataset struct {
	store.Dataset
	Shape   string
	Options []setting
}

// page makes the report's page. It fetches nothing: styles, script and figures are in it.
func page(s *summary, figures []drawn) ([]byte, error) {
	css := ":root{" + variables(false) + "}\n@media (prefers-color-scheme:dark){:root{" + variables(true) + "}}\n" + pageCSS
	d := document{summary: s, CSS: template.CSS(css), Script: template.JS(pageJS), Facts: s.facts(), Faults: s.faults()}
	if states := s.states(); strings.Contains(states, " of ") {
		d.States = states
	}
	for _, x := range figures {
		if x.group < 0 {
			d.Overview = append(d.Overview, *x.picture())
		}
	}
	for i, g := range s.groups {
		d.Groups = append(d.Groups, s.section(g, i, figures))
	}
	d.Full, d.Plan = s.plan()
	d.Common = condensed(d.Full)
	d.Glossary = s.glossary()
	for _, x := range s.Datasets {
		d.Data = append(d.Data, dataset{x, shape(x.Schema), settings(x.Options)})
	}
	for _, e := range s.Environments {
		d.Version = e.Version
	}
	t, err := template.New("page").Funcs(template.FuncMap{
		"thousands": func(n int) string { return thousands(int64(n)) },
		"memory":    func(n int64) string { return Memory(float64(n)) },
		"brief":     func(s string) string { return s[:min(12, len(s))] },
		"data":      func(t store.Trial) string { return s.groupOf(t).name },
		"result":    func(t store.Trial) string { return fixed(valueOf(t, s.groupOf(t).main.name), 5) },
		"duration":  func(t store.Trial) string { return duration(valueOf(t, "train.seconds")) },
		"step":      func(t store.Trial) string { return fixed(valueOf(t, "best_step"), 0) },
	}).Parse(pageHTML)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, d)
	return b.Bytes(), err
}

func (s *summary) section(g *group, i int, figures []drawn) section {
	x := section{Name: g.name, Main: g.main.String(), Notes: s.notes(g), Searches: g.searched(), Audits: s.audits(g)}
	if g.tunings != nil {
		x.Tuned = budget(g.tunings)
	}
	fields := g.fields()
	for k, f := range fields {
		h := heading{Title: f.title(), About: f.About}
		if f.unit {
			h.Unit = f.Unit
		}
		if k == 0 {
			h.Sort = map[metric.Better]string{metric.Higher: "descending", metric.Lower: "ascending"}[f.Better]
		}
		x.Fields = append(x.Fields, h)
	}
	for k, v := range g.variants {
		r := row{Label: v.label, Mark: mark(v.place), Leads: g.leads(v)}
		for _, f := range fields {
			r.Cells = append(r.Cells, f.entryOf(k))
		}
		x.Rows = append(x.Rows, r)
	}
	for _, d := range figures {
		if d.group == i {
			x.Figures = append(x.Figures, *d.picture())
		}
	}
	return x
}

func (d *drawn) picture() *picture {
	return &picture{d.file, d.title, d.caption, template.HTML(d.svg)}
}

// entryOf is the field's cell of the k-th variant on the page.
func (f field) entryOf(k int) entry {
	c := f.cells[k]
	e := entry{Text: c.text, Half: c.half}
	if !math.IsNaN(c.Mean) {
		e.Value = fmt.Sprint(c.Mean)
		if f.bar {
			e.Bar = template.CSS(fmt.Sprintf("--share:%.1f%%", 100*min(max(c.Mean, 0), 1)))
		}
	}
	return e
}

// mark is a variant's colour and shape as the page's style sheet names them.
func mark(place int) string {
	return fmt.Sprintf("h%d s%d", place%len(hues), place/len(hues)%4)
}

// facts sums the experiment up in a line.
func (s *summary) facts() string {
	facts := []string{plural(len(s.labels), "variant")}
	if len(s.groups) > 1 {
		facts = append(facts, plural(len(s.groups), "data set"))
	}
	facts = append(facts, plural(len(s.Trials), "trial"))
	if at := s.Experiment.Created; !at.IsZero() {
		facts = append(facts, "planned "+at.UTC().Format("2 January 2006, 15:04 UTC"))
	}
	return strings.Join(facts, " · ")
}

// glossary is the metrics that some table shows, in the order of the table of metrics.
func (s *summary) glossary() []metric.Metric {
	shown := map[string]bool{}
	for _, g := range s.groups {
		for _, f := range g.fields() {
			shown[f.Name] = true
		}
	}
	var out []metric.Metric
	for _, m := range metric.All {
		if shown[m.Name] {
			out = append(out, m)
		}
	}
	return out
}

// groupOf is the group that a trial belongs to; every trial has one.
func (s *summary) groupOf(t store.Trial) *group {
	i := slices.IndexFunc(s.groups, func(g *group) bool { return g.data.ID == t.Dataset })
	return s.groups[i]
}

// valueOf returns a result, NaN where there is none.
func valueOf(t store.Trial, name string) float64 {
	if x, ok := t.Results[name]; ok {
		return x
	}
	return math.NaN()
}
