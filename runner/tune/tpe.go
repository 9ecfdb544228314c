package tune

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// tpe is the tree-structured Parzen estimator, each dimension by itself: l is estimated from the values of the best
// min(⌈n/10⌉, 25) trials, g from those of the others, and of 24 draws from l the one of the largest l/g is proposed.
//
// Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NIPS 2011, sec. 4; widths, prior and weights are
// those of Optuna 5's TPESampler as it comes.
func tpe(s *Search, tried []Tried) (Proposal, bool) {
	if len(tried) < s.Startup {
		p, ok := s.fresh(random(s), tried)
		return Proposal{p, 1}, ok
	}
	good, rest := parted(tried)
	const attempts = 100
	for attempt := range attempts {
		p := make(Point, len(s.Space))
		for i, d := range s.Space {
			p[i] = d.likely(values(good, i), values(rest, i), s.stream(len(tried), d.Key, attempt))
		}
		if !slices.ContainsFunc(tried, func(t Tried) bool { return slices.Equal(t.Point, p) }) {
			return Proposal{p, 1}, true
		}
	}
	p, ok := s.fresh(random(s), tried)
	return Proposal{p, 1}, ok
}

// parted returns the best trials and the others, both in the order in which they were tried.
func parted(tried []Tried) (good, rest []Tried) {
	order := make([]int, len(tried))
	for i := range order {
		order[i] = i
	}
	score := func(i int) float64 {
		if x := tried[i].Score; !math.IsNaN(x) {
			return x
		}
		return math.Inf(-1)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score(b), score(a)) })
	best := order[:min((len(tried)+9)/10, 25)]
	for i, t := range tried {
		if slices.Contains(best, i) {
			good = append(good, t)
		} else {
			rest = append(rest, t)
		}
	}
	return good, rest
}

func values(tried []Tried, dim int) (out []float64) {
	for _, t := range tried {
		out = append(out, t.Point[dim])
	}
	return out
}

// candidates is how many draws from l are compared.
const candidates = 24

// likely is the dimension's value, of some drawn as the good were, that was least to be expected of the rest.
func (d Dimension) likely(good, rest []float64, r *rand.Rand) (value float64) {
	l, g := d.estimate(good), d.estimate(rest)
	best := math.Inf(-1)
	for i := range candidates {
		x := l.draw(r)
		if gain := l.logDensity(x) - g.logDensity(x); i == 0 || gain > best {
			best, value = gain, x
		}
	}
	if d.Choices != nil {
		return value
	}
	return d.value(value)
}

// estimator is a density over a dimension, between its bounds; of choices their probabilities.
type estimator interface {
	draw(r *rand.Rand) float64
	logDensity(x float64) float64
}

func (d Dimension) estimate(seen []float64) estimator {
	if n := len(d.Choices); n > 0 {
		return frequencies(seen, n)
	}
	p := parzen{dim: d, weights: weights(len(seen))}
	p.low, p.high = d.bounds()
	for _, v := range seen {
		if d.Log {
			v = math.Log(v)
		}
		p.mu = append(p.mu, v)
	}
	p.widths()
	return p
}

// weights are those of n trials and the prior, which sum to 1. All count alike but for the oldest of more than 25.
func weights(n int) []float64 {
	w := make([]float64, n+1)
	for i := range w {
		w[i] = 1
		if old := n - 25; i < old {
			w[i] = 1 / float64(n)
			if old > 1 {
				w[i] += (1 - 1/float64(n)) * float64(i) / float64(old-1)
			}
		}
	}
	sum := 0.0
	for _, x := range w {
		sum += x
	}
	for i := range w {
		w[i] /= sum
	}
	return w
}

// parzen is a mixture of normal distributions cut off at the ends: one around each trial's value, and a wide one, the prior.
type parzen struct {
	dim                Dimension
	weights, mu, sigma []float64
	low, high          float64
}

// widths makes each normal as wide as the larger of the distances to its neighbours, of which the outermost have one, and
// adds the prior.
func (p *parzen) widths() {
	span, n := p.high-p.low, len(p.mu)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.mu[a], p.mu[b]) })
	p.sigma = make([]float64, n)
	for at, i := range order {
		width := 0.0
		if at > 0 {
			width = p.mu[i] - p.mu[order[at-1]]
		}
		if at < n-1 {
			width = max(width, p.mu[order[at+1]]-p.mu[i])
		}
		if n == 1 {
			width = max(p.mu[i]-p.low, p.high-p.mu[i])
		}
		p.sigma[i] = min(max(width, span/min(100, 2+float64(n))), span)
	}
	p.mu, p.sigma = append(p.mu, (p.low+p.high)/2), append(p.sigma, span)
}

func (p parzen) draw(r *rand.Rand) float64 {
	i := pick(p.weights, r.Float64())
	a, b := p.cumulative(i, p.low), p.cumulative(i, p.high)
	x := p.mu[i] + p.sigma[i]*math.Sqrt2*math.Erfinv(2*(a+(b-a)*r.Float64())-1)
	return min(max(x, p.low), p.high)
}

// cumulative is the i-th normal's distribution function.
func (p parzen) cumulative(i int, x float64) float64 {
	return math.Erfc((p.mu[i]-x)/(p.sigma[i]*math.Sqrt2)) / 2
}

// logDensity is that at x; of an integer the probability, for all x that it stands for.
func (p parzen) logDensity(x float64) float64 {
	sum := 0.0
	from, to := p.dim.cell(x)
	for i := range p.mu {
		inside := p.cumulative(i, p.high) - p.cumulative(i, p.low)
		if p.dim.Integer {
			sum += p.weights[i] * (p.cumulative(i, to) - p.cumulative(i, from)) / inside
			continue
		}
		z := (x - p.mu[i]) / p.sigma[i]
		sum += p.weights[i] * math.Exp(-z*z/2) / (p.sigma[i] * math.Sqrt(2*math.Pi)) / inside
	}
	return math.Log(sum)
}

// cell is the stretch that stands for the same integer as x.
func (d Dimension) cell(x float64) (from, to float64) {
	v := d.value(x)
	if d.Log {
		return math.Log(v - 0.5), math.Log(v + 0.5)
	}
	return v - 0.5, v + 0.5
}

// shares are the probabilities of choices.
type shares []float64

// frequencies are the weighted shares of n choices among those seen, one more spread over all.
func frequencies(seen []float64, n int) shares {
	s, prior, k := make(shares, n), 1/float64(len(seen)+1), float64(n)
	for i, w := range weights(len(seen)) {
		for c := range s {
			p := 1 / k // of the prior
			if i < len(seen) {
				p = prior / (1 + k*prior)
				if int(seen[i]) == c {
					p = (1 + prior) / (1 + k*prior)
				}
			}
			s[c] += w * p
		}
	}
	return s
}

func (s shares) draw(r *rand.Rand) float64    { return float64(pick(s, r.Float64())) }
func (s shares) logDensity(x float64) float64 { return math.Log(s[int(x)]) }

// pick is the place at a share u of weights that sum to 1.
func pick(weights []float64, u float64) int {
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}
