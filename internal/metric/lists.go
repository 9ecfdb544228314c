package metric

import (
	"errors"
	"fmt"
	"math"
)

// Lists ranks the item that each list held out among the list's candidates. Rows come list by list, in any number of Adds: the
// held-out item, with label 1, then its candidates, with label 0. It keeps a few numbers, and no rows.
//
// The place of an item is the number of candidates before it, equal ones counted half as in AUC, so that a model that scores all
// alike hits nothing: hr@10 counts places below 10, ndcg@10 adds 1/log₂(2 + place) for them, and gauc is the AUC within lists.
type Lists struct {
	lists, rows      int
	hits, gain       float64
	auc, weight      float64
	held             float32 // score of the item held out in the list under way
	above, tied, all int     // of its candidates
}

const firstK = 10

// Add takes rows.
func (l *Lists) Add(score, label []float32) error {
	if len(score) != len(label) {
		panic("metric: lengths differ")
	}
	for i, s := range score {
		switch {
		case !finite(s):
			return fmt.Errorf("score of row %d is %v, want a finite number", l.rows, s)
		case label[i] == 1:
			l.end()
			l.lists++
			l.held, l.above, l.tied, l.all = s, 0, 0, 0
		case label[i] != 0:
			return fmt.Errorf("label of row %d is %v, want 0 or 1", l.rows, label[i])
		case l.lists == 0:
			return errors.New("row 0 has the label 0, want the item held out first")
		default:
			l.candidate(s)
		}
		l.rows++
	}
	return nil
}

func (l *Lists) candidate(s float32) {
	l.all++
	if s > l.held {
		l.above++
	} else if s == l.held {
		l.tied++
	}
}

// end counts the list under way.
func (l *Lists) end() {
	if l.lists == 0 {
		return
	}
	place := float64(l.above) + float64(l.tied)/2
	if place < firstK {
		l.hits++
		l.gain += 1 / math.Log2(2+place)
	}
	if l.all > 0 {
		rows := float64(l.all + 1)
		l.auc += rows * (1 - place/float64(l.all))
		l.weight += rows
	}
}

// Metrics returns hr@10, ndcg@10 and gauc of all rows so far, and begins anew.
func (l *Lists) Metrics() (map[string]float64, error) {
	if l.lists == 0 {
		return nil, errors.New("no rows to evaluate, want at least 1")
	}
	l.end()
	n := float64(l.lists)
	m := map[string]float64{"hr@10": l.hits / n, "ndcg@10": l.gain / n, "gauc": ratio(l.auc, l.weight)}
	*l = Lists{}
	return m, nil
}
