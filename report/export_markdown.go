package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"ctrlab/internal/store"
)

// mostMarkdown is how many bytes a comment on a pull request takes at most, less than GitHub's 65,536 characters.
const mostMarkdown = 60_000

// Markdown writes the answer and the tables as a comment on a pull request: the answer first, in GitHub's dialect, less than
// 60 kB. Where that is short, tables lose their last rows, and then the last of them go.
func Markdown(w io.Writer, r *store.Report) error {
	s := summarize(r)
	m := markdown{rows: 200, groups: len(s.groups), faults: 10}
	text := m.write(s)
	for len(text) > mostMarkdown && (m.rows > 3 || m.groups > 1 || m.faults > 1) {
		switch {
		case m.rows > 3:
			m.rows /= 2
		case m.groups > 1:
			m.groups /= 2
		}
		m.faults = max(m.faults/2, 1)
		text = m.write(s)
	}
	_, err := w.Write(text)
	return err
}

// markdown is how much of everything is written.
type markdown struct{ rows, groups, faults int }

const (
	longText  = 2000 // runes of a sentence
	longLabel = 120
)

func (m markdown) write(s *summary) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "### %s\n\n", marked(clip(s.Experiment.Name, longLabel)))
	if q := strings.TrimSpace(s.Experiment.Question); q != "" {
		fmt.Fprintf(&out, "_%s_\n\n", marked(clip(q, longText)))
	}
	if s.measured() {
		for _, line := range s.answer() {
			fmt.Fprintf(&out, "**%s**\n\n", marked(clip(line, longText)))
		}
	}
	for _, g := range s.groups[:m.groups] {
		m.group(&out, s, g)
	}
	if n := len(s.groups) - m.groups; n > 0 {
		fmt.Fprintf(&out, "%s did not fit.\n\n", plural(n, "more data set"))
	}
	if states := s.states(); strings.Contains(states, " of ") {
		fmt.Fprintf(&out, "%s.\n\n", marked(states))
	}
	for i, f := range s.faults() {
		if i == m.faults {
			fmt.Fprintf(&out, "- …and %d more\n", len(s.faults())-i)
			break
		}
		fmt.Fprintf(&out, "- **%s**: %s\n", marked(clip(strings.Join(f.Trials, ", "), longLabel)), marked(clip(f.Error, longText/4)))
	}
	return append(bytes.TrimRight(out.Bytes(), "\n"), '\n')
}

func (m markdown) group(out *bytes.Buffer, s *summary, g *group) {
	if g.name != "" {
		fmt.Fprintf(out, "#### %s\n\n", marked(clip(g.name, longLabel)))
	}
	fields := exported(g)
	if len(fields) == 0 {
		out.WriteString("No trial has a result yet.\n\n")
		return
	}
	out.WriteString("| | variant |")
	for _, f := range fields {
		out.WriteString(" " + marked(f.unitTitle()) + " |")
	}
	out.WriteString("\n|:-:|:--|" + strings.Repeat("--:|", len(fields)) + "\n")
	for i, v := range g.variants[:min(m.rows, len(g.variants))] {
		mark := ""
		if g.leads(v) {
			mark = "●"
		}
		fmt.Fprintf(out, "| %s | %s |", mark, marked(clip(v.label, longLabel)))
		for _, f := range fields {
			out.WriteString(" " + marked(strings.TrimSpace(f.cells[i].text+" "+f.cells[i].half)) + " |")
		}
		out.WriteString("\n")
	}
	out.WriteString("\n")
	if n := len(g.variants) - m.rows; n > 0 {
		fmt.Fprintf(out, "%s did not fit.\n\n", plural(n, "more variant"))
	}
	for _, n := range s.notes(g) {
		fmt.Fprintf(out, "- %s\n", marked(clip(n, longText)))
	}
	out.WriteString("\n")
	m.others(out, s, g)
}

// others are the differences that other examples of test were drawn for, where they were.
func (m markdown) others(out *bytes.Buffer, s *summary, g *group) {
	f := s.forest(g)
	if f == nil || f.examples() == "" {
		return
	}
	fmt.Fprintf(out, "| beside %s | %s | verdict | %s |\n|:--|--:|:--|--:|\n", marked(clip(f.to.Label, longLabel)), f.measure, otherExamples)
	for _, c := range f.all[:min(m.rows, len(f.all))] {
		fmt.Fprintf(out, "| %s | %s | %s | %s |\n", marked(clip(c.A, longLabel)), f.signed(c), c.words(), c.Others.words())
	}
	fmt.Fprintf(out, "\n-%s\n\n", f.drawnNote())
}

// exported are the columns of the leaderboard that a text has: those of a terminal, however wide it is.
func exported(g *group) []field {
	var out []field
	for _, f := range g.fields() {
		if f.terminal {
			out = append(out, f)
		}
	}
	return out
}

// unitTitle is the column's heading with its unit, where entries do not say it.
func (f field) unitTitle() string {
	if f.unit && f.Unit != "" {
		return f.title() + " (" + f.Unit + ")"
	}
	return f.title()
}

// marked is text that Markdown shows as it is: no markup, no HTML, no new line, and @ calls nobody.
func marked(text string) string {
	var out strings.Builder
	for _, c := range strings.Join(strings.Fields(text), " ") {
		switch {
		case c < ' ' || c == 0x7f:
		case c == '&':
			out.WriteString("&amp;")
		case c == '<':
			out.WriteString("&lt;")
		case c == '>':
			out.WriteString("&gt;")
		case c == '@' || c == '#':
			out.WriteString(string(c) + "<!-- -->")
		case strings.ContainsRune("\\`*_{}[]|~$", c):
			out.WriteString(`\` + string(c))
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}
