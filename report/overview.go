package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"ctrlab/internal/stat"
)

// An overview is what each variant reaches on each data set of an experiment that has several.
type overview struct {
	key    string   // what the worlds' names are values of; empty where they are not of one key
	labels []string // rows, in plan order
	worlds []world  // columns, in plan order
}

// A world is a data set's column: the share attained where its truth is known, else its main measure.
type world struct {
	name  string
	share bool
	measure
	tiles []tile // one a label
}

// A tile is a cell of the overview.
type tile struct {
	text  string
	half  string  // empty unless the share's interval is wide
	value float64 // NaN where there is none
	shade float64 // the share, or the rank between 0, worst, and 1, best; NaN where there is no value
}

// wide is the half-width above which a share's interval is shown beside it: ten points.
const wide = 0.1

// overview returns nil where there is one data set, whose table says it all.
func (s *summary) overview() *overview {
	if len(s.groups) < 2 {
		return nil
	}
	o := &overview{labels: s.labels}
	var names []string
	o.key, names = s.headings()
	for i, g := range s.groups {
		w := world{name: names[i], measure: g.main}
		if g.has("test.attained") {
			w.share, w.measure = true, measureOf("test.attained")
		}
		for _, l := range s.labels {
			w.tiles = append(w.tiles, g.tile(l, w.share))
		}
		o.worlds = append(o.worlds, w)
	}
	return o
}

// headings are the data sets' names without the words that all have, and if one word "key=value" of one key is left of
// each, that key and the values.
func (s *summary) headings() (key string, names []string) {
	count := map[string]int{}
	for _, g := range s.groups {
		for _, w := range words(g.name) {
			count[w]++
		}
	}
	for _, g := range s.groups {
		name := strings.Join(slices.DeleteFunc(words(g.name), func(w string) bool { return count[w] == len(s.groups) }), " ")
		names = append(names, cmp.Or(name, g.name))
	}
	var values []string
	for i, name := range names {
		k, value, ok := strings.Cut(name, "=")
		if !ok || len(words(name)) > 1 || i > 0 && k != key {
			return "", names
		}
		key, values = k, append(values, value)
	}
	return key, values
}

// tile is a label's cell in the group's column.
func (g *group) tile(label string, share bool) tile {
	i := slices.IndexFunc(g.variants, func(v *variant) bool { return v.label == label })
	none := tile{text: missing, value: math.NaN(), shade: math.NaN()}
	if i < 0 {
		return none
	}
	if share {
		return shareTile(g.variants[i].interval("test.attained"))
	}
	ranked := len(g.ranked()) // come first
	if i >= ranked {
		return none
	}
	rank := i // of those that are as good, the first's
	for rank > 0 && g.mean(rank-1) == g.mean(i) {
		rank--
	}
	return tile{text: g.field(columns[0], g.main).cells[i].text, value: g.mean(i), shade: 1 - float64(rank)/float64(max(1, ranked-1))}
}

// mean is the i-th variant's of the main measure.
func (g *group) mean(i int) float64 { return g.variants[i].interval(g.main.name).Mean }

func shareTile(x stat.Interval) tile {
	t := tile{text: points(x.Mean, 0), value: x.Mean, shade: x.Mean}
	switch {
	case x.Half > 1:
		t.half = "> ±100"
	case x.Half > wide:
		t.half = "±" + fixed(100*x.Half, 0)
	}
	return t
}

// shares reports how many of the worlds have a share attained.
func (o *overview) shares() int {
	n := 0
	for _, w := range o.worlds {
		n += indicator(w.share)
	}
	return n
}

// about says what the cells hold: a title, and what it means.
func (o *overview) about() (title, text string) {
	var others []string
	for _, w := range o.worlds {
		if !w.share && !slices.Contains(others, w.String()) {
			others = append(others, w.String())
		}
	}
	other, by := strings.Join(others, " or "), " by "+cmp.Or(o.key, "data set")
	switch o.shares() {
	case len(o.worlds):
		return "Share of the attainable" + by, "gain in test log loss: 0 % is the base rate, 100 % the truth the labels were drawn from"
	case 0:
		return "Every variant" + by, other
	}
	return "Every variant" + by, "share of the attainable where the truth is known, else " + other
}

// doubt explains the ± of wide intervals; empty where there is none.
func (o *overview) doubt() string {
	for _, w := range o.worlds {
		for _, t := range w.tiles {
			if t.half != "" {
				return "± is the 95 % interval over seeds, in points, where it is wider than ±10."
			}
		}
	}
	return ""
}
