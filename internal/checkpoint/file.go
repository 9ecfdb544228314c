package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// ErrDamaged is what errors wrap of files that are not as they were written.
var ErrDamaged = errors.New("damaged")

// File is a file that is open for reading: its structure is sound, its sections are checked as they are read.
type File struct {
	path     string
	r        io.ReaderAt
	close    func() error
	header   json.RawMessage
	sections []Section
	named    map[string]int
}

// Open opens a file. What it allocates is bounded by the file's size, whatever is in it.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: no regular file", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	file, err := read(path, f, info.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	file.close = f.Close
	return file, nil
}

// Close ends reading.
func (f *File) Close() error { return f.close() }

// Path is where the file is.
func (f *File) Path() string { return f.path }

func (f *File) damaged(format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", f.path, ErrDamaged, fmt.Sprintf(format, args...))
}

func read(path string, r io.ReaderAt, size int64) (*File, error) {
	f := &File{path: path, r: r, named: map[string]int{}}
	p, err := f.preamble(size)
	if err != nil {
		return nil, err
	}
	b := make([]byte, p.size)
	if _, err := r.ReadAt(b, p.at); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if crc32.Checksum(b, castagnoli) != p.crc {
		return nil, f.damaged("the head's checksum is another")
	}
	at, err := f.directory(b, p.at)
	if err != nil {
		return nil, f.damaged("the head: %v", err)
	}
	if at != p.at {
		return nil, f.damaged("sections end at %d and the head begins at %d", at, p.at)
	}
	return f, nil
}

func (f *File) preamble(size int64) (p preamble, err error) {
	b := make([]byte, align)
	if size < align {
		return p, f.damaged("%d bytes, fewer than a checkpoint has", size)
	}
	if _, err := f.r.ReadAt(b, 0); err != nil {
		return p, fmt.Errorf("%s: %w", f.path, err)
	}
	if string(b[:8]) != magic {
		return p, f.damaged("no checkpoint of ctrlab")
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != version && crc32.Checksum(b[:60], castagnoli) == binary.LittleEndian.Uint32(b[60:]) {
		return p, fmt.Errorf("%s: a checkpoint of version %d; this ctrlab knows version %d", f.path, v, version)
	}
	p = preamble{binary.LittleEndian.Uint32(b[12:]), int64(binary.LittleEndian.Uint64(b[16:])), int64(binary.LittleEndian.Uint64(b[24:]))}
	if !bytes.Equal(b, p.bytes()) {
		return p, f.damaged("the preamble's checksum is another")
	}
	if p.at < align || p.at > size || p.size != size-p.at || p.size > maxHead {
		return p, f.damaged("%d bytes, and the head has %d at %d", size, p.size, p.at)
	}
	return p, nil
}

// directory reads the head, a section at a time, so that none that cannot be costs memory; it returns where they end.
func (f *File) directory(b []byte, end int64) (at int64, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := tokens(d, json.Delim('{'), "header"); err != nil {
		return 0, err
	}
	if err := d.Decode(&f.header); err != nil {
		return 0, err
	}
	if err := tokens(d, "sections", json.Delim('[')); err != nil {
		return 0, err
	}
	for at = align; d.More(); {
		s := Section{at: at}
		if err := d.Decode(&s); err != nil {
			return 0, err
		}
		size, ok := s.size(end - at)
		if _, twice := f.named[s.Name]; twice || !ok || s.Name == "" || len(s.Shape) > maxDims {
			return 0, fmt.Errorf("section %d cannot be", len(f.sections))
		}
		f.named[s.Name] = len(f.sections)
		f.sections = append(f.sections, s)
		if at = filled(at + size); at > end {
			return 0, fmt.Errorf("section %d is longer than the file", len(f.sections)-1)
		}
	}
	if err := tokens(d, json.Delim(']'), json.Delim('}')); err != nil {
		return 0, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return 0, errors.New("something follows it")
	}
	return at, nil
}

func tokens(d *json.Decoder, want ...json.Token) error {
	for _, w := range want {
		if t, err := d.Token(); err != nil || t != w {
			return fmt.Errorf("want %v, not %v", w, t)
		}
	}
	return nil
}

// Header decodes what Create was given; keys that v does not have are an error.
func (f *File) Header(v any) error {
	d := json.NewDecoder(bytes.NewReader(f.header))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: its header: %w", f.path, err)
	}
	return nil
}

// Sections are those of the file, in its order.
func (f *File) Sections() []Section { return f.sections }

// Has says whether there is a section of a name.
func (f *File) Has(name string) bool { _, ok := f.named[name]; return ok }

func (f *File) find(name, kind string) (Section, error) {
	i, ok := f.named[name]
	if !ok || f.sections[i].Kind != kind {
		return Section{}, fmt.Errorf("%s: has no section %q of %s", f.path, name, kind)
	}
	return f.sections[i], nil
}

// Floats returns a section of numbers.
func (f *File) Floats(name string) ([]float32, error) {
	s, err := f.find(name, Float32)
	if err != nil {
		return nil, err
	}
	v := make([]float32, s.Len())
	return v, f.load(s, View(v))
}

// ReadFloats reads a section of numbers into the caller's memory, which may be in several parts; together they are as long.
func (f *File) ReadFloats(name string, parts ...[]float32) error {
	s, err := f.find(name, Float32)
	if err != nil {
		return err
	}
	n := 0
	var memory [][]byte
	for _, p := range parts {
		n += len(p)
		memory = append(memory, View(p))
	}
	if n != s.Len() {
		return fmt.Errorf("%s: section %q has %d numbers, want %d", f.path, name, s.Len(), n)
	}
	return f.load(s, memory...)
}

// Bytes returns a section of bytes.
func (f *File) Bytes(name string) ([]byte, error) {
	s, err := f.find(name, Bytes)
	if err != nil {
		return nil, err
	}
	b := make([]byte, s.Len())
	return b, f.load(s, b)
}

// Verify reads all sections and compares their checksums.
func (f *File) Verify() error {
	buf := make([]byte, chunk)
	for _, s := range f.sections {
		size, sum := filled(s.bytes()), uint32(0)
		for at := int64(0); at < size; at += chunk {
			b := buf[:min(size-at, chunk)]
			if _, err := f.r.ReadAt(b, s.at+at); err != nil {
				return fmt.Errorf("%s: %w", f.path, err)
			}
			sum = crc32.Update(sum, castagnoli, b)
		}
		if sum != s.CRC {
			return f.mismatch(s)
		}
	}
	return nil
}

func (f *File) mismatch(s Section) error { return f.damaged("the checksum of %q is another", s.Name) }

func (s Section) bytes() int64 { return width[s.Kind] * int64(s.Len()) }

// load fills memory, which is as long as the section, a chunk at a time.
func (f *File) load(s Section, memory ...[]byte) error {
	at, sum := s.at, uint32(0)
	rest := make([]byte, filled(s.bytes())-s.bytes())
	for _, b := range append(memory, rest) {
		for len(b) > 0 {
			c := b[:min(len(b), chunk)]
			if _, err := f.r.ReadAt(c, at); err != nil {
				return fmt.Errorf("%s: %w", f.path, err)
			}
			sum = crc32.Update(sum, castagnoli, c)
			at, b = at+int64(len(c)), b[len(c):]
		}
	}
	if sum != s.CRC {
		return f.mismatch(s)
	}
	return nil
}
