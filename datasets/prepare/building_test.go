package prepare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const fewRows = 3000

// counted counts how often Inputs are read.
func counted(j Job, reads *atomic.Int32) Job {
	for i := range j.Inputs {
		read := j.Inputs[i].Read
		j.Inputs[i].Read = func(ctx context.Context, r Reading) (string, error) {
			reads.Add(1)
			return read(ctx, r)
		}
	}
	return j
}

// age makes files old enough for the index.
func age(t *testing.T, j Job, by time.Duration) {
	t.Helper()
	for _, in := range j.Inputs {
		then := time.Now().Add(-by)
		if err := os.Chtimes(in.Path, then, then); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFilesAreReadOnce(t *testing.T) {
	var reads atomic.Int32
	dir := t.TempDir()
	j := counted(job(t, dir, fewRows), &reads)
	expect := func(what string, want int32) {
		t.Helper()
		build(t, j)
		if n := reads.Swap(0); n != want {
			t.Errorf("%s: %d files were read, want %d", what, n, want)
		}
	}
	age(t, j, time.Minute)
	expect("at first", 3)
	expect("again", 0)
	j.Fields[0].MinCount = 7
	expect("with another recipe", 3)
	age(t, j, time.Hour)
	expect("with other times of the same content", 3)
	expect("again", 0)
	age(t, j, time.Second)
	expect("just after a change", 3)
	expect("just after a change, again", 3)

	list, _ := filepath.Glob(j.Dir + "/*.ctrlab")
	if len(list) != 2 {
		t.Errorf("there are %d caches, want one a recipe", len(list))
	}
}

func TestDamagedCacheIsMadeAnew(t *testing.T) {
	j := job(t, t.TempDir(), fewRows)
	age(t, j, time.Minute)
	build(t, j)
	want := bytesIn(t, j.Dir)
	list, _ := filepath.Glob(j.Dir + "/*.ctrlab")
	b := append([]byte(nil), want...)
	b[len(b)/2] ^= 1
	if err := os.WriteFile(list[0], b, 0o644); err != nil {
		t.Fatal(err)
	}
	var told []string
	j.Tell = func(text string) { told = append(told, text) }
	build(t, j)
	if string(bytesIn(t, j.Dir)) != string(want) {
		t.Error("the cache is another")
	}
	if len(told) != 1 || !strings.HasPrefix(told[0], list[0]+": damaged cache: checksum of ") || !strings.HasSuffix(told[0], "; it is made anew") {
		t.Errorf("told %q", told)
	}
	if build(t, j); len(told) != 1 {
		t.Errorf("told again: %q", told)
	}
}

// Of several that want the same cache one makes it, and the others wait.
func TestTogether(t *testing.T) {
	var reads atomic.Int32
	j := counted(job(t, t.TempDir(), fewRows), &reads)
	age(t, j, time.Minute)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { build(t, j) })
	}
	all.Wait()
	if reads.Load() != 3 {
		t.Errorf("%d files were read, want 3", reads.Load())
	}
	bytesIn(t, j.Dir)
}

// What was read before a Build was broken off is not read again; a Build that failed leaves nothing.
func TestGoesOn(t *testing.T) {
	var reads atomic.Int32
	dir := t.TempDir()
	j := counted(job(t, dir, fewRows), &reads)
	ctx, cancel := context.WithCancel(t.Context())
	read := j.Inputs[2].Read
	j.Inputs[2].Read = func(c context.Context, r Reading) (string, error) {
		if err := r.Emit(draw(9, 100), 0); err != nil { // to be forgotten
			return "", err
		}
		cancel()
		return read(c, r)
	}
	if _, err := Build(ctx, j); !errors.Is(err, context.Canceled) {
		t.Fatalf("the error is %v, want that of the context", err)
	}
	j.Inputs[2].Read = read
	if reads.Store(0); len(build(t, j).Meta().Notes) == 0 || reads.Load() != 1 {
		t.Errorf("%d files were read, want the one that had not been", reads.Load())
	}
	other := job(t, t.TempDir(), fewRows)
	build(t, other)
	if string(bytesIn(t, j.Dir)) != string(bytesIn(t, other.Dir)) {
		t.Error("the cache is another")
	}

	j.Recipe = "another"
	j.Inputs[1].Read = func(context.Context, Reading) (string, error) { return "", errors.New("no luck") }
	if _, err := Build(t.Context(), j); err == nil || err.Error() != "no luck" {
		t.Fatalf("the error is %v, want the reader's", err)
	}
	bytesIn(t, j.Dir)
}

func TestChangeWhileReading(t *testing.T) {
	j := job(t, t.TempDir(), fewRows)
	read := j.Inputs[0].Read
	j.Inputs[0].Read = func(ctx context.Context, r Reading) (string, error) {
		if err := os.WriteFile(j.Inputs[0].Path, []byte("more than there was"), 0o644); err != nil {
			return "", err
		}
		return read(ctx, r)
	}
	if _, err := Build(t.Context(), j); err == nil || err.Error() != "input1 changed while it was read" {
		t.Errorf("the error is %v", err)
	}
}

// Without a folder, and from what is no file, nothing stays but what was asked for.
func TestNothingStays(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	j := job(t, t.TempDir(), fewRows)
	j.Inputs[1].Path = ""
	build(t, j)
	bytesIn(t, j.Dir)
	j.Dir = ""
	build(t, j)
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Errorf("%v stays", list)
	}
}

func TestBadRows(t *testing.T) {
	j := job(t, t.TempDir(), fewRows)
	j.MaxBad = 2
	for i := range j.Inputs {
		read := j.Inputs[i].Read
		j.Inputs[i].Read = func(ctx context.Context, r Reading) (string, error) {
			first := r.Bad.First()
			if first == nil {
				first = fmt.Errorf("%s:7: no row", j.Inputs[i].Name)
			}
			r.Bad.Restore(r.Bad.Count()+1, first) // what text.Read does
			if _, err := fmt.Fprintf(r.Bad.Keep, "%s\n", j.Inputs[i].Name); err != nil {
				return "", err
			}
			return read(ctx, r)
		}
	}
	file := build(t, j)
	notes, _ := NotesOf(file.Meta())
	if file.Meta().BadRows != 3 || notes.FirstBad != "input1:7: no row" {
		t.Errorf("%d rows are bad, the first: %q; want 3 and that of input1", file.Meta().BadRows, notes.FirstBad)
	}
	kept, err := os.ReadFile(BadRows(j.Dir, file.Meta().Key))
	if string(kept) != "input1\ninput2\ninput3\n" {
		t.Errorf("kept are %q (%v), want a line of each input", kept, err)
	}
}

// A stage of somebody who never came back is removed, one in use or young is not.
func TestSweep(t *testing.T) {
	j := job(t, t.TempDir(), fewRows)
	if err := os.MkdirAll(j.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-stale - time.Minute)
	for name, then := range map[string]time.Time{"old": old, "used": old, "young": time.Now()} {
		path := filepath.Join(j.Dir, stagePrefix+name)
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+".lock", nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path+".lock", then, then); err != nil {
			t.Fatal(err)
		}
	}
	l, err := acquire(t.Context(), filepath.Join(j.Dir, stagePrefix+"used.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.release()
	build(t, j)
	list, _ := filepath.Glob(filepath.Join(j.Dir, stagePrefix+"*"))
	var left []string
	for _, path := range list {
		left = append(left, strings.TrimPrefix(filepath.Base(path), stagePrefix))
	}
	if got := strings.Join(left, " "); got != "used used.lock young young.lock" {
		t.Errorf("left are %s, want used and young", got)
	}
}

func TestWaiting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	l, err := acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := acquire(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want that of the context", err)
	}
	l.release()
	again, err := acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	again.release()
}

// A table never takes more than it may, and has all of what is in its range.
func TestTableKeepsToItsMemory(t *testing.T) {
	const memory, n = 1 << 16, 100000
	seen := 0
	for lo, passes := uint64(0), 0; ; passes++ {
		tab := newTable(lo, memory)
		for i := range uint64(2 * n) {
			if h := hash(i / 2); tab.within(h) {
				tab.add(i/2, h, 0)
			}
			if len(tab.slots)*slotBytes > memory {
				t.Fatalf("%d slots are more than %d bytes", len(tab.slots), memory)
			}
		}
		for _, at := range tab.inOrder() {
			if tab.slots[at].count() != 2 {
				t.Fatalf("key %d was counted %d times, want 2", tab.slots[at].key, tab.slots[at].count())
			}
		}
		seen += tab.keys
		if lo = tab.hi + 1; lo == 0 {
			if passes < 50 {
				t.Errorf("%d passes were enough", passes+1)
			}
			break
		}
	}
	if seen != n {
		t.Errorf("all passes have %d keys, want %d", seen, n)
	}
}
