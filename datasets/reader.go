package datasets

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"ctrlab/datasets/batch"
)

// reader reads the files of a source line by line and keeps account of them.
type reader struct {
	ctx   context.Context
	most  int // bad rows to skip
	bad   int
	first error // the first bad row
	sums  []string
}

const maxLine = 1 << 20

// lines calls parse with every line of a file, plain or gzip, without its end. An error of parse is a bad row.
func (r *reader) lines(file string, parse func(number int, line []byte) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	content, err := unzip(f)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(content, sum), maxLine)
	for number := 1; ; number++ {
		line, err := in.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 {
			r.sums = append(r.sums, hex.EncodeToString(sum.Sum(nil)))
			return nil
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s:%d: %w", file, number, explain(err))
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if err := parse(number, line); err != nil {
			if err := r.skip(fmt.Errorf("%s:%d: %w", file, number, err)); err != nil {
				return err
			}
		}
		if number%4096 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
	}
}

// skip counts a bad row and is its error where there are too many.
func (r *reader) skip(err error) error {
	if r.bad == r.most {
		if r.most > 0 {
			return fmt.Errorf("%w (bad row %d; max_bad_rows is %d)", err, r.bad+1, r.most)
		}
		return err
	}
	if r.bad++; r.first == nil {
		r.first = err
	}
	return nil
}

func (r *reader) about() About {
	if r.bad == 0 {
		return About{}
	}
	return About{BadRows: r.bad, Warnings: []string{fmt.Sprintf("%s skipped; the first: %v", counted(r.bad, "malformed row"), r.first)}}
}

// counted writes a count with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// unzip returns the content of a file, which is gzip if it begins as gzip does.
func unzip(f io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(f, 1<<16)
	if magic, _ := in.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return in, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, explain(err)
	}
	return z, nil
}

func explain(err error) error {
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return fmt.Errorf("a line is longer than %d bytes: the file is of another format", maxLine)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return fmt.Errorf("the gzip file is cut off: %w", err)
	case errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("the gzip file is damaged: %w", err)
	}
	return err
}

// all reads every file in turn and returns how many rows each split got; rows says how many there are so far.
func (r *reader) all(files []named, rows func() int, parse func(number int, line []byte) error) (counts [batch.Splits]int, err error) {
	for _, f := range files {
		before, bad, first := rows(), r.bad, r.first
		r.first = nil
		if err := r.lines(f.file, parse); err != nil {
			return counts, err
		}
		if rows() == before && r.bad > bad {
			return counts, fmt.Errorf("%s: has no rows but %s; the first: %w", f.file, counted(r.bad-bad, "malformed one"), r.first)
		}
		if rows() == before {
			return counts, fmt.Errorf("%s: has no rows", f.file)
		}
		r.first = cmp.Or(first, r.first)
		if rows() > maxRows {
			return counts, fmt.Errorf("%s: more than %d rows in all", f.file, maxRows)
		}
		counts[f.split] += rows() - before
	}
	return counts, nil
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// quoted is a value of a file in an error.
func quoted(v []byte) string {
	if len(v) > 40 {
		return fmt.Sprintf("%q…", v[:40])
	}
	return fmt.Sprintf("%q", v)
}
