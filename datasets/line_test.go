package datasets

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
	"ctrlab/internal/strict"
)

// parseLines parses each line, which is well-formed, and returns all rows.
func parseLines(t testing.TB, layout raw.Layout, p text.Parser, lines ...string) *raw.Rows {
	t.Helper()
	rows := &raw.Rows{}
	rows.Reset(layout)
	for _, line := range lines {
		if err := p.Parse(rows, []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	checkRows(t, layout, rows)
	return rows
}

// checkRows holds rows to their layout: every column has all rows and no other is there.
func checkRows(t testing.TB, layout raw.Layout, rows *raw.Rows) {
	t.Helper()
	want := func(what string, n, want int) {
		if n != want {
			t.Errorf("%s has %d values, want %d", what, n, want)
		}
	}
	want("label", len(rows.Label), rows.N)
	if layout.Time {
		want("time", len(rows.Time), rows.N)
	} else {
		want("time", len(rows.Time), 0)
	}
	for i, name := range layout.Dense {
		want(name, len(rows.Dense[i]), rows.N)
	}
	for i, f := range layout.Fields {
		keys := rows.N
		if f.MultiHot {
			want(f.Name+"'s bags", len(rows.Bags[i]), rows.N)
			keys = 0
			for _, n := range rows.Bags[i] {
				keys += int(n)
			}
		} else {
			want(f.Name+"'s bags", len(rows.Bags[i]), 0)
		}
		want(f.Name, len(rows.Keys[i]), keys)
	}
}

// spelled are rows as text: the label, dense columns, fields and time.
func spelled(l raw.Layout, rows *raw.Rows) (out []string) {
	at := make([]int, len(l.Fields))
	for n := range rows.N {
		line := fmt.Sprint(rows.Label[n])
		for i, name := range l.Dense {
			line += fmt.Sprintf(" %s=%v", name, rows.Dense[i][n])
		}
		for i, f := range l.Fields {
			count := 1
			if f.MultiHot {
				count = int(rows.Bags[i][n])
			}
			var values []string
			for _, key := range rows.Keys[i][at[i]:][:count] {
				values = append(values, keyText(f.Key, key, rows.Names[i]))
			}
			at[i] += count
			line += fmt.Sprintf(" %s=%s", f.Name, strings.Join(values, "+"))
		}
		if l.Time {
			line += fmt.Sprintf(" at %d", rows.Time[n])
		}
		out = append(out, line)
	}
	return out
}

func keyText(kind raw.Key, key uint64, names map[uint64]string) string {
	switch {
	case key == raw.Missing:
		return "-"
	case kind == raw.Text:
		return names[key]
	case kind == raw.Integer:
		return strconv.FormatUint(key-1, 10)
	}
	return strconv.FormatUint(key, 16)
}

// readLines reads content as a file of day; the rows are written.
func readLines(t testing.TB, l lines, content string) (out []string, err error) {
	t.Helper()
	f, err := text.New("day", strings.NewReader(content), text.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	err = text.Read(t.Context(), f, l.Head, l.Layout, l.Parser, 2, &text.Bad{}, func(rows *raw.Rows) error {
		checkRows(t, l.Layout, rows)
		out = append(out, spelled(l.Layout, rows)...)
		return nil
	})
	return out, err
}

// options decodes TOML as a file's [data] is, without source.
func options[O any](t testing.TB, defaults O, src string) (O, error) {
	t.Helper()
	table, err := strict.TOML("e.toml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	err = table.Decode(&defaults)
	return defaults, err
}

// readCase is content that options in TOML read as rows, or an error of options, of detection or of reading.
type readCase struct {
	options, content string
	want             []string
	err              string
}

// read holds a format to cases; detect is that of the options, which see the content as the file day.
func (c readCase) check(t *testing.T, l lines, err error) {
	t.Helper()
	var got []string
	if err == nil {
		got, err = readLines(t, l, c.content)
	}
	if errorText(err) != c.err || !slices.Equal(got, c.want) {
		t.Errorf("%s\nof %q\nread %q, %v\nwant %q, %s", c.options, c.content, got, err, c.want, c.err)
	}
}

// fuzzLine: a line gives one row or none, and none with an error; keys are of their kind and text is known.
func fuzzLine(t *testing.T, l lines, line []byte) {
	var rows raw.Rows
	rows.Reset(l.Layout)
	p := l.Parser()
	err := p.Parse(&rows, line)
	if rows.N > 1 || err != nil && rows.N != 0 {
		t.Errorf("%d rows with error %v", rows.N, err)
	}
	checkRows(t, l.Layout, &rows)
	once := spelled(l.Layout, &rows)
	for i, f := range l.Layout.Fields {
		for _, key := range rows.Keys[i] {
			if _, named := rows.Names[i][key]; f.Key == raw.Text && key != raw.Missing && !named || f.Key == raw.Integer && key > 1<<32-1 {
				t.Errorf("%s has a key %#x", f.Name, key)
			}
		}
	}
	for _, column := range rows.Dense {
		for _, x := range column {
			if math.IsInf(float64(x), 0) {
				t.Errorf("a number became %g", x)
			}
		}
	}
	for _, y := range rows.Label {
		if r := l.Layout.Rating; r == nil && y != 0 && y != 1 || r != nil && !(y >= r.Min && y <= r.Max) {
			t.Errorf("a label became %g", y)
		}
	}
	rows.Reset(l.Layout)
	if again := p.Parse(&rows, line); errorText(again) != errorText(err) || !slices.Equal(spelled(l.Layout, &rows), once) {
		t.Errorf("%q gives %v, %v, and %v, %v the second time", line, once, err, spelled(l.Layout, &rows), again)
	}
}

// The keys are in caches: they stay what they are. These are what this code gave when it was written.
func TestTextKey(t *testing.T) {
	seen := map[uint64]string{}
	for _, s := range []string{"", "a", "b", "ab", "ba", "a\x00", "12345678", "123456789", "1234567812345678", "12345678123456780"} {
		key := textKey([]byte(s))
		if other, twice := seen[key]; twice || key == raw.Missing {
			t.Errorf("%q has the key %d of %q", s, key, other)
		}
		seen[key] = s
	}
	if got := textKey([]byte("United-States")); got != 0xd703235cd12f238d {
		t.Errorf("United-States has the key %#x", got)
	}
}

func TestInstant(t *testing.T) {
	for _, c := range []struct {
		v    string
		want int64
	}{
		{"978300760", 978300760}, {"-5", -5}, // the first as in MovieLens 1M, 2000-12-31 22:12:40
		{"2000-12-31 22:12:40", 978300760}, {"2000-12-31T22:12:40", 978300760}, {"2000-12-31T22:12:40Z", 978300760},
		{"2000-12-31T23:12:40.5+01:00", 978300760}, {"2000-12-31", 978220800},
	} {
		if got, err := instant([]byte(c.v)); got != c.want || err != nil {
			t.Errorf("%s is %d, %v, want %d", c.v, got, err, c.want)
		}
	}
	for _, v := range []string{"", "x", "2000-13-01", "99999999999999999999", "12.5"} {
		if got, err := instant([]byte(v)); err == nil {
			t.Errorf("%q is %d, want an error", v, got)
		}
	}
}
