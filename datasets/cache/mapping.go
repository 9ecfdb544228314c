package cache

import (
	"io"
	"os"
)

// mapping is a file's content: mapped where the system can do so, else read piece by piece.
type mapping struct {
	file *os.File
	data []byte // nil where it is not mapped
}

var errShorter = damaged("it was made shorter while it was read")

// at returns n bytes from an offset, all inside the file: of the mapping, or read into scratch.
func (m *mapping) at(offset, n uint64, scratch *[]byte) ([]byte, error) {
	if m.data != nil {
		return m.data[offset:][:n], nil
	}
	if uint64(cap(*scratch)) < n {
		*scratch = make([]byte, n)
	}
	b := (*scratch)[:n]
	if _, err := m.file.ReadAt(b, int64(offset)); err == io.EOF {
		return nil, errShorter
	} else if err != nil {
		return nil, err
	}
	return b, nil
}

// whole says whether the file still is as long as what is mapped: up to the end of a page, zeros stand for what it lost.
func (m *mapping) whole() error {
	if m.data != nil && size(m.file) < int64(len(m.data)) {
		return errShorter
	}
	return nil
}

// want tells that bytes will be read soon.
func (m *mapping) want(offset, n uint64) {
	if m.data != nil && n > 0 {
		advise(m.data, offset, n, willNeed)
	}
}

// release takes pages out of the process's memory, which they would count as; they stay in the system's cache.
func (m *mapping) release() {
	if m.data != nil {
		advise(m.data, 0, uint64(len(m.data)), dontNeed)
	}
}

func (m *mapping) close() error {
	unmap(m.data)
	m.data = nil
	return m.file.Close()
}
