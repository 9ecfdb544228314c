package stat

import (
	"maps"
	"math"
	"slices"
)

// Difference is a − b over the seeds that two samples share, seed by seed: what a seed does to both cancels.
type Difference struct {
	Interval
	SD float64 // of the differences over seeds; NaN for fewer than two
	// P is the two-sided p-value of Student's paired test of "no difference"; NaN for fewer than two seeds.
	P float64
}

// Pair returns the paired difference a − b over the seeds at which both are finite.
func Pair(a, b Sample) Difference {
	var d []float64
	for _, seed := range slices.Sorted(maps.Keys(a)) {
		if v, ok := b[seed]; ok && finite(v) && finite(a[seed]) {
			d = append(d, a[seed]-v)
		}
	}
	return differ(d)
}

// differ is the mean of differences, alone.
func differ(d []float64) Difference { return Difference{MeanInterval(d), SD(d), pValue(d)} }

func pValue(d []float64) float64 {
	sd, mean := SD(d), Mean(d)
	switch {
	case len(d) < 2:
		return math.NaN()
	case sd == 0 && mean == 0:
		return 1
	case sd == 0:
		return 0
	}
	t := mean / (sd / math.Sqrt(float64(len(d))))
	return 2 * student(len(d)-1).Survival(math.Abs(t))
}

// Standing is where a variant stands beside the best of its group.
type Standing struct {
	Best bool // it has the best mean; the first of several
	// Equal is true where nothing shows the variant worse than the best: for the best itself, for one whose interval
	// reaches 0, and for one that shares fewer than two seeds with it, so that there is no interval.
	Equal bool
	Diff  Difference // variant − best, its interval and P those of all pairs of the group together
}

// AgainstBest compares each variant with the one of the best mean. Since the best is picked by the values it is tested with, the intervals
// are those of all pairs: the chance that any variant called worse is not is at most 1 − Level. A sample without a finite
// value is neither Best nor Equal. overlap is that of Overlapping, 0 where samples are by seed.
func AgainstBest(samples []Sample, higher bool, overlap float64) []Standing {
	out := make([]Standing, len(samples))
	best, variants := bestMean(samples, higher), 0
	if best < 0 {
		return out
	}
	for _, s := range samples {
		variants += min(1, len(s.Values()))
	}
	for i, s := range samples {
		d := Pair(s, samples[best]).Overlapping(overlap)
		if i != best {
			d = d.Simultaneous(AllPairs, variants)
		}
		v := d.Judge(higher, 0)
		out[i] = Standing{Best: i == best, Equal: len(s.Values()) > 0 && v != Worse, Diff: d}
	}
	return out
}

// bestMean returns the index of the sample with the best mean, −1 where none has a value.
func bestMean(samples []Sample, higher bool) int {
	best, mean := -1, math.NaN()
	for i, s := range samples {
		m := Mean(s.Values())
		if math.IsNaN(m) {
			continue
		}
		if best < 0 || higher && m > mean || !higher && m < mean {
			best, mean = i, m
		}
	}
	return best
}
