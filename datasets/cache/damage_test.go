package cache

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
)

// small returns the bytes of a cache with a column of every kind.
func small(t testing.TB) []byte {
	t.Helper()
	dir := t.TempDir()
	w := write(t, dir, "key", mixed, true, [batch.Splits]table{draw(mixed, 9, 1), draw(mixed, 3, 2), draw(mixed, 0, 3)})
	check(t, w.Names(0, slices.Values([]string{"a", "", "b"})))
	f, err := w.Commit(Meta{Warnings: []string{"one"}})
	check(t, err)
	check(t, f.Close())
	return contents(t, Path(dir, "key"))
}

// open opens a file of some bytes.
func open(t testing.TB, b []byte, key string) (*File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(path, b, 0o600))
	return Open(path, key)
}

func TestEveryFlippedByteIsNoticed(t *testing.T) {
	b := small(t)
	path := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(path, b, 0o600))
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	check(t, err)
	defer file.Close()
	for i := range b {
		for _, flip := range []byte{1 << (i % 8), 0} {
			_, err := file.WriteAt([]byte{b[i] ^ flip}, int64(i))
			check(t, err)
			if flip == 0 {
				continue
			}
			if _, err := Open(path, "key"); !errors.Is(err, ErrDamaged) {
				t.Errorf("byte %d of %d is another: %v, want ErrDamaged", i, len(b), err)
			}
		}
	}
	f, err := Open(path, "key")
	check(t, err)
	check(t, f.Close())
}

func TestEveryOtherLengthIsNoticed(t *testing.T) {
	b := small(t)
	path := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(path, append(slices.Clone(b), 0), 0o600))
	for n := len(b) + 1; n >= 0; n-- {
		check(t, os.Truncate(path, int64(n)))
		f, err := Open(path, "key")
		if n == len(b) {
			check(t, err)
			check(t, f.Close())
		} else if !errors.Is(err, ErrDamaged) {
			t.Errorf("%d of %d bytes: %v, want ErrDamaged", n, len(b), err)
		}
	}
}

func TestOtherFiles(t *testing.T) {
	whole := small(t)
	newer := slices.Clone(whole)
	newer[8]++
	reseal(newer)
	for _, c := range []struct {
		name, key string
		bytes     []byte
		want      error
	}{
		{"its key", "key", whole, nil},
		{"any key", "", whole, nil},
		{"another key", "other", whole, ErrDamaged},
		{"a newer version", "key", newer, ErrDamaged},
		{"text", "key", []byte("1\t2\t3\n"), ErrDamaged},
		{"zeros", "key", make([]byte, 4096), ErrDamaged},
		{"nothing", "key", nil, ErrDamaged},
	} {
		f, err := open(t, c.bytes, c.key)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err == nil {
			check(t, f.Close())
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none"), "key"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v, want fs.ErrNotExist", err)
	}
}

// reseal makes the checksums of a file right again where they can be.
func reseal(b []byte) {
	if len(b) < headSize {
		return
	}
	var h head
	_, _ = binary.Decode(b, binary.LittleEndian, &h)
	if end := uint64(h.Columns) * uint64(columnSize); h.Table <= uint64(len(b)) && end <= uint64(len(b))-h.Table {
		for i := h.Table; i < h.Table+end; i += uint64(columnSize) {
			var c column
			_, _ = binary.Decode(b[i:], binary.LittleEndian, &c)
			for s := range c.Sections {
				o := &c.Sections[s]
				if size := padded(o.Count * uint64(c.Width)); o.Offset <= h.Table && size <= h.Table-o.Offset {
					o.CRC = checksum(b[o.Offset:][:size])
				}
			}
			_, _ = binary.Encode(b[i:], binary.LittleEndian, c)
		}
		binary.LittleEndian.PutUint32(b[32:], checksum(b[h.Table:]))
	}
	binary.LittleEndian.PutUint32(b[headSize-4:], checksum(b[:headSize-4]))
}

// Checksums are right and what they are of is not: whoever wrote it meant harm.
func TestHostileFiles(t *testing.T) {
	whole := small(t)
	table := binary.LittleEndian.Uint64(whole[16:])
	// The columns come in the order of write: ids of C1, ids and ends of tags, ids of C2 …, each of 88 bytes.
	at := func(column, section int) int { return int(table) + column*columnSize + 16 + 24*section }
	for _, c := range []struct {
		name  string
		where int
		value uint64
	}{
		{"a table far off", 16, 1 << 63},
		{"a table before the file's end", 16, 1<<64 - 64},
		{"4 billion columns", 12, 1<<64 - 1},
		{"a vast description", 24, 1 << 62},
		{"a column of no kind", int(table), 99},
		{"a column twice", int(table), uint64(labels)},
		{"a field that is not there", int(table) + 4, 1 << 40},
		{"values of no bytes", int(table) + 8, 0},
		{"values of 2³² bytes", int(table) + 8, 1<<32 - 1},
		{"a section before the head's end", at(0, 0), 0},
		{"a section on another", at(0, 1), 64},
		{"a section far off", at(0, 0), 1<<64 - 64},
		{"more values than the file has", at(0, 0) + 8, 1 << 61},
		{"a value less", at(0, 0) + 8, 8},
	} {
		b := slices.Clone(whole)
		binary.LittleEndian.PutUint64(b[c.where:], c.value)
		reseal(b)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := open(t, b, "key"); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", c.name, err)
		}
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 2<<20 {
			t.Errorf("%s: opening %d bytes allocates %d", c.name, len(b), after.TotalAlloc-before.TotalAlloc)
		}
	}
}

// What is wrong inside of columns is seen when they are read.
func TestHostileValues(t *testing.T) {
	whole := small(t)
	f, err := open(t, whole, "key")
	check(t, err)
	section := func(c *column) int { return int(c.Sections[batch.Train].Offset) }
	for _, c := range []struct {
		name  string
		where int
		value uint32
	}{
		{"a label of 2", section(f.layout.label), 2},
		{"an id of 2³¹−1 of 2³¹−1", section(f.layout.ids[5]), 1<<31 - 1},
		{"an id of 2³²−1", section(f.layout.ids[5]), 1<<32 - 1},
		{"a bag that ends before its beginning", section(f.layout.ends[4]) + 4, 0},
		{"a bag that ends after the last", section(f.layout.ends[1]), 1 << 30},
		{"an id in a bag of 65535 of 257", section(f.layout.ids[4]), 1<<16 - 1},
	} {
		b := slices.Clone(whole)
		if c.where == section(f.layout.label) {
			b[c.where] = byte(c.value)
		} else if c.where == section(f.layout.ids[4]) {
			binary.LittleEndian.PutUint16(b[c.where:], uint16(c.value))
		} else {
			if c.value == 0 {
				binary.LittleEndian.PutUint32(b[c.where-4:], 1)
			}
			binary.LittleEndian.PutUint32(b[c.where:], c.value)
		}
		reseal(b)
		f, err := open(t, b, "key")
		check(t, err)
		if err := readAll(f); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", c.name, err)
		}
		check(t, f.Close())
	}
	check(t, f.Close())
}

// readAll reads all that there is, and panics where it is not as its schema says.
func readAll(f *File) error {
	var errs []error
	m := f.Meta()
	note := func(err error) bool {
		errs = append(errs, err)
		return err == nil
	}
	for s := range batch.Splits {
		for number := range uint64(2) {
			for b, err := range f.Batches(s, 3, number) {
				if note(err) {
					inspect(m.Schema, b.Sparse, b.N)
				}
			}
		}
		for _, err := range f.Label(s) {
			note(err)
		}
		for i := range m.Schema.Dense {
			for _, err := range f.Dense(s, i) {
				note(err)
			}
		}
		if f.Timed() {
			for _, err := range f.Time(s) {
				note(err)
			}
		}
	}
	for i := range m.Schema.Sparse {
		for s := range batch.Splits {
			for _, err := range f.Field(s, i) {
				note(err)
			}
		}
		for id := range int32(130) {
			f.Name(i, id)
		}
	}
	return errors.Join(errs...)
}

func inspect(schema batch.Schema, bags []batch.Bags, rows int) {
	for f, field := range schema.Sparse {
		n := 0
		for row := range rows {
			bag := bags[f].Bag(row)
			n += len(bag)
			for _, id := range bag {
				if id < 0 || int(id) >= field.Rows {
					panic("an id outside of its table")
				}
			}
		}
		if n != len(bags[f].IDs) {
			panic("ids in no bag")
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(small(f))
	dir := f.TempDir()
	w := write(f, dir, "key", batch.Schema{Sparse: mixed.Sparse[1:2], Rating: &batch.Range{Max: 5}}, false,
		[batch.Splits]table{draw(batch.Schema{Sparse: mixed.Sparse[1:2], Rating: &batch.Range{Max: 5}}, 40, 1), draw(batch.Schema{Sparse: mixed.Sparse[1:2]}, 0, 1), draw(batch.Schema{Sparse: mixed.Sparse[1:2]}, 0, 1)})
	c, err := w.Commit(Meta{})
	check(f, err)
	check(f, c.Close())
	f.Add(contents(f, Path(dir, "key")))
	path := filepath.Join(f.TempDir(), "file")
	f.Fuzz(func(t *testing.T, b []byte) {
		b = slices.Clone(b)
		reseal(b)
		os.Remove(path) // to write over a file takes milliseconds in some file systems
		check(t, os.WriteFile(path, b, 0o600))
		c, err := Open(path, "")
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%v, want ErrDamaged", err)
			}
			return
		}
		c.limits = limits{rows: 8, bytes: 1 << 10, stream: 5, block: 2}
		if err := readAll(c); err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%v, want ErrDamaged", err)
		}
		check(t, c.Close())
	})
}
