package report

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"ctrlab/internal/store"
)

// LaTeX writes the tables for a paper, one a data set, with the rules of package booktabs. Variants that cannot be told from the best are bold.
func LaTeX(w io.Writer, r *store.Report) error {
	out := bufio.NewWriter(w)
	s := summarize(r)
	fmt.Fprintf(out, "%% %s, by ctrlab report --latex; wants \\usepackage{booktabs}\n", comment(s.Experiment.Name))
	for i, g := range s.groups {
		s.latex(out, g, i)
	}
	return out.Flush()
}

func (s *summary) latex(out io.Writer, g *group, i int) {
	fields := exported(g)
	if len(fields) == 0 {
		fmt.Fprintf(out, "%% %s: no trial has a result yet\n", comment(g.name))
		return
	}
	caption := tex(strings.TrimSpace(s.Experiment.Question))
	if g.name != "" {
		caption += " Data: " + tex(g.name) + "."
	}
	if g.tested() {
		caption += ` Bold: not told from the best.`
	}
	label := regexp.MustCompile(`[^A-Za-z0-9-]+`).ReplaceAllString(s.Experiment.Name, "-")
	if len(s.groups) > 1 {
		label += fmt.Sprintf("-%d", i+1)
	}
	fmt.Fprintf(out, "\\begin{table}\n  \\centering\n  \\caption{%s}\n  \\label{tab:%s}\n  \\begin{tabular}{l%s}\n    \\toprule\n    Variant",
		strings.TrimSpace(caption), label, strings.Repeat("r", len(fields)))
	for _, f := range fields {
		fmt.Fprint(out, " & ", tex(f.unitTitle()))
	}
	fmt.Fprint(out, " \\\\\n    \\midrule\n")
	for i, v := range g.variants {
		name := tex(v.label)
		if g.leads(v) {
			name = `\textbf{` + name + `}`
		}
		fmt.Fprint(out, "    ", name)
		for _, f := range fields {
			fmt.Fprint(out, " & ", tex(strings.TrimSpace(f.cells[i].text+" "+f.cells[i].half)))
		}
		fmt.Fprint(out, " \\\\\n")
	}
	fmt.Fprint(out, "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n")
}

// comment is text that stays behind a %.
func comment(text string) string { return strings.Join(strings.Fields(text), " ") }

// tex is text that LaTeX shows as it is.
func tex(text string) string { return texts.Replace(strings.Join(strings.Fields(text), " ")) }

var texts = strings.NewReplacer(
	`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `&`, `\&`, `%`, `\%`, `$`, `\$`, `#`, `\#`, `_`, `\_`, `~`, `\textasciitilde{}`, `^`, `\textasciicircum{}`,
	`<`, `\textless{}`, `>`, `\textgreater{}`, `|`, `\textbar{}`, `"`, `''`, "`", `\textasciigrave{}`,
	"±", `$\pm$`, "−", `$-$`, "–", `--`, "…", `\dots{}`, "\u202f", `\,`, "\u00a0", `~`, "²", `\textsuperscript{2}`, "\x00", "",
)
