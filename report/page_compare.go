package report

import (
	"fmt"
	"strings"

	"ctrlab/internal/stat"
)

// A contest is a group's comparisons as the page shows them: all variants beside one, and each beside each.
type contest struct {
	Beside string // the baseline, or the best
	Fields []heading
	Rows   []row
	Note   string
	Each   []duels
}

// duels are a variant's verdicts beside all others, in the order of rows.
type duels struct {
	Label, Mark string
	Cells       []entry
}

// contest is nil where there is nothing to compare.
func (s *summary) contest(g *group) *contest {
	c := s.compared(g)
	if len(c.Metrics) == 0 || !c.Metrics[0].tested() {
		return nil
	}
	first := c.Metrics[0]
	out := &contest{Beside: c.reference(first), Note: first.note()}
	if first.k > 12 { // ranks say it more briefly
		out.Note, _, _ = strings.Cut(out.Note, " Not told apart:")
	}
	drawn := first.examples() != ""
	for i, x := range c.Metrics {
		out.Fields = append(out.Fields, heading{Key: x.Metric, Title: capital(x.measure.String()), Unit: x.by() + clip(c.reference(x), 40), About: x.measure.About})
		if i == 0 {
			out.Fields = append(out.Fields, heading{Key: "verdict", Title: "Verdict", Text: true}, heading{Key: "tally", Title: "Wins, ties, losses"})
			if drawn {
				out.Fields = append(out.Fields, heading{Key: "others", Title: "With other examples", Text: true, About: "the interval and what it says, were other examples like these drawn for test besides other seeds"})
			}
		}
	}
	for _, p := range first.Variants {
		r := row{Label: p.Label, Mark: mark(p.v.place), Leads: g.leads(p.v)}
		for i, x := range c.Metrics {
			d, ok := x.between(p.Label, c.reference(x))
			r.Cells = append(r.Cells, x.cell(d, ok))
			if i == 0 {
				r.Cells = append(r.Cells, verdictCell(d, ok), entry{Text: fmt.Sprintf("%d, %d, %d", p.Wins, p.Ties, p.Losses), Value: fmt.Sprint(p.Wins - p.Losses)})
				if drawn {
					r.Cells = append(r.Cells, d.Others.entry())
				}
			}
		}
		out.Rows = append(out.Rows, r)
	}
	if first.family == stat.AllPairs && first.k > 2 && first.k <= mostContrasted {
		out.Each = first.each()
	}
	return out
}

// by is how a metric is compared: by difference or by ratio.
func (x *Aspect) by() string {
	if x.Ratio {
		return "/ "
	}
	return "− "
}

// cell is a contrast's number, in the colour of its verdict.
func (x *Aspect) cell(d Contrast, some bool) entry {
	if !some {
		return entry{Text: missing}
	}
	e := entry{Text: x.signed(d), Value: fmt.Sprint(float64(d.Value)), About: d.words(), Class: tint(d.Verdict)}
	if cut := strings.IndexAny(e.Text, "±("); cut > 0 {
		e.Text, e.Half = strings.TrimSpace(e.Text[:cut]), strings.Trim(e.Text[cut:], "()")
	}
	if e.Value == "NaN" {
		e.Value = ""
	}
	return e
}

func verdictCell(d Contrast, some bool) entry {
	if !some {
		return entry{Text: missing, Class: "text"}
	}
	return entry{Text: d.words(), Value: fmt.Sprint(d.Verdict), Class: "text " + tint(d.Verdict)}
}

// entry is the interval with other examples, in the colour of its verdict.
func (o *Others) entry() entry {
	if o == nil {
		return entry{Text: missing, Class: "text"}
	}
	return entry{Text: o.words(), Value: fmt.Sprint(o.Verdict), Class: "text " + tint(o.Verdict)}
}

// tint is the class of a verdict's colour.
func tint(v stat.Verdict) string {
	switch v {
	case stat.Better:
		return "up"
	case stat.Worse:
		return "down"
	}
	return ""
}

// signs of verdicts in the table of each beside each.
var signs = map[stat.Verdict]string{stat.Better: "+", stat.Worse: "−", stat.NegligiblyBetter: "(+)", stat.NegligiblyWorse: "(−)", stat.Equivalent: "=", stat.Unresolved: "·"}

// each is the verdict on every variant beside every other.
func (x *Aspect) each() []duels {
	var out []duels
	for _, p := range x.Variants {
		d := duels{Label: p.Label, Mark: mark(p.v.place)}
		for _, q := range x.Variants {
			c, ok := x.between(p.Label, q.Label)
			if !ok {
				d.Cells = append(d.Cells, entry{})
				continue
			}
			d.Cells = append(d.Cells, entry{Text: signs[c.Verdict], Class: tint(c.Verdict), About: q.Label + ": " + x.signed(c) + ", " + c.Verdict.String()})
		}
		out = append(out, d)
	}
	return out
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
