package report

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// Comparison is what an experiment's results say of its variants. Text, page and JSON are made from it, so that no two of them say
// different things.
type Comparison struct {
	Experiment string     `json:"experiment"`
	Question   string     `json:"question"`
	Answer     []string   `json:"answer"` // sentences
	Data       []Compared `json:"data"`
	Over       *Over      `json:"over"` // several data sets; null for one
	pair       bool       // it is of two variants alone
}

// Compared is the variants that saw one data set.
type Compared struct {
	Name     string    `json:"name"`     // of the data set; "" where the experiment has one
	Baseline string    `json:"baseline"` // what all are compared with; "" where each is with each
	Metrics  []*Aspect `json:"metrics"`  // the first is what variants are ranked by
}

// wanted is how variants are to be compared: the [compare] table of an experiment.
type wanted struct {
	Margin   map[string]float64 `json:"margin"`
	Baseline string             `json:"baseline"`
}

// margin is up to where differences in a metric do not matter: in its unit, or as a share where it is compared by ratio; 0 without one.
func (w wanted) margin(m measure) float64 {
	if x, ok := w.Margin[m.name]; ok {
		return x
	}
	return w.Margin[m.Name]
}

// Compare compares the variants of an experiment: each with each, or where a baseline is given, or the experiment declares one, all with that.
func Compare(r *store.Report, baseline string) (*Comparison, error) {
	s := summarize(r)
	if baseline != "" {
		label, err := s.called(r, baseline)
		if err != nil {
			return nil, err
		}
		s.wanted.Baseline = label
	}
	c := &Comparison{Experiment: r.Experiment.Name, Question: r.Experiment.Question, Answer: s.answer(), Data: []Compared{}, Over: s.over()}
	for _, g := range s.groups {
		if len(g.ranked()) > 0 {
			c.Data = append(c.Data, s.compared(g))
		}
	}
	return c, nil
}

// ComparePair is what Compare says of two variants. The family stays, so that two that were picked from many are judged like any two. read may be nil.
func ComparePair(r *store.Report, a, b string, read Scores) (*Comparison, error) {
	s := summarize(r)
	c := &Comparison{Experiment: r.Experiment.Name, Question: r.Experiment.Question, Answer: []string{}, Data: []Compared{}, pair: true}
	a, err := s.called(r, a)
	if err != nil {
		return nil, err
	}
	if b, err = s.called(r, b); err != nil {
		return nil, err
	}
	if base := s.wanted.Baseline; base != a && base != b {
		s.wanted.Baseline = "" // that family has them not
	}
	s.drawPair(a, b, read)
	for _, g := range s.groups {
		if !g.resulted(a) || !g.resulted(b) {
			continue
		}
		d := s.compared(g)
		for _, x := range d.Metrics {
			one, ok := x.between(a, b)
			if x.Contrasts, x.Alike = []Contrast{}, [][]string{}; ok {
				x.Contrasts = append(x.Contrasts, one)
			}
		}
		if x := d.Metrics[0]; len(x.Contrasts) > 0 {
			text := x.said(g, x.Contrasts[0])
			if g.name != "" {
				text = g.name + ": " + text
			}
			c.Answer = append(c.Answer, text+".")
			c.Data = append(c.Data, d)
		}
	}
	if len(c.Data) == 0 {
		return nil, fmt.Errorf("%s has nothing by which %s and %s could be compared: no data set with results of both", r.Experiment.Name, a, b)
	}
	return c, nil
}

// called is a variant's label in the summary, of one that is given as there or as in the plan.
func (s *summary) called(r *store.Report, label string) (string, error) {
	if slices.Contains(s.labels, label) {
		return label, nil
	}
	for i, t := range r.Trials {
		if t.Label == label {
			return s.Trials[i].Label, nil
		}
	}
	return "", fmt.Errorf("%s has no variant %q, but %s", r.Experiment.Name, label, strings.Join(s.labels, ", "))
}

// Between compares two sides of different experiments, each the runs of one variant, over the seeds that both have.
func Between(a, b []store.Found, read Scores) (*Comparison, error) {
	r := &store.Report{Experiment: store.Experiment{Name: a[0].Experiment + " and " + b[0].Experiment, Compare: "{}"}}
	for _, side := range [][]store.Found{a, b} {
		for _, f := range side {
			if f.Dataset.ID != a[0].Dataset.ID {
				return nil, fmt.Errorf("%s and %s saw different data, so that no seed pairs them", a[0].Name(), f.Name())
			}
			t := f.Trial
			t.Label, t.Ordinal = f.Experiment+"/"+t.Label, len(r.Trials)
			r.Trials = append(r.Trials, t)
			if !slices.Contains(r.Environments, f.Environment) {
				r.Environments = append(r.Environments, f.Environment)
			}
		}
	}
	r.Datasets = []store.Dataset{a[0].Dataset}
	return ComparePair(r, a[0].Experiment+"/"+a[0].Trial.Label, b[0].Experiment+"/"+b[0].Trial.Label, read)
}

// asides are compared wherever there are values of them, beside what variants are ranked by and what has a margin.
var asides = []string{"train.examples_per_second", "infer.examples_per_second", "peak_rss"}

// compared is a group in all metrics of interest.
func (s *summary) compared(g *group) Compared {
	c := Compared{Name: g.name, Metrics: []*Aspect{}}
	if s.base(g) != nil {
		c.Baseline = s.wanted.Baseline
	}
	names := []string{g.main.name}
	for _, m := range metric.All {
		name := m.Name
		if m.Kind == metric.Quality {
			name = "test." + name
		}
		if s.wanted.margin(measureOf(name)) > 0 || slices.Contains(asides, name) {
			names = append(names, name)
		}
	}
	for i, name := range names {
		if g.has(name) && !slices.Contains(names[:i], name) && (measureOf(name).Kind != metric.Speed || len(s.Environments) < 2) {
			c.Metrics = append(c.Metrics, s.aspect(g, name))
		}
	}
	return c
}

// base is the group's baseline, nil without one.
func (s *summary) base(g *group) *variant {
	i := slices.IndexFunc(g.variants, func(v *variant) bool { return s.wanted.Baseline != "" && v.label == s.wanted.Baseline })
	if i < 0 {
		return nil
	}
	return g.variants[i]
}

// wantedOf reads what an experiment declares.
func wantedOf(r *store.Report) (w wanted) {
	_ = json.Unmarshal([]byte(r.Experiment.Compare), &w) // one that cannot be read declares nothing
	return w
}

// number is a float64 that JSON may hold: null where it is not finite.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// Tested reports whether anything has a verdict.
func (c *Comparison) Tested() bool {
	for _, d := range c.Data {
		for _, x := range d.Metrics {
			if x.tested() {
				return true
			}
		}
	}
	return false
}
