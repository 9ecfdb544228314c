package batch

import "iter"

// Walker walks a split in batches of n rows, in an order that a number stands for.
type Walker interface {
	Batches(s Split, n int, order uint64) iter.Seq2[*Batch, error]
}

// Seeker is a Walker that can begin anywhere: BatchesFrom is Batches without the first so many, which it does not make.
type Seeker interface {
	BatchesFrom(s Split, n int, order uint64, first int) iter.Seq2[*Batch, error]
}

// From walks batches from number first on. Those before are made, and passed over, only where w is no Seeker.
func From(w Walker, s Split, n int, order uint64, first int) iter.Seq2[*Batch, error] {
	if first == 0 {
		return w.Batches(s, n, order)
	}
	if seeker, ok := w.(Seeker); ok {
		return seeker.BatchesFrom(s, n, order, first)
	}
	return func(yield func(*Batch, error) bool) {
		at := 0
		for b, err := range w.Batches(s, n, order) {
			if at++; (at > first || err != nil) && !yield(b, err) {
				return
			}
		}
	}
}
