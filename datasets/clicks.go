package datasets

import (
	"fmt"
	"math/bits"
	"strconv"
)

// Clicks are synthetic rows as text in Criteo's format: a label, 13 counts and 26 hexadecimal categories, tab
// separated, what is missing being empty. The truth sees of them what the text says, a missing count as 0, which is
// what readers make of it.
type Clicks struct {
	g    *generator
	rows int
	keys []uint32 // of the categories' spelling
}

// criteoIDs is how many values the categories of the Criteo Display Advertising Challenge have.
var criteoIDs = [criteoCats]int{
	1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194,
	27, 14992, 5461306, 10, 5652, 2173, 4, 7046547, 18, 15, 286181, 105, 142572,
}

// ClickDefaults are the options of rows that look like the challenge's, with at most so many ids a field.
func ClickDefaults(ids int) Synthetic {
	o := syntheticDefaults()
	o.Missing, o.BaseRate = 0.1, 0.256
	o.Split = SyntheticSplit{[]float64{0.8, 0.1, 0.1}}
	o.Fields, o.Dense = Fields{}, Dense{}
	for i, n := range criteoIDs {
		o.Fields.List = append(o.Fields.List, Field{Name: fmt.Sprintf("C%d", i+1), Rows: min(n, ids) + 1})
	}
	for i := range criteoInts {
		o.Dense.List = append(o.Dense.List, DenseColumn{Name: fmt.Sprintf("I%d", i+1)})
	}
	for _, t := range NamedTruths {
		if t.Name == "ctr-like" {
			o.Truth = t.Terms
		}
	}
	return o
}

// NewClicks refuses options whose columns are not Criteo's.
func NewClicks(o Synthetic) (*Clicks, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	fields, dense := o.columns()
	if len(fields) != criteoCats || len(dense) != criteoInts {
		return nil, fmt.Errorf("fields are %d and dense %d, want %d and %d", len(fields), len(dense), criteoCats, criteoInts)
	}
	for i, f := range fields {
		if f.MultiHot > 0 {
			return nil, fmt.Errorf("fields[%d] is multi-hot, which Criteo's format has not", i)
		}
	}
	g, err := newCounting(o)
	if err != nil {
		return nil, err
	}
	c := &Clicks{g: g, rows: o.Rows}
	for _, f := range fields {
		c.keys = append(c.keys, uint32(keyOf(o.Seed, "spelling", f.Name))|1<<31)
	}
	return c, nil
}

// clickText draws blocks of rows and spells them; it serves one goroutine.
type clickText struct {
	*Clicks
	drawer  *drawer
	numbers []uint64
	text    []byte
	logits  []byte // a line a row
	oracle  Oracle
}

func (c *Clicks) text() *clickText { return &clickText{Clicks: c, drawer: c.g.drawer(blockRows)} }

// write sets text and logits to those of the rows from … to.
func (t *clickText) write(from, to int) {
	t.text, t.logits, t.oracle.LogLoss = t.text[:0], t.logits[:0], 0
	for ; from < to; from += blockRows {
		t.numbers = t.numbers[:0]
		for i := from; i < min(from+blockRows, to); i++ {
			t.numbers = append(t.numbers, uint64(i))
		}
		d := t.drawer
		d.start()
		d.draw(t.numbers)
		for r := range d.batch.N {
			t.row(r)
			t.logits = append(strconv.AppendFloat(t.logits, float64(d.batch.Truth[r]), 'g', -1, 32), '\n')
			t.oracle.add(d.batch.Truth[r], d.batch.Label[r])
		}
	}
}

func (t *clickText) row(r int) {
	b, key := &t.drawer.batch, t.drawer.block.keys[r]
	text := append(t.text, '0'+byte(b.Label[r]))
	dense := b.Dense[r*criteoInts:][:criteoInts]
	for k, x := range dense {
		text = append(text, '\t')
		if c := &t.g.dense[k]; *c.Missing == 0 || !c.lostAt(key) {
			text = strconv.AppendUint(text, uint64(t.g.counts.count(x)), 10)
		}
	}
	for f := range b.Sparse {
		text = append(text, '\t')
		if id := b.Sparse[f].IDs[r]; id > 0 || t.g.fields[f].first == 0 {
			text = appendHex(text, spell(uint32(id)^t.keys[f]))
		}
	}
	t.text = append(text, '\n')
}

// spell is a permutation of 32 bits that keeps 0, which no key with its highest bit set makes of an id: murmur3's
// finaliser.
func spell(x uint32) uint32 {
	x = (x ^ x>>16) * 0x85ebca6b
	x = (x ^ x>>13) * 0xc2b2ae35
	return x ^ x>>16
}

// appendHex appends 8 hexadecimal digits.
func appendHex(to []byte, x uint32) []byte {
	for range 8 {
		x = bits.RotateLeft32(x, 4)
		to = append(to, "0123456789abcdef"[x&15])
	}
	return to
}
