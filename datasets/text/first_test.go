package text

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFirst(t *testing.T) {
	rows := strings.Repeat("1\n", 1000)
	for _, c := range []struct {
		content string
		n       int
		want    []string
		err     string
	}{
		{"a\nb\nc\n", 2, []string{"a", "b"}, ""},
		{"\xef\xbb\xbfa\r\n\r\nc", 9, []string{"a", "", "c"}, ""},
		{gzipped("a\nb"), 2, []string{"a", "b"}, ""},
		{zstded("a\nb\n"), 3, []string{"a", "b"}, ""},
		{"a\n", 1, []string{"a"}, ""},
		{"", 1, nil, ""},
		{gzipped(rows)[:20], 1001, nil, // the line in which it ends
			"day:518: the gzip file is cut off: unexpected EOF"},
		{"a\n" + strings.Repeat("b", 30), 1, []string{"a"}, ""},
		{"a\n" + strings.Repeat("b", 30), 2, nil, "day:2: a line is longer than 20 bytes: the file is of another format"},
		{"a\n" + strings.Repeat("b", 20) + "\nc", 3, []string{"a", strings.Repeat("b", 20), "c"}, ""},
	} {
		t.Chdir(t.TempDir())
		if err := os.WriteFile("day", []byte(c.content), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := First("day", c.n, Limits{Line: 20})
		if !slices.Equal(got, c.want) || errorText(err) != c.err {
			t.Errorf("%d lines of %q are %q, %v, want %q, %s", c.n, c.content, got, err, c.want, c.err)
		}
	}
	if _, err := First(filepath.Join(t.TempDir(), "none"), 1, Limits{}); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
}
