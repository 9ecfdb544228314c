package datasets

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
)

// criteoRow is a row with the first columns given and the others empty.
func criteoRow(first ...string) string {
	return strings.Join(append(first, make([]string, 40-len(first))...), "\t") + "\n"
}

// criteoCategory is a row with one category, C1 … C26.
func criteoCategory(n int, v string) string {
	return "0" + strings.Repeat("\t", 13+n) + v + strings.Repeat("\t", 26-n) + "\n"
}

func openCriteoWith(t *testing.T, change func(*Criteo)) (Source, error) {
	o := criteoDefaults()
	change(&o)
	return openCriteo(t.Context(), Env{}, o)
}

// The values of the DLRM recipe by hand: missing and negative are 0, else ln(x+1); C1 is column 15.
func TestCriteoRow(t *testing.T) {
	folder(t, map[string]string{"day.tsv": criteoRow("1", "0", "-2", "1", "", "1738", "", "", "", "", "", "", "", "", "05db9164", "ffffffff", "A")})
	s, err := openCriteoWith(t, func(o *Criteo) {
		o.Path, o.Split = Paths{"day.tsv"}, &FileSplit{Kind: "order", Fractions: []float64{1, 0, 0}}
	})
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range s.Batches(batch.Train, 1, 0) {
		if want := []float32{0, 0, float32(math.Ln2), 0, float32(math.Log(1739))}; err != nil || b.Label[0] != 1 || !slices.Equal(b.Dense[:5], want) {
			t.Errorf("label %g, dense %v, want 1 and %v; %v", b.Label[0], b.Dense[:5], want, err)
		}
	}
}

func TestCriteoRefusesRows(t *testing.T) {
	good := criteoRow("0")
	ints := func(v string) string { return criteoRow("0", "1", v) }
	cats := func(v string) string { return criteoCategory(3, v) }
	for _, c := range []struct{ row, want string }{
		{"\n", "the line is empty"},
		{"label,I1,I2\n", "has 1 column, want 40: a label, 13 integers and 26 categories, tab separated"},
		{strings.Repeat("\t", 38) + "\n", "has 39 columns, want 40: a label, 13 integers and 26 categories, tab separated"},
		{strings.Repeat("\t", 40) + "\n", "has 41 columns, want 40: a label, 13 integers and 26 categories, tab separated"},
		{criteoRow("2"), `column 1 (label) is "2", want 0 or 1`},
		{criteoRow(""), `column 1 (label) is "", want 0 or 1`},
		{ints("1.0"), `column 3 (I2) is "1.0", want an integer`},
		{ints("-"), `column 3 (I2) is "-", want an integer`},
		{ints("+1"), `column 3 (I2) is "+1", want an integer`},
		{ints("9999999999999999999"), `column 3 (I2) is "9999999999999999999", want an integer`},
		{cats("zz"), `column 17 (C3) is "zz", want a hexadecimal number of 32 bits`},
		{cats("123456789"), `column 17 (C3) is "123456789", want a hexadecimal number of 32 bits`},
		{cats(strings.Repeat("x", 50)), `column 17 (C3) is "` + strings.Repeat("x", 40) + `"…, want a hexadecimal number of 32 bits`},
	} {
		folder(t, map[string]string{"day.tsv": good + good + c.row + good})
		_, err := openCriteoWith(t, func(o *Criteo) { o.Path = Paths{"day.tsv"} })
		if want := "day.tsv:3: " + c.want; errorText(err) != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestCriteoSkipsBadRows(t *testing.T) {
	folder(t, map[string]string{"day.tsv": criteoRow("0") + "bad\n" + criteoRow("1") + criteoRow("3") + criteoRow("1")})
	s, err := openCriteoWith(t, func(o *Criteo) { o.Path, o.MaxBadRows = Paths{"day.tsv"}, 2 })
	if err != nil {
		t.Fatal(err)
	}
	about := s.About()
	if want := "2 malformed rows skipped; the first: day.tsv:2: has 1 column"; about.BadRows != 2 || !strings.HasPrefix(about.Warnings[0], want) {
		t.Errorf("about is %+v, want 2 bad rows and %q", about, want)
	}
	_, err = openCriteoWith(t, func(o *Criteo) { o.Path, o.MaxBadRows = Paths{"day.tsv"}, 1 })
	if want := `day.tsv:4: column 1 (label) is "3", want 0 or 1 (bad row 2; max_bad_rows is 1)`; errorText(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Of a file without a good row its own first bad row is told.
func TestCriteoAllRowsBad(t *testing.T) {
	folder(t, map[string]string{"a.tsv": "bad\n" + criteoRow("0"), "b.tsv": criteoRow("0", "x") + criteoRow("2") + "bad\n"})
	_, err := openCriteoWith(t, func(o *Criteo) { o.Path, o.MaxBadRows = Paths{"a.tsv", "b.tsv"}, 100 })
	if want := `b.tsv: has no rows but 3 malformed ones; the first: b.tsv:1: column 2 (I1) is "x", want an integer`; errorText(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// The vocabulary is that of the four training rows: in C1 a is seen three times, b once; c and d are of other splits.
func TestCriteoVocabulary(t *testing.T) {
	var text string
	for _, c := range []string{"b", "a", "a", "a", "c", "a", "d", "b"} {
		text += criteoCategory(1, c)
	}
	folder(t, map[string]string{"day.tsv": text})
	for _, c := range []struct {
		minCount, hashRows int
		rows               int
		ids                [batch.Splits][]int32
	}{
		{1, 0, 3, [batch.Splits][]int32{{1, 2, 2, 2}, {0, 2}, {0, 1}}},
		{2, 0, 2, [batch.Splits][]int32{{0, 1, 1, 1}, {0, 1}, {0, 0}}},
		{1, 4, 4, [batch.Splits][]int32{{3, 2, 2, 2}, {0, 2}, {1, 3}}}, // 10, 11, 12, 13 mod 4
	} {
		s, err := openCriteoWith(t, func(o *Criteo) {
			o.Path, o.Split = Paths{"day.tsv"}, &FileSplit{Kind: "order", Fractions: []float64{0.5, 0.25, 0.25}}
			o.MinCount, o.HashRows = &c.minCount, c.hashRows
		})
		if err != nil {
			t.Fatal(err)
		}
		checkSource(t, s)
		if got := s.Schema().Sparse[0].Rows; got != c.rows {
			t.Errorf("%+v: %d rows in C1, want %d", c, got, c.rows)
		}
		for split := range batch.Splits {
			for b := range s.Batches(split, 10, 0) {
				if !slices.Equal(b.Sparse[0].IDs, c.ids[split]) {
					t.Errorf("min_count %d, hash_rows %d: %v has %v, want %v", c.minCount, c.hashRows, split, b.Sparse[0].IDs, c.ids[split])
				}
			}
		}
	}
}

// Identity is of content and options, not of names or compression.
func TestCriteoIdentity(t *testing.T) {
	text := strings.Repeat(criteoRow("0")+criteoRow("1"), 10)
	folder(t, map[string]string{"a.tsv": text, "b.tsv.gz": text, "c.tsv": text + criteoRow("1")})
	identity := func(change func(*Criteo)) string {
		s, err := openCriteoWith(t, change)
		if err != nil {
			t.Fatal(err)
		}
		return s.Identity()
	}
	a := identity(func(o *Criteo) { o.Path = Paths{"a.tsv"} })
	if b := identity(func(o *Criteo) { o.Path = Paths{"b.tsv"} }); b != a {
		t.Error("a compressed copy has another identity")
	}
	for name, change := range map[string]func(*Criteo){
		"content":   func(o *Criteo) { o.Path = Paths{"c.tsv"} },
		"min_count": func(o *Criteo) { o.Path, o.MinCount = Paths{"a.tsv"}, new(2) },
		"split":     func(o *Criteo) { o.Path, o.Split = Paths{"a.tsv"}, &FileSplit{Kind: "random"} },
		"role":      func(o *Criteo) { o.Train = Paths{"a.tsv"} },
	} {
		if identity(change) == a {
			t.Errorf("other %s has the same identity", name)
		}
	}
}

func TestCriteoDamagedFiles(t *testing.T) {
	whole := gzipped(strings.Repeat(criteoRow("0", "1", "2"), 1000))
	bad := slices.Clone(whole)
	bad[len(bad)-6] ^= 1
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "day: has no rows"},
		{gzipped(""), "day: has no rows"},
		{whole[:len(whole)-9], "day:1001: the gzip file is cut off: unexpected EOF"},
		{whole[:5], "day: the gzip file is cut off: unexpected EOF"},
		{bad, "day:1001: the gzip file is damaged: gzip: invalid checksum"},
		{make([]byte, 2*maxLine), fmt.Sprintf("day:1: a line is longer than %d bytes: the file is of another format", maxLine)},
	} {
		folder(t, nil)
		if err := os.WriteFile("day", c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := openCriteoWith(t, func(o *Criteo) { o.Path = Paths{"day"} }); errorText(err) != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestCriteoCheck(t *testing.T) {
	for _, c := range []struct {
		o    Criteo
		want string
	}{
		{Criteo{Steps: Steps{MinCount: new(0)}}, "min_count is 0, want at least 1"},
		{Criteo{Steps: Steps{MinCount: new(2), HashRows: 5}}, "min_count is of no use with hash_rows, which keeps no vocabulary"},
		{Criteo{Steps: Steps{HashRows: 5, MaxRows: 5}}, "max_rows is of no use with hash_rows, which keeps no vocabulary"},
		{Criteo{Steps: Steps{HashRows: -1}}, "hash_rows is -1, want 0 (no hashing) to 2147483647"},
		{Criteo{Steps: Steps{DenseStep: "log"}}, `dense_step is "log", want one of none, log1p, log2_buckets, quantile_buckets, standard`},
		{Criteo{Steps: Steps{Buckets: 5}}, `buckets is of no use with dense_step "log1p", want quantile_buckets`},
		{Criteo{Steps: Steps{DenseStep: "quantile_buckets", Buckets: 1}}, "buckets is 1, want 2 to 65536"},
		{Criteo{Steps: Steps{Fit: "test"}}, `fit is "test", want train or all`},
		{Criteo{Files: Files{Path: Paths{"a"}, Split: &FileSplit{Kind: "time"}}},
			`split.kind is "time", want order, random, user, leave-one-out, k-fold or sevenths`},
	} {
		if got := errorText(c.o.Check()); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	o := Criteo{Files: Files{Train: Paths{"a"}}}
	if err := o.Check(); err != nil || o.ValidFrom != "end" || *o.ValidFraction != 0.1 {
		t.Errorf("resolved to %+v, %v; want a tenth from the end", o, err)
	}
	again := o
	if err := again.Check(); err != nil || !reflect.DeepEqual(o, again) {
		t.Errorf("what is resolved resolves to %+v, %v", again, err)
	}
}
