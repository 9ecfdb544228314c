package metric

import (
	"math"
	"strconv"
)

// ranking is the rows of a split by ascending score. Everything that ranks walks it block by block, a block being the rows
// of one score, so that the order within a block never matters.
type ranking struct {
	score, label []float32
	rows         []uint64 // key of the score << 32 | row, ascending
	spare        []uint64
}

func newRanking(score, label []float32) *ranking {
	r := &ranking{label: label, rows: make([]uint64, len(score)), spare: make([]uint64, len(score))}
	r.rank(score)
	return r
}

// rank orders the rows by another score.
func (r *ranking) rank(score []float32) {
	r.score = score
	for i, s := range score {
		r.rows[i] = uint64(ordered(s))<<32 | uint64(i)
	}
	r.rows, r.spare = sortHigh(r.rows, r.spare)
}

// ordered maps floats to integers of the same order; −0 is 0.
func ordered(x float32) uint32 {
	b := math.Float32bits(x + 0)
	if b>>31 == 1 {
		return ^b
	}
	return b | 1<<31
}

// sortHigh sorts keys by their upper 32 bits, least significant digit first; equal ones keep their order.
// It returns the sorted slice and the other one.
func sortHigh(keys, spare []uint64) (sorted, other []uint64) {
	const bits, size = 11, 1 << 11
	for shift := 32; shift < 64; shift += bits {
		var start [size]int
		for _, k := range keys {
			start[k>>shift&(size-1)]++
		}
		sum := 0
		for d, n := range start {
			start[d] = sum
			sum += n
		}
		for _, k := range keys {
			d := k >> shift & (size - 1)
			spare[start[d]] = k
			start[d]++
		}
		keys, spare = spare, keys
	}
	return keys, spare
}

// block counts the rows of one score.
type block struct{ pos, neg int64 }

// next returns the block of equal scores that rows begin with, and its length.
func (r *ranking) next(rows []uint64) (b block, n int) {
	s := r.score[uint32(rows[0])]
	for n < len(rows) && r.score[uint32(rows[n])] == s {
		if r.label[uint32(rows[n])] == 1 {
			b.pos++
		} else {
			b.neg++
		}
		n++
	}
	return b, n
}

// auc returns the probability that a positive scores above a negative, ties half: Mann and Whitney's U over P·N.
func (r *ranking) auc() float64 { return r.aucOf(r.rows) }

func (r *ranking) aucOf(rows []uint64) float64 {
	var below block
	var twiceU int64
	for len(rows) > 0 {
		b, n := r.next(rows)
		twiceU += b.pos * (2*below.neg + b.neg)
		below.pos += b.pos
		below.neg += b.neg
		rows = rows[n:]
	}
	if below.pos == 0 || below.neg == 0 {
		return math.NaN()
	}
	return float64(twiceU) / 2 / (float64(below.pos) * float64(below.neg))
}

// group orders the rows by group, each group's by ascending score, where they were ranked before.
func (r *ranking) group(group []int32) {
	for i, k := range r.rows {
		row := uint32(k)
		r.rows[i] = uint64(uint32(group[row]))<<32 | uint64(row)
	}
	r.rows, r.spare = sortHigh(r.rows, r.spare)
}

// groupAUC returns the mean AUC of the groups that have both classes, weighted by their rows; rows are ordered by group.
//
// Zhou et al., "Deep Interest Network for Click-Through Rate Prediction", KDD 2018 (there weighted by impressions).
func (r *ranking) groupAUC() float64 {
	var sum, weight float64
	r.groups(func(rows []uint64) {
		if a := r.aucOf(rows); !math.IsNaN(a) {
			sum += a * float64(len(rows))
			weight += float64(len(rows))
		}
	})
	return ratio(sum, weight)
}

// groups calls each with the rows of every group; rows are ordered by group.
func (r *ranking) groups(each func(rows []uint64)) {
	for rows := r.rows; len(rows) > 0; {
		n := 1
		for n < len(rows) && rows[n]>>32 == rows[0]>>32 {
			n++
		}
		each(rows[:n])
		rows = rows[n:]
	}
}

// averagePrecision returns Σ (Rₖ − Rₖ₋₁) Pₖ over the distinct scores from the highest down; NaN without a positive.
func (r *ranking) averagePrecision() float64 {
	var all, sum float64
	for _, y := range r.label {
		all += float64(y)
	}
	above := all // positives at or above the score
	for rows := r.rows; len(rows) > 0; {
		b, n := r.next(rows)
		sum += float64(b.pos) * above / float64(len(rows))
		above -= float64(b.pos)
		rows = rows[n:]
	}
	return ratio(sum, all)
}

// ECEBins is the number of bins of the expected calibration error.
const ECEBins = 15

// calibrationError returns Σ_b n_b/N |mean probability − mean label| over bins of equal count.
//
// Equal counts and not equal widths, since click probabilities crowd near 0 and would fill one bin. A bin ends at the first
// change of score at or after its share of the rows, so that ties stay together and their order does not count.
func (r *ranking) calibrationError(bins int) float64 {
	var sum float64
	r.bins(bins, func(rows []uint64) {
		var probability, label float64
		for _, k := range rows {
			probability += sigmoid(float64(r.score[uint32(k)]))
			label += float64(r.label[uint32(k)])
		}
		sum += math.Abs(probability - label)
	})
	return sum / float64(len(r.rows))
}

// bins calls each with the rows of every bin, the lowest scores first.
func (r *ranking) bins(bins int, each func(rows []uint64)) {
	n, from, end := len(r.rows), 0, 1
	for i, k := range r.rows {
		if i+1 < n && ((i+1)*bins < end*n || r.score[uint32(r.rows[i+1])] == r.score[uint32(k)]) {
			continue
		}
		each(r.rows[from : i+1])
		from, end = i+1, (i+1)*bins/n+1
	}
}

// ordinal names a part by its place.
func ordinal(i int) string { return strconv.Itoa(i + 1) }
