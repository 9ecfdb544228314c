package prepare

import (
	"context"
	"errors"
	"math"
	"math/bits"
)

// hashing gives ids to the values of a field by their keys mod HashRows, and counts what a vocabulary would have told.
type hashing struct {
	vocabulary
	once, more []uint64 // bits of ids that one value, and that another one has
}

func (v *hashing) fit(ctx context.Context) (FieldNote, error) {
	v.note.Step, v.note.Rows = v.FieldStep, v.HashRows
	v.once, v.more = make([]uint64, v.HashRows/64+1), make([]uint64, v.HashRows/64+1)
	if err := v.encode(ctx); err != nil {
		return v.note, err
	}
	for lo := uint64(0); ; {
		t, err := v.count(ctx, lo)
		if err == nil {
			v.occupy(t)
			err = v.unseen(ctx, t)
		}
		if err != nil {
			return v.note, err
		}
		if t.hi == math.MaxUint64 {
			break
		}
		lo = t.hi + 1
	}
	v.note.Collide = v.note.Values
	for i := range v.once {
		v.note.Collide -= int64(bits.OnesCount64(v.once[i] &^ v.more[i]))
	}
	return v.note, nil
}

func (v *hashing) encode(ctx context.Context) error {
	ids, err := newRewriter(v.ids, true)
	if err != nil {
		return err
	}
	return errors.Join(v.walk(ctx, func(keys []uint64, splits []int8) error {
		v.note.countLookups(keys, splits)
		to, err := ids.next(len(keys))
		if err != nil {
			return err
		}
		for i, key := range keys {
			to[i] = int32(key % uint64(v.HashRows))
		}
		return ids.put()
	}), ids.close())
}

// occupy marks the ids of t's values.
func (v *hashing) occupy(t *table) {
	for _, s := range t.slots {
		if s.n == 0 {
			continue
		}
		id := s.key % uint64(v.HashRows)
		bit := uint64(1) << (id % 64)
		v.more[id/64] |= v.once[id/64] & bit
		v.once[id/64] |= bit
	}
	v.note.Values += int64(t.keys)
}

func (v *hashing) unseen(ctx context.Context, t *table) error {
	return v.walk(ctx, func(keys []uint64, splits []int8) error {
		for i, key := range keys {
			if splits[i] <= 0 {
				continue
			}
			if h := hash(key); t.within(h) {
				if s := t.find(key, h); s == nil || s.n&inTrain == 0 {
					v.note.Unseen[splits[i]]++
				}
			}
		}
		return nil
	})
}
