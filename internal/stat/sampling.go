package stat

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Scored is what a model said of a split: for every seed the score of each example.
type Scored struct {
	Label   []bool
	Score   [][]float64 // by seed, in one order with those of other models
	Cluster []int32     // the examples' user or day, whose examples are drawn together; nil where each stands alone
}

// AUCDifference is a difference a − b of AUC with both of its noises.
type AUCDifference struct {
	Mean     float64 // over seeds
	Sampling float64 // standard error from the split's examples, by DeLong
	Seed     float64 // standard error from the seeds
	Interval         // with both, normal: √(Sampling² + Seed²)
	P        float64
}

// DeLong compares the AUCs of two models on the same examples, averaged over their common seeds. The sampling part takes for each example its placement,
// the share of the other class on its right side, averaged over the seeds; clusters are summed first.
//
// DeLong, DeLong, Clarke-Pearson, Biometrics 44, 1988; clusters: Obuchowski, Biometrics 53, 1997.
func DeLong(a, b Scored) AUCDifference {
	n := len(a.Label)
	diff := make([]float64, n) // of placements, averaged over seeds
	bySeed := make([]float64, len(a.Score))
	for s := range a.Score {
		pa, aucA := placements(a.Label, a.Score[s])
		pb, aucB := placements(b.Label, b.Score[s])
		for i := range diff {
			diff[i] += (pa[i] - pb[i]) / float64(len(a.Score))
		}
		bySeed[s] = aucA - aucB
	}
	d := AUCDifference{Mean: Mean(bySeed), Sampling: math.Sqrt(placementVariance(a, diff))}
	if len(bySeed) > 1 {
		d.Seed = SD(bySeed) / math.Sqrt(float64(len(bySeed)))
	}
	se := math.Hypot(d.Sampling, d.Seed)
	d.Interval = Interval{N: n, Mean: d.Mean, Half: distuv.UnitNormal.Quantile((1+Level)/2) * se}
	d.P = 2 * distuv.UnitNormal.Survival(math.Abs(d.Mean)/se)
	return d
}

// placementVariance is the variance of the mean of positives' placements plus that of negatives', clusters kept together.
func placementVariance(x Scored, diff []float64) float64 {
	var count, mean [2]float64
	for i, v := range diff {
		c := boolean(x.Label[i])
		count[c]++
		mean[c] += v
	}
	for c := range mean {
		mean[c] /= count[c]
	}
	sums := map[int32]float64{} // of a cluster: what it adds to the difference of AUC
	for i, v := range diff {
		key := int32(i)
		if x.Cluster != nil {
			key = x.Cluster[i]
		}
		c := boolean(x.Label[i])
		sums[key] += (v - mean[c]) / count[c]
	}
	if x.Cluster == nil { // each class has its own n/(n−1)
		var square [2]float64
		for i, v := range diff {
			c := boolean(x.Label[i])
			square[c] += (v - mean[c]) * (v - mean[c])
		}
		return square[0]/(count[0]*(count[0]-1)) + square[1]/(count[1]*(count[1]-1))
	}
	total := 0.0
	for _, v := range sums {
		total += v * v
	}
	k := float64(len(sums))
	return total * k / (k - 1)
}

// placements returns for a positive the share of negatives below it, for a negative the share of positives above it, ties half; and the AUC.
func placements(label []bool, score []float64) (p []float64, auc float64) {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(score[i], score[j]) })
	var all [2]float64
	for _, l := range label {
		all[boolean(l)]++
	}
	p = make([]float64, len(score))
	var below [2]float64
	for from := 0; from < len(order); {
		to := from
		var equal [2]float64
		for to < len(order) && score[order[to]] == score[order[from]] {
			equal[boolean(label[order[to]])]++
			to++
		}
		for _, i := range order[from:to] {
			if label[i] {
				p[i] = (below[0] + equal[0]/2) / all[0]
				auc += p[i] / all[1]
			} else {
				p[i] = (all[1] - below[1] - equal[1]/2) / all[1]
			}
		}
		below[0], below[1] = below[0]+equal[0], below[1]+equal[1]
		from = to
	}
	return p, auc
}

// Bootstrap returns the percentile interval at Level of the mean over seeds of value(seed, weight), when seeds and examples are both drawn again: weight
// says how often an example was drawn, clusters as a whole. value computes a difference of two models for one seed; n is the number of examples.
// The draws depend on seed alone.
//
// Efron, Ann. Statist. 7, 1979; two ways crossed: Owen, Ann. Appl. Stat. 1, 2007.
func Bootstrap(seeds, n int, cluster []int32, draws int, seed uint64, value func(s int, weight []float64) float64) (low, high float64) {
	random := rand.New(rand.NewPCG(seed, 0))
	members := clusters(n, cluster)
	weight, means := make([]float64, n), make([]float64, draws)
	for d := range means {
		clear(weight)
		for range members {
			for _, i := range members[random.IntN(len(members))] {
				weight[i]++
			}
		}
		for range seeds {
			means[d] += value(random.IntN(seeds), weight) / float64(seeds)
		}
	}
	slices.Sort(means)
	at := func(p float64) float64 { return means[min(int(p*float64(draws)), draws-1)] }
	return at((1 - Level) / 2), at((1 + Level) / 2)
}

// clusters lists the examples of each.
func clusters(n int, cluster []int32) [][]int32 {
	if cluster == nil {
		all := make([][]int32, n)
		for i := range all {
			all[i] = []int32{int32(i)}
		}
		return all
	}
	at := map[int32]int{}
	var all [][]int32
	for i, c := range cluster {
		k, ok := at[c]
		if !ok {
			k = len(all)
			at[c] = k
			all = append(all, nil)
		}
		all[k] = append(all[k], int32(i))
	}
	return all
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
