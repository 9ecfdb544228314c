package fetch

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// server gives content by name, and may cut a reply off or answer without ranges.
type server struct {
	content map[string][]byte
	cut     int64 // bytes after which the connection ends; 0 never
	ranges  bool
	tag     string
	from    []string // Range headers of the requests
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, ok := s.content[strings.TrimPrefix(r.URL.Path, "/")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodGet {
		s.from = append(s.from, r.Header.Get("Range"))
	}
	if !s.ranges {
		r.Header.Del("Range")
	}
	if s.tag != "" {
		w.Header().Set("ETag", strconv.Quote(s.tag))
	}
	if s.cut > 0 && r.Method == http.MethodGet {
		w = &cutting{w, s.cut}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}

type cutting struct {
	http.ResponseWriter
	left int64
}

func (c *cutting) Write(p []byte) (int, error) {
	if int64(len(p)) > c.left {
		_, _ = c.ResponseWriter.Write(p[:c.left])
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= int64(len(p))
	return c.ResponseWriter.Write(p)
}

func serve(t *testing.T, s *server) (set func(names ...string) Set, client *http.Client) {
	at := httptest.NewServer(s)
	t.Cleanup(at.Close)
	return func(names ...string) Set { return Set{Name: "set", Files: files(at.URL+"/", names...)} }, at.Client()
}

func get(t *testing.T, s Set, client *http.Client, dir string) (map[string]string, error) {
	t.Helper()
	return s.Get(context.Background(), client, dir, func(string, int64, int64) {})
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes, %v; want %d bytes", filepath.Base(path), len(got), err, len(want))
	}
}

func TestGet(t *testing.T) {
	content := bytes.Repeat([]byte("1\t2\t3\n"), 50_000)
	s := &server{content: map[string][]byte{"a.tsv": content, "b.tsv": []byte("b")}, ranges: true}
	set, client := serve(t, s)
	if n, err := set("a.tsv", "b.tsv").Size(context.Background(), client); err != nil || n != int64(len(content)+1) {
		t.Errorf("size %d, %v", n, err)
	}
	dir := t.TempDir()
	sums, err := get(t, set("a.tsv", "b.tsv"), client, dir)
	if err != nil || sums["a.tsv"] != sum(content) {
		t.Fatal(sums, err)
	}
	wantFile(t, filepath.Join(dir, "a.tsv"), content)
	s.content = nil // what is there is not asked for again
	if again, err := get(t, set("a.tsv", "b.tsv"), client, dir); err != nil || again["b.tsv"] != sums["b.tsv"] {
		t.Error(again, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part*")); left != nil {
		t.Error("left behind:", left)
	}
}

func TestResume(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 40_000)
	for _, c := range []struct {
		name, before, after string // the content's tag when the download is cut off, and when it goes on
		ranges              bool
		range2              string // what is asked for then
	}{
		{"where it stopped", "v1", "v1", true, "bytes=100000-"},
		{"a server without ranges", "v1", "v1", false, "bytes=100000-"},
		{"other content by now", "v1", "v2", true, "bytes=100000-"},
		{"nothing that tells versions apart", "", "", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &server{content: map[string][]byte{"a.bin": bytes.ToUpper(content)}, ranges: c.ranges, tag: c.before, cut: 100_000}
			if c.before == c.after {
				s.content["a.bin"] = content
			}
			set, client := serve(t, s)
			dir := t.TempDir()
			if _, err := get(t, set("a.bin"), client, dir); err == nil || !strings.Contains(err.Error(), "goes on from") {
				t.Fatalf("cut off: %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, "a.bin")); err == nil {
				t.Error("half a file has the whole one's name")
			}
			s.cut, s.tag, s.content["a.bin"] = 0, c.after, content
			if _, err := get(t, set("a.bin"), client, dir); err != nil {
				t.Fatal(err)
			}
			wantFile(t, filepath.Join(dir, "a.bin"), content)
			if s.from[1] != c.range2 {
				t.Errorf("the second request wants %q, want %q", s.from[1], c.range2)
			}
		})
	}
}

// A download that was killed between its last byte and the file's name has nothing left to ask for.
func TestResumeAtTheEnd(t *testing.T) {
	content := []byte("whole")
	set, client := serve(t, &server{content: map[string][]byte{"a": content}, ranges: true, tag: "v"})
	dir := t.TempDir()
	for name, b := range map[string]string{"a.part": "whole", "a.part.etag": `"v"`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := get(t, set("a"), client, dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "a"), content)
}

func TestHashes(t *testing.T) {
	s := &server{content: map[string][]byte{"a": []byte("first")}}
	set, client := serve(t, s)
	dir := t.TempDir()
	if _, err := get(t, set("a"), client, dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	s.content["a"] = []byte("other")
	if _, err := get(t, set("a"), client, dir); err == nil || !strings.Contains(err.Error(), "an earlier download had "+sum([]byte("first"))) {
		t.Errorf("other content than before: %v", err)
	}
	wantFile(t, filepath.Join(dir, "a.unexpected"), []byte("other"))

	known := set("a")
	known.Files[0].SHA256 = sum([]byte("published"))
	if _, err := get(t, known, client, t.TempDir()); err == nil || !strings.Contains(err.Error(), "its owner's is") {
		t.Errorf("other content than the owner says: %v", err)
	}
}

func TestMissing(t *testing.T) {
	set, client := serve(t, &server{})
	if _, err := set("a").Size(context.Background(), client); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
	if _, err := get(t, set("a"), client, t.TempDir()); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}

func TestUnpack(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(filepath.Dir(dir), "evil.txt")
	var z, g bytes.Buffer
	w := zip.NewWriter(&z)
	for name, text := range map[string]string{"ml/u.data": "1 2", "ml/": "", "../evil.txt": "evil"} {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write([]byte(text))
	}
	w.Close()
	gz := gzip.NewWriter(&g)
	tw := tar.NewWriter(gz)
	for name, text := range map[string]string{"x/train.txt": "t", "/etc/abs.txt": "a"} {
		if err := tw.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Typeflag: tar.TypeReg, Mode: 0o666}); err != nil {
			t.Fatal(err)
		}
		_, _ = tw.Write([]byte(text))
	}
	if err := tw.WriteHeader(&tar.Header{Name: "link", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}); err != nil {
		t.Fatal(err)
	}
	tw.Close()
	gz.Close()
	set, client := serve(t, &server{content: map[string][]byte{"a.zip": z.Bytes(), "b.tar.gz": g.Bytes()}})
	if _, err := get(t, set("a.zip", "b.tar.gz"), client, dir); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"u.data": "1 2", "evil.txt": "evil", "train.txt": "t", "abs.txt": "a"} {
		wantFile(t, filepath.Join(dir, name), []byte(text)) // all in the folder, whatever their names say
	}
	if _, err := os.Lstat(outside); err == nil {
		t.Error("a file of the archive lies outside the folder")
	}
	if _, err := os.Lstat(filepath.Join(dir, "link")); err == nil {
		t.Error("a link of the archive was made")
	}
	set, client = serve(t, &server{content: map[string][]byte{"c.zip": z.Bytes()[:len(z.Bytes())-9]}})
	if _, err := get(t, set("c.zip"), client, t.TempDir()); err == nil {
		t.Error("a damaged archive was unpacked")
	}
}

func TestInterruption(t *testing.T) {
	set, client := serve(t, &server{content: map[string][]byte{"a": []byte("a")}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := set("a").Get(ctx, client, t.TempDir(), nil); ctx.Err() == nil || err == nil {
		t.Errorf("interrupted: %v", err)
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Sets {
		if seen[s.Name] || s.About == "" || s.Terms == "" || !strings.HasPrefix(s.Page, "https://") || len(s.Files) == 0 {
			t.Errorf("%+v", s)
		}
		seen[s.Name] = true
		for _, f := range s.Files {
			if !strings.HasPrefix(f.URL, "https://") || f.name() == "" {
				t.Errorf("%s: %s", s.Name, f.URL)
			}
		}
	}
	if s, ok := Find("ml-1m"); !ok || s.Files[0].name() != "ml-1m.zip" {
		t.Errorf("%+v", s)
	}
}
