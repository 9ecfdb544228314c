package checkpoint

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"testing"
)

// recrc is the checksum of a preamble's first 60 bytes, as it stands in it.
func recrc(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(nil, crc32.Checksum(b[:60], castagnoli))
}

// assemble is a file whose checksums are right around a body and a head that may be anything.
func assemble(body, head []byte) []byte {
	b := append(make([]byte, align), body...)
	p := preamble{crc32.Checksum(head, castagnoli), int64(len(b)), int64(len(head))}
	copy(b, p.bytes())
	return append(b, head...)
}

// Whatever is in a file, reading it ends without a panic, and no section is longer than the file.
func FuzzRead(f *testing.F) {
	whole, err := os.ReadFile(write(f, f.TempDir()))
	must(f, err)
	at := int(binary.LittleEndian.Uint64(whole[16:]))
	f.Add(whole[:at], whole[at:])
	for _, head := range []string{
		``, `{}`, `null`, `{"header":1,"sections":[]}`, `{"header":{},"sections":[{"name":"a","kind":"float32","shape":[4611686018427387904,4],"crc":0}]}`,
		`{"header":{},"sections":[{"name":"a","kind":"float32","shape":[-1],"crc":0}]}`, `{"header":{},"sections":[{"name":"a","kind":"x","shape":[1],"crc":0}]}`,
		`{"header":{},"sections":[{"name":"a","kind":"bytes","shape":[0,9223372036854775807,2],"crc":0}]}`, `{"header":{},"sections":[{"name":"a","kind":"bytes","shape":null,"crc":0}]}`,
		`{"header":{},"sections":[{"name":"a","kind":"bytes","shape":[0],"crc":0},{"name":"a","kind":"bytes","shape":[0],"crc":0}]}`,
		`{"header":{},"sections":[]} {}`, `{"sections":[],"header":{}}`,
	} {
		f.Add(make([]byte, 64), []byte(head))
	}
	f.Fuzz(func(t *testing.T, body, head []byte) {
		for _, b := range [][]byte{body, append(bytes.Clone(body), head...), assemble(body, head), assemble(body[min(align, len(body)):], head)} {
			file, err := read("x", bytes.NewReader(b), int64(len(b)))
			if err != nil {
				continue
			}
			sound := file.Verify() == nil
			for _, s := range file.Sections() {
				if s.Len() > len(b) {
					t.Fatalf("section %q of %d elements in %d bytes", s.Name, s.Len(), len(b))
				}
				_, floats := file.Floats(s.Name)
				_, plain := file.Bytes(s.Name)
				if sound && (floats == nil) == (plain == nil) {
					t.Fatalf("section %q is of kind %s: %v, %v", s.Name, s.Kind, floats, plain)
				}
			}
		}
	})
}
