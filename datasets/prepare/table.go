package prepare

import (
	"math"

	"ctrlab/datasets/order"
)

// table counts keys whose hash is in a range: open addressing, linear probing. Where it would become larger than it may,
// it narrows the range and forgets what is outside, so that what it has is always complete.
type table struct {
	slots  []slot // a power of two
	keys   int
	most   int    // slots
	lo, hi uint64 // the range of hashes, both ends in it
}

type slot struct {
	key uint64
	n   uint32 // how often, and inTrain; 0 is a free slot
	ord uint32 // keys are numbered from 0 in the order in which they come
}

const (
	inTrain   = 1 << 31
	slotBytes = 28 // what a slot takes at the worst time, when a table grows or narrows
	minSlots  = 1 << 8
)

func newTable(lo uint64, memory int64) *table {
	t := &table{slots: make([]slot, minSlots), most: minSlots, lo: lo, hi: math.MaxUint64}
	for int64(t.most)*2*slotBytes <= memory && t.most < 1<<31 {
		t.most *= 2
	}
	return t
}

// hash is a bijection: keys that differ have hashes that do.
func hash(key uint64) uint64 { return order.Mix(key + order.Golden) }

func (t *table) within(h uint64) bool { return t.lo <= h && h <= t.hi }

// all says whether the range is that of all hashes.
func (t *table) all() bool { return t.lo == 0 && t.hi == math.MaxUint64 }

// find returns nil where a key is not in the table.
func (t *table) find(key, h uint64) *slot {
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.n == 0 {
			return nil
		}
		if s.key == key {
			return s
		}
	}
}

// add counts a key whose hash is in the range; mark is inTrain or 0.
func (t *table) add(key, h uint64, mark uint32) {
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.n == 0 {
			*s = slot{key, 1 | mark, uint32(t.keys)}
			t.keys++
			if t.keys > len(t.slots)/4*3 {
				t.makeRoom()
			}
			return
		}
		if s.key == key {
			if s.n |= mark; s.n&^inTrain != inTrain-1 {
				s.n++
			}
			return
		}
	}
}

func (t *table) makeRoom() {
	if 2*len(t.slots) <= t.most {
		old := t.slots
		t.slots = make([]slot, 2*len(old))
		for _, s := range old {
			if s.n != 0 {
				t.place(s)
			}
		}
		return
	}
	for places := t.inOrder(); t.keys > len(t.slots)/2; {
		t.narrow(places)
		places = t.inOrder()
	}
}

// narrow halves the range.
func (t *table) narrow(places []uint32) {
	t.hi = t.lo + (t.hi-t.lo)/2
	var left []slot
	for _, p := range places {
		if s := t.slots[p]; hash(s.key) <= t.hi {
			s.ord = uint32(len(left))
			left = append(left, s)
		}
	}
	clear(t.slots)
	for _, s := range left {
		t.place(s)
	}
	t.keys = len(left)
}

func (t *table) place(s slot) {
	mask := uint64(len(t.slots) - 1)
	i := hash(s.key) & mask
	for t.slots[i].n != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}

// inOrder returns where the keys are, in the order in which they came.
func (t *table) inOrder() []uint32 {
	places := make([]uint32, t.keys)
	for i, s := range t.slots {
		if s.n != 0 {
			places[s.ord] = uint32(i)
		}
	}
	return places
}
