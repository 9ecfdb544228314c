package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

var (
	errLonger  = errors.New("its content is longer than its header says")
	errShorter = errors.New("its content is shorter than its header says")
)

// unpacker decompresses pages of one column.
type unpacker struct {
	gzip   *gzip.Reader
	brotli *brotli.Reader
	zstd   *zstd.Decoder
}

// unpack fills dst with the content of src, which is as long as dst and not a byte longer.
func (u *unpacker) unpack(codec format.CompressionCodec, dst, src []byte) error {
	switch codec {
	case format.Snappy:
		return unpackSnappy(dst, src)
	case format.Zstd:
		return u.unpackZstd(dst, src)
	case format.Lz4Raw:
		return unpackLZ4(dst, src)
	case format.Gzip:
		in := bytes.NewReader(src)
		if u.gzip == nil {
			z, err := gzip.NewReader(in)
			if err != nil {
				return err
			}
			u.gzip = z
		} else if err := u.gzip.Reset(in); err != nil {
			return err
		}
		return fill(dst, u.gzip)
	case format.Brotli:
		if u.brotli == nil {
			u.brotli = new(brotli.Reader)
		}
		if err := u.brotli.Reset(bytes.NewReader(src)); err != nil {
			return err
		}
		return fill(dst, u.brotli)
	}
	return fmt.Errorf("is packed with %v, want none, snappy, gzip, zstd, brotli or lz4_raw", codec)
}

func fill(dst []byte, in io.Reader) error {
	if _, err := io.ReadFull(in, dst); err == io.EOF || err == io.ErrUnexpectedEOF {
		return errShorter
	} else if err != nil {
		return err
	}
	var more [1]byte
	switch n, err := io.ReadFull(in, more[:]); {
	case n > 0:
		return errLonger
	case err != io.EOF:
		return err
	}
	return nil
}

func unpackSnappy(dst, src []byte) error {
	n, err := snappy.DecodedLen(src)
	switch {
	case err != nil:
		return err
	case n > len(dst):
		return errLonger
	case n < len(dst):
		return errShorter
	}
	_, err = snappy.Decode(dst, src)
	return err
}

func (u *unpacker) unpackZstd(dst, src []byte) (err error) {
	if u.zstd == nil {
		if u.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostPage), zstd.WithDecodeAllCapLimit(true)); err != nil {
			return err
		}
	}
	out, err := u.zstd.DecodeAll(src, dst[:0:len(dst)])
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return errLonger
	case err == nil && len(out) < len(dst):
		return errShorter
	}
	return err
}

var errLZ4 = errors.New("its lz4 is damaged")

// unpackLZ4 decodes a block: literals, and copies of what lies before them.
func unpackLZ4(dst, src []byte) error {
	n := 0
	for len(src) > 0 {
		token := src[0]
		literals, rest, ok := lz4Length(token>>4, src[1:])
		if !ok || literals > len(rest) || literals > len(dst)-n {
			return errLZ4
		}
		n += copy(dst[n:], rest[:literals])
		if src = rest[literals:]; len(src) == 0 {
			break
		}
		if len(src) < 2 {
			return errLZ4
		}
		back := int(binary.LittleEndian.Uint16(src))
		length, rest, ok := lz4Length(token&15, src[2:])
		length += 4
		if !ok || back == 0 || back > n || length > len(dst)-n {
			return errLZ4
		}
		for end := n + length; n < end; { // which may overlap: then it repeats
			n += copy(dst[n:end], dst[n-back:n])
		}
		src = rest
	}
	if n < len(dst) {
		return errShorter
	}
	return nil
}

// lz4Length is a length of four bits, which bytes of 255 and one more make longer.
func lz4Length(four byte, src []byte) (n int, rest []byte, ok bool) {
	n = int(four)
	if n < 15 {
		return n, src, true
	}
	for i, b := range src {
		if n += int(b); b != 255 {
			return n, src[i+1:], true
		}
	}
	return 0, nil, false
}
