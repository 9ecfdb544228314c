package datasets

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
)

// decodeOptions is decoding for an options type that is known when the test runs.
func decodeOptions(t *testing.T, source, src string) Config {
	t.Helper()
	d, _ := Find(source)
	var o any
	var err error
	switch defaults := d.Defaults.(type) {
	case CSV:
		o, err = options(t, defaults, src)
	case Criteo:
		o, err = options(t, defaults, src)
	case LibFFM:
		o, err = options(t, defaults, src)
	case MovieLens:
		o, err = options(t, defaults, src)
	case Synthetic:
		o, err = options(t, defaults, src)
	default:
		t.Fatalf("no case for %s", reflect.TypeOf(defaults))
	}
	if err != nil {
		t.Fatal(err)
	}
	return Config{source, o}
}

// The file of a test split, opened for a model that was trained beside it, has the rows that it has as test: values that train
// lacks are 0 in both. More values in train than the index of names has places between (64).
func TestOpenFitted(t *testing.T) {
	var many strings.Builder
	for i := range 300 {
		row := append([]string{string(rune('0' + i%2)), string(rune('1' + i%9))}, make([]string, 12)...)
		many.WriteString(criteoRow(append(row, fmt.Sprintf("%08x", i*i))...))
	}
	ffm := strings.Repeat("1 0:3:1 1:7:1\n0 0:4:1 1:9:1\n", 50)
	csv := "y,x,u,m\n"
	for i := range 200 {
		csv += string(rune('0'+i%2)) + "," + string(rune('0'+i%10)) + ".5,user " + string(rune('a'+i%26)) + string(rune('a'+i/26)) + ",p|q" + string(rune('a'+i%7)) + "\n"
	}
	const columns = "train = 'train'\ntest = 'test'\nlabel = 'y'\ndense = ['x']\ncategorical = ['u']\nmulti = [{ name = 'm', pool = 'mean' }]\n"
	const other = "y,x,u,m\n1,0.25,user zh,qa|zz\n0,,user aa,\n1,7,,p\n"
	criteo := criteoRow("1", "7") + criteoRow("0", "99") + criteoCategory(1, fmt.Sprintf("%08x", 250*250))
	for name, c := range map[string]struct {
		source, options string
		train, test     string
	}{
		"text, standard":       {"csv", columns, csv, other},
		"quantiles, min_count": {"csv", columns + "dense_step = 'quantile_buckets'\nbuckets = 4\nmin_count = 9", csv, other},
		"hashed":               {"csv", columns + "hash_rows = 17\ndense_step = 'none'", csv, other},
		"hexadecimal":          {"criteo", "train = 'train'\ntest = 'test'", many.String(), criteo},
		"log2 buckets":         {"criteo", "train = 'train'\ntest = 'test'\nrecipe = 'criteo-x4-002'", many.String(), criteo},
		"integer":              {"libffm", "train = 'train'\ntest = 'test'\nfields = ['a', 'b']", ffm, "1 0:4:1 1:7:1\n0 0:5:1 1:9:1\n"},
		"ratings":              {"movielens", "train = 'train'\ntest = 'test'", strings.Repeat("7\t10\t3\t40\n8\t20\t5\t10\n", 9), "8\t10\t1\t30\n9\t20\t2\t1\n"},
	} {
		dir := folder(t, map[string]string{"train": c.train, "test": c.test})
		env := Env{Cache: filepath.Join(dir, "cache"), Workers: 2, Memory: 1 << 30}
		config := decodeOptions(t, c.source, c.options)
		s, err := config.Open(t.Context(), env)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for range 2 { // made, and found
			got, err := config.OpenFitted(t.Context(), env, s.Identity(), []string{"test"})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !reflect.DeepEqual(got.Schema(), s.Schema()) || got.Rows(batch.Train)+got.Rows(batch.Valid) != 0 {
				t.Errorf("%s: schema %+v, want %+v", name, got.Schema(), s.Schema())
			}
			if a, b := readRows(t, got, batch.Test, 2, 0), readRows(t, s, batch.Test, 5, 0); !slices.Equal(a, b) || len(a) < 2 {
				t.Errorf("%s: rows are\n%q, and as test split\n%q", name, a, b)
			}
		}
	}
}

func TestOpenFittedRefuses(t *testing.T) {
	dir := folder(t, map[string]string{"train": "y,a,b\n1,2,3\n0,3,4\n1,3,3\n", "new": "y,a,c\n1,2,3\n", "more": "y,a,b,c\n1,2,3,4\n"})
	env := Env{Cache: filepath.Join(dir, "cache"), Memory: 1 << 30}
	all := decodeOptions(t, "csv", "train = 'train'\nlabel = 'y'\ncategorical = ['*']")
	s, err := all.Open(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		config   Config
		env      Env
		identity string
		file     string
		want     string
	}{
		{all, env, s.Identity(), "new", "field 2 of the data is c, and that of the model b"},
		{all, env, s.Identity(), "more", "the data has 3 fields, and the model 2"},
		{all, env, s.Identity(), "gone", "gone"},
		{all, env, strings.Repeat("0", 64), "train", "lacks those that the model was trained on, 000000000000"},
		{all, Env{Memory: 1 << 30}, s.Identity(), "train", "lacks those that the model was trained on"},
		{decodeOptions(t, "synthetic", "rows = 10"), env, s.Identity(), "train", "data of the source synthetic are not in files"},
		{decodeOptions(t, "movielens", "task = 'implicit'\npath = 'train'"), env, s.Identity(), "pairs", "pairs"},
	} {
		if _, err := c.config.OpenFitted(t.Context(), c.env, c.identity, []string{c.file}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.file, err, c.want)
		}
	}
}
