package report

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// Pick is what choosing on test would have gained an experiment over choosing on valid, and what noise alone would.
type Pick struct {
	audit
	of measure
}

// String is the sentence on it.
func (p Pick) String() string { return p.said(p.of) }

// Picks audits, in the experiment's main measure, the choice of a variant with each seed, and of a seed for each variant. Of epochs
// nothing can be said: a run reads test once.
func Picks(r *store.Report) []Pick { return summarize(r).picks() }

func (s *summary) picks() (out []Pick) {
	if len(s.groups) == 0 || s.groups[0].main.split != "test" {
		return nil
	}
	m := s.groups[0].main
	var variants, seeds []stat.Scores
	for _, g := range s.groups {
		if g.main.name == m.name {
			a, b := g.choices()
			variants, seeds = append(variants, a...), append(seeds, b...)
		}
	}
	for _, c := range []struct {
		label  string
		scores []stat.Scores
	}{{"The best variant with each seed", variants}, {"The best seed of each variant", seeds}} {
		c.scores = slices.DeleteFunc(c.scores, func(x stat.Scores) bool { return len(x.Valid) < 2 })
		if gain := stat.TestGain(c.scores); !math.IsNaN(gain.Mean) {
			out = append(out, Pick{audit{fmt.Sprintf("%s (%s)", c.label, plural(len(c.scores), "choice")), gain, len(c.scores)}, m})
		}
	}
	return out
}

// choices are the scores of all variants with each seed, and of all seeds of each variant, higher the better.
func (g *group) choices() (variants, seeds []stat.Scores) {
	way := 1.0
	if g.main.Better == metric.Lower {
		way = -1
	}
	with := map[uint64]stat.Scores{}
	add := func(s stat.Scores, valid, test float64) stat.Scores {
		return stat.Scores{Valid: append(s.Valid, way*valid), Test: append(s.Test, way*test)}
	}
	for _, v := range g.variants {
		var own stat.Scores
		valid, test := v.sample("valid."+g.main.Name), v.sample(g.main.name)
		for _, seed := range slices.Sorted(maps.Keys(test)) {
			x, y := valid[seed], test[seed]
			if _, ok := valid[seed]; ok && !math.IsNaN(x-y) && !math.IsInf(x-y, 0) {
				own, with[seed] = add(own, x, y), add(with[seed], x, y)
			}
		}
		seeds = append(seeds, own)
	}
	for _, seed := range slices.Sorted(maps.Keys(with)) {
		variants = append(variants, with[seed])
	}
	return variants, seeds
}
