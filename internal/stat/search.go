package stat

import (
	"math"
	"math/rand/v2"
	"slices"
)

// BestOf returns the expected best of k trials of a search, of which x are n ≥ k independent ones: Σ C(i−1,k−1)/C(n,k) x₍ᵢ₎, i from
// k to n, the mean of the best of all sets of k. A value that is not finite is a trial that failed, and counts as the
// worst of the others; NaN where there is none, or n < k.
//
// Dodge et al., "Show Your Work", EMNLP 2019, eq. 7, in the unbiased form of Tang et al., "Showing Your Work Doesn't
// Always Work", ACL 2020, eq. 4: sets without replacement.
func BestOf(x []float64, k int, higher bool) float64 {
	fine := slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return !finite(v) })
	if len(fine) == 0 || k < 1 || k > len(x) {
		return math.NaN()
	}
	slices.Sort(fine)
	if !higher {
		slices.Reverse(fine)
	}
	sum, weight := 0.0, float64(k)/float64(len(x))
	for i := len(x); i >= k; i-- { // the i-th worst
		sum += weight * fine[max(i-1-(len(x)-len(fine)), 0)]
		weight *= float64(i-k) / float64(max(i-1, 1))
	}
	return sum
}

// Scores are what the configurations of one search scored, finite and higher the better.
type Scores struct{ Valid, Test []float64 }

// Gain is what choosing on test would have brought over choosing on valid.
type Gain struct {
	Mean  float64 // over the searches: max tᵢ − t at the best of v
	Noise float64 // the same, expected where valid and test tell as much of a configuration as each other
	High  float64 // that is above Level of what noise alone gives
	P     float64 // share of it that is as high as Mean
}

// swaps is how often all scores are exchanged; down to a tenth of it where that would be more than so many exchanges.
const (
	swaps     = 10_000
	exchanges = 10_000_000
)

// TestGain compares what choosing on test would have gained with what noise alone gains. If nothing but chance sets a
// configuration's two scores apart, then v and t − c, c the median of t − v, may as well be exchanged: Noise is the mean
// gain over draws in which each configuration's are, with probability ½.
func TestGain(searches []Scores) Gain {
	level, scores := make([]Scores, 0, len(searches)), 0
	for _, s := range searches {
		if len(s.Valid) > 0 {
			level = append(level, s.levelled())
			scores += len(s.Valid)
		}
	}
	if len(level) == 0 {
		return Gain{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	}
	mean := func(coins func() uint64) (sum float64) {
		for _, s := range level {
			sum += s.gain(coins)
		}
		return sum / float64(len(level))
	}
	g, r := Gain{Mean: mean(func() uint64 { return 0 })}, rand.NewPCG(1, 1)
	drawn, above := make([]float64, max(swaps/10, min(swaps, exchanges/scores))), 1
	for i := range drawn {
		drawn[i] = mean(r.Uint64)
		if drawn[i] >= g.Mean-1e-12 {
			above++
		}
	}
	slices.Sort(drawn)
	n := float64(len(drawn))
	g.Noise, g.High, g.P = Mean(drawn), drawn[int(Level*n)], float64(above)/(n+1)
	return g
}

// gain is what choosing on test brings where the scores of those whose coin is 1 are exchanged.
func (s Scores) gain(coins func() uint64) float64 {
	most, chosen, best := math.Inf(-1), 0.0, math.Inf(-1)
	var coin uint64
	for i, v := range s.Valid {
		if i%64 == 0 {
			coin = coins()
		}
		t := s.Test[i]
		if coin>>(i%64)&1 == 1 {
			v, t = t, v
		}
		if v > most {
			most, chosen = v, t
		}
		best = max(best, t)
	}
	return best - chosen
}

// levelled is a copy with test at the level of valid.
func (s Scores) levelled() Scores {
	d := make([]float64, len(s.Valid))
	for i := range d {
		d[i] = s.Test[i] - s.Valid[i]
	}
	slices.Sort(d)
	c := (d[(len(d)-1)/2] + d[len(d)/2]) / 2
	out := Scores{slices.Clone(s.Valid), slices.Clone(s.Test)}
	for i := range out.Test {
		out.Test[i] -= c
	}
	return out
}
