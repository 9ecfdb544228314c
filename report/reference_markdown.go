package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// Reproduced is a paper's claims with what running its experiment took.
type Reproduced struct {
	Name, Question string
	Claims         []Claim
	Done, Trials   int
	Seeds          int     // that each variant is to have
	Seconds        float64 // of all runs that count
	Digest         string  // "" where nothing is done
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
	if p.Done == 0 {
		return missing
	}
	return duration(p.Seconds)
}

var cellText = strings.NewReplacer("|", "\\|", "\n", " ")

// WriteReproductions writes docs/reproductions.md: a row a claim, then each experiment's figures and digest.
func WriteReproductions(w io.Writer, papers []Reproduced) error {
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
	for i := range papers {
		papers[i].section(&out)
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

func (p *Reproduced) section(out *strings.Builder) {
	if p.Digest == "" {
		return
	}
	fmt.Fprintf(out, "\n## %s\n\n%s\n\nDigest of the results: `%s`.\n", p.Name, cmp.Or(p.Question, missing), p.Digest)
	for k := range p.Claims {
		c := &p.Claims[k]
		if len(c.Findings) == 0 {
			continue
		}
		fmt.Fprintf(out, "\n%s\n\n", c.Claim)
		if c.Differs != "" {
			fmt.Fprintf(out, "Here otherwise: %s\n\n", c.Differs)
		}
		rows := append([][]string{c.heads(), {"---", "---:", "---:", "---:", "---"}}, c.rows()...)
		for _, row := range rows {
			for j := range row {
				row[j] = cellText.Replace(row[j])
			}
			fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
		}
	}
}
