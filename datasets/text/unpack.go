package text

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// foreign is how files begin that people have instead of text.
var foreign = []struct{ magic, is string }{
	{"PK\x03\x04", "a zip archive"},
	{"BZh91AY&SY", "a bzip2 file"},
	{"\xfd7zXZ\x00", "an xz file"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive"},
	{"\xff\xfe", "text in UTF-16"},
	{"\xfe\xff", "text in UTF-16"},
}

const gzipMagic = "\x1f\x8b"

const maxWindow = 128 << 20 // that of zstd --long; its own tool refuses more without being asked

// unpack sets the content of a file by its first bytes.
func (f *File) unpack(in *bufio.Reader) error {
	magic, err := in.Peek(16)
	if err != nil && err != io.EOF {
		return f.explain(err)
	}
	for _, t := range foreign {
		if bytes.HasPrefix(magic, []byte(t.magic)) {
			return fmt.Errorf("is %s, want text in UTF-8, plain or packed by gzip or zstd", t.is)
		}
	}
	f.content = in
	switch {
	case bytes.HasPrefix(magic, []byte(gzipMagic)):
		f.packing = "gzip"
		z, err := gzip.NewReader(in)
		if err != nil {
			return f.explain(err)
		}
		z.Multistream(false)
		f.content = &members{in, z}
	case bytes.HasPrefix(magic, []byte("\x28\xb5\x2f\xfd")):
		f.packing = "zstd"
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return f.explain(err)
		}
		f.content = z
	}
	return nil
}

// members reads the members of a gzip file, one after the other. gzip's own way to do so takes a few foreign bytes behind the last
// one for a member that is cut off.
type members struct {
	in *bufio.Reader
	z  *gzip.Reader
}

var errBehind = errors.New("bytes behind the end")

func (m *members) Read(p []byte) (int, error) {
	n, err := m.z.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	next, err := m.in.Peek(len(gzipMagic))
	switch {
	case len(next) == 0:
		return n, err
	case !strings.HasPrefix(gzipMagic, string(next)):
		return n, errBehind
	}
	if err := m.z.Reset(m.in); err != nil {
		return n, err
	}
	m.z.Multistream(false)
	return n, nil
}
