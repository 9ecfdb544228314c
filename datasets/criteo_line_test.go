package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// C1 is column 15.
func TestCriteoLine(t *testing.T) {
	line := func(first ...string) string { return strings.TrimSuffix(criteoRow(first...), "\n") }
	rows := parseLines(t, criteoLayout(), newCriteoLine(),
		line("1", "0", "-2", "1", "", "1738", "999999999999999999", "", "", "", "", "", "", "", "05db9164", "FFFFffff", "A", "0"),
		line("0", "7"))
	for i, want := range []float32{0, -2, 1, missing, 1738, 1e18, missing} {
		if got := rows.Dense[i][0]; got != want && !(got != got && want != want) {
			t.Errorf("I%d is %g, want %g", i+1, got, want)
		}
	}
	for i, want := range []uint64{0x05db9164, 0xffffffff, 10, 0, raw.Missing} {
		if got := rows.Keys[i][0]; got != want {
			t.Errorf("C%d is %#x, want %#x", i+1, got, want)
		}
	}
	if rows.Label[0] != 1 || rows.Label[1] != 0 || rows.Dense[0][1] != 7 {
		t.Errorf("labels %v, I1 %v, want 1 and 0, 0 and 7", rows.Label, rows.Dense[0])
	}
}

func TestCriteoLineRefuses(t *testing.T) {
	ints := func(v string) string { return criteoRow("0", "1", v) }
	for _, c := range []struct{ row, want string }{
		{"label,I1,I2", "has 1 column, want 40: a label, 13 integers and 26 categories, tab separated"},
		{strings.Repeat("\t", 40), "has 41 columns, want 40: a label, 13 integers and 26 categories, tab separated"},
		{criteoRow("2"), `column 1 (label) is "2", want 0 or 1`},
		{criteoRow("01"), `column 1 (label) is "01", want 0 or 1`},
		{ints("1.0"), `column 3 (I2) is "1.0", want an integer`},
		{ints("-"), `column 3 (I2) is "-", want an integer`},
		{ints("+1"), `column 3 (I2) is "+1", want an integer`},
		{ints("1000000000000000000"), `column 3 (I2) is "1000000000000000000", want an integer`},
		{criteoCategory(3, "zz"), `column 17 (C3) is "zz", want a hexadecimal number of 32 bits`},
		{criteoCategory(3, "0123456g"), `column 17 (C3) is "0123456g", want a hexadecimal number of 32 bits`},
		{criteoCategory(3, "123456789"), `column 17 (C3) is "123456789", want a hexadecimal number of 32 bits`},
		{criteoCategory(26, "0123 567"), `column 40 (C26) is "0123 567", want a hexadecimal number of 32 bits`},
	} {
		var rows raw.Rows
		rows.Reset(criteoLayout())
		err := newCriteoLine().Parse(&rows, []byte(strings.TrimSuffix(c.row, "\n")))
		if errorText(err) != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
		checkRows(t, criteoLayout(), &rows)
	}
}

// hex8 is hexKey of every byte in every place.
func TestHex8(t *testing.T) {
	for place := range 8 {
		for c := range 256 {
			v := []byte("0aF9c3E7")
			v[place] = byte(c)
			var word uint64
			for _, c := range v {
				word = word<<8 | uint64(c)
			}
			got, ok := hex8(word)
			want, wantOK := hexKey(v)
			if ok != wantOK || ok && got != want {
				t.Errorf("%q is %#x, %v; digit by digit it is %#x, %v", v, got, ok, want, wantOK)
			}
		}
	}
}

// FuzzCriteoLine: a line is read in full or refused and leaves nothing.
func FuzzCriteoLine(f *testing.F) {
	f.Add([]byte("1\t2\t\t-1" + strings.Repeat("\t", 36)))
	f.Add([]byte("0" + strings.Repeat("\t", 14) + "0123abCD\t12345678" + strings.Repeat("\t", 23) + "\tffffffff"))
	f.Fuzz(func(t *testing.T, line []byte) {
		layout := criteoLayout()
		var rows raw.Rows
		rows.Reset(layout)
		err := newCriteoLine().Parse(&rows, line)
		if (err == nil) != (rows.N == 1) || err != nil && rows.N != 0 {
			t.Errorf("%d rows with error %v", rows.N, err)
		}
		checkRows(t, layout, &rows)
		for i := range rows.Dense {
			for _, x := range rows.Dense[i] {
				if math.Abs(float64(x)) > 1e18 {
					t.Errorf("an integer became %g", x)
				}
			}
		}
		for i := range rows.Keys {
			for _, k := range rows.Keys[i] {
				if k>>32 != 0 {
					t.Errorf("a category became %#x", k)
				}
			}
		}
	})
}

// criteoLines are as long as the challenge's: some 240 bytes each, a third of the integers missing.
func criteoLines(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for range n {
		fmt.Fprint(&b, r.IntN(2))
		for range criteoInts {
			b.WriteByte('\t')
			if r.IntN(3) > 0 {
				fmt.Fprint(&b, int(r.ExpFloat64()*r.ExpFloat64()*50))
			}
		}
		for range criteoCats {
			b.WriteByte('\t')
			if r.IntN(10) > 0 {
				fmt.Fprintf(&b, "%08x", r.Uint32())
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func BenchmarkCriteoLine(b *testing.B) {
	content := criteoLines(5000)
	lines := strings.Split(content, "\n")
	layout, p := criteoLayout(), newCriteoLine()
	var rows raw.Rows
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		rows.Reset(layout)
		for _, line := range lines[:5000] {
			if err := p.Parse(&rows, []byte(line)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkRead is all from a file's bytes to rows, the sum of its content too.
func BenchmarkRead(b *testing.B) {
	content := criteoLines(100_000)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		f, err := text.New("lines", strings.NewReader(content), text.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if err := text.Read(b.Context(), f, 0, criteoLayout(), newCriteoLine, 1, &text.Bad{}, func(*raw.Rows) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
