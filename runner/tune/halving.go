package tune

import (
	"cmp"
	"math"
	"slices"
)

// halving is successive halving by brackets: of η^(r−1) draws, each trained for η^(1−r) of the steps, the best one in η go on
// to the next of r rungs and train, from initial values again, η times as long. A rung costs one full training. A budget
// of trials that does not pay for all rungs has a bracket of fewer, at last of one: a draw that is trained fully.
//
// Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016, fig. 1;
// brackets from Li et al., "Hyperband", JMLR 18, 2018.
func halving(s *Search, tried []Tried) (Proposal, bool) {
	draws, rest := newDistinct(s, random(s)), tried
	for {
		rungs := s.rungs(tried[:len(tried)-len(rest)])
		points := draws.take(s.share(1 - rungs))
		if len(points) == 0 {
			return Proposal{}, false
		}
		for r := rungs - 1; r >= 0; r-- {
			if len(rest) < len(points) {
				return Proposal{points[len(rest)], s.share(r)}, true
			}
			points, rest = promoted(rest[:len(points)], s.Eta), rest[len(points):]
		}
	}
}

// share is η^−r.
func (s *Search) share(r int) float64 { return math.Pow(float64(s.Eta), -float64(r)) }

// rungs is how many the next bracket may have.
func (s *Search) rungs(tried []Tried) int {
	if s.Budget.Trials == 0 {
		return s.Rungs
	}
	spent, _ := Spent(tried)
	return min(s.Rungs, int(float64(s.Budget.Trials)-spent+1e-9))
}

// take returns the next n points, or as many as there are.
func (d *distinct) take(n float64) (points []Point) {
	for len(points) < int(n) {
		p, ok := d.next()
		if !ok {
			break
		}
		points = append(points, p)
	}
	return points
}

// promoted are the points of the best one in eta of a rung, at least one; none that failed.
func promoted(rung []Tried, eta int) (points []Point) {
	order := slices.DeleteFunc(slices.Clone(rung), func(t Tried) bool { return math.IsNaN(t.Score) })
	slices.SortStableFunc(order, func(a, b Tried) int { return cmp.Compare(b.Score, a.Score) })
	for _, t := range order[:min(len(order), max(1, len(rung)/eta))] {
		points = append(points, t.Point)
	}
	return points
}
