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
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed parts.html
	partsHTML string // that several pages have
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

// document is what page.html is filled with.
type document struct {
	*summary
	CSS               template.CSS
	Script            template.JS
	Answer            []string
	Facts, States     string // States is empty where all trials are done
	Contents          []link
	Overview          []picture // of several data sets
	Groups            []section
	Claims            []Claim // published, and what was found of them
	Picks             []Pick  // of an experiment that has them
	Failed            []fault
	Common            []table   // of all configurations
	Full              []setting // those, and what they leave out
	Plan              []planned
	Glossary          []metric.Metric
	Data              []dataset
	Command, FileName string // that repeat it
	Splits            [3]string
	Version           string
}

// parts are the templates that pages share. A long name, of more than 40 runes, may take several lines of its column.
var parts = template.Must(template.New("page").Funcs(template.FuncMap{
	"long": func(name string) template.HTMLAttr {
		if Width(name) > 40 {
			return ` class="long"`
		}
		return ""
	},
}).Parse(partsHTML))

// A link leads to a section of the page.
type link struct{ ID, Title string }

// A section is a group with its table and figures.
type section struct {
	Name, Main string
	Suffix     string // of its ids, where there are several groups
	Fields     []heading
	Rows       []row
	Notes      []string
	Contest    *contest
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

type heading struct {
	Key, Title, Unit, About, Sort string
	Minor                         bool // the page shows it only when asked to
	Text                          bool // words, not numbers
}

type row struct {
	Label, Mark string
	Leads       bool
	Failed      string // how many of its trials
	Cells       []entry
}

// An entry is a cell of the page: Value sorts it, Bar fills it.
type entry struct {
	Text, Half, Value string
	Class, About      string
	Bar               template.CSS
}

type picture struct {
	File, Title, Caption string
	SVG                  template.HTML
	Data                 [][]string // behind it
}

type dataset struct {
	store.Dataset
	Shape   string
	Options []setting
}

// page makes the report's page. It fetches nothing: styles, script, figures and their data are in it.
func page(s *summary, figures []drawn) ([]byte, error) {
	d := document{summary: s, CSS: styles(), Script: template.JS(pageJS), Answer: s.answer(), Facts: s.facts(), Claims: Claims(s.Report), Failed: s.faults(), Splits: [3]string{"train", "valid", "test"}}
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
	if len(d.Claims) > 0 {
		d.Picks = s.picks()
	}
	d.Command, d.FileName = s.command()
	d.Contents = d.contents()
	t, err := template.Must(parts.Clone()).Funcs(template.FuncMap{
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
	return Upright(b.Bytes()), err
}

// Upright leaves out what turns the direction of all text after it, numbers and verdicts with it: a name in a database may hold it.
func Upright(html []byte) []byte {
	return bytes.Map(func(c rune) rune {
		if 0x202A <= c && c <= 0x202E || 0x2066 <= c && c <= 0x2069 {
			return -1
		}
		return c
	}, html)
}

// contents are the sections that the page has: of several data sets one each.
func (d *document) contents() []link {
	var out []link
	add := func(some bool, id, title string) {
		if some {
			out = append(out, link{id, title})
		}
	}
	add(len(d.Overview) > 0, "overview", "All data sets")
	for _, x := range d.Groups {
		if len(d.Groups) > 1 {
			add(true, "leaderboard"+x.Suffix, x.Name)
			continue
		}
		add(true, "leaderboard", "Leaderboard")
		add(x.Contest != nil, "comparisons", "Comparisons")
		add(len(x.Figures) > 0, "figures", "Figures")
		add(len(x.Searches) > 0, "tuning", "Tuning")
	}
	add(len(d.Claims) > 0, "published", "What was published")
	add(len(d.Failed) > 0, "failed", "Failed trials")
	add(true, "plan", "Plan")
	add(true, "repeat", "To repeat it")
	return out
}

// command is what runs the experiment again, with the name of its file.
func (s *summary) command() (line, file string) {
	file = s.Experiment.Name + ".toml"
	line = "ctrlab run " + quoted(file)
	for _, x := range s.Experiment.Overrides {
		line += " --set " + quoted(x)
	}
	return line, file
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:+@") == "" && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func (s *summary) section(g *group, i int, figures []drawn) section {
	x := section{Name: g.name, Main: g.main.String(), Notes: s.notes(g), Searches: g.searched(), Audits: s.audits(g), Contest: s.contest(g)}
	if g.tunings != nil {
		x.Tuned = budget(g.tunings)
	}
	if len(s.groups) > 1 {
		x.Suffix = fmt.Sprint("-", i+1)
	}
	fields := g.fields()
	for k, f := range fields {
		h := heading{Key: f.name, Title: f.title(), About: f.About, Minor: f.minor}
		if f.unit {
			h.Unit = f.Unit
		}
		if k == 0 {
			h.Sort = map[metric.Better]string{metric.Higher: "descending", metric.Lower: "ascending"}[f.Better]
		}
		x.Fields = append(x.Fields, h)
	}
	ranks := s.ranks(g)
	if ranks != nil {
		x.Fields = slices.Insert(x.Fields, 0, heading{Key: "rank", Title: "Rank", About: "the best and the worst place that it may have, by what is told apart"})
	}
	for k, v := range g.variants {
		r := row{Label: v.label, Mark: mark(v.place), Leads: g.leads(v), Failed: v.failed()}
		if ranks != nil {
			r.Cells = append(r.Cells, ranks[v.label])
		}
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

// failed says how many of a variant's trials failed; empty where none did.
func (v *variant) failed() string {
	n := 0
	for _, t := range v.trials {
		n += indicator(t.State == store.Failed)
	}
	switch n {
	case 0:
		return ""
	case len(v.trials):
		return "failed"
	}
	return fmt.Sprintf("%d of %d failed", n, len(v.trials))
}

// ranks are the variants' places by label, each a range that nothing tells apart; nil where not each was held against each.
func (s *summary) ranks(g *group) map[string]entry {
	x := s.aspect(g, g.main.name)
	if !x.tested() || x.family != stat.AllPairs || x.k > mostContrasted {
		return nil
	}
	out := map[string]entry{}
	for _, p := range x.Variants {
		out[p.Label] = entry{Text: places(p.Rank), Value: fmt.Sprint(p.Rank[0])}
	}
	return out
}

func (d *drawn) picture() *picture {
	return &picture{File: d.file, Title: d.title, Caption: d.caption, SVG: template.HTML(d.svg), Data: d.data}
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
	i := slices.IndexFunc(s.groups, func(g *group) bool { return g.data.ID == t.Dataset || slices.Contains(g.splits.ids, t.Dataset) })
	return s.groups[i]
}

// valueOf returns a result, NaN where there is none.
func valueOf(t store.Trial, name string) float64 {
	if x, ok := t.Results[name]; ok {
		return x
	}
	return math.NaN()
}
