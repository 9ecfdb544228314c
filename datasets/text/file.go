// Package text reads files of lines. Open unpacks, Read parses in parallel and keeps the file's order, and Bad is the
// account of rows that were malformed.
package text

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync/atomic"
)

// Limits bounds what a file may ask for; zero is the default of each.
type Limits struct {
	Line         int   // bytes of the longest line: 1 MiB
	Decompressed int64 // bytes of a compressed file's content: 64 MiB and 200 times what was read of the file
}

const (
	defaultLine = 1 << 20
	freeContent = 64 << 20 // text shrinks to a tenth, rarely to a fiftieth; deflate can make 1,000 bytes of one, zstd many more
	mostContent = 200
)

// File is the content of an opened file. Its methods but Read and Sum may be called while another goroutine reads.
type File struct {
	name    string
	regular bool
	size    int64
	limits  Limits
	lies    *counter
	close   func() error

	content io.Reader
	packing string // gzip, zstd or none
	length  int64
	sum     hash.Hash
	ended   bool
}

// Open opens a file, or standard input for "-", and unpacks it if it begins as gzip or zstd does.
func Open(path string, l Limits) (*File, error) {
	if path == "-" {
		return New("standard input", os.Stdin, l)
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := New(path, in, l)
	if err != nil {
		in.Close()
		return nil, err
	}
	f.close = in.Close
	if info, err := in.Stat(); err == nil && info.Mode().IsRegular() {
		f.regular, f.size = true, info.Size()
	}
	return f, nil
}

// New is Open of what in reads, which stays open.
func New(name string, in io.Reader, l Limits) (*File, error) {
	l.Line = cmp.Or(l.Line, defaultLine)
	f := &File{name: name, size: -1, limits: l, lies: &counter{in: in}, sum: sha256.New()}
	buffered := bufio.NewReaderSize(f.lies, 1<<16)
	if err := f.unpack(buffered); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// Name is the path, or what standard input is called in errors.
func (f *File) Name() string { return f.name }

// Size is the bytes of the file as it lies, -1 where that is unknown.
func (f *File) Size() int64 { return f.size }

// Done is how many of them were read.
func (f *File) Done() int64 { return f.lies.n.Load() }

// Sum is the SHA-256 of the content, once Read has given io.EOF.
func (f *File) Sum() (sum [sha256.Size]byte) {
	if !f.ended {
		panic("text: the sum of a file that was not read to its end")
	}
	f.sum.Sum(sum[:0])
	return sum
}

// Close closes what Open opened.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

func (f *File) Read(p []byte) (int, error) {
	n, err := f.content.Read(p)
	f.sum.Write(p[:n])
	f.length += int64(n)
	f.ended = err == io.EOF
	if err != nil && err != io.EOF {
		return n, f.explain(err)
	}
	if most := f.most(); f.packing != "" && f.length > most {
		return max(0, n-int(f.length-most)), fmt.Errorf("the content of the %s file is larger than %d bytes: it is not text that was packed", f.packing, most)
	}
	return n, err
}

func (f *File) most() int64 { return cmp.Or(f.limits.Decompressed, freeContent+mostContent*f.Done()) }

// explain says whether a compressed file or the reading of it is at fault.
func (f *File) explain(err error) error {
	switch {
	case f.packing == "" || f.lies.err != nil:
		return fmt.Errorf("reading: %w", cmp.Or(f.lies.err, err))
	case errors.Is(err, errBehind):
		return fmt.Errorf("the gzip file has bytes behind its end that are no gzip")
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return fmt.Errorf("the %s file is cut off: %w", f.packing, err)
	}
	return fmt.Errorf("the %s file is damaged: %w", f.packing, err)
}

// counter counts what is read and keeps the error that ended it.
type counter struct {
	in  io.Reader
	n   atomic.Int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n.Add(int64(n))
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
