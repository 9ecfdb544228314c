package cache

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"ctrlab/datasets/batch"
)

var narrow = limits{rows: 256, bytes: 1 << 20, stream: 64, block: 8}

func one(t testing.TB, rows int) *File {
	t.Helper()
	return made(t, mixed, true, [batch.Splits]table{draw(mixed, rows, 1), draw(mixed, 0, 0), draw(mixed, 0, 0)})
}

func TestAnyConcurrencyReadsTheSame(t *testing.T) {
	f := one(t, 3000)
	f.limits = narrow
	var want [4][]string
	for number := range want {
		want[number] = read(t, f, batch.Train, 100, uint64(number))
	}
	for _, threads := range []int{1, 7} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				number := i % len(want)
				if got := read(t, f, batch.Train, 1+99*(i%2)*i, uint64(number)); !slices.Equal(got, want[number]) {
					t.Errorf("order %d is another on %d threads", number, threads)
				}
			})
		}
		all.Wait()
	}
}

func TestReadsWithoutMapping(t *testing.T) {
	f := one(t, 3000)
	f.limits = narrow
	mapped := read(t, f, batch.Train, 100, 5)
	times := collect(t, f.Time(batch.Train))
	unmap(f.mapping.data)
	f.mapping.data = nil
	if !slices.Equal(read(t, f, batch.Train, 100, 5), mapped) || !slices.Equal(collect(t, f.Time(batch.Train)), times) {
		t.Error("plain reads give other rows")
	}
}

// Rows of one block are neighbours in the file; of the 8749 pairs of them, each stays together in a window of 256 rows
// with probability 2/256: 68, sd 8.
func TestWindowsMixTheirRows(t *testing.T) {
	f := one(t, 10_000)
	f.limits = narrow
	var numbers []float32
	for b, err := range f.Batches(batch.Train, 77, 9) {
		check(t, err)
		for i := range b.N {
			numbers = append(numbers, b.Dense[2*i])
		}
	}
	together, far := 0, 0
	for i := range numbers[1:] {
		switch d := numbers[i+1] - numbers[i]; {
		case d == 1 || d == -1:
			together++
		case d > 1000 || d < -1000:
			far++
		}
	}
	if together > 130 {
		t.Errorf("%d neighbours stayed together, want about 68", together)
	}
	if far < 7500 { // two places of 10,000 are within 1000 with probability 0.19
		t.Errorf("%d neighbours came from far away, want about 8100", far)
	}
}

// Recorded when Version was 1; what changes them is another Version.
func TestVersion1Stays(t *testing.T) {
	if sum := fmt.Sprintf("%x", sha256.Sum256(small(t))); sum != "aeaf5db2d28f19c9f6f1fa53817dc1b32d14eb5dabe1be948b7f4174ece2d638" {
		t.Errorf("the file's SHA-256 is %s", sum)
	}
	f := one(t, 1000)
	f.limits = narrow
	var numbers []float32
	for b, err := range f.Batches(batch.Train, 8, 1) {
		check(t, err)
		numbers = append(numbers, b.Dense[0], b.Dense[2])
	}
	if got := fmt.Sprint(numbers[:8]); got != "[503 533 311 114 728 710 619 867]" {
		t.Errorf("order 1 begins with %s", got)
	}
}

// After a while, that is: bags grow to the longest that come together.
func TestBatchesAllocateNothing(t *testing.T) {
	f := one(t, 20_000)
	f.limits = narrow
	for _, number := range []uint64{0, 1} {
		next, stop := iter.Pull2(f.Batches(batch.Train, 16, number))
		for range 500 {
			next()
		}
		if n := testing.AllocsPerRun(500, func() { next() }); n > 0 {
			t.Errorf("order %d: %g allocations a batch", number, n)
		}
		stop()
	}
}

// A bubble fails where a goroutine is left behind.
func TestBreakEndsTheGoroutine(t *testing.T) {
	f := one(t, 3000)
	f.limits = narrow
	for _, after := range []int{1, 3, 100} {
		synctest.Test(t, func(t *testing.T) {
			for b, err := range f.Batches(batch.Train, 50, 3) {
				check(t, err)
				if after--; b.N == 0 || after == 0 {
					break
				}
			}
		})
	}
}

func TestWalksCanBeRepeated(t *testing.T) {
	f := one(t, 3000)
	f.limits = narrow
	walk, rows := f.Batches(batch.Train, 50, 3), 0
	for range 2 {
		for b, err := range walk {
			check(t, err)
			rows += b.N
			for inner, err := range walk {
				check(t, err)
				if &inner.Label[0] == &b.Label[0] {
					t.Fatal("two walks share a batch")
				}
				break
			}
		}
	}
	if rows != 6000 {
		t.Errorf("two walks of 3000 rows have %d", rows)
	}
}

func TestFileIsCutOffWhileItIsRead(t *testing.T) {
	for _, length := range []int64{0, 64, 40_000, -1} {
		dir := t.TempDir()
		w := write(t, dir, "key", mixed, true, [batch.Splits]table{draw(mixed, 3000, 1), draw(mixed, 0, 0), draw(mixed, 0, 0)})
		f, err := w.Commit(Meta{})
		check(t, err)
		f.limits = narrow
		if length < 0 {
			length += int64(len(contents(t, Path(dir, "key"))))
		}
		rows := 0
		for b, e := range f.Batches(batch.Train, 10, 1) {
			if err = e; err != nil {
				break
			}
			if rows += b.N; rows == 10 {
				check(t, os.Truncate(Path(dir, "key"), length))
			}
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("cut off to %d bytes: %d rows, then %v, want ErrDamaged", length, rows, err)
		}
		for _, err := range f.Label(batch.Train) {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("labels of a file cut off to %d bytes: %v, want ErrDamaged", length, err)
			}
		}
		check(t, f.Close())
	}
}

func TestCloseWhileItIsRead(t *testing.T) {
	f := one(t, 3000)
	f.limits = narrow
	var last error
	for _, err := range f.Batches(batch.Train, 10, 1) {
		check(t, f.Close())
		last = err
	}
	if !errors.Is(last, fs.ErrClosed) {
		t.Errorf("reading ends with %v, want fs.ErrClosed", last)
	}
	if name, named := f.Name(0, 0); named {
		t.Errorf("a closed file has the name %q", name)
	}
}
