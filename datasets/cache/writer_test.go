package cache

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"ctrlab/datasets/batch"
)

var three = [batch.Splits]table{draw(mixed, 2000, 1), draw(mixed, 30, 2), draw(mixed, 4, 3)}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// Two processes build what has one key: both get it, and it is the same.
func TestTwoWritersOfOneKey(t *testing.T) {
	dir := t.TempDir()
	first, second := write(t, dir, "key", mixed, true, three), write(t, dir, "key", mixed, true, three)
	a, err := first.Commit(Meta{})
	check(t, err)
	defer a.Close()
	before := contents(t, Path(dir, "key"))
	b, err := second.Commit(Meta{})
	check(t, err)
	defer b.Close()
	if !bytes.Equal(contents(t, Path(dir, "key")), before) {
		t.Error("the same rows made another file")
	}
	for _, f := range []*File{a, b} {
		if got := read(t, f, batch.Train, 100, 0); !slices.Equal(got, three[batch.Train].rows()) {
			t.Error("a file that another has replaced has other rows")
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"key.ctrlab"}) {
		t.Errorf("%v are left", got)
	}
}

func TestManyWritersAtOnce(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			f, err := write(t, dir, "key", mixed, true, three).Commit(Meta{})
			check(t, err)
			check(t, f.Close())
		})
	}
	all.Wait()
	if got := names(t, dir); !slices.Equal(got, []string{"key.ctrlab"}) {
		t.Errorf("%v are left", got)
	}
	f, err := Open(Path(dir, "key"), "key")
	check(t, err)
	check(t, f.Close())
}

// A process that is killed leaves an unfinished file, which nobody opens; the next writer removes it, and leaves alone one
// that is being written.
func TestKilledWriter(t *testing.T) {
	dir := t.TempDir()
	killed := write(t, dir, "key", mixed, true, three)
	check(t, killed.file.Close()) // with which its lock goes
	if _, err := Open(Path(dir, "key"), "key"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unfinished file: %v, want fs.ErrNotExist", err)
	}
	if _, err := Open(killed.file.Name(), "key"); !errors.Is(err, ErrDamaged) {
		t.Errorf("an unfinished file: %v, want ErrDamaged", err)
	}
	alive := write(t, dir, "other", mixed, true, three)
	f, err := write(t, dir, "key", mixed, true, three).Commit(Meta{})
	check(t, err)
	check(t, f.Close())
	if got, want := names(t, dir), []string{"key.ctrlab", "other.ctrlab.0.tmp"}; !slices.Equal(got, want) {
		t.Errorf("%v are left, want %v", got, want)
	}
	f, err = alive.Commit(Meta{})
	check(t, err)
	check(t, f.Close())
}

func TestCommitReplacesWhatIsDamaged(t *testing.T) {
	dir := t.TempDir()
	check(t, os.WriteFile(Path(dir, "key"), []byte("no cache"), 0o600))
	f, err := write(t, dir, "key", mixed, true, three).Commit(Meta{})
	check(t, err)
	check(t, f.Close())
	f, err = Open(Path(dir, "key"), "key")
	check(t, err)
	check(t, f.Close())
}

func TestAbort(t *testing.T) {
	dir := t.TempDir()
	w := write(t, dir, "key", mixed, true, three)
	check(t, w.Abort())
	check(t, w.Abort())
	if got := names(t, dir); got != nil {
		t.Errorf("%v are left", got)
	}
	w = write(t, dir, "key", mixed, true, three)
	f, err := w.Commit(Meta{})
	check(t, err)
	check(t, w.Abort())
	if got := read(t, f, batch.Valid, 7, 0); !slices.Equal(got, three[batch.Valid].rows()) {
		t.Error("Abort after Commit changed rows")
	}
	check(t, f.Close())
}

func TestTemporary(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	w := write(t, "", "key", mixed, true, three)
	f, err := w.Commit(Meta{})
	check(t, err)
	defer f.Close()
	if got := names(t, os.TempDir()); got != nil {
		t.Errorf("%v are in the folder for temporary files", got)
	}
	if got := read(t, f, batch.Test, 7, 0); !slices.Equal(got, three[batch.Test].rows()) {
		t.Error("a temporary file has other rows")
	}
}

func TestCreateWhereNothingCanBe(t *testing.T) {
	if _, err := Create(filepath.Join(t.TempDir(), "none"), "key", mixed, [batch.Splits]int{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want fs.ErrNotExist", err)
	}
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no device is always full here: %v", err)
	}
	w, err := Create(t.TempDir(), "key", mixed, [batch.Splits]int{100_000})
	check(t, err)
	defer w.Abort()
	file := w.file
	w.file = full
	c := w.Dense(0)
	w.file = file
	if err := c.Floats(batch.Train, make([]float32, 100_000)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk: %v, want ENOSPC", err)
	}
	check(t, full.Close())
}

func TestMisusePanics(t *testing.T) {
	w, err := Create(t.TempDir(), "key", mixed, [batch.Splits]int{2, 0, 0})
	check(t, err)
	defer w.Abort()
	two := [batch.Splits]int64{2}
	lacking, err := Create(t.TempDir(), "key", mixed, [batch.Splits]int{})
	check(t, err)
	defer lacking.Abort()
	for _, c := range []struct {
		want string
		do   func()
	}{
		{"cache: a batch has no rows", func() { new(File).Batches(batch.Train, 0, 0) }},
		{"cache: a column has more values than rows", func() { w.Dense(0).Floats(batch.Train, make([]float32, 3)) }},
		{"cache: a label is neither 0 nor 1", func() { w.Label().Floats(batch.Train, []float32{0.5}) }},
		{"cache: an id is not below the rows of its table", func() { w.Field(0, 2, two).IDs(batch.Train, []int32{2}) }},
		{"cache: a one-hot field has not one id a row", func() { w.Field(0, 2, [batch.Splits]int64{1}) }},
		{"cache: floats for a column of integers", func() { w.Time().Floats(batch.Train, []float32{1}) }},
		{"cache: times for another column", func() { w.Dense(0).Times(batch.Train, []int64{1}) }},
		{"cache: single ids for another column", func() { w.Field(1, 2, two).IDs(batch.Train, []int32{1}) }},
		{"cache: bags for another column", func() { w.Field(0, 2, two).Bags(batch.Train, []int32{1}, []int32{1}) }},
		{"cache: lengths of bags do not sum to their ids", func() { w.Field(1, 2, two).Bags(batch.Train, []int32{1}, nil) }},
		{"cache: more names than ids", func() { w.Field(0, 1, two); w.Names(0, slices.Values([]string{"a", "b"})) }},
		{"cache: a column is not full", func() { w.Commit(Meta{}) }},
		{"cache: columns are not those of the schema", func() { lacking.Commit(Meta{}) }},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panics with %v, want %s", got, c.want)
				}
			}()
			c.do()
		}()
	}
}
