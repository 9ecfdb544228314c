package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ctrlab/internal/store"
)

// Reproduced is a paper's claims with what running its experiment took.
type Reproduced struct {
	Name, Question string
	Claims         []Claim
	Done, Trials   int
	Seeds          int     // that each variant is to have
	Seconds        float64 // of all runs that count
	Digest         string  // "" where nothing is done
	Last           time.Time
	By             []store.Environment // of those runs
	Sets           []string            // --set that they were run with, beside where data are
	Picks          []Pick
}

// State is how much of an experiment is done.
func (p *Reproduced) State() string {
	switch p.Done {
	case 0:
		return "not run"
	case p.Trials:
		return "done"
	}
	return fmt.Sprintf("%d of %s", p.Done, plural(p.Trials, "trial"))
}

// Cost is what running it took.
func (p *Reproduced) Cost() string {
	switch {
	case p.Done == 0:
		return missing
	case p.Seconds == 0:
		return "under a second"
	}
	return duration(p.Seconds)
}

var cellText = strings.NewReplacer("|", "\\|", "\n", " ")

// WriteReproductions writes docs/reproductions.md: a row a claim, what choosing on test would have gained, then each experiment's figures and
// digest. build is the one that writes.
func WriteReproductions(w io.Writer, papers []Reproduced, build string) error {
	var out strings.Builder
	out.WriteString("# Reproductions\n\nMade by `ctrlab reproduce --markdown` from the database; not written by hand. A verdict is read off the 95 % interval over seeds " +
		"of what each claim says by itself:\nreproduced where it lies above the published figure less the tolerance (better: above it by more than that), not reproduced where it\n" +
		"lies below, and else it cannot be told. That one variant is better than another is reproduced where the interval of their difference, paired by\nseed, lies above 0. " +
		"A claim stands or falls with the worst of its figures.\n\n")
	out.WriteString("| claim | source | found | how sure | cost | command |\n|---|---|---|---|---|---|\n")
	for i := range papers {
		for k := range papers[i].Claims {
			papers[i].row(&out, &papers[i].Claims[k])
		}
	}
	writePicks(&out, papers)
	for i := range papers {
		papers[i].section(&out, build)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (p *Reproduced) row(out *strings.Builder, c *Claim) {
	sure := missing
	if p.Done > 0 && p.Seeds > 0 {
		sure = plural(p.Seeds, "seed")
	}
	if len(c.Findings) == 0 {
		sure = "exact"
	}
	fmt.Fprintf(out, "| %s | %s | **%s** | %s | %s | `ctrlab reproduce %s` |\n", cellText.Replace(c.Claim), cellText.Replace(c.Source), c.Said(), sure, p.Cost(), p.Name)
}

// writePicks writes a row a choice that test could have made.
func writePicks(out *strings.Builder, papers []Reproduced) {
	if !slices.ContainsFunc(papers, func(p Reproduced) bool { return len(p.Picks) > 0 }) {
		return
	}
	out.WriteString("\n## Had test chosen\n\nWhat papers that pick by test gain, measured here: the best score on test less the test score of the best on valid, " +
		"a mean over choices, beside what noise\nalone gains where each one's scores on valid and test, brought to one level, are exchanged at random (95 % of 10,000 draws stay " +
		"below the level given; p is the\nshare of draws that gain as much). Of epochs nothing can be said: a run reads test once.\n\n" +
		"| experiment | choice | gain | by noise alone | p |\n|---|---|---:|---:|---:|\n")
	for i := range papers {
		for _, k := range papers[i].Picks {
			fmt.Fprintf(out, "| %s | %s | %s in %s | %s | %s |\n", papers[i].Name, k.Label, k.Gained(), k.of, k.Noisy(), k.Chance())
		}
	}
}

// provenance says when, by what and with which settings an experiment was run.
func (p *Reproduced) provenance(build string) string {
	var by []string
	other := false
	for _, e := range p.By {
		if name := fmt.Sprintf("build `%s` (%s, %s, %s kernels)", e.Build[:min(8, len(e.Build))], e.Go, e.CPU, e.Kernels); !slices.Contains(by, name) {
			by = append(by, name)
		}
		other = other || e.Build != build
	}
	text := fmt.Sprintf("Run until %s by %s", p.Last.UTC().Format("2 January 2006"), strings.Join(by, " and "))
	if other {
		text += ", not all by the one that wrote this page"
	}
	if len(p.Sets) > 0 {
		text += ", with `--set " + strings.Join(p.Sets, " --set ") + "`"
	}
	return text + "."
}

func (p *Reproduced) section(out *strings.Builder, build string) {
	if p.Digest == "" {
		return
	}
	fmt.Fprintf(out, "\n## %s\n\n%s\n\nDigest of the results: `%s`.\n%s\n", p.Name, cmp.Or(p.Question, missing), p.Digest, p.provenance(build))
	for k := range p.Claims {
		c := &p.Claims[k]
		if len(c.Findings) == 0 {
			continue
		}
		fmt.Fprintf(out, "\n%s\n\n", c.Claim)
		if c.Differs != "" {
			fmt.Fprintf(out, "Here otherwise: %s\n\n", c.Differs)
		}
		rows := append([][]string{c.Heads(), {"---", "---:", "---:", "---:", "---"}}, c.Rows()...)
		for _, row := range rows {
			for j := range row {
				row[j] = cellText.Replace(row[j])
			}
			fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
		}
	}
}
