package datasets

import (
	"math"

	"ctrlab/datasets/batch"
)

// drawer draws rows into a batch that it owns, a block at a time and a column after the other.
type drawer struct {
	g      *generator
	batch  batch.Batch
	block  block
	logits []float64
	local  *segments // nil without locality
}

// block is some rows of a batch: what a term sees of them. Its columns are parts of the batch's.
type block struct {
	n       int
	numbers []uint64
	keys    []uint64     // of the rows
	turn    [][2]float32 // cosine and sine of how far the truth has turned; nil without drift
	dense   []float32    // [n, columns]
	bags    []batch.Bags
	values  []float64 // of the term last asked
	tmp     []float32 // scratch of the terms, so many numbers a row
}

// blockRows is so many rows that their columns stay in the nearest caches. Where terms want more scratch than most,
// blocks are smaller.
const (
	blockRows    = 256
	blockScratch = 1 << 22
)

// drawer makes one for batches of up to n rows.
func (g *generator) drawer(n int) *drawer {
	d := &drawer{g: g}
	d.batch.Dense = make([]float32, 0, n*len(g.dense))
	d.batch.Label, d.batch.Truth = make([]float32, 0, n), make([]float32, 0, n)
	d.batch.Sparse = make([]batch.Bags, len(g.fields))
	for f := range g.fields {
		d.batch.Sparse[f].IDs = make([]int32, 0, n)
		if g.fields[f].MultiHot > 0 {
			d.batch.Sparse[f].Offsets = make([]int32, 0, n+1)
		}
	}
	rows := max(1, min(blockRows, blockScratch/max(g.scratch, 1), n))
	d.logits = make([]float64, rows)
	d.block = block{keys: make([]uint64, rows), bags: make([]batch.Bags, len(g.fields)), values: make([]float64, rows), tmp: make([]float32, rows*g.scratch)}
	if g.drift > 0 {
		d.block.turn = make([][2]float32, rows)
	}
	if g.segment > 0 {
		d.local = newSegments(g)
	}
	return d
}

// start empties the batch.
func (d *drawer) start() {
	b := &d.batch
	b.N, b.Dense, b.Label, b.Truth = 0, b.Dense[:0], b.Label[:0], b.Truth[:0]
	for f := range b.Sparse {
		s := &b.Sparse[f]
		s.IDs = s.IDs[:0]
		if s.Offsets != nil {
			s.Offsets = append(s.Offsets[:0], 0)
		}
	}
}

// draw appends rows.
func (d *drawer) draw(numbers []uint64) { d.each(numbers, d.label) }

// each appends the features of rows and calls do with every block of them.
func (d *drawer) each(numbers []uint64, do func(*block)) {
	for most := cap(d.logits); len(numbers) > 0; numbers = numbers[min(most, len(numbers)):] {
		b := &d.block
		b.numbers = numbers[:min(most, len(numbers))]
		d.features()
		do(b)
	}
}

func (d *drawer) features() {
	g, b := d.g, &d.block
	b.n = len(b.numbers)
	b.keys = b.keys[:b.n]
	for r, number := range b.numbers {
		b.keys[r] = mix(g.rows + number*golden)
		if b.turn != nil {
			b.turn[r] = g.turn(number)
		}
	}
	for f := range g.fields {
		d.field(f)
	}
	from := len(d.batch.Dense)
	d.batch.Dense = d.batch.Dense[:from+b.n*len(g.dense)]
	b.dense = d.batch.Dense[from:]
	for k := range g.dense {
		d.feature(k)
	}
	for f := range g.fields {
		if c := &g.fields[f]; c.reserves() {
			for r, key := range b.keys {
				if unit(mix(key^c.lost)) < *c.Missing {
					b.bags[f].IDs[r] = 0
				}
			}
		}
	}
	d.batch.N += b.n
}

// field draws the ids of a field as they are before some are lost, but for bags.
func (d *drawer) field(f int) {
	c, b, bags := &d.g.fields[f], &d.block, &d.batch.Sparse[f]
	from := len(bags.IDs)
	switch {
	case bags.Offsets != nil:
		rows := len(bags.Offsets) - 1
		for r := range b.keys {
			d.bag(c, r, bags)
		}
		b.bags[f] = batch.Bags{IDs: bags.IDs, Offsets: bags.Offsets[rows:]}
		return
	case c.local != nil:
		bags.IDs = d.local.append(bags.IDs, f, b.numbers)
	case c.unseen != nil:
		for r := range b.keys {
			bags.IDs = append(bags.IDs, d.partner(c, r))
		}
	case c.of >= 0 || *c.Cold > 0:
		for r := range b.keys {
			s := d.stream(c, r)
			bags.IDs = append(bags.IDs, c.draw(&s, d.trains(r)))
		}
	default:
		bags.IDs = bags.IDs[:from+b.n]
		c.zipf.each(bags.IDs[from:], b.keys, c.key, c.first)
	}
	b.bags[f] = batch.Bags{IDs: bags.IDs[from:]}
}

func (d *drawer) bag(c *fieldColumn, r int, bags *batch.Bags) {
	key := d.block.keys[r]
	if *c.Missing == 0 || unit(mix(key^c.lost)) >= *c.Missing {
		s := d.stream(c, r)
		for range s.below(2*c.MultiHot + 1) {
			bags.IDs = append(bags.IDs, c.draw(&s, d.trains(r)))
		}
	}
	bags.Offsets = append(bags.Offsets, int32(len(bags.IDs)))
}

// stream is what a row's id is drawn from: the row, or the id that it is a function of.
func (d *drawer) stream(c *fieldColumn, r int) stream {
	key := d.block.keys[r]
	if c.of < 0 || c.Noise > 0 && unit(mix(key^c.noisy)) < c.Noise {
		return stream(key ^ c.key)
	}
	return stream(mix(c.ofKey ^ uint64(d.block.bags[c.of].IDs[r])))
}

func (d *drawer) trains(r int) bool { return d.block.numbers[r] < d.g.train }

// draw draws an id, in training one that is not cold.
func (c *fieldColumn) draw(s *stream, train bool) int32 {
	id := c.zipf.draw(s)
	for train && c.isCold(id) {
		id = c.zipf.draw(s)
	}
	return id + c.first
}

// feature draws a dense feature.
func (d *drawer) feature(k int) {
	g, b := d.g, &d.block
	c, nd := &g.dense[k], len(g.dense)
	for r, key := range b.keys {
		u := mix(key ^ c.key)
		if c.of >= 0 && (c.Noise == 0 || unit(mix(key^c.noisy)) >= c.Noise) {
			u = mix(c.ofKey ^ uint64(b.bags[c.of].IDs[r]))
		}
		x, lost := normal(u), *c.Missing > 0 && c.lostAt(key)
		switch {
		case g.counts != nil && lost:
			x = g.counts.feature(0)
		case g.counts != nil:
			x = g.counts.feature(countOf(x))
		case lost:
			x = 0
		}
		b.dense[r*nd+k] = x
	}
}

func (c *denseColumn) lostAt(key uint64) bool { return unit(mix(key^c.lost)) < *c.Missing }

// label draws the labels of a block from σ(truth), and flips some. Truth is the logit of what comes of both.
func (d *drawer) label(b *block) {
	g, logits := d.g, d.logits[:b.n]
	for r := range logits {
		logits[r] = g.intercept
	}
	for _, t := range g.terms {
		t.values(b)
		for r, v := range b.values[:b.n] {
			logits[r] += t.scale * (v - t.mean)
		}
	}
	for r, key := range b.keys {
		truth, label := float32(logits[r]), float32(0)
		p := sigmoid(float64(truth))
		if unit(mix(key^g.labels)) < p {
			label = 1
		}
		if g.flipped > 0 {
			if unit(mix(key^g.flips)) < g.flipped {
				label = 1 - label
			}
			p += g.flipped * (1 - 2*p)
			truth = float32(math.Log(p / (1 - p)))
		}
		d.batch.Truth = append(d.batch.Truth, truth)
		d.batch.Label = append(d.batch.Label, label)
	}
}
