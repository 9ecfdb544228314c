package datasets

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
)

// folder writes files into a new folder and makes it the working directory; names in .gz are compressed.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		data := []byte(text)
		if strings.HasSuffix(name, ".gz") {
			data = gzipped(text)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.Bytes()
}

func TestFilesExpand(t *testing.T) {
	dir := folder(t, map[string]string{"b.tsv": "", "a.tsv": "", "c.tsv.gz": "", "e.zst": "", "odd[1].tsv": ""})
	t.Setenv("DAYS", dir)
	t.Setenv("HOME", dir)
	if err := os.Mkdir("week", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path Paths
		want string // file names, or an error
	}{
		{Paths{"*.tsv"}, "a.tsv b.tsv odd[1].tsv"},
		{Paths{"b.tsv", "a.tsv"}, "b.tsv a.tsv"},
		{Paths{"c.tsv"}, "c.tsv.gz"},
		{Paths{"odd[1].tsv"}, "odd[1].tsv"},
		{Paths{"e"}, "e.zst"},
		{Paths{"-", "b.tsv"}, "- b.tsv"},
		{Paths{"-", "-"}, "data.path: - is there twice"},
		{Paths{"$DAYS/a.tsv"}, "a.tsv"},
		{Paths{"${DAYS}/a.tsv"}, "a.tsv"},
		{Paths{"~/a.tsv"}, "a.tsv"},
		{Paths{"d.tsv"}, "data.path: stat d.tsv: no such file or directory"},
		{Paths{"d*.tsv"}, "data.path: d*.tsv matches no file"},
		{Paths{"a.tsv", "a*"}, "data.path: a.tsv is there twice"},
		{Paths{"$NOWHERE/a.tsv"}, "data.path: $NOWHERE is not set"},
		{Paths{"."}, "data.path: . is a folder, want files"},
		{Paths{"w*"}, "data.path: week is a folder, want files"},
	} {
		files, err := (&Files{Path: c.path}).expand(noDirectory)
		var names []string
		for _, f := range files {
			names = append(names, filepath.Base(f.file))
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q gives %q, want %q", c.path, got, c.want)
		}
	}
}

func TestFilesResolve(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{``, `path is missing, want files, or train and test`},
		{`path = 'a'`, ``},
		{`path = []`, `e.toml:1: path names no file, want at least one`},
		{`path = 3`, `e.toml:1: path is 3, want a list`},
		{"path = 'a'\ntest = 'b'", `test is for files named by split, and here path is given: split says how to cut it`},
		{"path = 'a'\nvalid_fraction = 0.2", `valid_fraction is for files named by split, and here path is given: split says how to cut it`},
		{"path = 'a'\nsplit = { kind = 'rand' }", `split.kind is "rand", want order or random`},
		{"path = 'a'\nsplit = { kind = 'random', fractions = [0, 0.5, 0.5] }", `e.toml:2: split.fractions[0] is 0, want rows to train on`},
		{"train = 'a'\nsplit = { kind = 'random' }", `split is for path, and here train is given: valid_fraction and valid_from say what to cut off`},
		{"train = 'a'\nvalid = 'b'\nvalid_from = 'end'", `valid_from is of no use where valid is given`},
		{"train = 'a'\nvalid = 'b'\nvalid_fraction = 0.1", `valid_fraction is of no use where valid is given`},
		{"train = 'a'\nvalid_fraction = 0", `valid_fraction is 0, want more than 0 and less than 1`},
		{"train = 'a'\nvalid_from = 'start'", `valid_from is "start", want end or random`},
		{"train = 'a'\nmax_bad_rows = -1", `max_bad_rows is -1, want at least 0`},
		{"train = ['a', 'b']\ntest = 'c'", ``},
	} {
		table, err := strict.TOML("e.toml", []byte(c.src))
		if err != nil {
			t.Fatal(err)
		}
		var f Files
		if err = table.Decode(&f); err == nil {
			err = f.resolve([]string{"order", "random"}, "end")
		}
		if got := errorText(err); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.src, got, c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// assign returns the rows of each split.
func (f *Files) assign(counts [batch.Splits]int, times []int64) (rows [batch.Splits][]int32, err error) {
	i := int32(0)
	for s := range f.splits(counts, rowsToSplit{times: slices.Values(times)}) {
		rows[s] = append(rows[s], i)
		i++
	}
	if len(rows[batch.Train]) == 0 {
		return rows, fmt.Errorf("data: %d rows leave none to train on", counts[batch.Train])
	}
	return rows, nil
}

func TestAssign(t *testing.T) {
	third, fractions := 1./3, []float64{0.5, 0.25, 0.25}
	for _, c := range []struct {
		files  Files
		counts [3]int
		want   [3][]int32
	}{
		{Files{Split: &FileSplit{Kind: "order", Fractions: fractions}}, [3]int{8}, [3][]int32{{0, 1, 2, 3}, {4, 5}, {6, 7}}},
		{Files{Split: &FileSplit{Kind: "time", Fractions: fractions}}, [3]int{8}, [3][]int32{{0, 1, 2, 6}, {3, 4}, {5, 7}}}, // times below
		{Files{ValidFraction: &third, ValidFrom: "end"}, [3]int{6, 0, 2}, [3][]int32{{0, 1, 2, 3}, {4, 5}, {6, 7}}},
		{Files{Valid: Paths{"v"}}, [3]int{3, 2, 1}, [3][]int32{{0, 1, 2}, {3, 4}, {5}}},
	} {
		got, err := c.files.assign(c.counts, []int64{5, 1, 5, 6, 6, 9, 2, 8})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: got %v, %v, want %v", c.files, got, err, c.want)
		}
	}
}

// At random every row has one split, the sizes are exact, and split_seed decides.
func TestAssignAtRandom(t *testing.T) {
	third := 1. / 3
	for _, f := range []Files{
		{Split: &FileSplit{Kind: "random", Fractions: []float64{0.5, 0.3, 0.2}}, SplitSeed: 1},
		{ValidFraction: &third, ValidFrom: "random", SplitSeed: 1},
	} {
		splits, err := f.assign([3]int{1000}, nil)
		seen := map[int32]bool{}
		for _, rows := range splits {
			for _, row := range rows {
				if seen[row] {
					t.Fatalf("row %d is in two splits", row)
				}
				seen[row] = true
			}
		}
		if want := map[bool]int{true: 300, false: 333}[f.Split != nil]; err != nil || len(seen) != 1000 || len(splits[batch.Valid]) != want {
			t.Errorf("%d rows in all, %d in valid, want 1000 and %d; %v", len(seen), len(splits[batch.Valid]), want, err)
		}
		f.SplitSeed = 2
		if other, _ := f.assign([3]int{1000}, nil); reflect.DeepEqual(splits, other) {
			t.Error("split_seed decides nothing")
		}
	}
}

// What is stored of a plan, with its defaults filled in, must decode to the same options.
func TestFileOptionsThroughJSON(t *testing.T) {
	for _, src := range []string{"path = ['day_*']", "train = 'a'\ntest = 'b'", "train = 'a'\nvalid = 'b'\ntest = ['c', 'd']"} {
		table, err := strict.TOML("e.toml", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		o := movielensDefaults()
		if err := table.Decode(&o); err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(o)
		if table, err = strict.JSON("plan", text); err != nil {
			t.Fatal(err)
		}
		var back MovieLens
		if err := table.Decode(&back); err != nil || !reflect.DeepEqual(o, back) {
			t.Errorf("%s came back as %+v, %v", text, back, err)
		}
	}
}

// A pipe can be read once, and opening it waits for its writer.
func TestDeviceIsNoFile(t *testing.T) {
	if _, err := expand(os.DevNull, noDirectory); err == nil || !strings.Contains(err.Error(), "want one, or - for standard input") {
		t.Errorf("a device as a file: %v", err)
	}
}
