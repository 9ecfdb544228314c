package datasets

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/prepare"
)

func openIn(t *testing.T, env Env, change func(*Criteo)) Source {
	t.Helper()
	o := criteoDefaults()
	change(&o)
	s, err := openCriteo(t.Context(), env, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A cache is opened instead of the text; of the text alone one is made that has the same rows.
func TestPreparedOnce(t *testing.T) {
	dir := folder(t, map[string]string{"day.tsv": strings.Repeat(criteoRow("0", "7")+criteoRow("1", "8")+"bad\n", 20)})
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes("day.tsv", old, old); err != nil { // a file that has just changed is not trusted
		t.Fatal(err)
	}
	use := func(o *Criteo) { o.Path, o.MaxBadRows = Paths{"day.tsv"}, 20 }
	read := 0
	env := Env{Cache: filepath.Join(dir, "cache"), Workers: 2, Memory: 1 << 30, Progress: func(p prepare.Progress) { read++ }}
	first := openIn(t, env, use)
	checkSource(t, first)
	made := read
	again := openIn(t, env, use)
	if made == 0 || read != made {
		t.Errorf("progress was told %d times, and %d times with the cache there; want some, and no more", made, read-made)
	}
	none := openIn(t, Env{}, use)
	for _, s := range []Source{again, none} {
		if s.Identity() != first.Identity() || !slices.Equal(readRows(t, s, batch.Train, 7, 0), readRows(t, first, batch.Train, 7, 0)) {
			t.Error("the cache has other rows than the text")
		}
		if a, b := s.About(), first.About(); a.Digests != b.Digests || a.BadRows != 20 || b.Digests[batch.Train] == "" || b.Digests[batch.Train] == b.Digests[batch.Test] {
			t.Errorf("about is %+v and %+v", a, b)
		}
	}
	about := first.About()
	bad, err := os.ReadFile(prepare.BadRows(env.Cache, first.Identity()))
	if lines := bytes.Split(bytes.TrimSpace(bad), []byte("\n")); err != nil || len(lines) != 20 || !bytes.HasPrefix(lines[1], []byte("day.tsv\t6\thas 1 column")) || !bytes.HasSuffix(lines[1], []byte("\tbad")) {
		t.Errorf("beside the cache is %q, %v; want the 20 bad rows, each with file, line, reason and the row", bad, err)
	}
	if want := "20 malformed rows skipped, kept in " + prepare.BadRows(env.Cache, first.Identity()) + "; the first: day.tsv:3: has 1 column"; !strings.HasPrefix(about.Warnings[0], want) {
		t.Errorf("warning is %q, want %q", about.Warnings[0], want)
	}
	if _, err := os.Stat(about.Cache); err != nil {
		t.Error(err)
	}
}

// Standard input has the rows of the file that it comes from.
func TestStandardInput(t *testing.T) {
	text := strings.Repeat(criteoRow("0", "7")+criteoRow("1", "8"), 20)
	folder(t, map[string]string{"day.tsv": text})
	file := openIn(t, Env{}, func(o *Criteo) { o.Path = Paths{"day.tsv"} })
	for _, content := range []string{text, string(gzipped(text))} {
		in := openIn(t, Env{Stdin: strings.NewReader(content)}, func(o *Criteo) { o.Path = Paths{"-"} })
		if in.Identity() != file.Identity() || !slices.Equal(readRows(t, in, batch.Train, 7, 0), readRows(t, file, batch.Train, 7, 0)) {
			t.Error("standard input has other rows than the file")
		}
	}
}

func TestUserOfNoField(t *testing.T) {
	folder(t, map[string]string{"day.tsv": criteoRow("0")})
	_, err := openCriteoWith(t, func(o *Criteo) { o.Path, o.Split = Paths{"day.tsv"}, &FileSplit{Kind: "user"} })
	if want := `data.split.user is "user", want a field of one value a row: C1, C2, C3, `; !strings.HasPrefix(errorText(err), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
}

// The ids and values of recipes by hand. Rows are of sevenths, or all for training: I1 and C1 of each below, the others empty.
func TestRecipesOnRows(t *testing.T) {
	ints := []string{"1", "3", "8", "", "-2", "3", "3"} // ⌊ln²⌋: 1 as it is; 1; 4; missing; −2 as it is; 1; 1
	cats := []string{"a", "b", "a", "a", "b", "a", "c"}
	var text string
	for i := range ints {
		row := strings.Split(criteoRow("0", ints[i]), "\t")
		row[14] = cats[i]
		text += strings.Join(row, "\t")
	}
	folder(t, map[string]string{"train.txt": text})
	for _, c := range []struct {
		recipe string
		i1     any // []float32 of train, or []int32 where it is a field
		c1     [batch.Splits][]int32
	}{
		// All rows make the vocabulary: a 1, b 2, c 3. Train is six rows, and the seventh test.
		{"dlrm-repo", []float32{0.6931472, 1.3862944, 2.1972246, 0, 0, 1.3862944}, [batch.Splits][]int32{{1, 2, 1, 1, 2, 1}, nil, {3}}},
		{"criteo-x1", []float32{1, 3, 8, 0, -2, 3, 3}, [batch.Splits][]int32{{1, 2, 1, 1, 2, 1, 3}, nil, nil}},
		{"criteo-x4-002", []int32{1, 1, 0, 0, 0, 1, 1}, [batch.Splits][]int32{{1, 2, 1, 1, 2, 1, 0}, nil, nil}}, // bucket 1 is seen four times
		{"criteo-x4-001", []int32{0, 0, 0, 0, 0, 0, 0}, [batch.Splits][]int32{{0, 0, 0, 0, 0, 0, 0}, nil, nil}},
	} {
		s := openIn(t, Env{}, func(o *Criteo) {
			o.Recipe = c.recipe
			if c.recipe == "dlrm-repo" {
				o.Path = Paths{"train.txt"}
			} else {
				o.Train, o.Valid, o.Test = Paths{"train.txt"}, Paths{}, Paths{}
			}
		})
		field := len(s.Schema().Sparse) - 26
		for split := range batch.Splits {
			for b, err := range s.Batches(split, 10, 0) {
				if err != nil {
					t.Fatal(err)
				}
				if got := b.Sparse[field].IDs; !slices.Equal(got, c.c1[split]) {
					t.Errorf("%s: C1 is %v in %v, want %v", c.recipe, got, split, c.c1[split])
				}
				if split == batch.Train {
					checkI1(t, c.recipe, s.Schema(), b, c.i1)
				}
			}
		}
	}
}

func checkI1(t *testing.T, recipe string, schema batch.Schema, b *batch.Batch, want any) {
	t.Helper()
	if ids, field := want.([]int32); field {
		if got := b.Sparse[0].IDs; schema.Sparse[0].Name != "I1" || len(schema.Dense) != 0 || !slices.Equal(got, ids) {
			t.Errorf("%s: I1 is %v, want a field of %v", recipe, got, ids)
		}
		return
	}
	var got []float32
	for i := range b.N {
		got = append(got, b.Dense[i*len(schema.Dense)])
	}
	if !slices.Equal(got, want.([]float32)) {
		t.Errorf("%s: I1 is %v, want %v", recipe, got, want)
	}
}
