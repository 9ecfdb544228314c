package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"ctrlab/internal/store"
)

// Text is how a terminal shows text.
type Text struct {
	Width int  // columns; 80 where it is 0
	Color bool // ANSI colours
}

// gap stands between columns.
const gap = 2

// Leaderboard writes the experiment's tables, a data set each, within t.Width columns.
func Leaderboard(w io.Writer, r *store.Report, t Text) error {
	if t.Width <= 0 {
		t.Width = 80
	}
	out := bufio.NewWriter(w)
	s := summarize(r)
	t.wrap(out, s.Experiment.Name+": ", s.Experiment.Question, t.bold)
	for _, g := range s.groups {
		fmt.Fprintln(out)
		if g.name != "" {
			t.wrap(out, "", g.name, t.bold)
		}
		t.table(out, g)
		for _, n := range s.notes(g) {
			t.wrap(out, "  ", n, t.dim)
		}
	}
	t.faults(out, s)
	return out.Flush()
}

func (t Text) faults(out io.Writer, s *summary) {
	if states := s.states(); strings.Contains(states, " of ") {
		fmt.Fprintln(out)
		t.wrap(out, "", states+".", nil)
	}
	for _, f := range s.faults() {
		t.wrap(out, "  ", strings.Join(f.Trials, ", ")+": "+f.Error, t.red)
	}
}

// table writes a group's leaderboard. Columns that do not fit are dropped from the right, labels shortened to what is left.
func (t Text) table(out io.Writer, g *group) {
	fields := t.fitting(g)
	if len(fields) == 0 {
		t.wrap(out, "  ", "No trial has a result yet.", t.dim)
		return
	}
	room, label := t.Width-gap, 0
	for _, f := range fields {
		room -= gap + f.width()
	}
	var labels []string
	for _, v := range g.variants {
		labels = append(labels, v.label)
	}
	labels = brief(labels, func(s string) bool { return width(s) <= room })
	for _, l := range labels {
		label = max(label, width(l))
	}
	label = max(label, width("variant"))

	head := "  " + pad("variant", label)
	for _, f := range fields {
		head += "  " + f.over()
	}
	fmt.Fprintln(out, t.dim(strings.TrimRight(head, " ")))
	for i, v := range g.variants {
		row := "  "
		if g.leads(v) {
			row = t.green("●") + " "
		}
		row += pad(labels[i], label)
		for _, f := range fields {
			row += "  " + lead(f.entry(i), f.width())
		}
		fmt.Fprintln(out, strings.TrimRight(row, " "))
	}
}

// fitting returns the terminal's fields, without those at the end that leave labels fewer than 16 columns.
func (t Text) fitting(g *group) []field {
	room := t.Width - gap - 16
	var out []field
	for _, f := range g.fields() {
		if !f.terminal {
			continue
		}
		f.spread = f.spread && f.metric == "" // one interval a row is what 80 columns hold
		for i := range f.cells {
			if !f.spread {
				f.cells[i].half = ""
			}
		}
		if room -= gap + f.width(); room < 0 && len(out) > 0 {
			break
		}
		out = append(out, f)
	}
	return out
}

// entry is a cell in the terminal, its mean under the other means.
func (f field) entry(i int) string {
	return f.cells[i].text + pad(strings.TrimRight(" "+f.cells[i].half, " "), f.halves())
}

// halves is the room that intervals take beside their means.
func (f field) halves() int {
	n := 0
	for _, c := range f.cells {
		if c.half != "" {
			n = max(n, 1+width(c.half))
		}
	}
	return n
}

// width is the field's in columns.
func (f field) width() int {
	n := width(f.heading())
	for i := range f.cells {
		n = max(n, width(f.entry(i)))
	}
	return n
}

// over puts a heading over its numbers: at the right, and where intervals stand beside them, over the means.
func (f field) over() string {
	half := min(f.halves(), f.width()-width(f.heading()))
	return pad(lead(f.heading(), f.width()-half), f.width())
}

func pad(s string, n int) string  { return s + strings.Repeat(" ", max(0, n-width(s))) }
func lead(s string, n int) string { return strings.Repeat(" ", max(0, n-width(s))) + s }

// wrap writes words in lines of at most t.Width, all but the first indented like the first's prefix of spaces.
func (t Text) wrap(out io.Writer, prefix, text string, style func(string) string) {
	indent := prefix[:len(prefix)-len(strings.TrimLeft(prefix, " "))]
	row := prefix
	for _, word := range strings.Fields(text) {
		if width(row)+width(word) > t.Width && strings.TrimSpace(row) != "" {
			fmt.Fprintln(out, styled(style, strings.TrimRight(row, " ")))
			row = indent
		}
		row += word + " "
	}
	fmt.Fprintln(out, styled(style, strings.TrimRight(row, " ")))
}

func styled(style func(string) string, s string) string {
	if style == nil {
		return s
	}
	return style(s)
}

func (t Text) ansi(code, s string) string {
	if !t.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t Text) bold(s string) string  { return t.ansi("1", s) }
func (t Text) dim(s string) string   { return t.ansi("2", s) }
func (t Text) red(s string) string   { return t.ansi("31", s) }
func (t Text) green(s string) string { return t.ansi("32", s) }
