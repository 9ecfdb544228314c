package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"ctrlab/internal/metric"
)

// sized is what the budget of an experiment that matches is of.
func (s *summary) sized() (m metric.Metric, name string, ok bool) {
	name = map[string]string{"params": "params.dense", "flops": "flops"}[s.Experiment.Match]
	m, ok = metric.Find(name)
	return m, name, ok
}

// near is how far off a budget a variant may be and is not named in a note.
const near = 0.05

// matchNote says what a group's variants were sized to, and which of them are off it.
func (s *summary) matchNote(g *group) string {
	m, name, ok := s.sized()
	if !ok {
		return ""
	}
	budget, off := 0.0, []string(nil)
	for _, v := range g.variants {
		t := v.trials[0]
		has := v.interval(name).Mean
		if budget = max(budget, t.Budget); math.IsNaN(has) || math.Abs(has/t.Budget-1) <= near {
			continue
		}
		words := fmt.Sprintf("%s has %s", v.label, percent(has/t.Budget))
		if t.Widths == "" {
			words += ", nothing to size"
		}
		off = append(off, words)
	}
	note := fmt.Sprintf("Each variant was sized to %s %s, tables apart (match = %q)", scaled(budget), m.Title, s.Experiment.Match)
	if off == nil {
		return note + "."
	}
	return note + "; off that by more than 5 %: " + strings.Join(off, "; ") + "."
}

// sizedAs is what sizing made of a planned variant's trial, with the share of its budget that it has.
func (p *planned) sizedAs(widths string, share float64) {
	p.Sized = cmp.Or(widths, "nothing to size")
	if !math.IsNaN(share) {
		p.Sized += ": " + percent(share) + " of the budget"
	}
}
