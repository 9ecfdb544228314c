package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"ctrlab/datasets/batch"
)

// Writer makes a cache: columns are declared, filled, and committed. Where sections lie follows from the order of
// declarations, so that files are the same, bit for bit, where that order is.
type Writer struct {
	file   *os.File
	path   string // of the file to be; empty for one that has no name and goes with the process
	key    string
	schema batch.Schema
	rows   [batch.Splits]int

	mu      sync.Mutex // of what follows
	end     uint64     // of the sections there are
	columns []*Column
}

// Create starts the file with a key in a folder, or a nameless one in the folder for temporary files where dir is
// empty. schema need not know the Rows of fields yet. A label is 0 or 1 where schema has no Rating.
func Create(dir, key string, schema batch.Schema, rows [batch.Splits]int) (*Writer, error) {
	schema.Sparse = slices.Clone(schema.Sparse)
	w := &Writer{key: key, schema: schema, rows: rows, end: uint64(headSize)}
	var err error
	if dir == "" {
		if w.file, err = os.CreateTemp("", "*.ctrlab"); err == nil {
			err = os.Remove(w.file.Name())
		}
	} else {
		w.path = Path(dir, key)
		w.file, err = reserve(dir, key)
	}
	if err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	return w, nil
}

const unfinished = ".tmp"

// reserve makes a file of a name that no other has and locks it, which tells others that it is being written, and
// removes what writers left that were killed.
func reserve(dir, key string) (*os.File, error) {
	for i := 0; ; i++ {
		name := fmt.Sprintf("%s.%d%s", Path(dir, key), i, unfinished)
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_EX) // where there are no locks, nobody sweeps either
		if current(f) {
			return f, sweep(dir)
		}
		_ = f.Close() // another's sweep took it before the lock came
	}
}

// sweep removes unfinished files of a folder that nobody holds.
func sweep(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.ctrlab.*"+unfinished))
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			continue // it is gone, or not ours
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil && current(f) {
			os.Remove(name)
		}
		f.Close()
	}
	return nil
}

// current says whether f still is the file of its name.
func current(f *os.File) bool {
	a, errA := f.Stat()
	b, errB := os.Stat(f.Name())
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// Label declares the labels.
func (w *Writer) Label() *Column {
	if w.schema.Rating == nil {
		return w.declare(labels, 0, 1, w.rowCounts())
	}
	return w.declare(labels, 0, 4, w.rowCounts())
}

// Time declares the times of rows, which a file may lack.
func (w *Writer) Time() *Column { return w.declare(times, 0, 8, w.rowCounts()) }

// Dense declares dense column i of the schema.
func (w *Writer) Dense(i int) *Column { return w.declare(dense, i, 4, w.rowCounts()) }

// Field declares field i of the schema, whose ids are below rows. lookups is how many ids each split has: as many as
// rows where the field is one-hot.
func (w *Writer) Field(i, rows int, lookups [batch.Splits]int64) *Column {
	field := &w.schema.Sparse[i]
	field.Rows = rows
	var counts [batch.Splits]uint64
	width := uint32(4)
	for s, n := range lookups {
		counts[s] = uint64(n)
		if n > 1<<32-1 {
			width = 8
		}
	}
	if !field.MultiHot && counts != w.rowCounts() {
		panic("cache: a one-hot field has not one id a row")
	}
	c := w.declare(ids, i, idWidth(rows), counts)
	c.rows = rows
	if field.MultiHot {
		c.ends = w.declare(ends, i, width, w.rowCounts())
	}
	return c
}

func (w *Writer) rowCounts() (counts [batch.Splits]uint64) {
	for s, n := range w.rows {
		counts[s] = uint64(n)
	}
	return counts
}

func (w *Writer) declare(k kind, of int, width uint32, counts [batch.Splits]uint64) *Column {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &Column{column: column{Kind: k, Of: uint32(of), Width: width}}
	for s, n := range counts {
		c.Sections[s] = section{Offset: w.end, Count: n}
		c.streams[s] = stream{file: w.file, at: w.end, left: n * uint64(width)}
		w.end += padded(n * uint64(width))
	}
	w.columns = append(w.columns, c)
	return c
}

// Commit completes the file, gives it its name, and opens it. m's Key, Schema and Rows are the Writer's; every column
// has to be full. After Commit, whatever it returns, the Writer is done.
func (w *Writer) Commit(m Meta) (*File, error) {
	m.Key, m.Schema, m.Rows = w.key, w.schema, w.rows
	f, err := w.commit(m)
	if err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	w.file = nil // it is f's
	return f, nil
}

func (w *Writer) commit(m Meta) (*File, error) {
	columns := make([]column, len(w.columns))
	for i, c := range w.columns {
		columns[i] = c.complete()
	}
	if _, err := newLayout(columns, &m, w.end); err != nil {
		panic("cache: columns are not those of the schema")
	}
	start, end, err := seal(columns, m, w.end)
	if err != nil {
		return nil, err
	}
	if _, err := w.file.WriteAt(end, int64(w.end)); err != nil {
		return nil, err
	}
	if _, err := w.file.WriteAt(start, 0); err != nil {
		return nil, err
	}
	name := "temporary cache"
	if w.path != "" {
		name = w.path
		if err := w.publish(); err != nil {
			return nil, err
		}
	}
	return load(w.file, name, w.key)
}

// publish renames the file when all of it is on disk.
func (w *Writer) publish() error {
	if err := w.file.Sync(); err != nil {
		return err
	}
	if err := os.Rename(w.file.Name(), w.path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(w.path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// Abort removes what was written. It does nothing after Commit.
func (w *Writer) Abort() error {
	if w.file == nil {
		return nil
	}
	err := w.file.Close()
	if w.path != "" {
		os.Remove(w.file.Name()) // which is gone where it has been renamed
	}
	w.file = nil
	return err
}
