package report

import (
	"fmt"
	"math"
	"strings"

	"ctrlab/internal/stat"
)

// Sections is the comparison in words.
func (c *Comparison) Sections() []Section {
	var out []Section
	for _, line := range c.Answer {
		out = append(out, Section{Sentence: line})
	}
	for _, d := range c.Data {
		if d.Name != "" {
			out = append(out, Section{Sentence: d.Name + ":"})
		}
		if c.pair {
			out = append(out, Section{Table: d.pairs()})
			continue
		}
		for _, x := range d.Metrics {
			out = append(out, Section{Table: x.table(d.reference(x))}, Section{Sentence: x.note()})
		}
	}
	if c.Over != nil {
		out = append(out, Section{Table: c.Over.table()}, Section{Sentence: c.Over.note()})
	}
	return out
}

// reference is what a table sets all others beside: the baseline, or the best of the metric that variants are ranked by.
func (d Compared) reference(x *Aspect) string {
	if d.Baseline != "" {
		return d.Baseline
	}
	best := d.Metrics[0].Variants[0].Label
	for _, p := range x.Variants {
		if p.Label == best {
			return best
		}
	}
	return x.Variants[0].Label
}

// table has a row a variant, the best first.
func (x *Aspect) table(reference string) [][]string {
	by := " − "
	if x.Ratio {
		by = " / "
	}
	rows := [][]string{{x.measure.String(), "rank", "mean", by[1:] + reference, "verdict"}}
	drawn := x.examples() != ""
	if drawn {
		rows[0] = append(rows[0], otherExamples)
	}
	for _, p := range x.Variants {
		row := []string{p.Label, places(p.Rank), x.mean(p), missing, missing}
		c, ok := x.between(p.Label, reference)
		if ok {
			row[3], row[4] = x.signed(c), c.words()
		}
		if drawn {
			row = append(row, c.Others.words())
		}
		if x.family == stat.WithBaseline || !x.tested() {
			row[1] = missing
		}
		rows = append(rows, row)
	}
	return rows
}

// places writes the first and the last of ranks.
func places(r [2]int) string {
	if r[0] == r[1] {
		return fmt.Sprint(r[0])
	}
	return fmt.Sprintf("%d–%d", r[0], r[1])
}

// words are the verdict's, with what would settle it.
func (c Contrast) words() string {
	if c.Needed > c.Seeds {
		return fmt.Sprintf("%s, wants %d seeds", c.Verdict, c.Needed)
	}
	return c.Verdict.String()
}

// mean is a variant's, in the unit that people read.
func (x *Aspect) mean(p Placed) string {
	switch {
	case x.Unit == "bytes":
		return Memory(float64(p.Mean))
	case x.Unit == "s":
		return duration(float64(p.Mean))
	case x.Ratio:
		return scaled(float64(p.Mean))
	}
	return bare(float64(p.Mean), float64(p.Half))
}

// note says which intervals hold together, and what these seeds can see.
func (x *Aspect) note() string {
	if !x.tested() {
		return "Fewer than two seeds in common: no interval, and no verdict."
	}
	all := fmt.Sprintf("95 %% intervals of all %s together", count(len(x.Contrasts), "pair", "pairs"))
	switch {
	case x.family == stat.WithBaseline:
		all = fmt.Sprintf("95 %% intervals of all %s with the baseline together", count(len(x.Contrasts), "comparison", "comparisons"))
	case x.k == 2:
		all = "95 % interval"
	}
	text := fmt.Sprintf("%s, paired over %s. A true difference of %s is seen four times in five.", all, plural(x.seeds(), x.replica()), x.step(float64(x.Detects)))
	if x.Margin > 0 {
		text += fmt.Sprintf(" Margin: %s.", x.margin())
	}
	text += x.drawnNote()
	var runs []string
	for _, labels := range x.Alike {
		if len(labels) > 1 {
			runs = append(runs, strings.Join(labels, ", "))
		}
	}
	if len(runs) > 0 && x.k > 2 {
		text += " Not told apart: " + strings.Join(runs, "; ") + "."
	}
	return text
}

// otherExamples heads what is known of a difference with test's examples drawn again.
const otherExamples = "with other examples"

// words are an interval's half-width and its verdict.
func (o *Others) words() string {
	if o == nil {
		return missing
	}
	return "± " + fixed(o.half, decimals([]float64{o.half})) + " " + o.Verdict.String()
}

// drawnNote says what the intervals are about, each.
func (x *Aspect) drawnNote() string {
	switch of := x.examples(); {
	case of != "":
		return fmt.Sprintf(" Verdicts are of other seeds on these test examples; “with other examples” is of other seeds, with others in place of these %s.", of)
	case x.undrawn != "":
		return " Verdicts are of these test examples; what others would give is not known: " + x.undrawn + "."
	case x.replica() == "split":
		return " Each split has its own test examples, so that drawing others is in the intervals."
	}
	return ""
}

// replica is what intervals are over.
func (x *Aspect) replica() string {
	for _, p := range x.Variants {
		switch {
		case p.v.splits.place != nil:
			return "split"
		case p.v.trials[0].Repeat > 0:
			return "repeat"
		}
	}
	return "seed"
}

// step is a difference, or what a factor is above 1, in percent; one above 2 itself.
func (x *Aspect) step(d float64) string {
	switch {
	case x.Ratio && d > 2:
		return factor(d) + " ×"
	case x.Ratio:
		return percent(d - 1)
	}
	return about(d)
}

func (x *Aspect) margin() string {
	if x.Ratio {
		return percent(x.Margin)
	}
	return fmt.Sprintf("%g", x.Margin)
}

// pairs is a table of two variants in all metrics.
func (d Compared) pairs() [][]string {
	var rows [][]string
	drawn := false
	for _, x := range d.Metrics {
		if len(x.Contrasts) == 0 {
			continue
		}
		c := x.Contrasts[0]
		if rows == nil {
			rows = [][]string{{"metric", c.A, c.B, "A − B, or A / B", "verdict"}}
			if drawn = x.examples() != ""; drawn {
				rows[0] = append(rows[0], otherExamples)
			}
		}
		row := []string{x.measure.String(), x.meanOf(c.A), x.meanOf(c.B), x.signed(c), c.words()}
		if drawn {
			row = append(row, c.Others.words())
		}
		rows = append(rows, row)
	}
	return rows
}

func (x *Aspect) meanOf(label string) string {
	for _, p := range x.Variants {
		if p.Label == label {
			p.Half = number(math.NaN()) // the difference has one
			return x.mean(p)
		}
	}
	return missing
}

// said is a contrast as a sentence.
func (x *Aspect) said(g *group, c Contrast) string {
	switch c.Verdict {
	case stat.Untested:
		return fmt.Sprintf("%s and %s share fewer than two %s with a %s: no verdict", c.A, c.B, g.replicas(), x.measure)
	case stat.Unresolved:
		return fmt.Sprintf("%s and %s cannot be told apart in %s (difference %s)%s", c.A, c.B, x.measure, x.signed(c), g.settle(c))
	case stat.Equivalent:
		return fmt.Sprintf("%s and %s are equivalent in %s within the margin of %s (difference %s)", c.A, c.B, x.measure, x.margin(), x.signed(c))
	}
	text := fmt.Sprintf("%s is %s than %s in %s, by %s", c.A, strings.Fields(strings.ReplaceAll(c.Verdict.String(), ",", ""))[0], c.B, x.measure, x.size(c))
	if c.Verdict == stat.NegligiblyBetter || c.Verdict == stat.NegligiblyWorse {
		text += ", which is negligible beside the margin of " + x.margin()
	}
	return text + c.Others.doubt()
}

// table has a row a variant, by mean rank.
func (o *Over) table() [][]string {
	rows := [][]string{{fmt.Sprintf("over %d data sets", len(o.Data)), "mean rank", "better", "not told apart", "worse"}}
	for i, label := range o.Variants {
		var sum Tally
		for _, t := range o.Against[i] {
			sum.Wins, sum.Ties, sum.Losses = sum.Wins+t.Wins, sum.Ties+t.Ties, sum.Losses+t.Losses
		}
		rows = append(rows, []string{label, fixed(o.Rank[i], 2), fmt.Sprint(sum.Wins), fmt.Sprint(sum.Ties - len(o.Data)), fmt.Sprint(sum.Losses)})
	}
	return rows
}

func (o *Over) note() string {
	text := fmt.Sprintf("Friedman's test that all are alike: p = %s; mean ranks differ from %s on (Nemenyi). Counts are verdicts against every other variant on every data set.",
		digits3(float64(o.P)), fixed(float64(o.Critical), 2))
	var runs []string
	for _, labels := range o.Alike {
		if len(labels) > 1 {
			runs = append(runs, strings.Join(labels, ", "))
		}
	}
	if len(runs) > 0 {
		text += " Not told apart by rank: " + strings.Join(runs, "; ") + "."
	}
	return text
}
