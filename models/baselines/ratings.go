package baselines

import (
	"cmp"
	"slices"

	"ctrlab/datasets/batch"
)

// The first two categorical fields of ratings are the user and the item.
const (
	user = 0
	item = 1
)

// rated is ratings by one side, users or items: those of id s are at Of[From[s]:From[s+1]], with the ids of the other side.
type rated struct {
	from  []int
	other []int32
	value []float32 // ratings, or what is left of them
}

// readRatings collects a pass's ratings by user and by item, each id's in the order of the other side.
func readRatings(rows Batches, users, items int) (byUser, byItem *rated, err error) {
	var u, i []int32
	var r []float32
	for b, err := range rows {
		if err != nil {
			return nil, nil, err
		}
		u, i, r = append(u, b.Sparse[user].IDs...), append(i, b.Sparse[item].IDs...), append(r, b.Label...)
	}
	return group(u, i, r, users), group(i, u, r, items), nil
}

// group sorts ratings by one side, then by the other; what stands twice keeps its order.
func group(side, other []int32, value []float32, n int) *rated {
	order := make([]int32, len(side))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(side[a], side[b]), cmp.Compare(other[a], other[b]))
	})
	g := &rated{from: make([]int, n+1), other: make([]int32, len(side)), value: make([]float32, len(side))}
	for k, at := range order {
		g.other[k], g.value[k] = other[at], value[at]
		g.from[side[at]+1]++
	}
	for s := range n {
		g.from[s+1] += g.from[s]
	}
	return g
}

// had is ratings without those of 0, which of lists are the negatives.
func (g *rated) had() *rated {
	h := &rated{from: []int{0}}
	for s := range len(g.from) - 1 {
		ids, values := g.of(int32(s))
		for k, v := range values {
			if v != 0 {
				h.other, h.value = append(h.other, ids[k]), append(h.value, v)
			}
		}
		h.from = append(h.from, len(h.other))
	}
	return h
}

// of returns the ratings of an id.
func (g *rated) of(s int32) (other []int32, value []float32) {
	from, to := g.from[s], g.from[s+1]
	return g.other[from:to], g.value[from:to]
}

// sides are how many users and items a schema has.
func sides(s batch.Schema) (users, items int) { return s.Sparse[user].Rows, s.Sparse[item].Rows }
