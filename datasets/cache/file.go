package cache

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"unsafe"

	"ctrlab/datasets/batch"
)

// File is an open cache. Its methods may be called from several goroutines at once; what they return after Close, or
// when the file has been cut off under them, is an error and no fault.
type File struct {
	name    string // for messages
	meta    Meta
	layout  *layout
	mapping mapping
	limits  limits
	windows [batch.Splits]sync.Pool // of *window

	mu     sync.RWMutex // held for reading the mapping
	closed bool
}

// Open opens a cache and verifies every byte of it. An error is fs.ErrNotExist where there is none, ErrDamaged where it
// is not whole, of another version, or has another key; an empty key takes any.
func Open(path, key string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := load(file, path, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, file.Close()))
	}
	if err := f.verify(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, f.Close()))
	}
	return f, nil
}

// load reads all but the sections.
func load(file *os.File, name, key string) (*File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	size := uint64(info.Size())
	start := make([]byte, min(size, uint64(headSize)))
	if _, err := file.ReadAt(start, 0); err != nil {
		return nil, err
	}
	h, err := readHead(start, size)
	if err != nil {
		return nil, err
	}
	end := make([]byte, size-h.Table)
	if _, err := file.ReadAt(end, int64(h.Table)); err != nil {
		return nil, err
	}
	columns, m, err := readTable(h, end)
	if err != nil {
		return nil, err
	}
	if key != "" && m.Key != key {
		return nil, damaged("its key is %q, want %q", m.Key, key)
	}
	l, err := newLayout(columns, &m, h.Table)
	if err != nil {
		return nil, err
	}
	return &File{name: name, meta: m, layout: l, limits: usual, mapping: mapping{file, mapped(file, info.Size())}}, nil
}

// verify reads every section, several at a time, without mapping it: one that is damaged is no fault, and pages read
// so do not count as the process's memory.
func (f *File) verify() error {
	type job struct {
		c *column
		s int
	}
	jobs := make(chan job)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			buffer := make([]byte, 256<<10)
			for j := range jobs {
				if errs[i] == nil {
					errs[i] = f.check(j.c, j.s, buffer)
				}
			}
		})
	}
	for _, c := range f.layout.all() {
		for s := range c.Sections {
			jobs <- job{c, s}
		}
	}
	close(jobs)
	all.Wait()
	return errors.Join(errs...)
}

func (f *File) check(c *column, s int, buffer []byte) error {
	crc, at := uint32(0), c.Sections[s].Offset
	end := at + padded(c.Sections[s].Count*uint64(c.Width))
	for at < end {
		b := buffer[:min(end-at, uint64(len(buffer)))]
		if _, err := f.mapping.file.ReadAt(b, int64(at)); err == io.EOF {
			return errShorter
		} else if err != nil {
			return err
		}
		crc, at = crc32.Update(crc, castagnoli, b), at+uint64(len(b))
	}
	if crc != c.Sections[s].CRC {
		return damaged("checksum of %v %d, %v", c.Kind, c.Of, batch.Split(s))
	}
	return nil
}

// Close lets go of the file, after reads that are under way.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	return f.mapping.close()
}

// guard runs what reads the mapping. A page that cannot be read, of a file that was cut off or of a disk that fails,
// is an error.
func (f *File) guard(read func() error) (err error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.closed {
		return fmt.Errorf("%s: %w", f.name, fs.ErrClosed)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			fault, ok := r.(interface{ Addr() uintptr })
			first := uintptr(unsafe.Pointer(unsafe.SliceData(f.mapping.data)))
			if !ok || fault.Addr()-first >= uintptr(len(f.mapping.data)) {
				panic(r)
			}
			err = damaged("a page of it cannot be read any more")
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", f.name, err)
		}
	}()
	return errors.Join(read(), f.mapping.whole())
}

func (f *File) release() {
	_ = f.guard(func() error {
		f.mapping.release()
		return nil
	})
}

// at returns the bytes of n values of a column from one on, all of which it must have.
func (f *File) at(c *column, s batch.Split, from, n int, scratch *[]byte) ([]byte, error) {
	f.mapping.want(c.span(s, from, n))
	return f.wanted(c, s, from, n, scratch)
}

// wanted is at of what was asked for before.
func (f *File) wanted(c *column, s batch.Split, from, n int, scratch *[]byte) ([]byte, error) {
	offset, length := c.span(s, from, n)
	return f.mapping.at(offset, length, scratch)
}

// span is where n values of a column are, from one on.
func (c *column) span(s batch.Split, from, n int) (offset, length uint64) {
	return c.Sections[s].Offset + uint64(from)*uint64(c.Width), uint64(n) * uint64(c.Width)
}

// Meta returns what the file says about itself.
func (f *File) Meta() Meta { return f.meta }

// Schema returns the schema of Batches.
func (f *File) Schema() batch.Schema { return f.meta.Schema }

// Rows returns the number of rows of a split.
func (f *File) Rows(s batch.Split) int { return f.meta.Rows[s] }

// Lookups returns the number of ids that a field has in a split.
func (f *File) Lookups(s batch.Split, field int) int64 {
	return int64(f.layout.ids[field].Sections[s].Count)
}

// Timed reports whether rows have times.
func (f *File) Timed() bool { return f.layout.time != nil }
