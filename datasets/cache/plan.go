package cache

import (
	"ctrlab/datasets/batch"
	"ctrlab/datasets/order"
)

// limits are of reading; they are no options, since the order of rows follows from them.
type limits struct {
	rows, bytes int // of a window of rows in random order
	stream      int // rows of one in the rows' own order
	block       int // rows that stay in one window
}

var usual = limits{rows: 1 << 20, bytes: 256 << 20, stream: 1 << 14, block: 1 << 12}

// plan is the order in which a split is read: blocks of rows in random order are taken a window at a time, and the rows
// of a window are in random order again. Of a split that is one window that is a permutation of all rows; of any,
// each row comes once. Which rows a window has, and their order, follows from the split's rows, the bytes of one, and
// the number of the order: of order 0 everything stays where it is.
type plan struct {
	rows, block, window int // window is in blocks
	order               uint64
	blocks              *order.Permutation // nil where blocks come as they lie
}

func (f *File) plan(s batch.Split, number uint64) *plan {
	l, rows := f.limits, f.Rows(s)
	window := max(1, min(l.rows, l.bytes/f.rowBytes(s)))
	if number == 0 {
		window = min(window, l.stream)
	}
	p := &plan{rows: rows, block: min(l.block, window), order: number}
	p.window = window / p.block
	if number != 0 && p.windows() > 1 {
		blocks := order.New(p.count(), order.Key(number, "blocks"))
		p.blocks = &blocks
	}
	return p
}

// rowBytes is what a row takes in a window.
func (f *File) rowBytes(s batch.Split) int {
	words := 1 + len(f.meta.Schema.Dense) + len(f.meta.Schema.Sparse)
	for i, field := range f.meta.Schema.Sparse {
		if field.MultiHot {
			words += 1 + int(f.Lookups(s, i))/max(1, f.Rows(s))
		}
	}
	return 4 * words
}

// count is how many blocks there are.
func (p *plan) count() int { return (p.rows + p.block - 1) / p.block }

func (p *plan) windows() int { return (p.count() + p.window - 1) / p.window }

// at returns the rows of the block at a place.
func (p *plan) at(place int) (from, n int) {
	if p.blocks != nil {
		place = p.blocks.At(place)
	}
	from = place * p.block
	return from, min(p.block, p.rows-from)
}

// of returns the places of window k's blocks, and how many rows it has.
func (p *plan) of(k int) (from, to, rows int) {
	from, to = k*p.window, min((k+1)*p.window, p.count())
	for i := from; i < to; i++ {
		_, n := p.at(i)
		rows += n
	}
	return from, to, rows
}

// find returns the window that row number i of the order is in, and how many rows stand before it there.
func (p *plan) find(i int) (k, before int) {
	for {
		_, _, rows := p.of(k)
		if i < rows {
			return k, i
		}
		k, i = k+1, i-rows
	}
}

// shuffle returns the order of window k's rows.
func (p *plan) shuffle(k, rows int) order.Permutation {
	return order.New(rows, order.Mix(order.Key(p.order, "rows")+uint64(k)*order.Golden))
}
