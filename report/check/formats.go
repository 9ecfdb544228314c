package check

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"ctrlab/internal/metric"
)

// A Format is a row of the table of files that a report is written as.
type Format struct {
	File, About string
	Write       func(r *Report, w io.Writer) error
}

// Formats is the table.
var Formats = []Format{
	{"check.txt", "text", (*Report).Text},
	{"check.md", "Markdown, for the summary of a job", (*Report).Markdown},
	{"check.xml", "JUnit's XML", (*Report).JUnit},
	{"check.json", "JSON, with the rounds as they were measured", (*Report).JSON},
	{"bench.txt", "Go benchmarks: benchstat -col /arm bench.txt", (*Report).Benchmarks},
	{"action.json", "for github-action-benchmark, tool customSmallerIsBetter", (*Report).Action},
}

// mostRows is how many findings Markdown shows: the summary of a job may have a MiB.
const mostRows = 100

// Markdown writes the verdict and a table of what is no pass.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s %s\n\n%s\n", r.Verdict.mark(), r.title(), r.Sentence())
	grave := r.grave()
	if len(grave) > 0 {
		b.WriteString("\n| | what | finding |\n|---|---|---|\n")
	}
	for _, f := range grave[:min(len(grave), mostRows)] {
		fmt.Fprintf(&b, "| %s %s | %s | %s |\n", f.Verdict.mark(), f.Verdict, cell(f.Subject+" "+f.Metric), cell(f.sentence()))
	}
	if len(grave) > mostRows {
		fmt.Fprintf(&b, "\n%d more are in check.json.\n", len(grave)-mostRows)
	}
	b.WriteString("\n")
	for _, s := range r.passes() {
		fmt.Fprintf(&b, "- ✓ %s\n", cell(s))
	}
	for _, n := range r.Notes[:min(len(r.Notes), mostRows)] {
		fmt.Fprintf(&b, "- %s\n", cell(n))
	}
	m := r.Machine
	fmt.Fprintf(&b, "\n%s kernels, %s, %d cores, %s\n", m.Kernels, cell(m.CPU), m.Cores, m.Go)
	_, err := io.WriteString(w, b.String())
	return err
}

// cell keeps a text within its cell.
func cell(text string) string {
	text = strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "`", "'").Replace(strings.TrimSpace(text))
	if letters := []rune(text); len(letters) > 400 {
		text = string(letters[:400]) + "…"
	}
	return text
}

// JSON writes all of it.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	return e.Encode(r)
}

type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Failure *message `xml:"failure"`
		Skipped *message `xml:"skipped"`
		Out     string   `xml:"system-out,omitempty"`
	}
	message struct {
		Text string `xml:"message,attr"`
	}
)

// JUnit writes a test a finding: regressions and changes are failures, what is inconclusive is skipped.
func (r *Report) JUnit(w io.Writer) error {
	s := junitSuite{Name: r.title(), Tests: len(r.Findings)}
	for _, f := range r.Findings {
		c := junitCase{Class: "ctrlab." + f.Tier, Name: strings.TrimSpace(f.Subject + " " + f.Metric), Out: printable(f.sentence())}
		m := &message{printable(string(f.Verdict) + ": " + f.sentence())}
		switch f.Verdict {
		case Regressed, Changed:
			c.Failure = m
			s.Failures++
		case Inconclusive:
			c.Skipped = m
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	text, err := xml.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

// printable takes out what XML cannot hold.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, text)
}

// Benchmarks writes a line a process of every subject, of both builds, in the format of Go benchmarks.
func (r *Report) Benchmarks(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: ctrlab\ncpu: %s\n", r.Machine.OS, r.Machine.Arch, printable(r.Machine.CPU))
	var rounds []Round
	if r.Rounds != nil {
		rounds = slices.Concat(r.Rounds.First, r.Rounds.Confirm)
	}
	for _, round := range rounds {
		for _, subject := range slices.Sorted(maps.Keys(round.Head[0])) {
			for _, arm := range []struct {
				name   string
				visits []Visit
			}{{"base", round.Base[:2]}, {"head", round.Head[:]}} {
				for _, v := range arm.visits {
					fmt.Fprintf(&b, "BenchmarkCheck/subject=%s/arm=%s\t1\t%.4g ns/op\n", strings.ReplaceAll(subject, "/", "."), arm.name, 1e9*v[subject])
				}
			}
		}
	}
	for _, f := range r.Findings {
		if f.Tier == ByCount {
			name := strings.ReplaceAll(printable(f.Subject), " ", "_")
			fmt.Fprintf(&b, "BenchmarkCount/subject=%s/arm=base\t1\t%s %s\n", name, number(f.Base), f.Metric)
			fmt.Fprintf(&b, "BenchmarkCount/subject=%s/arm=head\t1\t%s %s\n", name, number(f.Head), f.Metric)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type action struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"`
	Range string  `json:"range,omitempty"`
	Extra string  `json:"extra,omitempty"`
}

// Action writes what is measured of the build, less being better: of metrics where more is, what is missing to 1.
func (r *Report) Action(w io.Writer) error {
	all := []action{}
	for _, f := range r.Findings {
		a := action{Name: strings.TrimSpace(f.Subject + " " + f.Metric), Value: f.Head, Extra: string(f.Verdict)}
		about, _ := metric.Find(f.Metric)
		switch {
		case f.Metric == "":
			continue
		case f.Tier == ByRounds:
			a.Unit = "seconds"
		case about.Unit != "":
			a.Unit = about.Unit
		default:
			a.Unit = f.Metric
		}
		if f.Tier == BySeeds && about.Better == metric.Higher {
			a.Name, a.Value = strings.TrimSpace(f.Subject)+" 1 - "+f.Metric, 1-f.Head
		}
		if f.Interval != nil && f.Tier == BySeeds {
			a.Range = fmt.Sprintf("± %.2g", (f.Interval[1]-f.Interval[0])/2)
		}
		if f.Interval != nil && f.Tier == ByRounds {
			a.Range = fmt.Sprintf("± %.2g", f.Base*(f.Interval[1]-f.Interval[0])/2)
		}
		if !math.IsNaN(a.Value) {
			all = append(all, a)
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	return e.Encode(all)
}
