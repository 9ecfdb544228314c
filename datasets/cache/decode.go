package cache

import (
	"encoding/binary"
	"math"
	"slices"

	"ctrlab/datasets/batch"
)

// spread writes n values to every stride-th word and returns the greatest. Of one byte each, they are multiplied by
// scale: labels become the bits of a float32 so.
func spread(words []uint32, stride int, values []byte, width uint32, n int, scale uint32) (top uint32) {
	if n == 0 {
		return 0
	}
	words = words[:(n-1)*stride+1]
	at := 0
	switch width {
	case 1:
		for _, v := range values[:n] {
			words[at] = uint32(v) * scale
			top, at = max(top, uint32(v)), at+stride
		}
	case 2:
		for values = values[:2*n]; len(values) >= 2; values = values[2:] {
			v := uint32(binary.LittleEndian.Uint16(values))
			words[at] = v
			top, at = max(top, v), at+stride
		}
	case 3:
		for values = values[:3*n]; len(values) >= 4; values = values[3:] {
			v := binary.LittleEndian.Uint32(values) & (1<<24 - 1)
			words[at] = v
			top, at = max(top, v), at+stride
		}
		v := uint32(values[0]) | uint32(values[1])<<8 | uint32(values[2])<<16
		words[at] = v
		top = max(top, v)
	case 4:
		for values = values[:4*n]; len(values) >= 4; values = values[4:] {
			v := binary.LittleEndian.Uint32(values)
			words[at] = v
			top, at = max(top, v), at+stride
		}
	}
	return top
}

// most returns the greatest value that a column may have, and what spread multiplies it by.
func (f *File) most(c *column) (top, scale uint32) {
	switch {
	case c.Kind == ids:
		return uint32(f.meta.Schema.Sparse[c.Of].Rows) - 1, 1
	case c.Kind == labels && c.Width == 1:
		return 1, math.Float32bits(1)
	}
	return math.MaxUint32, 1
}

func tooGreat(c *column, v uint32) error { return damaged("%v %d has a value of %d", c.Kind, c.Of, v) }

// words decodes n values of a column, each of one word.
func (f *File) words(c *column, s batch.Split, from int, words []uint32, scratch *[]byte) error {
	b, err := f.at(c, s, from, len(words), scratch)
	if err != nil {
		return err
	}
	most, scale := f.most(c)
	if top := spread(words, 1, b, c.Width, len(words), scale); top > most {
		return tooGreat(c, top)
	}
	return nil
}

// bags decodes the bags of n rows of a multi-hot field: appends their ids to list, and writes to two of every stride
// words where in it a bag begins, and how long it is.
func (f *File) bags(field int, s batch.Split, from, n int, words []uint32, stride int, list []int32, scratch *[]byte) ([]int32, error) {
	c, e := f.layout.ids[field], f.layout.ends[field]
	before := min(from, 1) // the end before the first one is its beginning
	b, err := f.at(e, s, from-before, n+before, scratch)
	if err != nil {
		return list, err
	}
	count := c.Sections[s].Count
	end := func() (v uint64) {
		if v = uint64(binary.LittleEndian.Uint32(b)); e.Width == 8 {
			v = binary.LittleEndian.Uint64(b)
		}
		b = b[e.Width:]
		return v
	}
	first := uint64(0)
	if before == 1 {
		first = end()
	}
	last := first
	for i := range n {
		next := end()
		if next < last || next > count || next-first+uint64(len(list)) > math.MaxInt32 {
			return list, damaged("%v %d has one that ends at %d of %d, after %d", e.Kind, e.Of, next, count, last)
		}
		words[i*stride], words[i*stride+1] = uint32(len(list))+uint32(last-first), uint32(next-last)
		last = next
	}
	return f.list(c, s, int(first), int(last-first), list, scratch)
}

// list appends n ids to list.
func (f *File) list(c *column, s batch.Split, from, n int, list []int32, scratch *[]byte) ([]int32, error) {
	b, err := f.at(c, s, from, n, scratch)
	if err != nil {
		return list, err
	}
	list = slices.Grow(list, n)
	most, _ := f.most(c)
	for ; n > 0; n-- {
		var v uint32
		for i := range c.Width {
			v |= uint32(b[i]) << (8 * i)
		}
		if v > most {
			return list, tooGreat(c, v)
		}
		list, b = append(list, int32(v)), b[c.Width:]
	}
	return list, nil
}
