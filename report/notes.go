package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ctrlab/internal/metric"
)

// notes are the sentences under a group's table: what its marks mean, and every doubt that goes with the numbers.
func (s *summary) notes(g *group) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	least, most := g.seeds()
	if most == 0 {
		return s.seal(g)
	}
	tunings := g.tunings
	switch {
	case tunings != nil && g.tested():
		add("● cannot be told from the best (paired over repeats, 95 %%, Holm's correction).")
		add("± is the 95 %% interval of the mean over %s of the search, each with a mean over fresh seeds: tuning's own variation is in it.", plural(most, "repeat"))
		add("%s", strings.NewReplacer("its seeds", "its repeats", "seed", "repeat", "More seeds", "More repeats").Replace(g.resolution(seedRange(least, most))))
	case tunings != nil && most == 1:
		add("1 repeat: no interval, and no difference can be told from that between searches.")
	case most == 1:
		add("1 seed: no interval, and no difference can be told from noise.")
	case g.tested():
		add("● cannot be told from the best (95 %% intervals of all pairs together).")
		add("± is the 95 %% interval of the mean over %s (initial values and data order; data and split stay the same).", seedRange(least, most))
		add("%s", g.resolution(seedRange(least, most)))
	}
	for _, v := range g.ranked() {
		if g.tested() && !v.Best && !v.Diff.Known() {
			add("%s shares fewer than two seeds with the best and was not tested.", v.label)
		}
	}
	if g.shared() {
		add("Speeds of trials that ran beside others (--jobs) are left out.")
	} else if n := len(s.Environments); n > 1 && g.has("train.examples_per_second") {
		add("Trials ran on %d machines or builds: their speeds do not compare.", n)
	}
	if note := s.matchNote(g); note != "" {
		out = append(out, note)
	}
	if tunings != nil {
		out = append(out, doubts(tunings)...)
	}
	for _, a := range s.audits(g) {
		out = append(out, a.said(tunings[0].measure))
	}
	return slices.Concat(out, s.seal(g), g.data.Warnings)
}

// resolution says how far apart means have to be for the test to tell them apart: a pair's seeds may agree more or less, so
// that the median of all pairs stands with the range.
func (g *group) resolution(seeds string) string {
	var least []float64
	told, largest := 0, 0.0
	for _, v := range g.variants {
		if v.Best || !v.Diff.Known() {
			continue
		}
		least = append(least, v.Diff.Half)
		told += indicator(!v.Equal)
		largest = max(largest, math.Abs(v.Diff.Mean))
	}
	middle, of := about(median(least)), plural(len(least), "comparison") // sorts least
	if lo, hi := about(least[0]), about(least[len(least)-1]); lo != hi {
		middle = fmt.Sprintf("about %s (%s to %s, the more its seeds disagree)", middle, lo, hi)
	}
	switch told {
	case 0:
		return fmt.Sprintf("%s cannot separate these: over %s a difference would have to be above %s, and the largest is %s. More seeds may.",
			seeds, of, middle, about(largest))
	case len(least):
		return fmt.Sprintf("%s and %s: a difference stands out above %s.", seeds, of, middle)
	}
	return fmt.Sprintf("%s and %s: a difference stands out above %s; more seeds would tell more apart.", seeds, of, middle)
}

func seedRange(least, most int) string {
	if least == most {
		return plural(most, "seed")
	}
	return fmt.Sprintf("%d to %d seeds", least, most)
}

// shared reports whether any done trial ran beside others.
func (g *group) shared() bool {
	for _, v := range g.variants {
		for _, t := range v.trials {
			if t.Shared && t.State == "done" {
				return true
			}
		}
	}
	return false
}

// A fault is an error with the trials it befell.
type fault struct {
	Error  string
	Trials []string
	Log    string // last lines of the first of them
}

// faults are the failed trials by error, in plan order.
func (s *summary) faults() []fault {
	var out []fault
	at := map[string]int{}
	for _, t := range s.Trials {
		if t.State != "failed" {
			continue
		}
		i, ok := at[t.Error]
		if !ok {
			i = len(out)
			at[t.Error] = i
			out = append(out, fault{Error: t.Error, Log: t.Log})
		}
		out[i].Trials = append(out[i].Trials, fmt.Sprintf("%s seed %d", t.Label, t.Seed))
	}
	return out
}

// states counts the trials: "21 trials", or "19 of 21 trials done, 1 failed, 1 pending".
func (s *summary) states() string {
	count := map[string]int{}
	for _, t := range s.Trials {
		count[t.State]++
	}
	total := plural(len(s.Trials), "trial")
	if count["done"] == len(s.Trials) {
		return total
	}
	parts := []string{fmt.Sprintf("%d of %s done", count["done"], total)}
	for _, state := range []string{"failed", "cancelled", "running", "pending"} {
		if n := count[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}

// virtue names what the main measure is about.
func (g *group) virtue() string {
	if g.main.Better == metric.Lower {
		return "Error"
	}
	return "Accuracy"
}

// direction says which way the group's main measure is better.
func (g *group) direction() string { return way(g.main) }

func way(m measure) string {
	if m.Better == metric.Lower {
		return "lower is better"
	}
	return "higher is better"
}
