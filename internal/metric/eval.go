package metric

import (
	"errors"
	"fmt"
	"math"
)

// Eval is what a model said of the rows of a split, beside what is true of them. The slices have one length and are only read.
type Eval struct {
	Score  []float32   // logit where Binary, else rating
	Label  []float32   // 0 or 1 where Binary, else rating
	Group  []int32     // for gauc: the group of each row; nil where there is none
	Truth  []float32   // the logit that the label was drawn from; nil where nobody knows it
	Rating *[2]float64 // ratings are clipped to this range; nil: as they are
	Binary bool        // labels are classes, not ratings
	Margin bool        // and scores are margins: they order and they part at 0, but have no probability
}

// Evaluate returns the metrics of e by base name: those of classes where e is Binary, with gauc where there are groups and attained,
// oracle.auc and oracle.logloss where the truth is known, of a Margin without those of a probability; else rmse and mae.
//
// All are exact: sums in float64 in the order of the rows, equal scores treated alike, counts as integers. What the rows do not
// define (AUC of one class) is NaN. It takes 16 bytes a row while it runs.
func Evaluate(e Eval) (map[string]float64, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	if e.Binary {
		return e.classes(), nil
	}
	return e.ratings(), nil
}

func (e Eval) check() error {
	n := len(e.Score)
	if len(e.Label) != n || e.Group != nil && len(e.Group) != n || e.Truth != nil && len(e.Truth) != n {
		panic("metric: lengths differ")
	}
	if n == 0 {
		return errors.New("no rows to evaluate, want at least 1")
	}
	for i, s := range e.Score {
		if !finite(s) {
			return fmt.Errorf("score of row %d is %v, want a finite number", i, s)
		}
	}
	for i, t := range e.Truth {
		if !finite(t) {
			return fmt.Errorf("true logit of row %d is %v, want a finite number", i, t)
		}
	}
	for i, y := range e.Label {
		if e.Binary && y != 0 && y != 1 {
			return fmt.Errorf("label of row %d is %v, want 0 or 1", i, y)
		}
		if !finite(y) {
			return fmt.Errorf("label of row %d is %v, want a finite number", i, y)
		}
	}
	return nil
}

func finite(x float32) bool { return x-x == 0 }

// classes returns the metrics of a binary split.
func (e Eval) classes() map[string]float64 {
	s := sums(e.Score, e.Label)
	r := newRanking(e.Score, e.Label)
	m := map[string]float64{"auc": r.auc(), "pr_auc": r.averagePrecision(), "accuracy": s.accuracy}
	if !e.Margin {
		m["ece"], m["calibration"] = r.calibrationError(ECEBins), ratio(s.mean, s.base)
		m["logloss"], m["ne"], m["brier"] = s.logloss, ratio(s.logloss, s.entropy()), s.brier
	}
	if e.Group != nil {
		r.group(e.Group)
		m["gauc"] = r.groupAUC()
	}
	if e.Truth != nil {
		best := sums(e.Truth, e.Label).logloss
		r.rank(e.Truth)
		m["oracle.auc"] = r.auc()
		m["oracle.logloss"] = best
		if !e.Margin {
			m["attained"] = ratio(s.entropy()-s.logloss, s.entropy()-best)
		}
	}
	return m
}

// means are what one pass over logits and classes adds up to, each divided by the rows.
type means struct {
	base     float64 // share of label 1
	mean     float64 // probability
	logloss  float64
	accuracy float64
	brier    float64
}

func sums(score, label []float32) means {
	var m means
	for i, s := range score {
		z, y := float64(s), float64(label[i])
		p := sigmoid(z)
		m.base += y
		m.mean += p
		m.logloss += crossEntropy(z, y)
		m.brier += (p - y) * (p - y)
		if (z > 0) == (y == 1) {
			m.accuracy++
		}
	}
	n := float64(len(score))
	return means{m.base / n, m.mean / n, m.logloss / n, m.accuracy / n, m.brier / n}
}

// crossEntropy is that of a label under a logit; it never overflows.
func crossEntropy(z, y float64) float64 { return max(z, 0) - z*y + math.Log1p(math.Exp(-math.Abs(z))) }

func sigmoid(z float64) float64 {
	e := math.Exp(-math.Abs(z))
	if z < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

// entropy is the log loss of the base rate itself, in nats.
func (m means) entropy() float64 {
	if m.base == 0 || m.base == 1 {
		return 0
	}
	return -m.base*math.Log(m.base) - (1-m.base)*math.Log1p(-m.base)
}

// ratio is a/b, NaN where b is not positive: a share of nothing.
func ratio(a, b float64) float64 {
	if b <= 0 {
		return math.NaN()
	}
	return a / b
}

// ratings returns the metrics of a split of ratings.
func (e Eval) ratings() map[string]float64 {
	var squares, absolute float64
	for i, s := range e.Score {
		d := e.clipped(float64(s)) - float64(e.Label[i])
		squares += d * d
		absolute += math.Abs(d)
	}
	n := float64(len(e.Score))
	return map[string]float64{"rmse": math.Sqrt(squares / n), "mae": absolute / n}
}

// clipped is a rating within the range, where there is one.
func (e Eval) clipped(y float64) float64 {
	if e.Rating == nil {
		return y
	}
	return min(max(y, e.Rating[0]), e.Rating[1])
}
