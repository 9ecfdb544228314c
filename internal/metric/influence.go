package metric

import "math"

// Influence returns a metric of a split and what each row adds to its error by having been drawn: these sum to 0, and their squares to the
// variance of the metric over drawings of as many rows. Of rows that are drawn together, sum them first. Of lists, the row of the item
// that was held out stands for its list. It returns nil for a metric that has none here, or that the rows do not define.
//
// The infinitesimal jackknife (Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982, ch. 6); of AUC it is DeLong's
// variance (DeLong, DeLong, Clarke-Pearson, Biometrics 44, 1988).
func Influence(name string, e Eval) (value float64, x []float64) {
	switch {
	case len(e.Score) == 0 || e.check() != nil:
	case name == "auc":
		return newRanking(e.Score, e.Label).influence()
	case name == "logloss" && !e.Margin:
		return average(len(e.Score), func(i int) float64 { return crossEntropy(float64(e.Score[i]), float64(e.Label[i])) })
	case name == "mae":
		return average(len(e.Score), func(i int) float64 { return math.Abs(e.clipped(float64(e.Score[i])) - float64(e.Label[i])) })
	case name == "rmse":
		return e.rootInfluence()
	case name == "hr@10" || name == "ndcg@10":
		return listInfluence(name, e)
	}
	return math.NaN(), nil
}

// average is the mean of n terms: each adds its distance from it, by n(n−1) under the root so that the squares have no bias.
func average(n int, term func(i int) float64) (mean float64, x []float64) {
	x = make([]float64, n)
	for i := range x {
		x[i] = term(i)
		mean += x[i]
	}
	mean /= float64(n)
	for i := range x {
		x[i] = (x[i] - mean) / math.Sqrt(float64(n)*float64(n-1))
	}
	return mean, x
}

// rootInfluence is that of √(mean of squares): the mean's, times 1/(2√).
func (e Eval) rootInfluence() (float64, []float64) {
	square, x := average(len(e.Score), func(i int) float64 {
		d := e.clipped(float64(e.Score[i])) - float64(e.Label[i])
		return d * d
	})
	root := math.Sqrt(square)
	for i := range x {
		x[i] /= 2 * root
	}
	return root, x
}

// influence is that of AUC. A positive's placement is the share of negatives below it, a negative's the share of positives above it, ties half;
// AUC is the mean of either.
func (r *ranking) influence() (auc float64, x []float64) {
	var all, below block
	for _, y := range r.label {
		all.pos += int64(y)
	}
	all.neg = int64(len(r.label)) - all.pos
	if auc = r.auc(); math.IsNaN(auc) {
		return auc, nil
	}
	x = make([]float64, len(r.label))
	pos, neg := float64(all.pos), float64(all.neg)
	for rows := r.rows; len(rows) > 0; {
		b, n := r.next(rows)
		lower := (float64(below.neg) + float64(b.neg)/2) / neg
		upper := (pos - float64(below.pos) - float64(b.pos)/2) / pos
		for _, k := range rows[:n] {
			if i := uint32(k); r.label[i] == 1 {
				x[i] = (lower - auc) / math.Sqrt(pos*(pos-1))
			} else {
				x[i] = (upper - auc) / math.Sqrt(neg*(neg-1))
			}
		}
		below.pos, below.neg = below.pos+b.pos, below.neg+b.neg
		rows = rows[n:]
	}
	return auc, x
}

// listInfluence is that of a mean over lists, whose rows are as Lists takes them.
func listInfluence(name string, e Eval) (float64, []float64) {
	var heads []int
	for i, y := range e.Label {
		if y == 1 {
			heads = append(heads, i)
		}
	}
	if len(heads) == 0 {
		return math.NaN(), nil
	}
	value, terms := average(len(heads), func(i int) float64 {
		to := len(e.Score)
		if i+1 < len(heads) {
			to = heads[i+1]
		}
		var l Lists
		if l.Add(e.Score[heads[i]:to], e.Label[heads[i]:to]) != nil {
			return math.NaN()
		}
		m, _ := l.Metrics()
		return m[name]
	})
	x := make([]float64, len(e.Score))
	for i, at := range heads {
		x[at] = terms[i]
	}
	return value, x
}
