package report

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"ctrlab/internal/store"
)

// LaTeX writes the tables for a paper, one a data set, with the rules of package booktabs. Variants that cannot be told from the best are bold.
func LaTeX(w io.Writer, r *store.Report) error {
	out := bufio.NewWriter(w)
	s := summarize(r)
	fmt.Fprintf(out, "%% %s, by ctrlab report --latex; wants \\usepackage{booktabs%s}\n", comment(s.Experiment.Name), s.longtable())
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
	heads, rows := g.plainRows(fields)
	size, names := texSize(append(heads, rows...))
	open, shut := "\\begin{table}\n  \\centering\\setlength{\\tabcolsep}{4pt}%s\n  \\caption{%s}\n  \\label{tab:%s}\n  \\begin{tabular}{%s%s}\n", "  \\end{tabular}\n\\end{table}\n"
	if len(rows) > pageRows {
		open, shut = "{\\setlength{\\tabcolsep}{4pt}%s\n  \\begin{longtable}{%[4]s%[5]s}\n    \\caption{%[2]s}\\label{tab:%[3]s} \\\\\n", "  \\end{longtable}\n}\n"
	}
	fmt.Fprintf(out, open+"    \\toprule\n", size, strings.TrimSpace(caption), label, names, strings.Repeat("r", len(fields)))
	for _, row := range heads {
		fmt.Fprintf(out, "    %s \\\\\n", strings.Join(each(row, tex), " & "))
	}
	fmt.Fprint(out, "    \\midrule\n")
	if len(rows) > pageRows {
		fmt.Fprint(out, "    \\endhead\n")
	}
	for k, row := range rows {
		cells := each(row, tex)
		cells[0] = texName(cells[0], names != "l", g.leads(g.variants[k]))
		fmt.Fprintf(out, "    %s \\\\\n", strings.Join(cells, " & "))
	}
	fmt.Fprint(out, "    \\bottomrule\n"+shut)
}

// pageRows is how many rows a table on one page has at most; longer ones go over several, each with the heads.
const pageRows = 40

// longtable is that package, where a table wants it.
func (s *summary) longtable() string {
	if slices.ContainsFunc(s.groups, func(g *group) bool { return len(g.variants) > pageRows }) {
		return ",longtable"
	}
	return ""
}

// texName is a variant's name, bold where it leads; long ones are paragraphs that may break where they have no space.
func texName(name string, long, leads bool) string {
	if long {
		name = strings.NewReplacer(`\_`, `\_\allowbreak{}`, `=`, `=\allowbreak{}`, `/`, `/\allowbreak{}`).Replace(name)
	}
	if leads {
		name = `\textbf{` + name + `}`
	}
	if long {
		name = `\raggedright ` + name
	}
	return name
}

// plainRows are the table's, without markup: titles, with units under them, take as many rows as leave them no wider than numbers.
func (g *group) plainRows(fields []field) (heads, rows [][]string) {
	for _, v := range g.variants {
		rows = append(rows, []string{v.label})
	}
	titles := [][]string{{"Variant"}}
	for _, f := range fields {
		wide := 0
		for i := range rows {
			text := strings.TrimSpace(f.cells[i].text + " " + f.cells[i].half)
			rows[i], wide = append(rows[i], text), max(wide, Width(text))
		}
		var lines []string
		for _, w := range strings.Fields(f.title()) {
			if n := len(lines); n > 0 && Width(lines[n-1]+" "+w) <= wide {
				lines[n-1] += " " + w
				continue
			}
			lines = append(lines, w)
		}
		if f.unit && f.Unit != "" {
			lines = append(lines, f.Unit)
		}
		titles = append(titles, lines)
	}
	for k := len(slices.MaxFunc(titles, func(a, b []string) int { return len(a) - len(b) })); k > 0; k-- {
		row := make([]string, len(titles))
		for c, lines := range titles {
			if i := len(lines) - k; i >= 0 {
				row[c] = lines[i]
			}
		}
		heads = append(heads, row)
	}
	return heads, rows
}

// texSize is the size of letters, and the kind of the names' column, with which a table comes near the 345 points of a page's
// line: letters are taken to be 0.55 as wide as high, as digits and bold ones are.
func texSize(rows [][]string) (size, names string) {
	const line, between = 345, 8
	columns := make([]float64, len(rows[0]))
	for _, row := range rows {
		for c, text := range row {
			columns[c] = max(columns[c], float64(Width(text)))
		}
	}
	names = "l"
	if columns[0] > 30 {
		columns[0], names = 24, `p{0.3\linewidth}`
	}
	total := 0.0
	for _, c := range columns {
		total += c
	}
	for _, s := range []struct {
		points float64
		name   string
	}{{10, ""}, {9, `\small`}, {8, `\footnotesize`}} {
		if size = s.name; total*0.55*s.points+between*float64(len(columns)-1) < line {
			return size, names
		}
	}
	return `\scriptsize`, names
}

// comment is text that stays behind a %.
func comment(text string) string { return strings.Join(strings.Fields(text), " ") }

// tex is text that LaTeX shows as it is. Letters beyond Latin and Greek are left to engines that know them.
func tex(text string) string { return texts.Replace(strings.Join(strings.Fields(text), " ")) }

// texts is what stands for what LaTeX takes for markup, and for signs that pdflatex does not know.
var texts = strings.NewReplacer(append(greek(),
	`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `&`, `\&`, `%`, `\%`, `$`, `\$`, `#`, `\#`, `_`, `\_`, `~`, `\textasciitilde{}`, `^`, `\textasciicircum{}`,
	`<`, `\textless{}`, `>`, `\textgreater{}`, `|`, `\textbar{}`, `"`, `''`, `[`, `{[}`, `]`, `{]}`, `*`, `{*}`, "`", `\textasciigrave{}`,
	"±", `$\pm$`, "−", `$-$`, "–", `--`, "…", `\dots{}`, "\u202f", `\,`, "\u00a0", `~`, "²", `\textsuperscript{2}`, "\x00", "",
	"→", `$\to$`, "←", `$\gets$`, "≤", `$\le$`, "≥", `$\ge$`, "≠", `$\ne$`, "≈", `$\approx$`, "×", `$\times$`, "·", `$\cdot$`, "∞", `$\infty$`, "Σ", `$\Sigma$`, "Δ", `$\Delta$`, "Ω", `$\Omega$`, "●", `$\bullet$`, "½", `$\frac12$`,
)...)

// greek are the small letters in their order, with what LaTeX calls them.
func greek() (pairs []string) {
	for i, name := range strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi o pi rho varsigma sigma tau upsilon phi chi psi omega") {
		if name != "o" {
			name = `\` + name
		}
		pairs = append(pairs, string(rune('α'+i)), "$"+name+"$")
	}
	return pairs
}
