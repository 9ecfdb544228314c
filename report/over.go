package report

import (
	"cmp"
	"math"
	"slices"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
)

// Over is how the variants that all data sets have results of stand over them.
type Over struct {
	Data     []string   `json:"data"`
	Variants []string   `json:"variants"` // by mean rank, the best first
	Rank     []float64  `json:"mean_rank"`
	P        number     `json:"p"`                   // that all are alike: Friedman's test with Iman and Davenport's correction
	Critical number     `json:"critical_difference"` // between mean ranks (Nemenyi)
	Alike    [][]string `json:"alike"`
	Against  [][]Tally  `json:"against"` // [i][j]: on how many data sets i is better than j, not told from it, and worse
}

// over is nil where there are fewer than two data sets or variants, or the data sets rank by different ways to be better.
func (s *summary) over() *Over {
	if len(s.groups) < 2 {
		return nil
	}
	var labels []string
	for _, l := range s.labels {
		if !slices.ContainsFunc(s.groups, func(g *group) bool { return !g.resulted(l) }) {
			labels = append(labels, l)
		}
	}
	way := s.groups[0].main.Better
	if len(labels) < 2 || slices.ContainsFunc(s.groups, func(g *group) bool { return g.main.Better != way }) {
		return nil
	}
	o := &Over{Alike: [][]string{}}
	var scores [][]float64
	for i, g := range s.groups {
		o.Data = append(o.Data, g.name)
		scores = append(scores, nil)
		for _, l := range labels {
			scores[i] = append(scores[i], g.variants[g.find(l)].interval(g.main.name).Mean)
		}
	}
	o.rank(labels, stat.RankOver(scores, way == metric.Higher))
	for _, a := range o.Variants {
		o.Against = append(o.Against, nil)
		for _, b := range o.Variants {
			last := len(o.Against) - 1
			o.Against[last] = append(o.Against[last], s.tally(a, b))
		}
	}
	return o
}

// rank sorts by mean rank.
func (o *Over) rank(labels []string, r stat.Ranking) {
	order := make([]int, len(labels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(r.Mean[i], r.Mean[j]) })
	for _, i := range order {
		o.Variants, o.Rank = append(o.Variants, labels[i]), append(o.Rank, r.Mean[i])
	}
	o.P, o.Critical = number(r.P), number(r.Critical)
	for _, run := range stat.Groups(len(order), func(i, j int) bool { return r.P > 1-stat.Level || math.Abs(o.Rank[i]-o.Rank[j]) < r.Critical }) {
		o.Alike = append(o.Alike, o.Variants[run[0]:run[1]])
	}
}

// tally counts the verdicts of two variants over data sets.
func (s *summary) tally(a, b string) (t Tally) {
	for _, g := range s.groups {
		c, ok := s.aspect(g, g.main.name).between(a, b)
		switch {
		case !ok || !c.Verdict.Told():
			t.Ties++
		case c.Verdict.Up():
			t.Wins++
		default:
			t.Losses++
		}
	}
	return t
}

func (g *group) find(label string) int {
	return slices.IndexFunc(g.variants, func(v *variant) bool { return v.label == label })
}

// resulted reports whether a variant has a value of what the group is ranked by.
func (g *group) resulted(label string) bool {
	i := g.find(label)
	return i >= 0 && g.variants[i].interval(g.main.name).N > 0
}
