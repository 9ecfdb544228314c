package report

import (
	"fmt"
	"io"
	"strings"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
)

// number writes a value of a metric.
func (c *Claim) number(x float64) string {
	m := measureOf(c.Metric)
	switch {
	case x != x:
		return missing
	case m.Kind == metric.Size:
		return Count(x)
	case m.Kind == metric.Speed && m.Unit == "s":
		return duration(x)
	case m.Kind == metric.Speed:
		return scaled(x)
	}
	return fixed(x, 4)
}

// diff writes ours − theirs with its interval.
func (c *Claim) diff(i stat.Interval) string {
	if i.N == 0 {
		return missing
	}
	m := measureOf(c.Metric)
	if m.Kind != metric.Quality && m.Kind != metric.Course {
		text := c.number(max(i.Mean, -i.Mean))
		if i.Mean < 0 {
			text = "−" + text
		}
		return text
	}
	text := fixed(i.Mean, 4)
	if i.Mean >= 0 {
		text = "+" + text
	}
	if i.Half == i.Half {
		text += " ± " + fixed(i.Half, 4)
	}
	return text
}

// Rows are a claim's findings: who, ours, theirs, difference, verdict.
func (c *Claim) Rows() [][]string {
	var rows [][]string
	for _, f := range c.Findings {
		who, word := f.Variant, f.Verdict.String()
		if f.Than != "" {
			who += " over " + f.Than
		}
		if f.Seeds > 0 {
			word += "; " + plural(f.Seeds, "seed") + " would"
		}
		rows = append(rows, []string{who, c.number(f.Ours.Mean), c.number(f.Theirs), c.diff(f.Diff), word})
	}
	return rows
}

// Heads are the columns' names.
func (c *Claim) Heads() []string {
	theirs := "theirs"
	if len(c.Figures) == 0 {
		theirs = "the other"
	}
	return []string{measureOf(c.Metric).String(), "ours", theirs, "difference", "verdict"}
}

// WriteClaims writes claims with what was found, within t.Width columns but for long labels.
func (t Text) WriteClaims(w io.Writer, claims []Claim) error {
	if t.Width <= 0 {
		t.Width = 80
	}
	var out strings.Builder
	for i := range claims {
		c := &claims[i]
		if i > 0 {
			fmt.Fprintln(&out)
		}
		t.wrap(&out, "", c.Claim, t.bold)
		t.wrap(&out, "  ", c.Source, t.dim)
		if c.Differs != "" {
			t.wrap(&out, "  ", "Here otherwise: "+c.Differs, t.dim)
		}
		rows := append([][]string{c.Heads()}, c.Rows()...)
		widths := make([]int, len(rows[0]))
		for _, row := range rows {
			for k, cell := range row {
				widths[k] = max(widths[k], Width(cell))
			}
		}
		for k, row := range rows {
			line := "  " + pad(row[0], widths[0])
			for j := 1; j < 4; j++ {
				line += "  " + lead(row[j], widths[j])
			}
			line += "  " + row[4]
			if k == 0 {
				line = t.dim(line)
			}
			fmt.Fprintln(&out, line)
		}
		t.wrap(&out, "  ", "Verdict: "+c.Said()+".", nil)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
