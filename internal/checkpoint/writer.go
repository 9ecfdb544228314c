package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// Part is the ending of files that are not whole: what a process leaves that is killed while it writes.
const Part = ".part"

// chunk is how many bytes are summed and written at a time: they stay in the caches in between.
const chunk = 1 << 20

// Writer writes a file beside its name. Sections are written as they come, from the caller's memory. The first error stays,
// what follows does nothing, and Close returns it.
type Writer struct {
	path string
	file *os.File
	head head
	at   int64
	sum  uint32 // of the section under way
	err  error
	buf  []byte
	has  map[string]bool
}

// Create begins a file. header, which must be fit for JSON, is what (*File).Header returns.
func Create(path string, header any) (*Writer, error) {
	b, err := json.Marshal(header)
	if err != nil {
		return nil, fmt.Errorf("%s: its header: %w", path, err)
	}
	dir, name := filepath.Split(path)
	f, err := os.CreateTemp(filepath.Clean(dir), name+".*"+Part)
	if err != nil {
		return nil, err
	}
	w := &Writer{path: path, file: f, head: head{Header: b, Sections: []Section{}}, has: map[string]bool{}}
	w.write(make([]byte, align)) // in place of the preamble: without one the file is none
	return w, nil
}

// Floats writes a section of numbers, which may lie in several parts; together they fill the shape.
func (w *Writer) Floats(name string, shape []int, parts ...[]float32) {
	w.begin(Section{Name: name, Kind: Float32, Shape: shape})
	n := 0
	for _, p := range parts {
		w.write(View(p))
		n += len(p)
	}
	w.end(int64(4 * n))
}

// FloatsFrom writes a section of numbers that r has as bytes.
func (w *Writer) FloatsFrom(name string, shape []int, r io.Reader) {
	w.begin(Section{Name: name, Kind: Float32, Shape: shape})
	if w.buf == nil {
		w.buf = make([]byte, chunk)
	}
	s := w.section()
	for left := int64(4 * s.Len()); left > 0 && w.err == nil; {
		b := w.buf[:min(left, chunk)]
		if _, err := io.ReadFull(r, b); err != nil {
			w.err = err
			return
		}
		w.write(b)
		left -= int64(len(b))
	}
	w.end(int64(4 * s.Len()))
}

// Bytes writes a section of bytes.
func (w *Writer) Bytes(name string, b []byte) {
	w.begin(Section{Name: name, Kind: Bytes, Shape: []int{len(b)}})
	w.write(b)
	w.end(int64(len(b)))
}

func (w *Writer) section() *Section { return &w.head.Sections[len(w.head.Sections)-1] }

func (w *Writer) begin(s Section) {
	if w.has[s.Name] || s.Name == "" {
		panic("checkpoint: a section without a name of its own")
	}
	w.has[s.Name] = true
	w.head.Sections = append(w.head.Sections, s)
	w.sum = 0
}

// end closes a section of so many bytes.
func (w *Writer) end(size int64) {
	s := w.section()
	if want, ok := s.size(size); !ok || want != size || len(s.Shape) > maxDims {
		panic("checkpoint: a section is not of its shape")
	}
	w.write(make([]byte, filled(w.at)-w.at))
	s.CRC = w.sum
}

func (w *Writer) write(b []byte) {
	for len(b) > 0 && w.err == nil {
		c := b[:min(len(b), chunk)]
		w.sum = crc32.Update(w.sum, castagnoli, c)
		_, w.err = w.file.Write(c)
		w.at, b = w.at+int64(len(c)), b[len(c):]
	}
}

// Close ends the file, waits until the disk has it, and gives it its name. After an error nothing is left of it.
func (w *Writer) Close() error {
	w.finish()
	if err := w.file.Close(); w.err == nil {
		w.err = err
	}
	if w.err == nil {
		w.err = os.Rename(w.file.Name(), w.path)
	}
	if w.err != nil {
		_ = os.Remove(w.file.Name())
		return fmt.Errorf("%s: %w", w.path, cause(w.err))
	}
	return syncDir(filepath.Dir(w.path))
}

// finish writes head and preamble.
func (w *Writer) finish() {
	b, err := json.Marshal(w.head)
	if w.err == nil {
		w.err = err
	}
	if len(b) > maxHead && w.err == nil {
		w.err = errors.New("its header is too large")
	}
	p := preamble{crc32.Checksum(b, castagnoli), w.at, int64(len(b))}
	w.write(b)
	if w.err == nil {
		_, w.err = w.file.WriteAt(p.bytes(), 0)
	}
	if w.err == nil {
		w.err = w.file.Chmod(0o644)
	}
	if w.err == nil {
		w.err = w.file.Sync()
	}
}

// cause is err without the name of the file that is not whole.
func cause(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
