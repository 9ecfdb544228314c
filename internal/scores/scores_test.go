package scores

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What comes back is what was kept, to the bit, and labels are there once for all trials.
func TestSaveAndOpen(t *testing.T) {
	dir := t.TempDir()
	s := Scores{Header: Header{Trial: "t1", Dataset: "d", Output: Logit, Rows: 3, Cluster: "user"},
		Score: []float32{1.5, float32(math.Copysign(0, -1)), -1e-30}, Label: []float32{1, 0, 0}, Cluster: []int32{7, -1, 7}}
	files, err := Save(dir, s)
	must(t, err)
	other := s
	other.Trial, other.Score = "t2", []float32{0, 0, 1}
	again, err := Save(dir, other)
	must(t, err)
	if files[0] != again[0] || files[0].Kind != "labels" || files[1].Path != filepath.Join("t1", "scores.bin") {
		t.Errorf("%+v and %+v", files, again)
	}
	got, err := Open(dir, "t1")
	must(t, err)
	s.Labels = files[0].Path
	if !reflect.DeepEqual(*got, s) || !math.Signbit(float64(got.Score[1])) {
		t.Errorf("%+v, want %+v", *got, s)
	}
	if l, _ := filepath.Glob(filepath.Join(dir, "*", "*")); len(l) != 3 {
		t.Error(l)
	}
}

// Any byte that is another is noticed, and so is any end that is missing.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s := Scores{Header: Header{Trial: "t", Output: Logit, Rows: 2}, Score: []float32{1, 2}, Label: []float32{1, 0}}
	files, err := Save(dir, s)
	must(t, err)
	path := filepath.Join(dir, files[1].Path)
	sound, err := os.ReadFile(path)
	must(t, err)
	for i := range sound {
		bad := slices.Clone(sound)
		bad[i] ^= 0x40
		must(t, os.WriteFile(path, bad, 0o666))
		if _, err := Open(dir, "t"); err == nil {
			t.Errorf("byte %d may be another", i)
		}
		must(t, os.WriteFile(path, sound[:i], 0o666))
		if _, err := Open(dir, "t"); err == nil {
			t.Errorf("the file may end after %d bytes", i)
		}
	}
}

func FuzzDecode(f *testing.F) {
	sound, err := encode(&Header{Trial: "t", Rows: 2}, []uint32{1, 2})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Fuzz(func(t *testing.T, content []byte) {
		var h Header
		if v, err := decode(content, &h); err == nil && len(v) != h.Rows {
			t.Errorf("%d numbers of %d rows", len(v), h.Rows)
		}
	})
}
