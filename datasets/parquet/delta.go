package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/format"
)

// deltas is DELTA_BINARY_PACKED: differences in blocks, of parts each with its own width.
type deltas struct {
	src    []byte
	narrow bool   // values have 32 bits
	left   uint64 // values
	last   int64
	first  bool
	parts  int
	size   int // of a part, in values
	least  int64
	widths []byte
	inPart int
	width  uint
	bits   uint64
	have   uint
}

var errDelta = errors.New("has differences that are damaged")

const mostBlock = 1 << 16 // values; writers have 128

func newDeltas(src []byte, narrow bool) (*deltas, error) {
	d := &deltas{src: src, narrow: narrow, first: true}
	block, err := d.number()
	if err != nil {
		return nil, err
	}
	parts, err := d.number()
	if err != nil {
		return nil, err
	}
	if d.left, err = d.number(); err != nil {
		return nil, err
	}
	zigzag, err := d.number()
	if err != nil {
		return nil, err
	}
	if block == 0 || block > mostBlock || parts == 0 || block%parts != 0 || block/parts%8 != 0 {
		return nil, fmt.Errorf("has blocks of %d differences in %d parts", block, parts)
	}
	d.last, d.parts, d.size = unzigzag(zigzag), int(parts), int(block/parts)
	return d, nil
}

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func (d *deltas) number() (uint64, error) {
	v, n := binary.Uvarint(d.src)
	if n <= 0 {
		return 0, errDelta
	}
	d.src = d.src[n:]
	return v, nil
}

func (d *deltas) next(v *datum) error {
	x, err := d.value()
	v.bits = uint64(x)
	return err
}

func (d *deltas) value() (int64, error) {
	if d.left == 0 {
		return 0, errFew
	}
	d.left--
	if d.first {
		d.first = false
		return d.wrapped(), nil
	}
	if d.inPart == 0 {
		if err := d.part(); err != nil {
			return 0, err
		}
	}
	d.inPart--
	delta, err := d.packed()
	if err != nil {
		return 0, err
	}
	d.last += d.least + int64(delta)
	return d.wrapped(), nil
}

func (d *deltas) wrapped() int64 {
	if d.narrow {
		d.last = int64(int32(d.last))
	}
	return d.last
}

// part begins one, and the block that it is the first of.
func (d *deltas) part() error {
	if len(d.widths) == 0 {
		zigzag, err := d.number()
		if err != nil {
			return err
		}
		if len(d.src) < d.parts {
			return errDelta
		}
		d.least, d.widths, d.src = unzigzag(zigzag), d.src[:d.parts], d.src[d.parts:]
	}
	d.width, d.widths = uint(d.widths[0]), d.widths[1:]
	d.inPart, d.bits, d.have = d.size, 0, 0
	if d.width > 64 {
		return errWidth
	}
	return nil
}

// packed is a number of width bits.
func (d *deltas) packed() (uint64, error) {
	var v uint64
	for got := uint(0); got < d.width; {
		if d.have == 0 {
			if len(d.src) == 0 {
				return 0, errFew
			}
			d.bits, d.have, d.src = uint64(d.src[0]), 8, d.src[1:]
		}
		n := min(d.have, d.width-got)
		v |= d.bits & (1<<n - 1) << got
		d.bits >>= n
		d.have -= n
		got += n
	}
	return v, nil
}

// rest goes to the end and returns what follows; parts without values are left out by writers, or not.
func (d *deltas) rest() ([]byte, error) {
	if d.left > 0 {
		d.left--
	}
	for d.left > 0 {
		if err := d.part(); err != nil {
			return nil, err
		}
		size := d.size * int(d.width) / 8
		if size > len(d.src) {
			return nil, errFew
		}
		d.src = d.src[size:]
		d.left -= min(d.left, uint64(d.size))
	}
	return d.src, nil
}

// lengths is DELTA_LENGTH_BYTE_ARRAY: the lengths of all texts, and the texts.
type lengths struct {
	*deltas
	src []byte
}

func newLengths(src []byte) (*lengths, error) {
	all, err := newDeltas(src, true)
	if err != nil {
		return nil, err
	}
	skipped := *all
	rest, err := skipped.rest()
	return &lengths{all, rest}, err
}

func (l *lengths) next(v *datum) error {
	n, err := l.value()
	if err != nil {
		return err
	}
	if n < 0 || n > int64(len(l.src)) {
		return fmt.Errorf("has a value of %d bytes, and %d are left", n, len(l.src))
	}
	v.bytes, l.src = l.src[:n], l.src[n:]
	return nil
}

// fronts is DELTA_BYTE_ARRAY: texts begin with so many bytes of the one before.
type fronts struct {
	prefix *deltas
	suffix *lengths
	last   []byte
	total  int
	fixed  int // bytes of every value, or 0
}

func newFronts(src []byte, c *Column) (*fronts, error) {
	prefix, err := newDeltas(src, true)
	if err != nil {
		return nil, err
	}
	skipped := *prefix
	rest, err := skipped.rest()
	if err != nil {
		return nil, err
	}
	suffix, err := newLengths(rest)
	if err != nil {
		return nil, err
	}
	f := &fronts{prefix: prefix, suffix: suffix}
	if c.physical == format.FixedLenByteArray {
		f.fixed = c.length
	}
	return f, nil
}

func (f *fronts) next(v *datum) error {
	n, err := f.prefix.value()
	if err != nil {
		return err
	}
	if err := f.suffix.next(v); err != nil {
		return err
	}
	if n < 0 || n > int64(len(f.last)) {
		return fmt.Errorf("has a value that begins as %d bytes of one of %d", n, len(f.last))
	}
	f.last = append(f.last[:n], v.bytes...)
	if f.total += len(f.last); f.total > mostPage || len(f.last) > mostText {
		return errLonger
	}
	if f.fixed > 0 && len(f.last) != f.fixed {
		return fmt.Errorf("has a value of %d bytes, want %d", len(f.last), f.fixed)
	}
	v.bytes = f.last
	return nil
}
