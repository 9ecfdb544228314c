package check

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Text writes a report for a terminal: what is no pass, a line each, then what passed in numbers, then the verdict.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.grave() {
		fmt.Fprintf(&b, "%-12s %s\n", f.Verdict, f.sentence())
	}
	for _, s := range r.passes() {
		fmt.Fprintf(&b, "%-12s %s\n", Pass, s)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "%-12s %s\n", "note", n)
	}
	fmt.Fprintf(&b, "\n%s\n", r.Sentence())
	_, err := io.WriteString(w, b.String())
	return err
}

// Sentence is the verdict in words.
func (r *Report) Sentence() string {
	if len(r.Findings) == 0 {
		return "Nothing was measured, which is no pass."
	}
	words := map[Verdict]string{
		Pass:     "Pass: nothing is worse than its margin allows.",
		Improved: "Improved, by more than a margin, and nothing worse. Of accuracy, look for a leak before rejoicing.",
		Changed: "Changed: no worse, but training follows another rule than the baseline's. Where that is meant, set the baseline again and say why, " +
			"or check with --changed=pass.",
		Inconclusive: "Inconclusive: what was measured shows neither a pass nor a regression.",
		Regressed:    "Regressed.",
	}
	if r.Verdict == Changed && r.Count(Improved) > 0 {
		return words[Changed] + " Some improved by more than a margin: look for a leak first."
	}
	return words[r.Verdict]
}

// grave are the findings that are no pass, the gravest in front.
func (r *Report) grave() (all []Finding) {
	for i := len(order) - 1; i > 0; i-- {
		for _, f := range r.Findings {
			if f.Verdict == order[i] {
				all = append(all, f)
			}
		}
	}
	return all
}

// passes says how many passed by each tier.
func (r *Report) passes() (all []string) {
	about := []struct{ tier, words string }{
		{ByDigest, "by digest: final states the same to the bit"}, {ByTrajectory, "by trajectory: the first steps the same but for rounding"},
		{BySeeds, "by seeds: not worse than the margin"}, {ByCount, "by count: numbers no larger than the baseline's"},
		{ByBinary, "by binary: both programs are the same file"}, {ByRounds, "by rounds: not slower than the margin"},
	}
	for _, a := range about {
		n := 0
		for _, f := range r.Findings {
			if f.Tier == a.tier && f.Verdict == Pass {
				n++
			}
		}
		if n > 0 {
			all = append(all, fmt.Sprintf("%d %s", n, a.words))
		}
	}
	return all
}

// sentence is a finding in words.
func (f Finding) sentence() string {
	words := strings.TrimSpace(f.Subject + " " + f.Metric)
	switch f.Tier {
	case ByRounds:
		words += fmt.Sprintf(": %s, was %s, %s", seconds(f.Head), seconds(f.Base), percent(f.Change))
		if f.Interval != nil {
			words += fmt.Sprintf(" (%s to %s)", percent(f.Interval[0]), percent(f.Interval[1]))
		}
		words += fmt.Sprintf(", margin %g %%, %d rounds", 100*f.Margin, f.N)
	case BySeeds:
		words += fmt.Sprintf(": %s, was %s, %s", number(f.Head), number(f.Base), signed(f.Change))
		if f.Interval != nil {
			words += fmt.Sprintf(" (%s to %s)", signed(f.Interval[0]), signed(f.Interval[1]))
		}
		words += fmt.Sprintf(", margin %s, %d seeds", number(f.Margin), f.N)
	case ByCount, ByDigest:
		words += fmt.Sprintf(": %s, was %s", number(f.Head), number(f.Base))
	}
	if f.Note != "" {
		words += "; " + f.Note
	}
	return words
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', 7, 64) }

func signed(x float64) string { return fmt.Sprintf("%+.2g", x) }

func percent(x float64) string { return fmt.Sprintf("%+.1f %%", 100*x) }

func seconds(x float64) string {
	switch {
	case x < 1e-3:
		return fmt.Sprintf("%.4g µs", 1e6*x)
	case x < 1:
		return fmt.Sprintf("%.4g ms", 1e3*x)
	}
	return fmt.Sprintf("%.4g s", x)
}

// title names the check: its revisions and baselines.
func (r *Report) title() string {
	title := "ctrlab check"
	if r.Baseline != "" {
		title += " of " + r.Baseline
	}
	if r.Revision != "" {
		title += ", " + short(r.Revision)
	}
	if r.Against != "" {
		title += " against " + short(r.Against)
	}
	return title
}

// short is a revision as people read it.
func short(revision string) string {
	name, dirty := strings.CutSuffix(revision, "+")
	if len(name) > 12 {
		name = name[:12]
	}
	return name + map[bool]string{true: "+"}[dirty]
}

// mark is how a verdict looks at a glance.
func (v Verdict) mark() string {
	return cmp.Or(map[Verdict]string{Pass: "✓", Improved: "↑", Changed: "≠", Inconclusive: "?", Regressed: "✗"}[v], "–")
}
