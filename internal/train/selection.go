package train

import (
	"iter"

	"ctrlab/datasets/batch"
)

// selection is data as training and selection see it: rows to train on and rows to choose by. There is no test in it; Run takes that
// away before anything begins.
type selection struct{ data Data }

// Schema implements Data.
func (s selection) Schema() batch.Schema { return s.data.Schema() }

// Rows implements Data.
func (s selection) Rows(sp batch.Split) int {
	if sp == batch.Test {
		return 0
	}
	return s.data.Rows(sp)
}

// Batches implements Data.
func (s selection) Batches(sp batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	return s.BatchesFrom(sp, n, order, 0)
}

// BatchesFrom implements batch.Seeker.
func (s selection) BatchesFrom(sp batch.Split, n int, order uint64, first int) iter.Seq2[*batch.Batch, error] {
	if sp == batch.Test {
		panic("train: selection asks for test")
	}
	return batch.From(s.data, sp, n, order, first)
}

// unseen is the test split, which is handed to the step after the choice and is part of nothing before.
type unseen struct{ data Data }

// rows is how many there are.
func (t unseen) rows() int {
	if t.data == nil {
		return 0
	}
	return t.data.Rows(batch.Test)
}
