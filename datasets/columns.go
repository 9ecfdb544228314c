package datasets

import (
	"fmt"
	"iter"
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/order"
)

// columns is a Source of rows held in memory; once opened it is never changed.
type columns struct {
	schema   batch.Schema
	dense    []float32    // [rows, dense features]
	ids      []int32      // [rows, fields]: an id, or the number of a bag where the field is multi-hot
	bags     []batch.Bags // one a field: the bags that ids number
	label    []float32
	splits   [batch.Splits][]int32
	identity string
	about    About
}

func (c *columns) Schema() batch.Schema   { return c.schema }
func (c *columns) Rows(s batch.Split) int { return len(c.splits[s]) }
func (c *columns) Identity() string       { return c.identity }
func (c *columns) About() About           { return c.about }

func (c *columns) Batches(s batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	if n < 1 {
		panic("datasets: a batch has no rows")
	}
	return func(yield func(*batch.Batch, error) bool) {
		rows := c.splits[s]
		place := shuffled(len(rows), order)
		b := &batch.Batch{Sparse: make([]batch.Bags, len(c.schema.Sparse))}
		for from := 0; from < len(rows); from += n {
			c.start(b)
			for i := from; i < min(from+n, len(rows)); i++ {
				c.add(b, int(rows[place(i)]))
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// assign returns the rows of each split.
func (f *Files) assign(counts [batch.Splits]int, times []int64) (rows [batch.Splits][]int32, err error) {
	i := int32(0)
	for s := range f.splits(counts, rowsToSplit{times: slices.Values(times)}) {
		rows[s] = append(rows[s], i)
		i++
	}
	if len(rows[batch.Train]) == 0 {
		return rows, fmt.Errorf("data: %d rows leave none to train on", counts[batch.Train])
	}
	return rows, nil
}

// shuffled returns which of n rows stands at a place: the same one for seed 0.
func shuffled(n int, seed uint64) func(int) int {
	if seed == 0 {
		return func(i int) int { return i }
	}
	p := order.New(n, keyOf(seed, "order"))
	return p.At
}

func (c *columns) start(b *batch.Batch) {
	b.N, b.Dense, b.Label = 0, b.Dense[:0], b.Label[:0]
	for f := range b.Sparse {
		s := &b.Sparse[f]
		s.IDs = s.IDs[:0]
		if c.schema.Sparse[f].MultiHot {
			s.Offsets = append(s.Offsets[:0], 0)
		}
	}
}

func (c *columns) add(b *batch.Batch, row int) {
	nd, nf := len(c.schema.Dense), len(c.schema.Sparse)
	b.Dense = append(b.Dense, c.dense[row*nd:][:nd]...)
	b.Label = append(b.Label, c.label[row])
	for f, id := range c.ids[row*nf:][:nf] {
		s := &b.Sparse[f]
		if s.Offsets == nil {
			s.IDs = append(s.IDs, id)
			continue
		}
		s.IDs = append(s.IDs, c.bags[f].Bag(int(id))...)
		s.Offsets = append(s.Offsets, int32(len(s.IDs)))
	}
	b.N++
}

// number replaces the raw values of a one-hot field by ids: 0 for what is not in the vocabulary, the values seen at
// least minCount times among the training rows, in the order in which they come, from 1. It returns the rows of
// the field's table.
func (c *columns) number(field, minCount int) int {
	nf := len(c.schema.Sparse)
	counts := map[int32]int{}
	for _, row := range c.splits[batch.Train] {
		counts[c.ids[int(row)*nf+field]]++
	}
	ids := map[int32]int32{}
	for _, row := range c.splits[batch.Train] {
		v := c.ids[int(row)*nf+field]
		if _, known := ids[v]; !known && counts[v] >= minCount {
			ids[v] = int32(len(ids) + 1)
		}
	}
	for i := field; i < len(c.ids); i += nf {
		c.ids[i] = ids[c.ids[i]]
	}
	return len(ids) + 1
}
