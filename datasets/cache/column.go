package cache

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"os"

	"ctrlab/datasets/batch"
)

// Column takes the values of one column, those of each split in order, by any number of calls. Several columns may be
// filled at once, each by one goroutine. More values than were declared, or others, panic.
type Column struct {
	column
	streams [batch.Splits]stream
	rows    int     // of a field's table
	ends    *Column // of a multi-hot field, with where its last bags end
	total   [batch.Splits]uint64
}

// Floats appends to the labels or to a dense column.
func (c *Column) Floats(s batch.Split, v []float32) error {
	to := &c.streams[s]
	for len(v) > 0 {
		n, err := to.room(len(v), c.Width)
		if err != nil {
			return err
		}
		switch {
		case c.Kind == labels && c.Width == 1:
			for _, x := range v[:n] {
				if x != 0 && x != 1 {
					panic("cache: a label is neither 0 nor 1")
				}
				to.buffer = append(to.buffer, byte(x))
			}
		case c.Kind == labels || c.Kind == dense:
			for _, x := range v[:n] {
				to.buffer = binary.LittleEndian.AppendUint32(to.buffer, math.Float32bits(x))
			}
		default:
			panic("cache: floats for a column of integers")
		}
		v = v[n:]
	}
	return to.finish()
}

// Times appends to the times.
func (c *Column) Times(s batch.Split, v []int64) error {
	if c.Kind != times {
		panic("cache: times for another column")
	}
	to := &c.streams[s]
	for len(v) > 0 {
		n, err := to.room(len(v), c.Width)
		if err != nil {
			return err
		}
		for _, x := range v[:n] {
			to.buffer = binary.LittleEndian.AppendUint64(to.buffer, uint64(x))
		}
		v = v[n:]
	}
	return to.finish()
}

// IDs appends to a one-hot field.
func (c *Column) IDs(s batch.Split, v []int32) error {
	if c.Kind != ids || c.ends != nil {
		panic("cache: single ids for another column")
	}
	return c.append(s, v)
}

// Bags appends to a multi-hot field: bags of lengths, whose ids come one after the other.
func (c *Column) Bags(s batch.Split, lengths, v []int32) error {
	if c.ends == nil {
		panic("cache: bags for another column")
	}
	to, from := &c.ends.streams[s], c.total[s]
	for len(lengths) > 0 {
		n, err := to.room(len(lengths), c.ends.Width)
		if err != nil {
			return err
		}
		for _, l := range lengths[:n] {
			if c.total[s] += uint64(l); c.ends.Width == 4 {
				to.buffer = binary.LittleEndian.AppendUint32(to.buffer, uint32(c.total[s]))
			} else {
				to.buffer = binary.LittleEndian.AppendUint64(to.buffer, c.total[s])
			}
		}
		lengths = lengths[n:]
	}
	if c.total[s]-from != uint64(len(v)) {
		panic("cache: lengths of bags do not sum to their ids")
	}
	if err := to.finish(); err != nil {
		return err
	}
	return c.append(s, v)
}

func (c *Column) append(s batch.Split, v []int32) error {
	to := &c.streams[s]
	for len(v) > 0 {
		n, err := to.room(len(v), c.Width)
		if err != nil {
			return err
		}
		from := len(to.buffer)
		to.buffer = to.buffer[:from+n*int(c.Width)]
		if top := pack(to.buffer[from:], v[:n], c.Width); top >= uint32(c.rows) {
			panic("cache: an id is not below the rows of its table")
		}
		v = v[n:]
	}
	return to.finish()
}

// pack writes values of a width and returns the greatest, as a number without a sign.
func pack(b []byte, v []int32, width uint32) (top uint32) {
	switch width {
	case 1:
		b = b[:len(v)]
		for i, x := range v {
			b[i] = byte(x)
			top = max(top, uint32(x))
		}
	case 2:
		for _, x := range v {
			binary.LittleEndian.PutUint16(b, uint16(x))
			top, b = max(top, uint32(x)), b[2:]
		}
	case 3:
		for _, x := range v {
			b[0], b[1], b[2] = byte(x), byte(x>>8), byte(x>>16)
			top, b = max(top, uint32(x)), b[3:]
		}
	default:
		for _, x := range v {
			binary.LittleEndian.PutUint32(b, uint32(x))
			top, b = max(top, uint32(x)), b[4:]
		}
	}
	return top
}

// complete returns c with its checksums.
func (c *Column) complete() column {
	for s := range c.streams {
		if c.streams[s].left != 0 {
			panic("cache: a column is not full")
		}
		c.Sections[s].CRC = c.streams[s].crc
	}
	return c.column
}

// stream writes one section.
type stream struct {
	file   *os.File
	at     uint64 // of the buffer's beginning in the file
	left   uint64 // bytes of the section that are not written
	buffer []byte
	crc    uint32
}

const bufferSize = 64 << 10

// room returns for how many of n values the buffer has room, at least one.
func (s *stream) room(n int, width uint32) (int, error) {
	if uint64(len(s.buffer))+uint64(n)*uint64(width) > s.left {
		panic("cache: a column has more values than rows")
	}
	free := (bufferSize - len(s.buffer)) / int(width)
	if free == 0 {
		if err := s.flush(); err != nil {
			return 0, err
		}
		free = bufferSize / int(width)
	}
	if s.buffer == nil {
		s.buffer = make([]byte, 0, min(padded(s.left), bufferSize+align))
	}
	return min(n, free), nil
}

func (s *stream) flush() error {
	if _, err := s.file.WriteAt(s.buffer, int64(s.at)); err != nil {
		return err
	}
	s.crc = crc32.Update(s.crc, castagnoli, s.buffer)
	s.at, s.left, s.buffer = s.at+uint64(len(s.buffer)), s.left-uint64(len(s.buffer)), s.buffer[:0]
	return nil
}

// finish writes the rest of a section that is full, and the zeros behind it.
func (s *stream) finish() error {
	if uint64(len(s.buffer)) != s.left {
		return nil
	}
	end := s.at + s.left
	s.buffer = append(s.buffer, make([]byte, padded(end)-end)...)
	s.left = uint64(len(s.buffer))
	err := s.flush()
	s.buffer = nil
	return err
}
