package prepare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"ctrlab/datasets/batch"
)

// fitDense fits what the step of dense column i needs.
func (b *building) fitDense(ctx context.Context, i int) (DenseNote, error) {
	n := DenseNote{Name: b.Layout.Dense[i], Step: b.Dense[i]}
	name := numbered("dense", i)
	err := b.stage.eachFloat(ctx, name, func(x []float32, splits []int8) error {
		for r, v := range x {
			if v != v && splits[r] >= 0 {
				n.Missing[splits[r]]++
			}
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	if b.Fitted != nil {
		was := b.Fitted.notes.Dense[i]
		n.Mean, n.SD, n.Edges = was.Mean, was.SD, was.Edges
		return n, nil
	}
	train := func(visit func(x float32)) error {
		return b.stage.eachFloat(ctx, name, func(x []float32, splits []int8) error {
			for r, v := range x {
				if v == v && (splits[r] == int8(batch.Train) || n.Step.All && splits[r] > 0) {
					visit(v)
				}
			}
			return nil
		})
	}
	switch n.Step.Kind {
	case Standard:
		n.Mean, n.SD, err = moments(train)
	case Quantiles:
		n.Edges, err = edges(train, n.Step.Buckets, b.tableMemory())
	}
	return n, err
}

// values walks numbers.
type values func(visit func(x float32)) error

// moments are the mean and the standard deviation; of numbers that are all the same it is 1.
func moments(of values) (mean, sd float64, err error) {
	n, sum, squares := 0.0, 0.0, 0.0
	err = of(func(x float32) { n, sum = n+1, sum+float64(x) })
	if n == 0 || err != nil {
		return 0, 1, err
	}
	mean = sum / n
	err = of(func(x float32) { squares += (float64(x) - mean) * (float64(x) - mean) })
	if sd = math.Sqrt(squares / n); sd == 0 {
		sd = 1
	}
	if !finite(mean) || !finite(sd) {
		err = errors.Join(err, fmt.Errorf("mean and standard deviation of the training rows are %g and %g: a value is infinite", mean, sd))
	}
	return mean, sd, err
}

func finite(x float64) bool { return !math.IsInf(x, 0) && x == x }

// edges are where buckets of equal counts begin, but the first: of n numbers in order those at n/buckets, 2n/buckets, …,
// each once. They are exact, by counting: first by the upper 16 bits, then by the lower ones of those upper ones that matter.
func edges(of values, buckets int, memory int64) ([]float32, error) {
	upper, n := make([]int64, 1<<16), int64(0)
	if err := of(func(x float32) { upper[ordered(x)>>16]++; n++ }); err != nil || n == 0 {
		return nil, err
	}
	type wanted struct{ high, rank int64 } // rank among the numbers of these upper bits
	var list []wanted
	high, below := int64(0), int64(0)
	for j := int64(1); j < int64(buckets); j++ {
		rank := j * n / int64(buckets)
		for below+upper[high] <= rank {
			below += upper[high]
			high++
		}
		list = append(list, wanted{high, rank - below})
	}
	var found []float32
	for len(list) > 0 {
		lower := map[int64][]int64{}
		take := 0
		for ; take < len(list); take++ {
			if h := list[take].high; lower[h] == nil {
				if take > 0 && int64(len(lower)+1)<<19 > memory {
					break
				}
				lower[h] = make([]int64, 1<<16)
			}
		}
		if err := of(func(x float32) {
			if l := lower[int64(ordered(x)>>16)]; l != nil {
				l[ordered(x)&0xffff]++
			}
		}); err != nil {
			return nil, err
		}
		for _, w := range list[:take] {
			low := 0
			for ; w.rank >= lower[w.high][low]; low++ {
				w.rank -= lower[w.high][low]
			}
			found = append(found, unordered(uint32(w.high)<<16|uint32(low)))
		}
		list = list[take:]
	}
	if slices.ContainsFunc(found, func(x float32) bool { return !finite(float64(x)) }) {
		return nil, fmt.Errorf("a bucket begins at an infinite value")
	}
	return slices.Compact(found), nil
}

// ordered maps floats to integers of the same order, and both zeros to one.
func ordered(x float32) uint32 {
	b := math.Float32bits(x + 0)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

func unordered(u uint32) float32 {
	if u>>31 != 0 {
		return math.Float32frombits(u &^ (1 << 31))
	}
	return math.Float32frombits(^u)
}

// quantile is the id of x's bucket.
func (n *DenseNote) quantile(x float32) int32 {
	if x != x {
		return 0
	}
	return 1 + int32(sort.Search(len(n.Edges), func(i int) bool { return x < n.Edges[i] }))
}

// apply makes of x what the cache has.
func (n *DenseNote) apply(x []float32) {
	switch n.Step.Kind {
	case None:
		for i, v := range x {
			if v != v {
				x[i] = 0
			}
		}
	case Log1p:
		for i, v := range x {
			x[i] = 0
			if v > 0 {
				x[i] = float32(math.Log1p(float64(v)))
			}
		}
	case Standard:
		for i, v := range x {
			x[i] = 0
			if v == v {
				x[i] = float32((float64(v) - n.Mean) / n.SD)
			}
		}
	}
}
