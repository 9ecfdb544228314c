package parquet

import (
	"encoding/binary"
	"errors"
)

var (
	errFew   = errors.New("has fewer values than its header says")
	errWidth = errors.New("has numbers of more bits than there are")
)

// hybrid reads numbers that are runs of one, or packed in bits.
type hybrid struct {
	src   []byte
	width uint
	left  uint64 // of the run
	one   bool   // value is all of the run
	value uint64
	bits  uint64 // of what is packed, so many
	have  uint
}

func newHybrid(src []byte, width uint) (hybrid, error) {
	if width > 32 {
		return hybrid{}, errWidth
	}
	return hybrid{src: src, width: width}, nil
}

func (h *hybrid) next() (uint32, error) {
	for h.left == 0 {
		if err := h.run(); err != nil {
			return 0, err
		}
	}
	h.left--
	if h.one {
		return uint32(h.value), nil
	}
	for h.have < h.width {
		if len(h.src) == 0 {
			return 0, errFew
		}
		h.bits |= uint64(h.src[0]) << h.have
		h.src = h.src[1:]
		h.have += 8
	}
	v := uint32(h.bits & (1<<h.width - 1))
	h.bits >>= h.width
	h.have -= h.width
	return v, nil
}

func (h *hybrid) run() error {
	head, n := binary.Uvarint(h.src)
	if n <= 0 {
		return errFew
	}
	h.src = h.src[n:]
	if h.one = head&1 == 0; !h.one {
		h.left, h.bits, h.have = head>>1*8, 0, 0 // whole bytes
		return nil
	}
	size := int(h.width+7) / 8
	if len(h.src) < size {
		return errFew
	}
	var b [8]byte
	copy(b[:], h.src[:size])
	h.left, h.value, h.src = head>>1, binary.LittleEndian.Uint64(b[:]), h.src[size:]
	if h.value>>h.width != 0 {
		return errWidth
	}
	return nil
}
