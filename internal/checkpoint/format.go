// Package checkpoint is the file that a model's state is kept in: named sections of numbers or bytes, and a header of the
// caller's. Create gives a Writer, whose Close puts the file in its place when all of it is on the disk; Open gives a File.
//
// A file is a preamble of 64 bytes, the sections, and the head. Sections and head begin at multiples of 64 and are filled up with
// zeros; the head, which is last, is JSON: {"header": the caller's, "sections": [{"name", "kind", "shape", "crc"}, …]} in the
// order of the file. Every byte is under a CRC-32C: a section's has its zeros in it. Numbers are little-endian.
//
//	preamble   0  8  "ctrlabCK"
//	           8  4  version
//	          12  4  CRC-32C of the head
//	          16  8  where the head begins
//	          24  8  its bytes; with them the file ends
//	          32 28  zeros
//	          60  4  CRC-32C of the 60 bytes before
package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"slices"
	"unsafe"
)

const (
	magic   = "ctrlabCK"
	version = 1
	align   = 64
	maxHead = 64 << 20
	maxDims = 8
)

// Kinds of sections, with the bytes of one element.
const (
	Float32 = "float32"
	Bytes   = "bytes"
)

var width = map[string]int64{Float32: 4, Bytes: 1}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Section is a named array.
type Section struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Shape []int  `json:"shape"`
	CRC   uint32 `json:"crc"`

	at int64
}

// Len is how many elements it has.
func (s Section) Len() int {
	n := 1
	for _, d := range s.Shape {
		n *= d
	}
	return n
}

// size is Len in bytes; false where it is more than most.
func (s Section) size(most int64) (int64, bool) {
	size, known := width[s.Kind]
	zero := slices.Contains(s.Shape, 0)
	for _, d := range s.Shape {
		if d < 0 || d > 0 && !zero && size > most/int64(d) {
			return 0, false
		}
		size *= int64(d)
	}
	return size, known && size <= most
}

// head is the JSON at the end.
type head struct {
	Header   json.RawMessage `json:"header"`
	Sections []Section       `json:"sections"`
}

// preamble is the first 64 bytes.
type preamble struct {
	crc      uint32
	at, size int64
}

func (p preamble) bytes() []byte {
	b := make([]byte, align)
	copy(b, magic)
	binary.LittleEndian.PutUint32(b[8:], version)
	binary.LittleEndian.PutUint32(b[12:], p.crc)
	binary.LittleEndian.PutUint64(b[16:], uint64(p.at))
	binary.LittleEndian.PutUint64(b[24:], uint64(p.size))
	binary.LittleEndian.PutUint32(b[60:], crc32.Checksum(b[:60], castagnoli))
	return b
}

// filled is at rounded up to where the next section begins.
func filled(at int64) int64 { return (at + align - 1) / align * align }

// View is the memory of v as bytes.
func View(v []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}
