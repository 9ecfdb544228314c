// Package npz writes arrays in NumPy's format: a zip file with an .npy file each, as numpy.savez makes it.
package npz

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// Writer makes one archive; numpy.load finds arrays in it by their names. The first error is kept for Close.
type Writer struct {
	zip *zip.Writer
	err error
}

// NewWriter returns a Writer to w; Close ends it.
func NewWriter(w io.Writer) *Writer { return &Writer{zip: zip.NewWriter(w)} }

// Floats adds an array of 32-bit floats, row-major.
func (w *Writer) Floats(name string, shape []int, data []float32) {
	n := 1
	for _, d := range shape {
		n *= d
	}
	if n != len(data) {
		panic("npz: an array is not as long as its shape says")
	}
	w.add(name, "<f4", shape, func(b *bufio.Writer) {
		for _, v := range data {
			b.Write(binary.LittleEndian.AppendUint32(b.AvailableBuffer(), math.Float32bits(v))) // Flush tells
		}
	})
}

// Text adds an array without dimensions of a byte string.
func (w *Writer) Text(name, text string) {
	w.add(name, fmt.Sprintf("|S%d", max(len(text), 1)), nil, func(b *bufio.Writer) {
		b.WriteString(text)
		if text == "" {
			b.WriteByte(0)
		}
	})
}

// Close ends the archive.
func (w *Writer) Close() error {
	if err := w.zip.Close(); w.err == nil {
		w.err = err
	}
	return w.err
}

func (w *Writer) add(name, kind string, shape []int, data func(*bufio.Writer)) {
	if w.err != nil {
		return
	}
	f, err := w.zip.CreateHeader(&zip.FileHeader{Name: name + ".npy"}) // stored, as savez has it
	if err != nil {
		w.err = err
		return
	}
	b := bufio.NewWriter(f)
	b.WriteString(head(kind, shape))
	data(b)
	w.err = b.Flush()
}

// head is what stands before the numbers: version 1.0, a dictionary as Python spells it, and blanks up to a multiple of 64.
func head(kind string, shape []int) string {
	var dims strings.Builder
	for _, d := range shape {
		fmt.Fprintf(&dims, "%d,", d)
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, dims.String())
	const before = 10 // magic, version and length
	blanks := 63 - (before+len(text))%64
	text += strings.Repeat(" ", blanks) + "\n"
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(text)))) + text
}
