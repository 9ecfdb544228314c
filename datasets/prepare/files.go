package prepare

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unsafe"
)

// number is what columns of the stage are made of, as the machine has it in memory: a stage is not for another one.
type number interface {
	int8 | int32 | uint32 | int64 | uint64 | float32 | first | place
}

func bytesOf[T number](v []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(T))))
}

// chunk is how many values are read, worked on and written at a time.
const chunk = 1 << 16

// reader reads a column from its beginning.
type reader[T number] struct {
	f   *os.File
	buf []T
}

func newReader[T number](path string) (*reader[T], error) {
	f, err := os.Open(path)
	return &reader[T]{f: f}, err
}

// next returns n values, or less at the end: then none are left. They are valid until the next.
func (r *reader[T]) next(n int) ([]T, error) {
	if cap(r.buf) < n {
		r.buf = make([]T, max(n, chunk))
	}
	read, err := io.ReadFull(r.f, bytesOf(r.buf[:n]))
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return r.buf[:read/int(unsafe.Sizeof(*new(T)))], err
}

func (r *reader[T]) close() { _ = r.f.Close() }

// writer appends to a column.
type writer struct {
	f    *os.File
	out  *bufio.Writer
	size int64 // of the file, with what is buffered
}

// appendTo opens a file cut to a size, or makes it.
func appendTo(path string, size int64, buffer int) (*writer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	err = f.Truncate(size)
	if err == nil {
		_, err = f.Seek(size, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &writer{f, bufio.NewWriterSize(f, buffer), size}, nil
}

func (w *writer) Write(b []byte) (int, error) {
	w.size += int64(len(b))
	return w.out.Write(b)
}

// sync makes what was written outlast the machine.
func (w *writer) sync() error {
	if err := w.out.Flush(); err != nil {
		return err
	}
	return w.f.Sync()
}

func (w *writer) close() error { return errors.Join(w.sync(), w.f.Close()) }

func put[T number](w *writer, v []T) error {
	_, err := w.Write(bytesOf(v))
	return err
}

// save writes JSON to a file in one step: it is there with all of it, or as it was.
func save(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		panic("prepare: what is no JSON")
	}
	f, err := os.Create(path + ".new") // whoever writes path holds a lock
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return outlast(filepath.Dir(path))
}

// outlast makes what was written to a file or a folder outlast the machine.
func outlast(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// load reads what save wrote; what is not there leaves v alone.
func load(path string, v any) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
