package datasets

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/order"
)

// FileSplit cuts rows into train, valid and test by fractions: in the order of the files, at random, or by time.
type FileSplit struct {
	Kind      string    `json:"kind"`
	Fractions []float64 `json:"fractions"`
}

// Check refuses fractions that are none; which kinds there are, the source says.
func (s FileSplit) Check() error {
	if s.Fractions == nil {
		return nil
	}
	return checkFractions(s.Fractions)
}

func defaultFractions() []float64 { return []float64{0.8, 0.1, 0.1} }

func checkFractions(f []float64) error {
	if len(f) != int(batch.Splits) {
		return fmt.Errorf("fractions has %d numbers, want three: train, valid, test", len(f))
	}
	sum := 0.0
	for i, v := range f {
		if !between(v, 0, 1) {
			return fmt.Errorf("fractions[%d] is %g, want 0 to 1", i, v)
		}
		sum += v
	}
	if math.Abs(sum-1) > 1e-6 {
		return fmt.Errorf("fractions sum to %g, want 1", sum)
	}
	if f[batch.Train] == 0 {
		return fmt.Errorf("fractions[0] is 0, want rows to train on")
	}
	return nil
}

// cut returns the first row of each split, and the end of the last.
func cut(rows int, fractions []float64) (bounds [batch.Splits + 1]int) {
	sum := 0.0
	for s, f := range fractions {
		sum += f
		bounds[s+1] = int(math.Round(min(sum, 1) * float64(rows)))
	}
	bounds[batch.Splits] = rows
	return bounds
}

// shuffled returns which of n rows stands at a place: the same one for seed 0.
func shuffled(n int, seed uint64) func(int) int {
	if seed == 0 {
		return func(i int) int { return i }
	}
	p := order.New(n, keyOf(seed, "order"))
	return p.At
}

// assign returns the rows of each split. counts are the rows read for train, valid and test, or with paths that
// are not named so, all of them under train; times are the rows' where there are any.
func (f *Files) assign(counts [batch.Splits]int, times []int64) (splits [batch.Splits][]int32, err error) {
	n := counts[batch.Train]
	switch {
	case f.Split != nil && f.Split.Kind == "time":
		splits = slices3(byTime(times), cut(n, f.Split.Fractions))
	case f.Split != nil && f.Split.Kind == "random":
		splits = f.draw(n, cut(n, f.Split.Fractions))
	case f.Split != nil:
		splits = slices3(count(0, n), cut(n, f.Split.Fractions))
	case f.Valid != nil:
		splits = slices3(count(0, n), [...]int{0, n, n, n})
	case f.ValidFrom == "random":
		splits = f.draw(n, cut(n, []float64{1 - *f.ValidFraction, *f.ValidFraction, 0}))
	default:
		splits = slices3(count(0, n), cut(n, []float64{1 - *f.ValidFraction, *f.ValidFraction, 0}))
	}
	for s, from := batch.Valid, n; s < batch.Splits; s++ {
		if counts[s] > 0 {
			splits[s] = count(from, from+counts[s])
		}
		from += counts[s]
	}
	if len(splits[batch.Train]) == 0 {
		return splits, fmt.Errorf("data: %d rows leave none to train on", n)
	}
	return splits, nil
}

func slices3(rows []int32, bounds [batch.Splits + 1]int) (splits [batch.Splits][]int32) {
	for s := range splits {
		splits[s] = rows[bounds[s]:bounds[s+1]:bounds[s+1]]
	}
	return splits
}

// draw assigns rows to splits of given sizes at random and keeps the rows' order inside each.
func (f *Files) draw(n int, bounds [batch.Splits + 1]int) (splits [batch.Splits][]int32) {
	p := order.New(n, keyOf(f.SplitSeed, "split"))
	for i := range n {
		s := batch.Train
		for at := p.At(i); at >= bounds[s+1]; {
			s++
		}
		splits[s] = append(splits[s], int32(i))
	}
	return splits
}

func count(from, to int) []int32 {
	rows := make([]int32, to-from)
	for i := range rows {
		rows[i] = int32(from + i)
	}
	return rows
}

// byTime sorts rows by time; those of one time keep their order.
func byTime(times []int64) []int32 {
	rows := count(0, len(times))
	slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(times[a], times[b]) })
	return rows
}
