package datasets

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	library "github.com/parquet-go/parquet-go"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/prepare"
	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// writeParquet writes rows to a file in the present folder.
func writeParquet[T any](t testing.TB, name string, rows []T, options ...library.WriterOption) {
	t.Helper()
	var b bytes.Buffer
	w := library.NewGenericWriter[T](&b, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

type parquetClick struct {
	Y     bool         `parquet:"y"`
	X     *float64     `parquet:"x,optional"`
	Count int32        `parquet:"count"`
	User  *string      `parquet:"user,optional,dict"`
	Page  int64        `parquet:"page"`
	Where parquetPlace `parquet:"where"`
	Tags  []string     `parquet:"tags,list"`
	Words string       `parquet:"words"`
	At    time.Time    `parquet:"at,timestamp(millisecond)"`
}

type parquetPlace struct {
	City string `parquet:"city,dict"`
}

// drawnClicks are rows, and the same as CSV.
func drawnClicks(n int) (rows []parquetClick, csv string) {
	r := rand.New(rand.NewPCG(7, 8))
	var b strings.Builder
	b.WriteString("y,x,count,user,page,where.city,tags,words,at\n")
	for i := range n {
		c := parquetClick{Y: r.IntN(2) > 0, Count: r.Int32N(9) - 3, Page: r.Int64N(1 << 60), At: time.Unix(int64(1e9+i*i), 0).UTC()}
		y, x, user := 0, "", ""
		if c.Y {
			y = 1
		}
		if r.IntN(3) > 0 {
			c.X = new(float64(r.IntN(1000)) / 8)
			x = fmt.Sprint(*c.X)
		}
		if r.IntN(4) > 0 {
			c.User = new(fmt.Sprint("u", r.IntN(40)))
			user = *c.User
		}
		c.Where.City = []string{"Ulm", "Köln", ""}[r.IntN(3)]
		for range r.IntN(4) {
			c.Tags = append(c.Tags, fmt.Sprint("t", r.IntN(6)))
		}
		c.Words = []string{"to be", "", "or"}[r.IntN(3)]
		fmt.Fprintf(&b, "%d,%s,%d,%s,%d,%s,%s,%s,%s\n", y, x, c.Count, user, c.Page, c.Where.City, strings.Join(c.Tags, "|"), c.Words, c.At.Format(time.DateTime))
		rows = append(rows, c)
	}
	return rows, b.String()
}

const parquetRoles = "label = 'y'\ndense = ['x', 'count']\ncategorical = ['user', 'page', 'where.city']\n" +
	"multi = [{ name = 'tags' }, { name = 'words', separator = ' ' }]\ntime = 'at'\nsplit = { kind = 'time' }\n"

// The same rows as CSV give the same cache: rows, splits, vocabularies and digests.
func TestParquetIsCSV(t *testing.T) {
	folder(t, nil)
	rows, csv := drawnClicks(3000)
	writeParquet(t, "a1.parquet", rows[:1200], library.MaxRowsPerRowGroup(500), library.Compression(&library.Zstd))
	writeParquet(t, "a2.parquet", rows[1200:], library.DataPageVersion(1), library.PageBufferSize(3000))
	if err := os.WriteFile("a.csv", []byte(csv), 0o644); err != nil {
		t.Fatal(err)
	}
	want, err := openSource(t, "csv", "path = 'a.csv'\n"+parquetRoles)
	if err != nil {
		t.Fatal(err)
	}
	got, err := openSource(t, "parquet", "path = 'a*.parquet'\n"+parquetRoles)
	if err != nil {
		t.Fatal(err)
	}
	checkSource(t, got)
	for split := range batch.Splits {
		if want.Rows(split) == 0 || !slices.Equal(readRows(t, got, split, 100, 0), readRows(t, want, split, 100, 0)) {
			t.Errorf("%v has other rows than as CSV", split)
		}
	}
	if got.About().Digests != want.About().Digests || got.Identity() == want.Identity() {
		t.Errorf("digests %v, want %v, of another identity", got.About().Digests, want.About().Digests)
	}
}

// parquetRows are what options in TOML read from a file, as readCase spells rows.
func parquetRows(t *testing.T, src, file string) ([]string, *text.Bad, error) {
	t.Helper()
	o, err := options(t, parquetDefaults(), src)
	if err != nil {
		return nil, nil, err
	}
	files, err := o.expand(noDirectory)
	if err != nil {
		return nil, nil, err
	}
	p, err := o.agree(files)
	if err != nil {
		return nil, nil, err
	}
	bad := &text.Bad{Most: o.MaxBadRows}
	var all []string
	_, err = o.read(context.Background(), file, p, prepare.Reading{Workers: 2, Bad: bad, Emit: func(r *raw.Rows, _ int64) error {
		checkRows(t, p.layout, r)
		all = append(all, spelled(p.layout, r)...)
		return nil
	}})
	return all, bad, err
}

type parquetValues struct {
	Y     int32         `parquet:"y"`
	Mood  string        `parquet:"mood"`
	Stars float32       `parquet:"stars"`
	Price *float64      `parquet:"price,optional"`
	Big   uint64        `parquet:"big"`
	Yes   bool          `parquet:"yes"`
	Tags  []int64       `parquet:"tags,list"`
	Day   int32         `parquet:"day,date"`
	When  *int64        `parquet:"when,optional"`
	Text  string        `parquet:"text"`
	Deep  []parquetDeep `parquet:"deep"`
}

type parquetDeep struct {
	Of []int32 `parquet:"of"`
}

func TestParquet(t *testing.T) {
	folder(t, nil)
	inf := 1e39
	writeParquet(t, "a", []parquetValues{
		{Y: 1, Mood: "good", Stars: 4.5, Price: new(2.5), Big: 1<<64 - 1, Yes: true, Tags: []int64{-1, 7, -1}, Day: 1, When: new(int64(5)), Text: "2000-12-31"},
		{Y: 0, Mood: "bad", Stars: 1, Price: nil, Big: 0, Yes: false, Day: -1, Text: "x"},
		{Y: 2, Mood: "", Stars: 9, Price: &inf, Big: 3, Yes: true, Tags: []int64{9}, When: new(int64(6)), Text: "7"},
		{Y: 1, Mood: "good", Stars: 2, Price: new(-0.5), Big: 3, Yes: true, Tags: []int64{9, 8}, When: new(int64(7)), Text: "8"},
	})
	for _, c := range []struct {
		options string
		want    []string
		err     string
	}{
		{"label = 'yes'\ndense = ['stars', 'y']\ncategorical = ['big', 'mood']\nmulti = [{ name = 'tags' }]\ntime = 'day'",
			[]string{"1 stars=4.5 y=1 big=18446744073709551615 mood=good tags=-1+7+-1 at 86400", "0 stars=1 y=0 big=0 mood=bad tags= at -86400",
				"1 stars=9 y=2 big=3 mood=- tags=9 at 0", "1 stars=2 y=1 big=3 mood=good tags=9+8 at 0"}, ""},
		{"label = 'mood'\npositive = ['good']\ncategorical = ['stars', 'yes']\nmax_bad_rows = 1", []string{"1 stars=4.5 yes=true", "0 stars=1 yes=false", "1 stars=2 yes=true"}, ""},
		{"label = 'stars'\nrating = [1, 5]\ndense = ['price']\nmulti = [{ name = 'tags' }]\nmax_bad_rows = 1", []string{"4.5 price=2.5 tags=-1+7+-1", "1 price=NaN tags=", "2 price=-0.5 tags=9+8"}, ""},
		{"label = 'y'\ndense = ['price']\ntime = 'when'\nmax_bad_rows = 2", []string{"1 price=2.5 at 5", "1 price=-0.5 at 7"}, ""},
		{"label = 'yes'\ncategorical = ['big']\ntime = 'text'\nmax_bad_rows = 1", []string{"1 big=18446744073709551615 at 978220800", "1 big=3 at 7", "1 big=3 at 8"}, ""},

		{"label = 'y'\ncategorical = ['big']", nil, `a:3: column y is "2", want 0 or 1`},
		{"label = 'mood'\npositive = ['good']\ncategorical = ['big']", nil, `a:3: column mood is "", want a label`},
		{"label = 'stars'\nrating = [1, 5]\ncategorical = ['big']", nil, `a:3: column stars is "9", want a number from 1 to 5`},
		{"label = 'yes'\ndense = ['price']", nil, `a:3: column price is "1000000000000000000000000000000000000000", want a number`},
		{"label = 'yes'\ncategorical = ['big']\ntime = 'when'", nil, "a:2: column when is missing, want a time"},
		{"label = 'yes'\ncategorical = ['big']\ntime = 'text'", nil, `a:2: column text is "x", want a whole number or a date like 2006-01-02 15:04:05`},
		{"label = 'mood'\ncategorical = ['big']", nil, "a: data.label: column mood is string, want numbers; or positive, which says what text is 1"},
		{"label = 'day'\ncategorical = ['big']", nil, "a: data.label: column day is date, want numbers"},
		{"label = 'y'\ndense = ['text']", nil, "a: data.dense: column text is string, want numbers"},
		{"label = 'y'\ncategorical = ['tags']", nil, "a: data.categorical: column tags is list of int64, want one value a row; lists are for multi"},
		{"label = 'y'\nmulti = [{ name = 'text' }]", nil, "a: data.multi: column text is string, want a list, or a separator between the values in text"},
		{"label = 'y'\nmulti = [{ name = 'tags', separator = '|' }]", nil, "a: data.multi: column tags is list of int64, which needs no separator"},
		{"label = 'y'\nmulti = [{ name = 'deep.of' }]", nil, "a: data.multi: column deep.of is list of list of int32, want a list of text, numbers or truths"},
		{"label = 'y'\ncategorical = ['big']\ntime = 'stars'", nil, "a: data.time: column stars is float, want timestamps, dates, whole numbers or text"},
		{"label = 'y'\ncategorical = ['*']", nil, "a: data.categorical: column tags is list of int64, want one value a row; lists are for multi"},
		{"label = 'click'\ncategorical = ['big']", nil, `a: data.label: there is no column "click"; columns are y, mood, stars, price, big, yes, tags, day, when, text, deep.of`},
		{"label = 'y'\ncategorical = ['bigg']", nil, `a: data.categorical: there is no column "bigg"; did you mean big?`},
		{"label = 'y'\nmulti = [{ name = 'tags', pool = 'max' }]", nil, `e.toml:3: multi[0].pool is "max", want sum or mean`},
		{"label = 'y'\ncategorical = ['y']", nil, `e.toml:3: categorical has "y", which label has too`},
	} {
		got, bad, err := parquetRows(t, "path = 'a'\n"+c.options, "a")
		if errorText(err) != c.err || c.err == "" && (!slices.Equal(got, c.want) || len(got)+bad.Count() != 4) {
			t.Errorf("%s\nread %q, %v\nwant %q, %s", c.options, got, err, c.want, c.err)
		}
	}
}

// Files must agree in the columns that are used, and in no others.
func TestParquetFilesDiffer(t *testing.T) {
	type one struct {
		Y, Unused int32
		U         string
	}
	type two struct {
		Y      int32
		U      *string `parquet:"U,optional"`
		Unused float64
	}
	type three struct{ Y, U int32 }
	folder(t, map[string]string{"text": "Y,U\n1,2\n"})
	writeParquet(t, "a", []one{{Y: 1, U: "a"}})
	writeParquet(t, "b", []two{{Y: 0}})
	writeParquet(t, "c", []three{{1, 2}})
	writeParquet(t, "none", []one{})
	for _, c := range []struct{ options, err string }{
		{"path = ['a', 'b']\ncategorical = ['U']", ""},
		{"path = ['a', 'c']\ncategorical = ['U']", "c: data.categorical: column U is int32, and in a it is string"},
		{"path = ['a', 'c']\ncategorical = ['*']", "c: data.categorical: * means the column U too, and not so in a"},
		{"path = ['a', 'c']\ndense = ['Unused']", `c: data.dense: there is no column "Unused"; columns are Y, U`},
		{"path = ['text']\ncategorical = ['U']", "text: does not begin and end with PAR1: it is not a Parquet file, or is cut off"},
		{"path = '-'\ncategorical = ['U']", "e.toml: source is parquet, which is read from its end: want files, and not standard input"},
		{"path = 'none'\ncategorical = ['U']", "none: has no rows"},
	} {
		o, err := options(t, parquetDefaults(), "label = 'Y'\n"+c.options)
		if err == nil {
			_, err = Config{"parquet", o}.Open(t.Context(), Env{Cache: t.TempDir()})
		}
		if errorText(err) != c.err {
			t.Errorf("%s: got %v, want %s", c.options, err, c.err)
		}
	}
}

// Malformed rows are left out whole, and kept with what was malformed.
func TestParquetBadRows(t *testing.T) {
	folder(t, nil)
	var rows []parquetValues
	for i := range 10 {
		rows = append(rows, parquetValues{Y: int32(i % 4), Tags: make([]int64, i), Text: fmt.Sprint(i)})
	}
	writeParquet(t, "a", rows, library.MaxRowsPerRowGroup(4))
	const src = "path = 'a'\nlabel = 'y'\ncategorical = ['text']\nmulti = [{ name = 'tags' }]\n"
	var kept bytes.Buffer
	o, err := options(t, parquetDefaults(), src)
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.agree([]named{{file: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	_, err = o.read(t.Context(), "a", p, prepare.Reading{Workers: 2, Bad: &text.Bad{Most: 4, Keep: &kept}, Emit: func(r *raw.Rows, _ int64) error {
		got = append(got, spelled(p.layout, r)...)
		return nil
	}})
	want := []string{"0 text=0 tags=", "1 text=1 tags=0", "0 text=4 tags=0+0+0+0", "1 text=5 tags=0+0+0+0+0", "0 text=8 tags=0+0+0+0+0+0+0+0", "1 text=9 tags=0+0+0+0+0+0+0+0+0"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if first, _, _ := strings.Cut(kept.String(), "\n"); first != "a\t3\tcolumn y is \"2\", want 0 or 1\t2" || strings.Count(kept.String(), "\n") != 4 {
		t.Errorf("kept %q", kept.String())
	}
	if _, _, err := parquetRows(t, src+"max_bad_rows = 3", "a"); errorText(err) != `a:8: column y is "3", want 0 or 1 (bad row 4; max_bad_rows is 3)` {
		t.Errorf("got %v", err)
	}
}
