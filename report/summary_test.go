package report

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"ctrlab/internal/store"
)

func labels(g *group) []string {
	var out []string
	for _, v := range g.variants {
		out = append(out, v.label)
	}
	return out
}

func TestRank(t *testing.T) {
	for _, f := range fixtures {
		for _, g := range summarize(f.report()).groups {
			last := math.Inf(-1)
			for i, v := range g.variants {
				x := v.interval(g.main.name).Mean
				if g.main.Name != "rmse" {
					x = -x
				}
				if x < last {
					t.Errorf("%s: %s stands at %d", f.name, v.label, i)
				}
				if !math.IsNaN(x) {
					last = x
				} else if i < len(g.ranked()) {
					t.Errorf("%s: %s has no result and stands at %d", f.name, v.label, i)
				}
			}
		}
	}
}

func TestGroups(t *testing.T) {
	s := summarize(twoDatasets())
	if len(s.groups) != 2 {
		t.Fatalf("%d groups, want 2", len(s.groups))
	}
	for i, want := range []string{"synthetic rows=200000", "synthetic rows=20000"} {
		if g := s.groups[i]; g.name != want || len(g.variants) != 8 {
			t.Errorf("group %d is %q with %d variants, want %q with 8", i, g.name, len(g.variants), want)
		}
	}
	if want := []string{"3 malformed rows skipped; the first: u.data:7: has 1 column"}; !slices.Equal(s.notes(s.groups[1])[3:], want) {
		t.Errorf("notes are %q, want %q at their end", s.notes(s.groups[1]), want)
	}
}

func TestSources(t *testing.T) {
	for _, c := range []struct {
		name                 string
		options, want        []string
		label, without, also string // the label in the first, there and in the second
	}{
		{"one", []string{`{"rows":10}`}, []string{""}, "fm rows=10", "fm rows=10", ""},
		{"scalars", []string{`{"rows":10,"dense":1}`, `{"rows":20,"dense":1}`}, []string{"synthetic rows=10", "synthetic rows=20"},
			"fm rows=10 dense=1", "fm dense=1", "fm rows=10 dense=1"},
		{"tables", []string{`{"truth":[{"kind":"linear"},{"kind":"fm","dim":4}]}`, `{"truth":[{"kind":"parity"}]}`},
			[]string{"synthetic truth=linear+fm", "synthetic truth=parity"}, "fm truth=[{ kind = linear }] d=8", "fm d=8", "fm d=8"},
		{"same kinds", []string{`{"truth":[{"kind":"fm","dim":4}]}`, `{"truth":[{"kind":"fm","dim":8}]}`},
			[]string{"synthetic truth=[{ dim = 4, kind = fm }]", "synthetic truth=[{ dim = 8, kind = fm }]"}, "fm truth=fm", "fm", "fm"},
		{"same options", []string{`{}`, `{}`}, []string{"synthetic id0", "synthetic id1"}, "fm (dot) x=1", "fm (dot) x=1", "fm (dot) x=1"},
	} {
		var all []store.Dataset
		for i, o := range c.options {
			all = append(all, store.Dataset{ID: fmt.Sprint("id", i), Source: "synthetic", Options: o})
		}
		got := sources(all)
		for i, want := range c.want {
			if name := got[all[i].ID].name; name != want {
				t.Errorf("%s: %d is called %q, want %q", c.name, i, name, want)
			}
			if l := got[all[i].ID].without(c.label); l != []string{c.without, c.also}[i] {
				t.Errorf("%s: the label in %d is %q", c.name, i, l)
			}
		}
	}
}

// A variant keeps its label and colour in all groups, and the store's report its own labels.
func TestLabelsAcrossData(t *testing.T) {
	r := twoDatasets()
	for i := range r.Trials {
		r.Trials[i].Label += map[string]string{"aaaaaaaaaaaa": " rows=200000", "bbbbbbbbbbbb": " rows=20000"}[r.Trials[i].Dataset]
	}
	if s := summarize(r); len(s.labels) != 8 || s.labels[0] != "LR" || r.Trials[0].Label != "LR rows=200000" {
		t.Errorf("labels are %q, the report's first %q", s.labels, r.Trials[0].Label)
	}
}

// Speed that was measured beside other trials is no measurement.
func TestSharedSpeedLeftOut(t *testing.T) {
	g := summarize(shared()).groups[0]
	for _, name := range []string{"train.examples_per_second", "train.seconds", "peak_rss"} {
		if g.has(name) {
			t.Errorf("%s counts", name)
		}
	}
	for _, name := range []string{"test.auc", "params", "flops"} {
		if !g.has(name) {
			t.Errorf("%s does not count", name)
		}
	}
}

// What all trials select by is the main measure, unless it is the log loss, which they do unless told otherwise; the AUC, of
// which the order is another, has a column then.
func TestMainIsSelected(t *testing.T) {
	for _, c := range []struct{ selects, want, beside string }{
		{"gauc", "test.gauc", "test.auc"}, {"logloss", "test.auc", "test.gauc"}, {"pr_auc", "test.auc", "test.gauc"}, {"", "test.auc", "test.gauc"},
	} {
		r := board()
		for i, t := range r.Trials {
			t.Results["test.gauc"] = 1 - t.Results["test.auc"]
			r.Trials[i].Config = fmt.Sprintf(`{"train":{"select":%q}}`, c.selects)
		}
		g := summarize(r).groups[0]
		if f := g.fields(); g.main.name != c.want || f[0].name != c.want || f[1].name != c.beside {
			t.Errorf("select %q: ranked by %s, columns %s and %s", c.selects, g.main.name, f[0].name, f[1].name)
		}
		r.Trials[0].Config = `{"train":{"select":"auc"}}`
		if name := summarize(r).groups[0].main.name; name != "test.auc" {
			t.Errorf("select %q and auc: ranked by %s", c.selects, name)
		}
	}
}

// With one seed nothing is marked as equal to the best: it was not tested.
func TestOneSeedMarksNone(t *testing.T) {
	g := summarize(oneSeed()).groups[0]
	for _, v := range g.variants {
		if g.leads(v) {
			t.Errorf("%s is marked", v.label)
		}
	}
}

func TestFaults(t *testing.T) {
	s := summarize(failures())
	if got, want := s.states(), "20 of 24 trials done, 3 failed, 1 pending"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	f := s.faults()
	if len(f) != 2 || !slices.Equal(f[1].Trials, []string{"FM seed 2", "FM seed 3"}) {
		t.Errorf("got %v", f)
	}
	if got := labels(s.groups[0]); got[7] != "FM" {
		t.Errorf("FM, which has no result, is not the last of %v", got)
	}
}

// The front, by hand: b is slower than a and better; c is slower and worse than b; d is slower than all and best. Where less of
// both is better, c is above d and below it in the other, and so is a.
func TestPareto(t *testing.T) {
	point := func(label string, speed, mean float64) spot {
		s := spot{variant: &variant{label: label}, x: speed}
		s.Mean = mean
		return s
	}
	all := []spot{point("d", 10, 0.9), point("b", 50, 0.8), point("c", 40, 0.7), point("a", 100, 0.6)}
	for _, c := range []struct {
		more, higher bool
		want         []string
	}{{true, true, []string{"a", "b", "d"}}, {true, false, []string{"a"}}, {false, true, []string{"d"}}, {false, false, []string{"d", "c", "a"}}} {
		var got []string
		for _, x := range pareto(all, c.more, c.higher) {
			got = append(got, x.label)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("more %v, higher %v: %v, want %v", c.more, c.higher, got, c.want)
		}
	}
}

func TestSettings(t *testing.T) {
	common, own := split([][]setting{
		settings(`{"model":{"name":"fm","embedding_dim":8},"train":{"epochs":1,"learning_rate":0.05}}`),
		settings(`{"model":{"name":"dnn","embedding_dim":8,"top":[64,32]},"train":{"epochs":1,"learning_rate":0.05}}`),
	})
	if want := []setting{{"model.embedding_dim", "8", "8"}, {"train.epochs", "1", "1"}, {"train.learning_rate", "0.05", "0.05"}}; !slices.Equal(common, want) {
		t.Errorf("common %v, want %v", common, want)
	}
	if want := []setting{{"model.name", "dnn", "dnn"}, {"model.top", "[64, 32]", "[64, 32]"}}; !slices.Equal(own[1], want) {
		t.Errorf("own %v, want %v", own[1], want)
	}
}
