package cache

import (
	"encoding/binary"
	"iter"

	"ctrlab/datasets/batch"
)

// A field's text is names, each a uvarint of its length and its bytes; its index has the offset in it of every 64th.
const stride = 64

// Names keeps the names of a field's ids, from 0 on; an id whose name is empty, or that comes after the last, has none.
// Columns cannot be declared while it runs.
func (w *Writer) Names(field int, names iter.Seq[string]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var begins []byte
	to, n := stream{file: w.file, at: w.end, left: 1 << 62}, 0
	for name := range names {
		if n%stride == 0 {
			begins = binary.LittleEndian.AppendUint64(begins, to.at+uint64(len(to.buffer))-w.end)
		}
		if n++; n > w.schema.Sparse[field].Rows {
			panic("cache: more names than ids")
		}
		to.buffer = append(binary.AppendUvarint(to.buffer, uint64(len(name))), name...)
		if len(to.buffer) > bufferSize {
			if err := to.flush(); err != nil {
				return err
			}
		}
	}
	to.left = uint64(len(to.buffer))
	if err := w.add(column{Kind: text, Of: uint32(field), Width: 1}, to.at+to.left-w.end, &to); err != nil {
		return err
	}
	to = stream{file: w.file, at: w.end, left: uint64(len(begins)), buffer: begins}
	return w.add(column{Kind: index, Of: uint32(field), Width: 8}, uint64(len(begins)/8), &to)
}

// add ends a section of count values that began at the file's end, the only one of its column.
func (w *Writer) add(c column, count uint64, to *stream) error {
	c.Sections[0] = section{Offset: w.end, Count: count}
	w.end += padded(count * uint64(c.Width))
	for s := range c.Sections[1:] {
		c.Sections[1+s].Offset = w.end
	}
	err := to.finish()
	w.columns = append(w.columns, &Column{column: c, streams: [batch.Splits]stream{*to}})
	return err
}

// Name returns the name of a field's id, if there is one.
func (f *File) Name(field int, id int32) (name string, named bool) {
	c, begins := f.layout.text[field], f.layout.index[field]
	if c == nil || id < 0 || uint64(id/stride) >= begins.Sections[0].Count {
		return "", false
	}
	err := f.guard(func() (err error) {
		name, err = f.scan(c, begins, int(id/stride), int(id%stride))
		return err
	})
	return name, err == nil && name != ""
}

// Names walks the names of a field's ids, from 0 to the last that may have one.
func (f *File) Names(field int) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		c, begins := f.layout.text[field], f.layout.index[field]
		if c == nil {
			return
		}
		for k := range int(begins.Sections[0].Count) {
			var names []string
			err := f.guard(func() error {
				b, err := f.texts(c, begins, k)
				for len(b) > 0 && err == nil {
					var name []byte
					name, b, err = cutName(b)
					names = append(names, string(name))
				}
				return err
			})
			if err != nil {
				yield("", err)
				return
			}
			for _, name := range names {
				if !yield(name, nil) {
					return
				}
			}
		}
	}
}

// scan returns a name of one that the index has.
func (f *File) scan(c, begins *column, block, place int) (string, error) {
	b, err := f.texts(c, begins, block)
	for ; len(b) > 0 && err == nil; place-- {
		var name []byte
		if name, b, err = cutName(b); place == 0 {
			return string(name), err
		}
	}
	return "", err
}

// texts returns the text of the names from one that the index has to the next.
func (f *File) texts(c, begins *column, block int) ([]byte, error) {
	var scratch []byte
	b, err := f.at(begins, 0, block, 1, &scratch)
	if err != nil {
		return nil, err
	}
	from, to := binary.LittleEndian.Uint64(b), c.Sections[0].Count
	if uint64(block)+1 < begins.Sections[0].Count {
		if b, err = f.at(begins, 0, block+1, 1, &scratch); err != nil {
			return nil, err
		}
		to = binary.LittleEndian.Uint64(b)
	}
	if from > to || to > c.Sections[0].Count {
		return nil, damaged("names are outside of their section")
	}
	return f.at(c, 0, int(from), int(to-from), &scratch)
}

func cutName(b []byte) (name, rest []byte, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, damaged("a name is longer than its section")
	}
	return b[n:][:size], b[n:][size:], nil
}
