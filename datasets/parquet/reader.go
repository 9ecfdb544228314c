package parquet

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go/format"
)

// Value is one value. Its Text is good until the next.
type Value struct {
	None  bool    // it is missing
	Int   int64   // of Bool, as 0 or 1, of Int, of Uint as its bits, and of Time as seconds since 1970
	Float float64 // of Float
	Text  []byte  // of Text
	Entry int     // of the row group's dictionary of the column, or -1
}

// Reader reads a column, a row group after the other. Readers of several columns may be at work at once.
type Reader struct {
	f      *File
	c      *Column
	group  int
	meta   *format.ColumnMetaData
	in     *bufio.Reader
	inside int64 // bytes of the chunk not read

	packed, page, entries []byte // memory of pages
	unpacker
	dictionary dictionary
	hasEntries bool

	left        int64 // values of the chunk, without those of the page
	inPage      int
	repeat, def hybrid
	values      decoder
	peeked      bool // repeated is that of the next value
	repeated    uint32
	datum       datum
	value       Value
	scratch     [36]byte
	counted     int // entries, whose memory is held
}

// Reader returns a reader of a column before its first row group.
func (f *File) Reader(c *Column) *Reader { return &Reader{f: f, c: c} }

// Begin goes to the first row of a group.
func (r *Reader) Begin(group int) (err error) {
	defer r.f.guard(&err)
	r.group, r.meta = group, &r.f.meta.RowGroups[group].Columns[r.c.leaf].MetaData
	from, length, err := r.f.extent(r.meta)
	if err != nil {
		return r.explain(err)
	}
	section := io.NewSectionReader(r.f.in, from, length)
	if r.in == nil {
		r.in = bufio.NewReaderSize(section, 1<<16)
	} else {
		r.in.Reset(section)
	}
	r.inside, r.left, r.inPage, r.hasEntries, r.peeked = length, r.meta.NumValues, 0, false, false
	return nil
}

// Read passes the values of the next n rows of the group to each, with the number of the row among them. Of a list those
// that are there are passed, of other columns one a row.
func (r *Reader) Read(n int, each func(row int, v *Value) error) (err error) {
	defer r.f.guard(&err)
	for row := range n {
		if r.c.Depth > 0 {
			err = r.list(row, each)
		} else if err = r.next(); err == nil {
			err = each(row, &r.value)
		}
		if err != nil {
			return r.explain(err)
		}
	}
	return nil
}

// End finds fault with values after the last row of the group.
func (r *Reader) End() (err error) {
	defer r.f.guard(&err)
	if r.inPage > 0 || r.left > 0 {
		return r.explain(errors.New("has more values than its rows have"))
	}
	return nil
}

func (r *Reader) explain(err error) error {
	return r.f.explain(fmt.Errorf("row group %d: column %s %w", r.group, r.c.Name, err))
}

func (r *Reader) list(row int, each func(row int, v *Value) error) error {
	for first := true; ; first = false {
		more, err := r.peek()
		switch {
		case err != nil:
			return err
		case !more && first:
			return errFew
		case !more || !first && r.repeated == 0:
			return nil
		case first && r.repeated != 0:
			return errors.New("begins inside of a row")
		}
		if err := r.next(); err != nil {
			return err
		}
		if !r.value.None {
			if err := each(row, &r.value); err != nil {
				return err
			}
		}
	}
}

// peek reads ahead whether the next value begins a row; there may be none.
func (r *Reader) peek() (more bool, err error) {
	if r.peeked {
		return true, nil
	}
	for r.inPage == 0 {
		if r.left == 0 {
			return false, nil
		}
		if err := r.nextPage(); err != nil {
			return false, err
		}
	}
	r.repeated, err = r.repeat.next()
	r.peeked = true
	return true, err
}

// next reads a value.
func (r *Reader) next() error {
	for r.inPage == 0 {
		if r.left == 0 {
			return errFew
		}
		if err := r.nextPage(); err != nil {
			return err
		}
	}
	r.inPage--
	r.peeked = false
	if r.c.levels > 0 {
		level, err := r.def.next()
		if err != nil {
			return err
		}
		if int(level) > r.c.levels {
			return fmt.Errorf("has a value at level %d, want at most %d", level, r.c.levels)
		}
		if r.value.None = int(level) < r.c.levels; r.value.None {
			return nil
		}
	}
	r.value.None = false
	r.datum.entry = -1
	if err := r.values.next(&r.datum); err != nil {
		return err
	}
	return r.convert()
}

// convert makes a value of what the page has.
func (r *Reader) convert() error {
	v, d := &r.value, &r.datum
	v.Entry = d.entry
	switch r.c.Kind {
	case Bool, Int:
		v.Int = int64(d.bits)
	case Uint:
		v.Int = int64(d.bits)
		if r.c.physical == format.Int32 {
			v.Int = int64(uint32(d.bits))
		}
	case Float:
		r.float(d.bits)
	case Text:
		if len(d.bytes) > mostText {
			return fmt.Errorf("has a value of %d bytes, want at most %d", len(d.bytes), mostText)
		}
		if v.Text = d.bytes; r.c.uuid {
			v.Text = uuid(r.scratch[:0], d.bytes)
		}
	case Time:
		v.Int = r.seconds(d)
	}
	return nil
}

func (r *Reader) float(bits uint64) {
	switch r.c.physical {
	case format.Float:
		r.value.Float = float64(math.Float32frombits(uint32(bits)))
	case format.Double:
		r.value.Float = math.Float64frombits(bits)
	default:
		r.value.Float = float64(int64(bits)) / math.Pow10(r.c.scale)
	}
}

const julian1970 = 2440588 // the day

func (r *Reader) seconds(d *datum) int64 {
	if r.c.physical == format.Int96 {
		var nanoseconds, day datum
		fixed(format.Int64, d.bytes[:8], &nanoseconds)
		fixed(format.Int32, d.bytes[8:], &day)
		return (int64(day.bits)-julian1970)*24*60*60 + int64(nanoseconds.bits)/1e9
	}
	x, below := int64(d.bits)*r.c.seconds/r.c.ticks, int64(d.bits)*r.c.seconds%r.c.ticks
	if below < 0 {
		x--
	}
	return x
}

func uuid(to, b []byte) []byte {
	for i, n := range []int{4, 2, 2, 2, 6} {
		if i > 0 {
			to = append(to, '-')
		}
		to, b = hex.AppendEncode(to, b[:n]), b[n:]
	}
	return to
}
