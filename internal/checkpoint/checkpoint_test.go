package checkpoint

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type header struct {
	Trial string `json:"trial"`
	Step  int    `json:"step"`
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write makes a file with a section of each kind and returns its path.
func write(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "a.ckpt")
	w, err := Create(path, header{"t1", 7})
	must(t, err)
	w.Floats("w", []int{2, 3}, []float32{1, 2, 3, 4}, []float32{5, float32(math.NaN())})
	w.FloatsFrom("best", []int{1}, bytes.NewReader([]byte{0, 0, 128, 63, 9}))
	w.Bytes("state", []byte("{}"))
	w.Floats("none", []int{0, 4})
	must(t, w.Close())
	return path
}

func opened(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func TestRoundTrip(t *testing.T) {
	f := opened(t, write(t, t.TempDir()))
	must(t, f.Verify())
	var h header
	must(t, f.Header(&h))
	if h != (header{"t1", 7}) {
		t.Errorf("header %+v", h)
	}
	var names []string
	for _, s := range f.Sections() {
		names = append(names, s.Name)
	}
	if !slices.Equal(names, []string{"w", "best", "state", "none"}) || f.Has("v") {
		t.Errorf("sections %q", names)
	}
	w, err := f.Floats("w")
	must(t, err)
	if !slices.Equal(w[:5], []float32{1, 2, 3, 4, 5}) || w[5] == w[5] {
		t.Errorf("w is %v", w)
	}
	a, b := make([]float32, 1), make([]float32, 5)
	must(t, f.ReadFloats("w", a, b))
	if a[0] != 1 || b[3] != 5 {
		t.Errorf("w in parts is %v, %v", a, b)
	}
	best, err := f.Floats("best")
	must(t, err)
	state, err := f.Bytes("state")
	must(t, err)
	if best[0] != 1 || string(state) != "{}" {
		t.Errorf("best %v, state %s", best, state)
	}
	if none, err := f.Floats("none"); err != nil || len(none) != 0 {
		t.Errorf("none is %v, %v", none, err)
	}
}

func TestWrongSection(t *testing.T) {
	f := opened(t, write(t, t.TempDir()))
	_, absent := f.Floats("v")
	_, kind := f.Bytes("w")
	for _, err := range []error{absent, kind, f.ReadFloats("w", make([]float32, 5)), f.Header(new(struct{ Trial string }))} {
		if err == nil || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "a.ckpt: ") {
			t.Errorf("got %v, want an error of the file that is none of damage", err)
		}
	}
}

// Every byte of a file is under a checksum: whichever is another, it is found; so is whatever is cut off or added.
func TestDamage(t *testing.T) {
	whole, err := os.ReadFile(write(t, t.TempDir()))
	must(t, err)
	check := func(b []byte) error {
		f, err := read("x", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return err
		}
		return f.Verify()
	}
	must(t, check(whole))
	for i := range whole {
		b := slices.Clone(whole)
		b[i] ^= 1 << (i % 8)
		if err := check(b); !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d is another: %v", i, err)
		}
	}
	for n := range whole {
		if err := check(whole[:n]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if err := check(append(slices.Clone(whole), 0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("a byte more: %v", err)
	}
}

func TestNewerVersion(t *testing.T) {
	b := preamble{0, align, 0}.bytes()
	b[8] = 2
	copy(b[60:], recrc(b))
	if _, err := read("x", bytes.NewReader(b), align); err == nil || err.Error() != "x: a checkpoint of version 2; this ctrlab knows version 1" {
		t.Errorf("%v", err)
	}
}

// Until Close, the name has what it had, and a writer that went wrong leaves nothing.
func TestInPlaceWhenWhole(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir)
	before, err := os.ReadFile(path)
	must(t, err)
	w, err := Create(path, header{"t2", 8})
	must(t, err)
	w.FloatsFrom("best", []int{2}, io.LimitReader(strings.NewReader("12345678"), 5))
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, before) {
		t.Error("the file changed before it was whole")
	}
	w.Bytes("state", nil)
	if err := w.Close(); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("got %v", err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); !reflect.DeepEqual(files, []string{path}) {
		t.Errorf("left: %q", files)
	}
	if _, err := Create(filepath.Join(dir, "no", "a.ckpt"), header{}); err == nil {
		t.Error("a file in a folder that is not there")
	}
}

func TestMisuse(t *testing.T) {
	for name, misuse := range map[string]func(w *Writer){
		"a name twice":   func(w *Writer) { w.Bytes("a", nil); w.Bytes("a", nil) },
		"no name":        func(w *Writer) { w.Bytes("", nil) },
		"another length": func(w *Writer) { w.Floats("a", []int{2}, []float32{1}) },
	} {
		w, err := Create(filepath.Join(t.TempDir(), "a.ckpt"), header{})
		must(t, err)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			misuse(w)
		}()
		w.file.Close()
	}
}
