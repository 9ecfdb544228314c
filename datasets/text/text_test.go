package text

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"ctrlab/datasets/raw"
)

// number parses a line that is one whole number.
type number struct{}

func (number) Parse(rows *raw.Rows, line []byte) error {
	n, err := strconv.Atoi(string(line))
	if err != nil {
		return fmt.Errorf("%q is no number", line)
	}
	rows.N++
	rows.Label = append(rows.Label, float32(n))
	return nil
}

// numbers reads content of chunks of a size; the chunks are their numbers.
func numbers(t testing.TB, content string, l Limits, head, workers, size int, bad *Bad) (chunks [][]float32, err error) {
	f, err := New("day", strings.NewReader(content), l)
	if err != nil {
		return nil, err
	}
	err = job{f, head, raw.Layout{}, func() Parser { return number{} }, workers, bad, func(r *raw.Rows) error {
		if r.N != len(r.Label) {
			t.Errorf("%d rows have %d labels", r.N, len(r.Label))
		}
		chunks = append(chunks, slices.Clone(r.Label))
		return nil
	}, size}.read(t.Context())
	return chunks, err
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		content string
		head    int
		want    []float32 // all chunks
		err     string
	}{
		{"1\n2\n3\n", 0, []float32{1, 2, 3}, ""},
		{"1\n2\n3", 0, []float32{1, 2, 3}, ""},
		{"1\r\n2\r\n\r\n", 0, []float32{1, 2}, ""},
		{"\xef\xbb\xbf1\n2", 0, []float32{1, 2}, ""},
		{"1\n2\n" + strings.Repeat("\n", 100), 0, []float32{1, 2}, ""},
		{"a\nb\n3\n", 2, []float32{3}, ""},
		{"\n\n3\n", 2, []float32{3}, ""},
		{"", 0, nil, "day: has no rows"},
		{"\n\n", 0, nil, "day: has no rows"},
		{"a\n", 1, nil, "day: has no rows"},
		{"1\n2\nx\n4\n", 0, []float32{1, 2}, `day:3: "x" is no number`},
		{"1\n\n3\n", 0, []float32{1}, "day:2: the line is empty"},
		{"1\n" + strings.Repeat("\n", 40) + "3\n", 0, []float32{1}, "day:2: the line is empty"},
		{"1\n" + strings.Repeat("2", 21) + "\n", 0, []float32{1}, "day:2: a line is longer than 20 bytes: the file is of another format"},
		{"1\n" + strings.Repeat("2", 200), 0, []float32{1}, "day:2: a line is longer than 20 bytes: the file is of another format"},
	} {
		for _, size := range []int{1, 2, 7, 16, 1 << 20} {
			var first [][]float32
			for _, workers := range []int{1, 3} {
				chunks, err := numbers(t, c.content, Limits{Line: 20}, c.head, workers, size, &Bad{})
				got := slices.Concat(chunks...)
				if errorText(err) != c.err {
					t.Errorf("%q by %d: error %v, want %s", c.content, size, err, c.err)
				}
				if c.err == "" && !slices.Equal(got, c.want) || len(got) > len(c.want) || !slices.Equal(got, c.want[:len(got)]) {
					t.Errorf("%q by %d: rows %v, want %v", c.content, size, got, c.want)
				}
				if workers == 1 {
					first = chunks
				} else if !slices.EqualFunc(first, chunks, slices.Equal) {
					t.Errorf("%q by %d: chunks %v with 3 workers, %v with one", c.content, size, chunks, first)
				}
			}
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestReadSkipsBadRows(t *testing.T) {
	content := "x\n1\n\n\ny\tz\n2\n\n"
	for _, size := range []int{1, 3, 1 << 20} {
		var kept bytes.Buffer
		bad := &Bad{Most: 4, Keep: &kept}
		chunks, err := numbers(t, content, Limits{}, 0, 2, size, bad)
		if got := slices.Concat(chunks...); err != nil || !slices.Equal(got, []float32{1, 2}) {
			t.Errorf("rows %v, %v, want 1 and 2", got, err)
		}
		want := "day\t1\t\"x\" is no number\tx\nday\t3\tthe line is empty\t\nday\t4\tthe line is empty\t\nday\t5\t\"y\\tz\" is no number\ty\tz\n"
		if bad.Count() != 4 || errorText(bad.First()) != `day:1: "x" is no number` || kept.String() != want {
			t.Errorf("%d bad rows, the first %v, kept\n%swant\n%s", bad.Count(), bad.First(), kept.String(), want)
		}
		_, err = numbers(t, content, Limits{}, 0, 2, size, &Bad{Most: 3})
		if want := `day:5: "y\tz" is no number (bad row 4; max_bad_rows is 3)`; errorText(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
		restored := &Bad{Most: 5}
		restored.Restore(3, errors.New("earlier"))
		_, err = numbers(t, content, Limits{}, 0, 2, size, restored)
		if want := "day:4: the line is empty (bad row 6; max_bad_rows is 5)"; errorText(err) != want || errorText(restored.First()) != "earlier" {
			t.Errorf("got %v, first %v; want %s, earlier", err, restored.First(), want)
		}
	}
}

// Of a file without a good row its own first bad row is told.
func TestReadAllRowsBad(t *testing.T) {
	bad := &Bad{Most: 10}
	bad.Restore(1, errors.New("of an earlier file"))
	_, err := numbers(t, "x\ny\n", Limits{}, 0, 1, 2, bad)
	if want := `day: has no rows but 2 malformed ones; the first: day:1: "x" is no number`; errorText(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = numbers(t, "x\n", Limits{}, 0, 1, 2, bad)
	if want := `day: has no rows but a malformed one: day:1: "x" is no number`; errorText(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// What emit says ends the reading, and so does the context; of standard input too, when nothing comes.
func TestReadEnds(t *testing.T) {
	stop := errors.New("stop")
	var calls int
	f, _ := New("day", strings.NewReader(strings.Repeat("1\n", 10000)), Limits{})
	err := job{f, 0, raw.Layout{}, func() Parser { return number{} }, 2, &Bad{}, func(*raw.Rows) error { calls++; return stop }, 10}.read(t.Context())
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	defer out.Close()
	go func() {
		io.WriteString(out, strings.Repeat("1\n", 100))
		cancel()
	}()
	f, err = New("day", in, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	err = Read(ctx, f, 0, raw.Layout{}, func() Parser { return number{} }, 2, &Bad{}, func(*raw.Rows) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it is cancelled", err)
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.String()
}

func zstded(text string) string {
	var b bytes.Buffer
	z, _ := zstd.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.String()
}

func TestOpen(t *testing.T) {
	const content = "1\n2\n3\n"
	for name, data := range map[string]string{
		"plain":           content,
		"gzip":            gzipped(content),
		"gzip of members": gzipped("1\n2") + gzipped("") + gzipped("\n3\n"),
		"zstd":            zstded(content),
		"zstd of frames":  zstded("1\n") + zstded("2\n3\n"),
	} {
		path := filepath.Join(t.TempDir(), "day")
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := io.ReadAll(f)
		if string(got) != content || err != nil {
			t.Errorf("%s has %q, %v", name, got, err)
		}
		if f.Name() != path || f.Size() != int64(len(data)) || f.Done() != f.Size() || f.Sum() != sha256.Sum256([]byte(content)) {
			t.Errorf("%s: name %s, %d bytes of %d read, sum %x", name, f.Name(), f.Done(), f.Size(), f.Sum())
		}
		if err := f.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenStandardInput(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func(was *os.File) { os.Stdin = was }(os.Stdin)
	os.Stdin = in
	io.WriteString(out, gzipped("1\nx\n"))
	out.Close()
	f, err := Open("-", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	err = Read(t.Context(), f, 0, raw.Layout{}, func() Parser { return number{} }, 1, &Bad{}, func(*raw.Rows) error { return nil })
	if want := `standard input:2: "x" is no number`; errorText(err) != want || f.Size() != -1 || f.Close() != nil {
		t.Errorf("got %v, size %d; want %s and -1", err, f.Size(), want)
	}
}

func TestDamagedFiles(t *testing.T) {
	rows := strings.Repeat("1\n", 1000)
	flip := func(s string, at int) string {
		b := []byte(s)
		b[len(b)+at] ^= 1
		return string(b)
	}
	gz, zst := gzipped(rows), zstded(rows)
	for name, c := range map[string]struct{ data, want string }{
		"gzip's header": {gz[:5], "day: the gzip file is cut off: unexpected EOF"},
		"gzip's end":    {gz[:len(gz)-5], "day:1001: the gzip file is cut off: unexpected EOF"},
		"gzip's second": {gz + gz[:15], "day:1131: the gzip file is cut off: unexpected EOF"},
		"gzip's sum":    {flip(gz, -6), "day:1001: the gzip file is damaged: gzip: invalid checksum"},
		"after gzip":    {gz + "rubbish after", "day:1001: the gzip file has bytes behind its end that are no gzip"},
		"a zero after":  {gz + "\x00", "day:1001: the gzip file has bytes behind its end that are no gzip"},
		"zstd's end":    {zst[:len(zst)-5], "day:1: the zstd file is cut off: unexpected EOF"},
		"zstd's sum":    {flip(zst, -1), "day:1: the zstd file is damaged: CRC check failed"},
		"zstd's header": {zst[:4], "day:1: the zstd file is cut off: unexpected EOF"},
		"zip":           {"PK\x03\x04", "day: is a zip archive, want text in UTF-8, plain or packed by gzip or zstd"},
		"UTF-16":        {"\xff\xfe1\x00", "day: is text in UTF-16, want text in UTF-8, plain or packed by gzip or zstd"},
		"zeros":         {string(make([]byte, 2<<20)), "day:1: a line is longer than 1048576 bytes: the file is of another format"},
	} {
		_, err := numbers(t, c.data, Limits{}, 0, 2, 1<<20, &Bad{})
		if errorText(err) != c.want {
			t.Errorf("%s:\ngot  %v\nwant %s", name, err, c.want)
		}
	}
	if f, err := Open(t.TempDir(), Limits{}); err == nil {
		t.Errorf("a folder opens: %v", f.Name())
	}
}

// 100 million zeros are 97 kB of gzip and a few of zstd.
func TestBomb(t *testing.T) {
	for _, pack := range []func(string) string{gzipped, zstded} {
		data := pack(strings.Repeat("0\n", 50_000_000))
		f, err := New("day", strings.NewReader(data), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, f)
		if most := int64(64<<20 + 200*len(data) + 1<<20); n > most || !strings.Contains(errorText(err), "it is not text that was packed") {
			t.Errorf("%d bytes make %d: %v", len(data), n, err)
		}
		f, _ = New("day", strings.NewReader(data), Limits{Decompressed: 1000})
		n, err = io.Copy(io.Discard, f)
		if !strings.Contains(errorText(err), "is larger than 1000 bytes: it is not text that was packed") {
			t.Errorf("%d bytes make %d: %v", len(data), n, err)
		}
		f, _ = New("day", strings.NewReader(data), Limits{Decompressed: 100_000_000})
		if n, err = io.Copy(io.Discard, f); err != nil || n != 100_000_000 {
			t.Errorf("%d bytes, %v; want all 100 million", n, err)
		}
	}
}

// FuzzRead: whatever the bytes are, chunks and errors do not depend on workers, and rows not on the size of chunks.
func FuzzRead(f *testing.F) {
	f.Add("1\n2\n\n", uint8(3), uint8(0))
	f.Add("1\r\n\n\nx\n2", uint8(1), uint8(2))
	f.Add("\xef\xbb\xbf1\n2", uint8(2), uint8(1))
	f.Add(gzipped("1\n2\n"), uint8(9), uint8(0))
	f.Add(zstded("1\n2\n"), uint8(9), uint8(0))
	f.Fuzz(func(t *testing.T, content string, size, most uint8) {
		type result struct {
			chunks [][]float32
			err    string
			bad    int
		}
		run := func(workers, size int) result {
			bad := &Bad{Most: int(most)}
			chunks, err := numbers(t, content, Limits{Line: 100, Decompressed: 1 << 20}, 1, workers, size, bad)
			return result{chunks, errorText(err), bad.Count()}
		}
		one, three, whole := run(1, int(size)+1), run(3, int(size)+1), run(1, 1<<20)
		if !slices.EqualFunc(one.chunks, three.chunks, slices.Equal) || one.err != three.err || one.bad != three.bad {
			t.Errorf("one worker reads %v, three read %v", one, three)
		}
		if one.err != whole.err || one.err == "" && !slices.Equal(slices.Concat(one.chunks...), slices.Concat(whole.chunks...)) {
			t.Errorf("by %d bytes: %v, whole: %v", int(size)+1, one, whole)
		}
	})
}
