package cache

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"

	"ctrlab/datasets/batch"
)

// A file is a head of 64 bytes, sections, the table of columns, and Meta as JSON up to the file's end; all numbers are
// little-endian. A section has the values of one column of one split one after the other and zeros up to the next
// multiple of 64 bytes; sections lie side by side in the order in which columns were declared to the Writer.

const (
	magic   = "ctrlab\r\n"
	align   = 64
	maxMeta = 8 << 20 // bytes of table and of JSON: decoding them takes a few times as much memory
)

type head struct {
	Magic   [8]byte
	Version uint32
	Columns uint32 // in the table
	Table   uint64 // its offset
	Meta    uint64 // bytes of JSON behind it
	CRC     uint32 // of table and JSON
	_       [24]byte
	Self    uint32 // CRC of the bytes before it
}

type kind uint32

// The kinds of columns, with the Width of their values in bytes.
const (
	labels kind = iota // 1: 0 or 1; 4: float32, of ratings
	dense              // 4: float32
	ids                // 1 to 4, enough for the rows of the field's table; of a multi-hot field its bags one after the other
	ends               // 4 or 8: where each row's bag ends in its split's ids
	times              // 8: int64
	text               // 1: the names of a field's ids in the order of ids, see names.go
	index              // 8: where every 64th of them begins
	kinds
)

func (k kind) String() string {
	return [...]string{"labels", "dense column", "ids of field", "bags of field", "times", "names of field", "index of names of field"}[k]
}

type column struct {
	Kind     kind
	Of       uint32 // which dense column or field
	Width    uint32
	_        uint32
	Sections [batch.Splits]section // those of text and index are all in the first
}

type section struct {
	Offset, Count uint64
	CRC           uint32 // with the zeros behind it
	_             uint32
}

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	headSize   = binary.Size(head{})
	columnSize = binary.Size(column{})
)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

func padded(bytes uint64) uint64 { return (bytes + align - 1) / align * align }

// idWidth is that of ids below rows.
func idWidth(rows int) uint32 {
	width := uint32(1)
	for width < 4 && rows > 1<<(8*width) {
		width++
	}
	return width
}

// seal returns table and JSON, and the head of the file in which they lie at an offset.
func seal(columns []column, m Meta, at uint64) (start, end []byte, err error) {
	list, err := json.Marshal(m)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range columns {
		end, _ = binary.Append(end, binary.LittleEndian, c)
	}
	if len(end) > maxMeta || len(list) > maxMeta {
		return nil, nil, fmt.Errorf("a cache of %d columns and %d bytes about them; %d bytes of each are all it can have", len(columns), len(list), maxMeta)
	}
	end = append(end, list...)
	h := head{Version: Version, Columns: uint32(len(columns)), Table: at, Meta: uint64(len(list)), CRC: checksum(end)}
	copy(h.Magic[:], magic)
	start, _ = binary.Append(nil, binary.LittleEndian, h)
	binary.LittleEndian.PutUint32(start[headSize-4:], checksum(start[:headSize-4]))
	return start, end, nil
}

// readHead takes the first bytes of a file of size bytes.
func readHead(b []byte, size uint64) (h head, err error) {
	if len(b) < headSize || string(b[:len(magic)]) != magic {
		return h, damaged("it is no cache of ctrlab")
	}
	_, _ = binary.Decode(b[:headSize], binary.LittleEndian, &h)
	switch table := uint64(h.Columns) * uint64(columnSize); {
	case h.Version != Version:
		return h, damaged("its version is %d, this program reads %d", h.Version, Version)
	case h.Self != checksum(b[:headSize-4]):
		return h, damaged("checksum of its head")
	case table > maxMeta || h.Meta > maxMeta || h.Table > size || h.Table+table+h.Meta != size:
		return h, damaged("it has %d bytes, not as many as it should", size)
	}
	return h, nil
}

// readTable takes what stands behind the sections.
func readTable(h head, b []byte) (columns []column, m Meta, err error) {
	if checksum(b) != h.CRC {
		return nil, m, damaged("checksum of its table")
	}
	table, list := b[:int(h.Columns)*columnSize], b[int(h.Columns)*columnSize:]
	columns = make([]column, h.Columns)
	_, _ = binary.Decode(table, binary.LittleEndian, columns)
	if err := json.Unmarshal(list, &m); err != nil {
		return nil, m, damaged("%v", err)
	}
	for _, f := range m.Schema.Sparse {
		if f.Rows < 1 || f.Rows > math.MaxInt32 || f.Pool < batch.Sum || f.Pool > batch.Mean {
			return nil, m, damaged("field %q has %d rows, pool %d", f.Name, f.Rows, f.Pool)
		}
	}
	return columns, m, nil
}
