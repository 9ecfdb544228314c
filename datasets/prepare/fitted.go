package prepare

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/cache"
	"ctrlab/datasets/raw"
)

// Fitted makes of a Job's rows what was made of those of another, whose cache it has: the same steps, and for each value of a
// field the same id, 0 for those that had none. A field's vocabulary is held in memory while its values are looked up.
type Fitted struct {
	Cache   *cache.File
	TextKey func(text []byte) uint64 // the key of a raw.Text value
	notes   Notes
}

// checkFitted refuses columns that are not those of the cache.
func (j *Job) checkFitted() (err error) {
	if j.Fitted.notes, err = NotesOf(j.Fitted.Cache.Meta()); err != nil {
		return err
	}
	b, schema := building{Job: j}, j.Fitted.Cache.Schema()
	var dense, fields []string
	for i, d := range j.Dense {
		if !d.Kind.buckets() {
			dense = append(dense, j.Layout.Dense[i])
		}
	}
	for _, f := range b.fields() {
		fields = append(fields, describe(f.Field))
	}
	var had []string
	for _, f := range schema.Sparse {
		had = append(had, describe(f))
	}
	if err := same("dense column", dense, schema.Dense); err != nil {
		return err
	}
	return same("field", fields, had)
}

// describe tells a field but for its rows.
func describe(f batch.Field) string {
	switch {
	case !f.MultiHot:
		return f.Name
	case f.Pool == batch.Mean:
		return f.Name + " (bags, averaged)"
	}
	return f.Name + " (bags)"
}

func same(what string, have, want []string) error {
	for i := range min(len(have), len(want)) {
		if have[i] != want[i] {
			return fmt.Errorf("%s %d of the data is %s, and that of the model %s", what, i+1, have[i], want[i])
		}
	}
	if len(have) != len(want) {
		return fmt.Errorf("the data has %d %ss, and the model %d", len(have), what, len(want))
	}
	return nil
}

// translate gives the values of a field of the cache their ids.
func (b *building) translate(ctx context.Context, i int, f field, v vocabulary) (FieldNote, error) {
	v.note.Step, v.note.Rows = v.FieldStep, b.Fitted.Cache.Schema().Sparse[i].Rows
	known, err := b.vocabularyOf(i, f)
	if err != nil {
		return v.note, err
	}
	ids, err := newRewriter(v.ids, true)
	if err != nil {
		return v.note, err
	}
	return v.note, errors.Join(v.walk(ctx, func(keys []uint64, splits []int8) error {
		v.note.countLookups(keys, splits)
		to, err := ids.next(len(keys))
		if err != nil {
			return err
		}
		for n, key := range keys {
			id, ok := known[key]
			if to[n] = id; !ok && splits[n] >= 0 {
				v.note.Unseen[splits[n]]++
			}
		}
		return ids.put()
	}), ids.close())
}

// vocabularyOf reads the vocabulary of a field: the ids of keys, which the names of ids tell.
func (b *building) vocabularyOf(i int, f field) (map[uint64]int32, error) {
	known, id := make(map[uint64]int32, b.Fitted.Cache.Schema().Sparse[i].Rows), int32(0)
	for name, err := range b.Fitted.Cache.Names(i) {
		if err != nil {
			return nil, err
		}
		k := raw.Missing // which no name is of
		if name != "" {
			if k, err = b.keyOf(f, name); err != nil {
				return nil, fmt.Errorf("%s: the cache's name of id %d: %w", f.Name, id, err)
			}
		}
		if id > 0 {
			known[k] = id
		}
		id++
	}
	return known, nil
}

// keyOf is the key that has a name.
func (b *building) keyOf(f field, name string) (uint64, error) {
	switch {
	case f.dense >= 0:
		v, err := strconv.ParseInt(name, 10, 64)
		return uint64(v + zeroBucket), err
	case b.Layout.Fields[f.of].Key == raw.Hex32:
		return strconv.ParseUint(name, 16, 32)
	case b.Layout.Fields[f.of].Key == raw.Integer:
		v, err := strconv.ParseUint(name, 10, 32)
		return v + 1, err
	}
	return b.Fitted.TextKey([]byte(name)), nil
}
