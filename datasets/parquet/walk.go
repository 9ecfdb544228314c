package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// walk goes through a structure in Thrift's compact protocol without making anything of it: decoders allocate a list
// before they find that its items are not there.
type walk struct {
	b        []byte
	at       int
	elements int
}

var (
	errShort = errors.New("it is cut off")
	errDeep  = errors.New("it is nested too deep")
	errMany  = errors.New("it has too many parts")
)

const deepest = 32 // structures and lists in each other: Parquet's are eight

// structureLength is how many of the bytes are the structure that they begin with; errShort where it goes on.
func structureLength(b []byte) (int, error) {
	w := walk{b: b}
	err := w.structure(0)
	return w.at, err
}

func (w *walk) structure(depth int) error {
	if w.elements++; w.elements > mostElements {
		return errMany
	}
	for {
		head, err := w.byte()
		if err != nil {
			return err
		}
		if head == 0 {
			return nil
		}
		if head>>4 == 0 { // the number of the field follows
			if _, err := w.number(); err != nil {
				return err
			}
		}
		if kind := head & 15; kind > 2 { // else a truth, in the kind
			if err := w.value(kind, depth); err != nil {
				return err
			}
		}
	}
}

func (w *walk) value(kind byte, depth int) error {
	if depth > deepest {
		return errDeep
	}
	switch kind {
	case 1, 2, 3: // of a byte
		return w.skip(1)
	case 4, 5, 6: // integers
		_, err := w.number()
		return err
	case 7:
		return w.skip(8)
	case 8: // text
		n, err := w.number()
		if err != nil {
			return err
		}
		return w.skip(n)
	case 9, 10:
		return w.list(depth)
	case 12:
		return w.structure(depth + 1)
	}
	return fmt.Errorf("it has a value of the unknown kind %d", kind) // maps too, of which Parquet has none
}

func (w *walk) list(depth int) error {
	head, err := w.byte()
	if err != nil {
		return err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = w.number(); err != nil {
			return err
		}
	}
	if n > uint64(len(w.b)-w.at) {
		return errShort
	}
	for range n {
		if err := w.value(head&15, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) byte() (byte, error) {
	if w.at == len(w.b) {
		return 0, errShort
	}
	w.at++
	return w.b[w.at-1], nil
}

func (w *walk) number() (uint64, error) {
	v, n := binary.Uvarint(w.b[w.at:])
	switch {
	case n == 0:
		return 0, errShort
	case n < 0:
		return 0, errors.New("it has a number of more than 64 bits")
	}
	w.at += n
	return v, nil
}

func (w *walk) skip(n uint64) error {
	if n > uint64(len(w.b)-w.at) {
		return errShort
	}
	w.at += int(n)
	return nil
}
