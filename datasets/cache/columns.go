package cache

import (
	"encoding/binary"
	"iter"
	"math"

	"ctrlab/datasets/batch"
)

// What follows walks single columns of a split in the rows' own order, in chunks that are valid until the next.

// Label walks the labels.
func (f *File) Label(s batch.Split) iter.Seq2[[]float32, error] { return f.floats(f.layout.label, s) }

// Dense walks dense column i.
func (f *File) Dense(s batch.Split, i int) iter.Seq2[[]float32, error] {
	return f.floats(f.layout.dense[i], s)
}

func (f *File) floats(c *column, s batch.Split) iter.Seq2[[]float32, error] {
	return walk(f, s, func(v *[]float32, at *cursor) error {
		words := at.words(1)
		if err := f.words(c, s, at.from, words, &at.bytes); err != nil {
			return err
		}
		*v = (*v)[:0]
		for _, w := range words {
			*v = append(*v, math.Float32frombits(w))
		}
		return nil
	})
}

// Time walks the times; the file has to be Timed.
func (f *File) Time(s batch.Split) iter.Seq2[[]int64, error] {
	return walk(f, s, func(v *[]int64, at *cursor) error {
		b, err := f.at(f.layout.time, s, at.from, at.n, &at.bytes)
		if err != nil {
			return err
		}
		*v = (*v)[:0]
		for ; len(b) > 0; b = b[8:] {
			*v = append(*v, int64(binary.LittleEndian.Uint64(b)))
		}
		return nil
	})
}

// Field walks the ids of field i, as they stand in a Batch.
func (f *File) Field(s batch.Split, i int) iter.Seq2[batch.Bags, error] {
	return walk(f, s, func(v *batch.Bags, at *cursor) (err error) {
		v.IDs = v.IDs[:0]
		if !f.meta.Schema.Sparse[i].MultiHot {
			v.IDs, err = f.list(f.layout.ids[i], s, at.from, at.n, v.IDs, &at.bytes)
			return err
		}
		words := at.words(2)
		if v.IDs, err = f.bags(i, s, at.from, at.n, words, 2, v.IDs, &at.bytes); err != nil {
			return err
		}
		v.Offsets = append(v.Offsets[:0], 0)
		for ; len(words) > 0; words = words[2:] {
			v.Offsets = append(v.Offsets, int32(words[0]+words[1]))
		}
		return nil
	})
}

// cursor is where a walk is, and memory for it.
type cursor struct {
	from, n int // rows
	bytes   []byte
	memory  []uint32
}

func (c *cursor) words(each int) []uint32 {
	if c.memory == nil {
		c.memory = make([]uint32, c.n*each) // no later chunk is longer
	}
	return c.memory[:c.n*each]
}

const chunk = 1 << 14 // rows

func walk[T any](f *File, s batch.Split, read func(*T, *cursor) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var (
			v, none T
			at      cursor
		)
		for rows := f.Rows(s); at.from < rows; at.from += at.n {
			at.n = min(chunk, rows-at.from)
			if err := f.guard(func() error { return read(&v, &at) }); err != nil {
				yield(none, err)
				return
			}
			if !yield(v, nil) {
				break
			}
		}
		f.release()
	}
}
