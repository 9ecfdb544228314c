package cache

import (
	"errors"
	"slices"

	"ctrlab/datasets/batch"
)

// window is rows one after the other, decoded: what random access wants.
type window struct {
	number, rows int
	words        []uint32  // [rows, shape.stride]
	bags         [][]int32 // one a multi-hot field: the ids of its bags
	err          error     // of reading it

	columns [][]byte // the bytes of a block's columns
	scratch [][]byte // where they were read to if the file is not mapped
}

// shape is what words a row has: its dense numbers, the ids of one-hot fields, the label, and two words of each
// multi-hot field.
type shape struct {
	columns []*column // of all but the multi-hot
	fields  []int     // that are one-hot
	bags    []int     // that are multi-hot
	stride  int
}

func (f *File) shape() *shape {
	h := &shape{columns: slices.Clone(f.layout.dense)}
	for i, field := range f.meta.Schema.Sparse {
		if field.MultiHot {
			h.bags = append(h.bags, i)
		} else {
			h.fields = append(h.fields, i)
			h.columns = append(h.columns, f.layout.ids[i])
		}
	}
	h.columns = append(h.columns, f.layout.label)
	h.stride = len(h.columns) + 2*len(h.bags)
	return h
}

const (
	tile  = 256 // rows whose words stay in the nearest caches while columns are spread over them
	ahead = 16  // blocks that are asked for before they are read
	kept  = 32  // blocks whose pages count as the process's memory, with their neighbours': the system maps 64 KiB at once
)

var errStopped = errors.New("cache: nobody wants to read on")

// load decodes window k of a plan.
func (f *File) load(w *window, h *shape, p *plan, s batch.Split, k int, stopped func() bool) error {
	from, to, rows := p.of(k)
	w.number, w.rows = k, rows
	if cap(w.words) < rows*h.stride {
		w.words = huge(make([]uint32, rows*h.stride))
	}
	w.words = w.words[:rows*h.stride]
	if w.columns == nil {
		w.columns, w.scratch, w.bags = make([][]byte, len(h.columns)), make([][]byte, len(h.columns)+1), make([][]int32, len(h.bags))
	}
	for i := range w.bags {
		w.bags[i] = w.bags[i][:0]
	}
	row := 0
	if k == 0 {
		f.want(h, p, s, 0, ahead)
	}
	for place := from; place < to; place++ {
		if stopped() {
			return errStopped
		}
		if place%ahead == 0 {
			f.want(h, p, s, place+ahead, ahead)
		}
		first, n := p.at(place)
		if err := f.block(w, h, s, first, n, w.words[row*h.stride:]); err != nil {
			return err
		}
		if row += n; place%kept == kept-1 {
			f.mapping.release()
		}
	}
	return nil
}

// block decodes n rows.
func (f *File) block(w *window, h *shape, s batch.Split, first, n int, words []uint32) (err error) {
	for i, c := range h.columns {
		if w.columns[i], err = f.wanted(c, s, first, n, &w.scratch[i]); err != nil {
			return err
		}
	}
	for from := 0; from < n; from += tile {
		rows := min(tile, n-from)
		for i, c := range h.columns {
			most, scale := f.most(c)
			values := w.columns[i][from*int(c.Width):]
			if top := spread(words[from*h.stride+i:], h.stride, values, c.Width, rows, scale); top > most {
				return tooGreat(c, top)
			}
		}
	}
	for i, field := range h.bags {
		to := words[len(h.columns)+2*i:]
		if w.bags[i], err = f.bags(field, s, first, n, to, h.stride, w.bags[i], &w.scratch[len(h.columns)]); err != nil {
			return err
		}
	}
	return nil
}

// want has so many blocks from a place on read ahead.
func (f *File) want(h *shape, p *plan, s batch.Split, place, many int) {
	for end := min(place+many, p.count()); place < end; {
		first, n := p.at(place)
		place++
		for p.blocks == nil && place < end { // they lie side by side
			_, more := p.at(place)
			n, place = n+more, place+1
		}
		for _, c := range h.columns {
			f.mapping.want(c.span(s, first, n))
		}
	}
}
