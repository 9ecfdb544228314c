package stat

import "math"

// Sampling returns the standard error that the drawing of a split's examples gives a difference of two models, averaged over seeds: beside what the
// seeds' own spread shows. a and b are by seed what each example, or cluster of examples that are drawn together, adds to the error of a metric
// (metric.Influence). It is √ of the mean covariance of two seeds' contributions, since what a seed does with an example by itself is in the spread
// of the seeds already; of one seed it is √ of their squares.
//
// AUC: DeLong, DeLong, Clarke-Pearson, Biometrics 44, 1988; clusters: Obuchowski, Biometrics 53, 1997.
func Sampling(a, b [][]float64) float64 {
	seeds, units := len(a), 0
	sum := 0.0
	if seeds > 0 {
		units = len(a[0])
	}
	for i := range units {
		all, squares := 0.0, 0.0
		for s := range seeds {
			d := a[s][i] - b[s][i]
			all += d
			squares += d * d
		}
		if sum += all * all; seeds > 1 {
			sum -= squares
		}
	}
	return math.Sqrt(max(0, sum) / float64(max(1, seeds*(seeds-1))))
}

// Drawn widens an interval over seeds, one of a family of k variants, to cover the drawing of the split's examples, of which there are so many
// units, too: half-widths add by their squares, so that it is never the narrower one.
//
// Zou, Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27, 2008.
func (i Interval) Drawn(se float64, units int, f Family, k int) Interval {
	if units < 2 || k < 2 {
		i.Half = math.NaN()
		return i
	}
	c := student(units - 1).Quantile((1 + Level) / 2)
	if k > 2 {
		c *= unlimited(f, k) / unlimited(f, 2)
	}
	i.Half = math.Hypot(i.Half, c*se)
	return i
}

// Overlapping widens a mean over J splits of one data set, whose training parts overlap: the variance of the mean is multiplied by
// 1/J + ratio in place of 1/J, ratio being the rows of a test part over those of a training part; 0 changes nothing.
//
// Nadeau, Bengio, "Inference for the Generalization Error", Machine Learning 52, 2003.
func (i Interval) Overlapping(ratio float64) Interval {
	i.Half *= wider(i.N, ratio)
	return i
}

// Overlapping is Interval's, with the test.
func (d Difference) Overlapping(ratio float64) Difference {
	if !d.Known() || d.SD == 0 {
		return d
	}
	d.Interval = d.Interval.Overlapping(ratio)
	t := math.Abs(d.Mean) / (d.SD / math.Sqrt(float64(d.N)) * wider(d.N, ratio))
	d.P = 2 * student(d.N-1).Survival(t)
	return d
}

func wider(n int, ratio float64) float64 { return math.Sqrt(1 + float64(n)*ratio) }
