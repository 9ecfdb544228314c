package datasets

import (
	"fmt"
	"math"
	"slices"
)

// unseen gives all pairs of ids of two fields to train or to valid and test: what these have together, train has not.
type unseen struct {
	first  int // field; the other one is behind it
	key    uint64
	trains uint64 // tenths of each id's pairs
}

const tenths = 10

// checkUnseen wants two fields whose ids are drawn freely: the second needs enough of them for each of the first to have pairs of both kinds.
func checkUnseen(names []string, fields []Field) error {
	if names == nil {
		return nil
	}
	if len(names) != 2 || names[0] == names[1] {
		return fmt.Errorf("unseen is %q, want two fields", names)
	}
	for _, name := range names {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
		if i < 0 {
			return fmt.Errorf("unseen has %q, which is no field of the data", name)
		}
		if f := fields[i]; f.MultiHot > 0 || f.Of != "" || *f.Missing > 0 || *f.Cold > 0 || f.Locality != nil || f.Rows < tenths {
			return fmt.Errorf("unseen has %q, want fields of at least %d ids without multi_hot, of, missing, cold and locality", name, tenths)
		}
	}
	return nil
}

// addUnseen marks the second field of the pair.
func (g *generator) addUnseen(o Synthetic, at map[string]int) {
	if o.Unseen == nil {
		return
	}
	i, j := at[o.Unseen[0]], at[o.Unseen[1]]
	share := float64(g.train) / float64(g.size)
	g.fields[max(i, j)].unseen = &unseen{min(i, j), keyOf(o.Seed, "unseen"), uint64(min(max(math.Round(tenths*share), 1), tenths-1))}
}

// has says whether train has a pair.
func (u *unseen) has(first, second int32) bool {
	return (mix(u.key^uint64(first))%tenths+uint64(second))%tenths < u.trains
}

// partner draws the id of a row that goes with the id of the first field; rows of no split are free.
func (d *drawer) partner(c *fieldColumn, r int) int32 {
	s := d.stream(c, r)
	first := d.block.bags[c.unseen.first].IDs[r]
	for {
		id := c.draw(&s, false)
		if d.block.numbers[r] >= sampleFrom || c.unseen.has(first, id) == d.trains(r) {
			return id
		}
	}
}
