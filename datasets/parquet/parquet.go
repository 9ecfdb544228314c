// Package parquet reads columns of Parquet files, hostile ones too.
//
// Metadata is decoded by parquet-go, after a walk has shown that nothing in it claims more than its bytes. Pages are decoded
// here: the library's readers allocate what a page claims to need, and part of its decoders is assembly without bounds. A page
// is held to its column chunk, what pages and dictionaries take together to a ceiling, and rows to what a file of its size has.
package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Bounds on what a file may claim. A row takes a hundredth of a byte at least: a label with one click in a thousand has more.
const (
	mostFooter   = 64 << 20
	mostHeader   = 1 << 20   // of a page, with its lowest and highest value
	mostPage     = 256 << 20 // decompressed
	mostHeld     = 1 << 30   // pages and dictionaries of all columns that are read
	freeValues   = 1 << 20
	valuesAByte  = 100
	mostText     = 1 << 20 // bytes of one value
	mostElements = 1 << 20 // structures in the footer
)

// File is an opened file.
type File struct {
	name    string
	in      io.ReaderAt
	close   func() error
	size    int64
	body    int64 // where the footer begins
	meta    format.FileMetaData
	columns []*Column
	held    atomic.Int64
}

// Open opens a file and reads what it says of its columns.
func Open(path string) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := in.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: is no regular file, and Parquet is read from its end", path)
	}
	var f *File
	if err == nil {
		f, err = New(path, in, info.Size())
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	f.close = in.Close
	return f, nil
}

// New is Open of what in reads, which stays open.
func New(name string, in io.ReaderAt, size int64) (f *File, err error) {
	f = &File{name: name, in: in, size: size}
	defer f.guard(&err)
	if err := f.readMeta(); err != nil {
		return nil, f.explain(err)
	}
	return f, nil
}

// Name is the path.
func (f *File) Name() string { return f.name }

// Size is the bytes of the file.
func (f *File) Size() int64 { return f.size }

// Columns are all leaves of the schema, in its order.
func (f *File) Columns() []*Column { return f.columns }

// Groups is the number of row groups.
func (f *File) Groups() int { return len(f.meta.RowGroups) }

// Rows is the number of rows of a group.
func (f *File) Rows(group int) int64 { return f.meta.RowGroups[group].NumRows }

// Values is the number of values, missing ones too, that a group has of a column.
func (f *File) Values(group int, c *Column) int64 {
	return f.meta.RowGroups[group].Columns[c.leaf].MetaData.NumValues
}

// Close closes what Open opened.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

func (f *File) explain(err error) error { return fmt.Errorf("%s: %w", f.name, err) }

// guard makes a panic an error: no file may end the process.
func (f *File) guard(err *error) {
	if p := recover(); p != nil {
		*err = f.explain(fmt.Errorf("reading it panicked: %v", p))
	}
}

// hold counts memory that grows by n bytes, before it is allocated.
func (f *File) hold(n int) error {
	if f.held.Add(int64(n)) > mostHeld {
		return fmt.Errorf("its pages take more than %d MB at once", mostHeld>>20)
	}
	return nil
}

const magic = "PAR1"

var errMagic = errors.New("does not begin and end with PAR1: it is not a Parquet file, or is cut off")

func (f *File) readMeta() error {
	const tail = 8
	if f.size < int64(len(magic))+tail {
		return errMagic
	}
	var head, end [tail]byte
	if _, err := f.in.ReadAt(head[:len(magic)], 0); err != nil {
		return err
	}
	if _, err := f.in.ReadAt(end[:], f.size-tail); err != nil {
		return err
	}
	switch footer := string(end[4:]); {
	case string(head[:4]) == "PARE" || footer == "PARE":
		return errEncrypted
	case string(head[:4]) != magic || footer != magic:
		return errMagic
	}
	length := int64(binary.LittleEndian.Uint32(end[:]))
	f.body = f.size - tail - length
	switch {
	case f.body < int64(len(magic)):
		return fmt.Errorf("its footer says that it has %d bytes, and the file has %d", length, f.size)
	case length > mostFooter:
		return fmt.Errorf("its footer has %d bytes, want at most %d", length, mostFooter)
	}
	b := make([]byte, length)
	if _, err := f.in.ReadAt(b, f.body); err != nil {
		return err
	}
	n, err := structureLength(b)
	if err == nil {
		err = thrift.Unmarshal(&thrift.CompactProtocol{}, b[:n], &f.meta)
	}
	if err != nil {
		return fmt.Errorf("its footer is damaged: %w", err)
	}
	if f.columns, err = columnsOf(f.meta.Schema); err != nil {
		return err
	}
	return f.checkGroups()
}

var errEncrypted = errors.New("is encrypted, which is not read")

// checkGroups holds row groups to the schema, and rows to the file's size.
func (f *File) checkGroups() error {
	var rows int64
	most := freeValues + valuesAByte*f.size
	for i, g := range f.meta.RowGroups {
		if len(g.Columns) != len(f.columns) {
			return fmt.Errorf("row group %d has %d columns, and the schema has %d", i, len(g.Columns), len(f.columns))
		}
		if g.NumRows < 0 || g.NumRows > most-rows {
			return fmt.Errorf("row group %d says that it has %d rows: too many for a file of %d bytes", i, g.NumRows, f.size)
		}
		rows += g.NumRows
		for j, c := range g.Columns {
			m := c.MetaData
			switch {
			case c.FilePath != "":
				return fmt.Errorf("row group %d has a column in another file, which is not read", i)
			case c.CryptoMetadata.Value != nil || c.EncryptedColumnMetadata != nil:
				return errEncrypted
			case m.Type != f.columns[j].physical:
				return fmt.Errorf("row group %d has column %s as %v, and the schema as %v", i, f.columns[j].Name, m.Type, f.columns[j].physical)
			case m.NumValues < 0 || m.NumValues > most || m.NumValues < g.NumRows || f.columns[j].Depth == 0 && m.NumValues != g.NumRows:
				return fmt.Errorf("row group %d says that column %s has %d values in %d rows", i, f.columns[j].Name, m.NumValues, g.NumRows)
			}
		}
	}
	if rows != f.meta.NumRows {
		return fmt.Errorf("its footer says that it has %d rows, and its row groups have %d", f.meta.NumRows, rows)
	}
	return nil
}

// extent is where the pages of a column chunk lie.
func (f *File) extent(m *format.ColumnMetaData) (from, length int64, err error) {
	from = m.DataPageOffset
	if d := m.DictionaryPageOffset; d > 0 && d < from {
		from = d
	}
	length = m.TotalCompressedSize
	if from < int64(len(magic)) || length < 0 || from > f.body || length > f.body-from || length > math.MaxInt64/2 {
		return 0, 0, fmt.Errorf("its pages are said to be the %d bytes at %d, and the file has %d before its footer", length, from, f.body)
	}
	return from, length, nil
}
