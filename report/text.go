package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
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

// Leaderboard is Prepared.Leaderboard.
func Leaderboard(w io.Writer, r *store.Report, t Text) error { return Prepare(r).Leaderboard(w, t) }

// Leaderboard writes the experiment's tables, a data set each, within t.Width columns.
func (p Prepared) Leaderboard(w io.Writer, t Text) error {
	if t.Width <= 0 {
		t.Width = 80
	}
	out := bufio.NewWriter(w)
	s := p.summary
	t.wrap(out, s.Experiment.Name+": ", s.Experiment.Question, t.bold)
	if s.measured() {
		for _, line := range s.answer() {
			t.wrap(out, "  ", line, nil)
		}
	}
	if o := s.overview(); o != nil {
		fmt.Fprintln(out)
		t.overview(out, o)
	}
	for _, g := range s.groups {
		fmt.Fprintln(out)
		if g.name != "" {
			t.wrap(out, "", g.name, t.bold)
		}
		t.table(out, g)
		for _, n := range s.notes(g) {
			t.wrap(out, "  ", n, t.dim)
		}
		if g.tunings != nil {
			t.tuning(out, g.tunings)
		}
	}
	if claims := Claims(s.Report); len(claims) > 0 {
		fmt.Fprintln(out)
		if err := t.WriteClaims(out, claims); err != nil {
			return err
		}
		for _, p := range s.picks() {
			t.wrap(out, "  ", p.String(), t.dim)
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
		none := "No trial has a result yet."
		if g.tunings != nil {
			none = "What the searches chose has not been trained with fresh seeds yet; ctrlab run does that."
		}
		t.wrap(out, "  ", none, t.dim)
		return
	}
	var labels []string
	for _, v := range g.variants {
		labels = append(labels, v.label)
	}
	fields = t.spare(labels, fields)
	fields = append(fields, t.bars(g, labels, fields)...)
	t.rows(out, "variant", labels, fields, func(i int) bool { return g.leads(g.variants[i]) })
}

// spare gives up the last column where that leaves room for labels whose words tell them apart, and what is left would not.
func (t Text) spare(labels []string, fields []field) []field {
	told := func(fields []field) bool {
		room := t.Width - gap - across(fields)
		_, ok := abridge(labels, func(s string) bool { return Width(s) <= room })
		return ok
	}
	if fewer := fields[:len(fields)-1]; len(fewer) > 0 && !told(fields) && told(fewer) {
		return fewer
	}
	return fields
}

// overview writes all data sets beside each other. Their names are shortened until they fit; the last that do not are left out.
func (t Text) overview(out io.Writer, o *overview) {
	title, about := o.about()
	t.wrap(out, "", title, t.bold)
	fields, room := o.fields(30), t.Width-gap-shortest
	for n := 29; n >= 6 && across(fields) > room; n-- {
		fields = o.fields(n)
	}
	for len(fields) > 1 && across(fields) > room {
		fields = fields[:len(fields)-1]
	}
	t.rows(out, "variant", o.labels, fields, func(int) bool { return false })
	t.wrap(out, "  ", strings.ToUpper(about[:1])+about[1:]+".", t.dim)
	if n := len(o.worlds) - len(fields); n > 0 {
		t.wrap(out, "  ", plural(n, "more data set")+" did not fit.", t.dim)
	}
	if o.doubt() != "" {
		t.wrap(out, "  ", o.doubt(), t.dim)
	}
}

// fields are the overview's columns for a terminal, with names of n columns at most.
func (o *overview) fields(n int) []field {
	var names []string
	for _, w := range o.worlds {
		names = append(names, w.name)
	}
	fits := func(s string) bool { return Width(s) <= n }
	if slices.ContainsFunc(names, func(s string) bool { return !fits(s) }) {
		names = counted(names)
	}
	names = brief(names, fits)
	var out []field
	for i, w := range o.worlds {
		f := field{column: column{short: names[i]}}
		for _, x := range w.tiles {
			f.cells = append(f.cells, cell{text: x.text, half: x.half})
		}
		out = append(out, f)
	}
	return out
}

// across is the width of fields with the gaps before them.
func across(fields []field) int {
	n := 0
	for _, f := range fields {
		n += gap + f.width()
	}
	return n
}

// rows writes a row a label, under a heading, with a mark before some.
func (t Text) rows(out io.Writer, corner string, labels []string, fields []field, marked func(i int) bool) {
	room, label := t.Width-gap-across(fields), Width(corner)
	labels = brief(labels, func(s string) bool { return Width(s) <= room })
	for _, l := range labels {
		label = max(label, Width(l))
	}
	head, columns := "  "+pad(corner, label), [][]string{}
	for _, f := range fields {
		head += "  " + f.over()
		columns = append(columns, f.entries())
	}
	fmt.Fprintln(out, t.dim(strings.TrimRight(head, " ")))
	for i, l := range labels {
		row := "  "
		if marked(i) {
			row = t.green("●") + " "
		}
		row += pad(l, label)
		for _, entries := range columns {
			row += "  " + entries[i]
		}
		fmt.Fprintln(out, strings.TrimRight(row, " "))
	}
}

// shortest is the room that fields leave for labels at least.
const shortest = 16

// fitting returns the terminal's fields, without those at the end that leave labels too little room.
func (t Text) fitting(g *group) []field {
	room := t.Width - gap - shortest
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

// entries are the cells in the terminal, all of one width, their means under each other.
func (f field) entries() []string {
	var out []string
	n, halves := f.width(), f.halves()
	for _, c := range f.cells {
		out = append(out, lead(c.text+pad(strings.TrimRight(" "+c.half, " "), halves), n))
	}
	return out
}

// halves is the room that intervals take beside their means.
func (f field) halves() int {
	n := 0
	for _, c := range f.cells {
		if c.half != "" {
			n = max(n, 1+Width(c.half))
		}
	}
	return n
}

// width is the field's in columns.
func (f field) width() int {
	n, halves := Width(f.heading()), f.halves()
	for _, c := range f.cells {
		n = max(n, Width(c.text)+halves)
	}
	return n
}

// over puts a heading over its numbers: at the right, and where intervals stand beside them, over the means.
func (f field) over() string {
	half := min(f.halves(), f.width()-Width(f.heading()))
	return pad(lead(f.heading(), f.width()-half), f.width())
}

func pad(s string, n int) string  { return s + strings.Repeat(" ", max(0, n-Width(s))) }
func lead(s string, n int) string { return strings.Repeat(" ", max(0, n-Width(s))) + s }

// wrap writes words in lines of at most t.Width, all but the first indented like the first's prefix of spaces.
func (t Text) wrap(out io.Writer, prefix, text string, style func(string) string) {
	indent := prefix[:len(prefix)-len(strings.TrimLeft(prefix, " "))]
	row := prefix
	for _, word := range strings.Fields(text) {
		if Width(row)+Width(word) > t.Width && strings.TrimSpace(row) != "" {
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
