package describe

import (
	"math"
	"slices"

	"ctrlab/datasets/batch"
)

// counts is about a field: how often each id occurs in each split.
type counts struct {
	of      [batch.Splits][]uint32
	lookups [batch.Splits]int64
	rows    int64 // of train, where bags are counted
}

func (c *counts) add(s batch.Split, b batch.Bags) {
	ids := b.IDs
	if b.Offsets != nil {
		ids = ids[b.Offsets[0]:b.Offsets[len(b.Offsets)-1]]
		if s == batch.Train {
			c.rows += int64(len(b.Offsets) - 1)
		}
	}
	if c.of[s] == nil {
		c.of[s] = make([]uint32, len(c.of[batch.Train]))
	}
	of := c.of[s]
	for _, id := range ids {
		of[id]++
	}
	c.lookups[s] += int64(len(ids))
}

func (c *counts) about(f batch.Field) Field {
	train := c.of[batch.Train]
	d := Field{Name: f.Name, Rows: f.Rows, Lookups: c.lookups}
	if f.MultiHot && c.rows > 0 {
		d.Bag = float64(c.lookups[batch.Train]) / float64(c.rows)
	}
	for s := range batch.Splits {
		unseen := int64(0)
		for id, n := range c.of[s] {
			if n > 0 {
				d.Distinct[s]++
			}
			if train[id] == 0 {
				unseen += int64(n)
			}
		}
		if s != batch.Train && c.lookups[s] > 0 {
			d.Unseen[s] = float64(unseen) / float64(c.lookups[s])
			drift := c.variation(s)
			d.Drift[s] = &drift
		}
	}
	d.Top, d.Once = head(train, c.lookups[batch.Train])
	return d
}

// variation is the total variation distance of a split's ids to those of train: ½ Σ |p − q|.
func (c *counts) variation(s batch.Split) float64 {
	p, q := 1/float64(max(c.lookups[batch.Train], 1)), 1/float64(c.lookups[s])
	sum := 0.0
	for id, n := range c.of[batch.Train] {
		sum += math.Abs(float64(n)*p - float64(c.of[s][id])*q)
	}
	return sum / 2
}

// head returns what the 1, 2, 5, 10, 20 … most frequent ids take of all lookups, up to all that occur, and how many occur once.
func head(of []uint32, lookups int64) (top []Share, once int) {
	var seen []uint32
	for _, n := range of {
		if n > 0 {
			seen = append(seen, n)
		}
		if n == 1 {
			once++
		}
	}
	slices.Sort(seen)
	slices.Reverse(seen)
	sum, at := int64(0), 1
	for i, n := range seen {
		sum += int64(n)
		if i+1 == at || i+1 == len(seen) {
			top = append(top, Share{i + 1, float64(sum) / float64(lookups)})
			at = following(at)
		}
	}
	return top, once
}

// following is the number behind n of 1, 2, 5, 10, 20, 50 …
func following(n int) int {
	lead := n
	for lead >= 10 {
		lead /= 10
	}
	if lead == 2 {
		return n / 2 * 5
	}
	return n * 2
}
