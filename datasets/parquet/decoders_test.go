package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/format"
)

// What no writer of the library uses by default is held to its encoders.
func TestLengths(t *testing.T) {
	for _, n := range []int{0, 1, 2, 127, 128, 129, 1000} {
		var texts []byte
		offsets := []uint32{0}
		for i := range n {
			texts = append(texts, fmt.Sprint(i*i)...)
			offsets = append(offsets, uint32(len(texts)))
		}
		b, err := new(delta.LengthByteArrayEncoding).EncodeByteArray(nil, texts, offsets)
		if err != nil {
			t.Fatal(err)
		}
		l, err := newLengths(b)
		if err != nil {
			t.Fatal(err)
		}
		var v datum
		for i := range n {
			if err := l.next(&v); err != nil || string(v.bytes) != fmt.Sprint(i*i) {
				t.Fatalf("value %d of %d is %q, %v", i, n, v.bytes, err)
			}
		}
		if err := l.next(&v); !errors.Is(err, errFew) {
			t.Errorf("after %d values: %v, want %v", n, err, errFew)
		}
	}
}

func TestDeltas(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, values := range [][]int64{{}, {7}, {math.MinInt64, math.MaxInt64, 0, -1}, drawn(r, 300, math.MaxInt64), drawn(r, 129, 5), drawn(r, 1000, 1<<40)} {
		b, err := new(delta.BinaryPackedEncoding).EncodeInt64(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		d, err := newDeltas(append(b, "rest"...), false)
		if err != nil {
			t.Fatal(err)
		}
		skipped := *d
		if rest, err := skipped.rest(); err != nil || !bytes.HasSuffix(rest, []byte("rest")) {
			t.Errorf("after %d values: %q, %v", len(values), rest, err)
		}
		for i, want := range values {
			if got, err := d.value(); got != want || err != nil {
				t.Fatalf("value %d of %d is %d, want %d: %v", i, len(values), got, want, err)
			}
		}
	}
}

func drawn(r *rand.Rand, n int, most int64) (all []int64) {
	for range n {
		all = append(all, r.Int64N(most))
	}
	return all
}

func TestHybrid(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for width := uint(1); width <= 31; width++ {
		var values []int32
		for len(values) < 500 {
			v := int32(r.Uint32() & (1<<width - 1))
			for range 1 + r.IntN(2)*r.IntN(40) {
				values = append(values, v)
			}
		}
		b, err := (&rle.Encoding{BitWidth: int(width)}).EncodeInt32(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		h, err := newHybrid(b, width)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range values {
			if got, err := h.next(); got != uint32(want) || err != nil {
				t.Fatalf("width %d: value %d is %d, want %d: %v", width, i, got, want, err)
			}
		}
	}
}

// Truths in runs come after their length.
func TestTruths(t *testing.T) {
	r := &Reader{c: &Column{physical: format.Boolean}}
	d, err := r.decoder(format.RLE, []byte{2, 0, 0, 0, 3 << 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	var v datum
	for range 3 {
		if err := d.next(&v); err != nil || v.bits != 1 {
			t.Errorf("got %d, %v, want 1", v.bits, err)
		}
	}
	if err := d.next(&v); !errors.Is(err, errFew) {
		t.Errorf("got %v, want %v", err, errFew)
	}
}

// What lies packed is as long as its page says: a bomb is told by its length.
func TestUnpack(t *testing.T) {
	content := bytes.Repeat([]byte("abcdefgh"), 1000)
	for _, codec := range codecs[1:] {
		packed, err := codec.Encode(nil, content)
		if err != nil {
			t.Fatal(err)
		}
		var u unpacker
		for range 2 { // again with what the first left
			for _, c := range []struct {
				n    int
				fail bool
			}{{len(content), false}, {len(content) - 1, true}, {len(content) + 1, true}, {0, true}} {
				dst := make([]byte, c.n)
				err := u.unpack(codec.CompressionCodec(), dst, packed)
				if (err != nil) != c.fail || err == nil && !bytes.Equal(dst, content) {
					t.Errorf("%v into %d bytes: %v", codec, c.n, err)
				}
			}
			for i := range packed {
				_ = u.unpack(codec.CompressionCodec(), make([]byte, len(content)), packed[:i])
			}
		}
	}
}
