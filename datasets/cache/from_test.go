package cache

import (
	"fmt"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
)

// Reading on from any batch gives what the whole walk gives from there, whatever window it is in, and decodes none before.
func TestReadsFromAnyBatch(t *testing.T) {
	f := one(t, 3000)
	f.limits = narrow
	for _, order := range []uint64{0, 1, 2} {
		for _, n := range []int{1, 7, 100, 256, 1000} {
			walk := func(first int) (all []string) {
				for b, err := range f.BatchesFrom(batch.Train, n, order, first) {
					check(t, err)
					all = append(all, fmt.Sprint(*b))
				}
				return all
			}
			all := walk(0)
			if len(all) != (3000+n-1)/n {
				t.Fatalf("%d batches of %d", len(all), n)
			}
			for first := 1; first <= len(all)+1; first += 1 + len(all)/20 {
				if !slices.Equal(walk(first), all[min(first, len(all)):]) {
					t.Errorf("order %d, batches of %d: from number %d on they are others", order, n, first)
				}
			}
		}
	}
	p := f.plan(batch.Train, 1)
	for i, seen := 0, 0; i < 3000; i++ {
		k, before := p.find(i)
		if before == 0 {
			seen++
		}
		if k != seen-1 {
			t.Fatalf("row %d stands in window %d, want %d", i, k, seen-1)
		}
	}
}
