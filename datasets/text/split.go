package text

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"ctrlab/datasets/raw"
)

// chunk is some whole lines and what parsing them gave.
type chunk struct {
	data []byte
	line int // number of the first

	rows    raw.Rows
	bad     []badRow
	empty   span  // lines at the end
	err     error // ends the file, after the rows before it
	errLine int
	parsed  chan struct{}
}

// span is n lines from a number.
type span struct{ line, n int }

// parse stops at an error, or where bad rows are more than most.
func (c *chunk) parse(p Parser, layout raw.Layout, head, longest, most int) {
	c.rows.Reset(layout)
	c.bad, c.empty = c.bad[:0], span{}
	number := c.line
	for rest := c.data; len(rest) > 0 && len(c.bad) <= most; number++ {
		line := rest
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			line, rest = rest[:end], rest[end+1:]
		} else {
			rest = nil
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		switch {
		case len(line) > longest:
			c.err, c.errLine = tooLong(longest), number
			return
		case number <= head:
			continue
		case len(line) == 0:
			if c.empty.n == 0 {
				c.empty.line = number
			}
			c.empty.n++
			continue
		}
		for ; c.empty.n > 0; c.empty.n-- {
			c.bad = append(c.bad, badRow{c.empty.line, errEmpty, nil})
			c.empty.line++
		}
		if err := p.Parse(&c.rows, line); err != nil {
			c.bad = append(c.bad, badRow{number, err, line})
		}
	}
}

func tooLong(longest int) error {
	return fmt.Errorf("a line is longer than %d bytes: the file is of another format", longest)
}

// splitter cuts a file into chunks. There are so many, which go from free to work and order, and back.
type splitter struct {
	f                 *File
	size              int
	free, work, order chan *chunk
}

func newSplitter(f *File, chunks, size int) *splitter {
	s := &splitter{f, size, make(chan *chunk, chunks), make(chan *chunk, chunks), make(chan *chunk, chunks)}
	for range chunks {
		s.free <- &chunk{parsed: make(chan struct{}, 1)}
	}
	return s
}

// next is the next chunk when it is parsed, nil at the end of the file.
func (s *splitter) next(ctx context.Context) (*chunk, error) {
	var c *chunk
	select {
	case c = <-s.order:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c == nil {
		return nil, ctx.Err()
	}
	select {
	case <-c.parsed:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var mark = []byte("\xef\xbb\xbf") // of UTF-8, which some write first

func (s *splitter) run(ctx context.Context) {
	defer close(s.order)
	defer close(s.work)
	var part []byte // of a line
	for line, more := 1, true; more; {
		var c *chunk
		select {
		case c = <-s.free:
		case <-ctx.Done():
			return
		}
		part, more = s.fill(c, part)
		if line == 1 {
			c.data = bytes.TrimPrefix(c.data, mark)
		}
		c.line = line
		line += bytes.Count(c.data, []byte("\n"))
		if len(part) > s.f.limits.Line {
			c.err, more = tooLong(s.f.limits.Line), false
		}
		c.errLine = line
		s.work <- c
		s.order <- c
	}
}

// fill reads a chunk and returns the part of a line after it, and whether the file goes on.
func (s *splitter) fill(c *chunk, part []byte) ([]byte, bool) {
	n := len(part)
	c.data = append(slices.Grow(c.data[:0], n+s.size), part...)[:n+s.size]
	var err error
	for err == nil && n < len(c.data) {
		var m int
		m, err = s.f.Read(c.data[n:])
		n += m
	}
	c.data = c.data[:n]
	if s.f.ended {
		return nil, false
	}
	whole := bytes.LastIndexByte(c.data, '\n') + 1
	part = append(part[:0], c.data[whole:]...)
	c.data, c.err = c.data[:whole], err
	return part, err == nil
}
