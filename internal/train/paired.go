package train

import (
	"iter"

	"ctrlab/datasets/batch"
)

// Paired is what Data has, or what it wraps and gives by a method Unwrap() any, whose train split can be walked in pairs, as a loss of
// pairs wants them: rows 2k and 2k+1 of a batch are an item that a user has and one drawn beside it.
type Paired interface {
	// PairRows is how many rows the pairs of train have.
	PairRows() int
	// Pairs walks them as Batches does; n is even.
	Pairs(n int, order uint64) iter.Seq2[*batch.Batch, error]
}

// pairsOf returns nil where d has none.
func pairsOf(d any) Paired {
	for {
		if p, ok := d.(Paired); ok {
			return p
		}
		w, ok := d.(interface{ Unwrap() any })
		if !ok {
			return nil
		}
		d = w.Unwrap()
	}
}

// inPairs is Data whose train split is its pairs.
type inPairs struct {
	Data
	pairs Paired
}

func (p inPairs) Rows(s batch.Split) int {
	if s == batch.Train {
		return p.pairs.PairRows()
	}
	return p.Data.Rows(s)
}

func (p inPairs) Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	if s == batch.Train {
		return p.pairs.Pairs(n, order)
	}
	return p.Data.Batches(s, n, order)
}
