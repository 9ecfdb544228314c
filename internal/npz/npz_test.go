package npz

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func archive(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	w.Floats("embedding.user", []int{2, 3}, []float32{1, 2, 3, 4, 5, 0.1})
	w.Floats("linear.bias", []int{1}, []float32{-2.5})
	w.Floats("none", []int{0, 4}, nil)
	w.Text("config", `{"ä": 1}`)
	w.Text("empty", "")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The bytes that numpy.save of NumPy 1.26 writes for numpy.array([-2.5], "f4"): the format of version 1.0 in
// numpy.lib.format, up to a blank after the comma of a shape.
func TestFormat(t *testing.T) {
	b := archive(t)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("linear.bias.npy")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	want := "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"
	for len(want) < 127 {
		want += " "
	}
	if want += "\n\x00\x00\x20\xc0"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// NumPy reads what we write.
func TestNumPy(t *testing.T) {
	python := os.Getenv("CTRLAB_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import numpy").CombinedOutput(); err != nil {
		t.Skipf("%s does not import numpy (%v): %s", python, err, bytes.TrimSpace(out))
	}
	file := filepath.Join(t.TempDir(), "a.npz")
	if err := os.WriteFile(file, archive(t), 0o666); err != nil {
		t.Fatal(err)
	}
	const program = `
import numpy, sys
a = numpy.load(sys.argv[1])
print({n: (a[n].dtype.str, a[n].shape, a[n].tolist()) for n in a.files})
`
	out, err := exec.Command(python, "-c", program, file).CombinedOutput()
	const want = `{'embedding.user': ('<f4', (2, 3), [[1.0, 2.0, 3.0], [4.0, 5.0, 0.10000000149011612]]), ` +
		`'linear.bias': ('<f4', (1,), [-2.5]), 'none': ('<f4', (0, 4), []), ` +
		`'config': ('|S9', (), b'{"\xc3\xa4": 1}'), 'empty': ('|S1', (), b'')}` + "\n"
	if err != nil || string(out) != want {
		t.Errorf("NumPy says %s (%v), want %s", out, err, want)
	}
}
