package prepare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"

	"ctrlab/datasets/batch"
)

// vocabulary gives ids to the values of a field. A pass over them takes as many distinct ones as there is memory for, by a
// range of their hashes, and writes a code for each lookup: the place of its value among those of its pass that are kept, in
// the order in which they come. After several passes all values are brought into one order by where they came first, and
// another walk makes ids of codes. Where one pass suffices codes are ids.
type vocabulary struct {
	FieldStep
	walk   lookups
	memory int64
	ids    string // path of int32, one a lookup
	keys   string // path of uint64: the key of every id from 1 on
	firsts string // path of first, where there are several passes
	note   FieldNote

	above int64 // with Most: counts above it are kept,
	ties  int64 // and so many values with just this count
	parts []part
}

// part is what one pass took.
type part struct {
	lo, hi uint64 // of hashes
	kept   int    // values
}

// first is where a value that is kept came first.
type first struct {
	at  uint64 // the lookup, twice, and 1 where the value competes for a place
	key uint64
}

func (v *vocabulary) fit(ctx context.Context) (FieldNote, error) {
	v.note.Step = v.FieldStep
	if err := v.rank(ctx); err != nil {
		return v.note, err
	}
	for lo := uint64(0); ; {
		t, err := v.count(ctx, lo)
		if err == nil {
			err = v.pass(ctx, t)
		}
		if err != nil {
			return v.note, err
		}
		if t.hi == math.MaxUint64 {
			break
		}
		lo = t.hi + 1
	}
	if len(v.parts) > 1 {
		if err := v.join(ctx); err != nil {
			return v.note, err
		}
	}
	if v.note.Kept >= math.MaxInt32 {
		return v.note, fmt.Errorf("%d values are too many for a vocabulary", v.note.Kept)
	}
	v.note.Rows = int(v.note.Kept) + 1
	return v.note, nil
}

// fits says whether a row's values are of those that the vocabulary is made of.
func (f FieldStep) fits(split int8) bool { return split == int8(batch.Train) || f.All && split > 0 }

// count makes the table of as many values as there is memory for, those with the lowest hashes from lo up.
func (v *vocabulary) count(ctx context.Context, lo uint64) (*table, error) {
	t := newTable(lo, v.memory)
	err := v.walk(ctx, func(keys []uint64, splits []int8) error {
		for i, key := range keys {
			if !v.fits(splits[i]) {
				continue
			}
			if h := hash(key); t.within(h) {
				mark := uint32(0)
				if splits[i] == int8(batch.Train) {
					mark = inTrain
				}
				t.add(key, h, mark)
			}
		}
		return nil
	})
	return t, err
}

// rank finds the count that a value must have to be among the Most frequent.
func (v *vocabulary) rank(ctx context.Context) error {
	if v.Most == 0 {
		return nil
	}
	values := map[int64]int64{} // by count
	for lo := uint64(0); ; {
		t, err := v.count(ctx, lo)
		if err != nil {
			return err
		}
		for _, s := range t.slots {
			if n := s.count(); n > 0 {
				values[n]++
			}
		}
		if t.hi == math.MaxUint64 {
			break
		}
		lo = t.hi + 1
	}
	left := int64(v.Most)
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(values))) {
		if values[n] > left {
			v.above, v.ties = n, left
			break
		}
		left -= values[n]
	}
	return nil
}

func (s slot) count() int64 { return int64(s.n &^ inTrain) }

func (v *vocabulary) enough(n int64) bool { return n >= int64(v.MinCount) && n >= v.above }
func (v *vocabulary) tie(n int64) bool    { return n == v.above && v.above > 0 }

// number replaces the order of values by codes from 1, and 0 for values that are not kept. It returns the keys of codes.
func (v *vocabulary) number(t *table) (keys []uint64) {
	ties := v.ties
	for _, place := range t.inOrder() {
		s := &t.slots[place]
		keep := v.enough(s.count())
		if keep && v.tie(s.count()) && t.all() { // else join decides
			keep = ties > 0
			ties--
		}
		s.ord = 0
		if keep {
			keys = append(keys, s.key)
			s.ord = uint32(len(keys))
		}
	}
	return keys
}

// pass writes the codes of the lookups of t's values, and counts.
func (v *vocabulary) pass(ctx context.Context, t *table) error {
	keys := v.number(t)
	v.parts = append(v.parts, part{t.lo, t.hi, len(keys)})
	v.note.Values += int64(t.keys)
	if t.all() {
		v.note.Kept = int64(len(keys))
		if err := writeAll(v.keys, keys); err != nil {
			return err
		}
	}
	ids, err := newRewriter(v.ids, t.lo == 0)
	if err != nil {
		return err
	}
	p := passing{vocabulary: v, t: t, ids: ids}
	if !t.all() {
		if p.firsts, err = os.OpenFile(v.firsts, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644); err != nil {
			return errors.Join(err, ids.close())
		}
		defer p.firsts.Close()
	}
	if err := v.walk(ctx, p.visit); err != nil {
		return errors.Join(err, ids.close())
	}
	return errors.Join(p.flush(), ids.close())
}

type passing struct {
	*vocabulary
	t      *table
	ids    *rewriter
	at     uint64 // lookups before the chunk
	firsts *os.File
	buffer []first
	seen   uint32 // codes whose first lookup was passed
}

func (p *passing) visit(keys []uint64, splits []int8) error {
	codes, err := p.ids.next(len(keys))
	if err != nil {
		return err
	}
	if p.t.lo == 0 {
		p.note.countLookups(keys, splits)
	}
	for i, key := range keys {
		h := hash(key)
		if splits[i] < 0 || !p.t.within(h) {
			continue
		}
		s := p.t.find(key, h)
		if s == nil || s.n&inTrain == 0 {
			p.note.Unseen[splits[i]]++
		}
		if s == nil {
			continue
		}
		codes[i] = int32(s.ord)
		if p.firsts != nil && s.ord == p.seen+1 && p.fits(splits[i]) {
			p.seen++
			p.add(p.at+uint64(i), s)
		}
	}
	p.at += uint64(len(keys))
	if len(p.buffer) >= chunk/8 {
		if err := p.flush(); err != nil {
			return err
		}
	}
	return p.ids.put()
}

func (p *passing) add(at uint64, s *slot) {
	f := first{at << 1, s.key}
	if p.tie(s.count()) {
		f.at |= 1
	}
	p.buffer = append(p.buffer, f)
}

func (p *passing) flush() error {
	if p.firsts == nil {
		return nil
	}
	_, err := p.firsts.Write(bytesOf(p.buffer))
	p.buffer = p.buffer[:0]
	return err
}

func (n *FieldNote) countLookups(keys []uint64, splits []int8) {
	for i, key := range keys {
		if s := splits[i]; s >= 0 {
			n.Lookups[s]++
			if key == 0 {
				n.Missing[s]++
			}
		}
	}
}
