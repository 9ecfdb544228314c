package prepare

import (
	"container/heap"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"unsafe"
)

// join makes ids of the codes of several passes.
func (v *vocabulary) join(ctx context.Context) error {
	f, err := os.OpenFile(v.firsts, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := v.merge(f); err != nil {
		return err
	}
	for from := 0; from < len(v.parts); {
		to, values := from+1, v.parts[from].kept
		for to < len(v.parts) && int64(values+v.parts[to].kept)*4 <= v.memory/2 {
			values += v.parts[to].kept
			to++
		}
		if err := v.translate(ctx, f, from, to); err != nil {
			return err
		}
		from = to
	}
	return os.Remove(v.firsts)
}

const firstBytes = int64(unsafe.Sizeof(first{}))

// merge walks the firsts of all parts in the order of lookups, replaces at by the value's id, and writes the keys of ids.
func (v *vocabulary) merge(f *os.File) error {
	buffer := min(max(v.memory/2/int64(len(v.parts))/firstBytes, 64), chunk)
	var h firstsHeap
	at := int64(0)
	for _, p := range v.parts {
		c := &cursor{f: f, from: at, end: at + int64(p.kept), buffer: make([]first, 0, min(buffer, int64(p.kept)))}
		at = c.end
		if more, err := c.next(); err != nil {
			return err
		} else if more {
			h = append(h, c)
		}
	}
	heap.Init(&h)
	keys, err := appendTo(v.keys, 0, chunk)
	if err != nil {
		return err
	}
	for len(h) > 0 {
		c := h[0]
		id, now := uint64(0), &c.buffer[c.at]
		if keep := now.at&1 == 0 || v.ties > 0; keep {
			v.ties -= int64(now.at & 1)
			v.note.Kept++
			id = uint64(v.note.Kept)
			if err := put(keys, []uint64{now.key}); err != nil {
				return errors.Join(err, keys.close())
			}
		}
		now.at = id
		c.at++
		if more, err := c.next(); err != nil {
			return errors.Join(err, keys.close())
		} else if more {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	return keys.close()
}

// cursor walks the firsts of a part; what was changed in them it writes back.
type cursor struct {
	f         *os.File
	from, end int64 // from is where buffer begins
	buffer    []first
	at        int // in buffer
}

// next says whether there is one at at.
func (c *cursor) next() (bool, error) {
	if c.at < len(c.buffer) {
		return true, nil
	}
	if _, err := c.f.WriteAt(bytesOf(c.buffer), c.from*firstBytes); err != nil {
		return false, err
	}
	c.from += int64(len(c.buffer))
	c.at, c.buffer = 0, c.buffer[:min(int64(cap(c.buffer)), c.end-c.from)]
	if len(c.buffer) == 0 {
		return false, nil
	}
	_, err := c.f.ReadAt(bytesOf(c.buffer), c.from*firstBytes)
	return true, err
}

type firstsHeap []*cursor

func (h firstsHeap) Len() int           { return len(h) }
func (h firstsHeap) Less(i, j int) bool { return h[i].buffer[h[i].at].at < h[j].buffer[h[j].at].at }
func (h firstsHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *firstsHeap) Push(any)          { panic("prepare: a heap that only shrinks") }
func (h *firstsHeap) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	*h = (*h)[:last]
	return c
}

// translate makes ids of the codes of some parts.
func (v *vocabulary) translate(ctx context.Context, f *os.File, from, to int) error {
	begin := int64(0)
	for _, p := range v.parts[:from] {
		begin += int64(p.kept)
	}
	in := &reader[first]{f: f}
	if _, err := f.Seek(begin*firstBytes, io.SeekStart); err != nil {
		return err
	}
	parts := v.parts[from:to]
	tables, his := make([][]int32, len(parts)), make([]uint64, len(parts))
	for i, p := range parts {
		his[i], tables[i] = p.hi, make([]int32, 1, p.kept+1)
		for left := p.kept; left > 0; {
			list, err := in.next(min(left, chunk/8))
			if err != nil {
				return err
			}
			for _, v := range list {
				tables[i] = append(tables[i], int32(v.at))
			}
			left -= len(list)
		}
	}
	ids, err := newRewriter(v.ids, false)
	if err != nil {
		return err
	}
	lo, hi := parts[0].lo, parts[len(parts)-1].hi
	return errors.Join(v.walk(ctx, func(keys []uint64, splits []int8) error {
		codes, err := ids.next(len(keys))
		if err != nil {
			return err
		}
		for i, key := range keys {
			if h := hash(key); splits[i] >= 0 && lo <= h && h <= hi {
				p, _ := slices.BinarySearch(his, h)
				codes[i] = tables[p][codes[i]]
			}
		}
		return ids.put()
	}), ids.close())
}

// rewriter walks a file of int32 and writes it back.
type rewriter struct {
	f      *os.File
	at     int64 // bytes before the chunk
	fresh  bool  // the file is being made
	buffer []int32
}

func newRewriter(path string, fresh bool) (*rewriter, error) {
	flags := os.O_RDWR
	if fresh {
		flags |= os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o644)
	return &rewriter{f: f, fresh: fresh}, err
}

// next returns n values, zeros in a file that is being made.
func (r *rewriter) next(n int) ([]int32, error) {
	r.buffer = slices.Grow(r.buffer[:0], n)[:n]
	if r.fresh {
		clear(r.buffer)
		return r.buffer, nil
	}
	_, err := r.f.ReadAt(bytesOf(r.buffer), r.at)
	return r.buffer, err
}

// put writes what next returned.
func (r *rewriter) put() error {
	n, err := r.f.WriteAt(bytesOf(r.buffer), r.at)
	r.at += int64(n)
	return err
}

func (r *rewriter) close() error { return r.f.Close() }
