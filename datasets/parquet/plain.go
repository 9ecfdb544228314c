package parquet

import (
	"encoding/binary"
	"fmt"

	"github.com/parquet-go/parquet-go/format"
)

// datum is a value as pages have it.
type datum struct {
	bits  uint64 // of numbers; those of 32 bits with their sign
	bytes []byte // of the others
	entry int    // of the dictionary, or -1
}

// decoder reads the values of a page, those that are there.
type decoder interface{ next(v *datum) error }

// plain is the encoding PLAIN.
type plain struct {
	src      []byte
	physical format.Type
	length   int  // of a value of fixed length
	bit      uint // of the first byte, where values are truths
}

func (p *plain) next(v *datum) error {
	switch p.physical {
	case format.Boolean:
		if len(p.src) == 0 {
			return errFew
		}
		v.bits = uint64(p.src[0] >> p.bit & 1)
		if p.bit++; p.bit == 8 {
			p.bit, p.src = 0, p.src[1:]
		}
		return nil
	case format.ByteArray:
		return p.text(v)
	}
	b, err := p.take(p.width())
	if err != nil {
		return err
	}
	fixed(p.physical, b, v)
	return nil
}

// width is the bytes of a value, where all have as many.
func (p *plain) width() int {
	switch p.physical {
	case format.Int32, format.Float:
		return 4
	case format.Int64, format.Double:
		return 8
	case format.Int96:
		return 12
	}
	return p.length
}

// fixed is the value that bytes are.
func fixed(physical format.Type, b []byte, v *datum) {
	switch physical {
	case format.Int32:
		v.bits = uint64(int32(binary.LittleEndian.Uint32(b)))
	case format.Float:
		v.bits = uint64(binary.LittleEndian.Uint32(b))
	case format.Int64, format.Double:
		v.bits = binary.LittleEndian.Uint64(b)
	default:
		v.bytes = b
	}
}

func (p *plain) text(v *datum) error {
	head, err := p.take(4)
	if err != nil {
		return err
	}
	n := binary.LittleEndian.Uint32(head)
	if uint64(n) > uint64(len(p.src)) {
		return fmt.Errorf("has a value of %d bytes, and %d are left", n, len(p.src))
	}
	v.bytes, err = p.take(int(n))
	return err
}

func (p *plain) take(n int) ([]byte, error) {
	if n > len(p.src) {
		return nil, errFew
	}
	b := p.src[:n]
	p.src = p.src[n:]
	return b, nil
}

// dictionary has the values that pages name by number.
type dictionary struct {
	bits   []uint64
	data   []byte
	starts []uint32 // of values in data; one more than there are
	count  int
}

// dictionaryMemory bounds what an entry takes here and in who keeps something for each.
const dictionaryMemory = 32

func (d *dictionary) read(src []byte, n int, c *Column) error {
	p := plain{src: src, physical: c.physical, length: c.length}
	*d = dictionary{bits: d.bits[:0], data: src, starts: d.starts[:0], count: n}
	var v datum
	for range n {
		if err := p.next(&v); err != nil {
			return err
		}
		if v.bytes == nil {
			d.bits = append(d.bits, v.bits)
		} else {
			end := len(src) - len(p.src)
			d.starts = append(d.starts, uint32(end-len(v.bytes)), uint32(end))
		}
	}
	return nil
}

// named is the encoding of numbers of entries.
type named struct {
	hybrid
	of *dictionary
}

func (n *named) next(v *datum) error {
	i, err := n.hybrid.next()
	if err != nil {
		return err
	}
	if int(i) >= n.of.count {
		return fmt.Errorf("has the entry %d of a dictionary of %d", i, n.of.count)
	}
	v.entry = int(i)
	if len(n.of.bits) > 0 {
		v.bits = n.of.bits[i]
	} else {
		v.bytes = n.of.data[n.of.starts[2*i]:n.of.starts[2*i+1]]
	}
	return nil
}

// truths is the encoding RLE of truths.
type truths struct{ hybrid }

func (t *truths) next(v *datum) (err error) {
	bit, err := t.hybrid.next()
	v.bits = uint64(bit)
	return err
}

// streams is BYTE_STREAM_SPLIT: the first bytes of all values, then the second ones.
type streams struct {
	src      []byte
	physical format.Type
	stride   int
	at       int
	value    []byte
}

func newStreams(src []byte, c *Column) (*streams, error) {
	width := (&plain{physical: c.physical, length: c.length}).width()
	if c.physical == format.Boolean || c.physical == format.ByteArray || width < 1 || len(src)%width != 0 {
		return nil, fmt.Errorf("has %d bytes split into streams, of values of type %s", len(src), c.Type)
	}
	return &streams{src: src, physical: c.physical, stride: len(src) / width, value: make([]byte, width)}, nil
}

func (s *streams) next(v *datum) error {
	if s.at == s.stride {
		return errFew
	}
	for i := range s.value {
		s.value[i] = s.src[s.at+i*s.stride]
	}
	s.at++
	fixed(s.physical, s.value, v)
	return nil
}
