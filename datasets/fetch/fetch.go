// Package fetch downloads public data sets from their official places.
//
// Sets is the table. Of a Set, Plan asks the servers how large it is, and Get downloads what is missing: an interrupted
// download goes on where it stopped, a file has its name only when it is whole, and what its SHA-256 was is kept beside it,
// so that a later download of other content is noticed. Archives are unpacked.
package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Set is a row of the table of data sets.
type Set struct {
	Name, About string
	Page        string // where its owner describes it
	Terms       string // as the owner states them
	Files       []File
}

// File is one download.
type File struct {
	URL    string
	SHA256 string // hex; "" where the owner publishes none: the first download's is recorded then
}

// name is that of the file on disk.
func (f File) name() string { return f.URL[strings.LastIndexByte(f.URL, '/')+1:] }

// Progress is told of every part that arrives: bytes of a file so far and in all, −1 where the server does not say.
type Progress func(name string, done, size int64)

// Size asks how many bytes the files are in all; −1 where a server does not say.
func (s Set) Size(ctx context.Context, client *http.Client) (int64, error) {
	total := int64(0)
	for _, f := range s.Files {
		r, err := do(ctx, client, http.MethodHead, f.URL, 0, "")
		if err != nil {
			return 0, err
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("%s: the server says %s", f.URL, r.Status)
		}
		if r.ContentLength < 0 || total < 0 {
			total = -1
			continue
		}
		total += r.ContentLength
	}
	return total, nil
}

// Get downloads and unpacks into dir what is not there yet, and returns the files' SHA-256 by name.
func (s Set) Get(ctx context.Context, client *http.Client, dir string, progress Progress) (map[string]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	sums, err := loadRecord(dir)
	if err != nil {
		return nil, err
	}
	for _, f := range s.Files {
		path := filepath.Join(dir, f.name())
		sum, err := f.get(ctx, client, path, progress)
		if err != nil {
			return nil, err
		}
		if err := f.check(path, sum, sums[f.name()]); err != nil {
			return nil, err
		}
		sums[f.name()] = sum
		if err := saveRecord(dir, sums); err != nil {
			return nil, err
		}
		if err := unpack(ctx, path, dir); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return sums, nil
}

// get makes sure that the file is there, whole, and returns its SHA-256.
func (f File) get(ctx context.Context, client *http.Client, path string, progress Progress) (string, error) {
	if sum, err := sumOf(ctx, path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return sum, err
	}
	part := path + ".part"
	if err := f.download(ctx, client, part, progress); err != nil {
		return "", err
	}
	sum, err := sumOf(ctx, part)
	if err != nil {
		return "", err
	}
	return sum, os.Rename(part, path)
}

// download brings part up to the whole file. What identifies the content on the server stands beside it: where that has
// changed, or the server sends all from the start, the part begins again.
func (f File) download(ctx context.Context, client *http.Client, part string, progress Progress) error {
	out, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer out.Close()
	have, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	tag, _ := os.ReadFile(part + ".etag")
	if len(tag) == 0 {
		have = 0 // of what version these bytes are is not known
	}
	r, err := do(ctx, client, http.MethodGet, f.URL, have, string(tag))
	if err != nil {
		return err
	}
	defer r.Body.Close()
	switch {
	case r.StatusCode == http.StatusPartialContent && have > 0:
	case r.StatusCode == http.StatusRequestedRangeNotSatisfiable && r.Header.Get("Content-Range") == fmt.Sprintf("bytes */%d", have):
		return os.Remove(part + ".etag") // nothing is missing
	case r.StatusCode == http.StatusOK:
		have = 0
	default:
		return fmt.Errorf("%s: the server says %s", f.URL, r.Status)
	}
	if err := os.WriteFile(part+".etag", []byte(validator(r)), 0o666); err != nil {
		return err
	}
	if err := out.Truncate(have); err != nil {
		return err
	}
	if _, err := out.Seek(have, io.SeekStart); err != nil {
		return err
	}
	size := int64(-1)
	if r.ContentLength >= 0 {
		size = have + r.ContentLength
	}
	in := &counted{Reader: r.Body, done: have, tell: func(done int64) { progress(f.name(), done, size) }}
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("%s: %w; the same command goes on from %d bytes", f.URL, err, in.done)
	}
	if size >= 0 && in.done != size {
		return fmt.Errorf("%s: ended after %d of %d bytes; the same command goes on from there", f.URL, in.done, size)
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return os.Remove(part + ".etag")
}

// do sends a request, from a byte on where tag says of which content.
func do(ctx context.Context, client *http.Client, method, url string, from int64, tag string) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	if from > 0 {
		q.Header.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-")
		q.Header.Set("If-Range", tag)
	}
	return client.Do(q)
}

// validator is what tells this content of a URL from another; "" where the server gives nothing strong enough.
func validator(r *http.Response) string {
	if tag := r.Header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return r.Header.Get("Last-Modified")
}

// counted counts what is read.
type counted struct {
	io.Reader
	done int64
	tell func(done int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.done += int64(n)
	c.tell(c.done)
	return n, err
}

// check holds a file's hash against the owner's, or that of the first download. A file that fails stays, under another name.
func (f File) check(path, sum, recorded string) error {
	want, whose := f.SHA256, "its owner's is"
	if want == "" {
		want, whose = recorded, "an earlier download had"
	}
	if want == "" || want == sum {
		return nil
	}
	if err := os.Rename(path, path+".unexpected"); err != nil {
		return err
	}
	return fmt.Errorf("%s: SHA-256 is %s, and %s %s; it is kept as %s", f.URL, sum, whose, want, path+".unexpected")
}

func sumOf(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, reader{ctx, f}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// record is the file that remembers hashes by file name.
const record = "sha256.json"

func loadRecord(dir string) (map[string]string, error) {
	sums := map[string]string{}
	b, err := os.ReadFile(filepath.Join(dir, record))
	if errors.Is(err, fs.ErrNotExist) {
		return sums, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &sums); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, record), err)
	}
	return sums, nil
}

func saveRecord(dir string, sums map[string]string) error {
	b, err := json.MarshalIndent(sums, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, record)
	if err := os.WriteFile(path+".part", append(b, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
