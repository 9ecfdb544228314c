package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// sniff looks at the first bytes before SQLite may touch the file. It leaves one alone that another Store of this process
// has open: to close any descriptor of a file lets go of all POSIX locks that the process has on it, SQLite's too.
func (s *Store) sniff() error {
	if stores.has(s.path) {
		return nil
	}
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return environment(err, "%s: cannot be read: %v", s.path, errors.Unwrap(err))
	}
	defer f.Close()
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	n, err := io.ReadFull(f, head)
	switch {
	case errors.Is(err, io.EOF): // empty: SQLite takes it for a new database, and so do we
		return nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return environment(err, "%s: cannot be read: %v", s.path, errors.Unwrap(err))
	case string(head[:n]) != magic:
		return environment(nil, "%s: not a SQLite database", s.path)
	}
	return nil
}

// stores are those that this process has open, by path without links.
var stores registry

type registry struct {
	mu   sync.Mutex
	open map[*Store]bool
}

func (r *registry) add(s *Store) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == nil {
		r.open = map[*Store]bool{}
	}
	r.open[s] = true
}

func (r *registry) remove(s *Store) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, s)
}

func (r *registry) has(path string) bool {
	home, err := filepath.EvalSymlinks(path)
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.open {
		if err == nil && s.home == home {
			return true
		}
	}
	return false
}
