package text

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ctrlab/datasets/raw"
)

// Parser appends the row of one line, which is not empty and has no line end, to rows; or it says why the line is
// malformed and appends nothing. One Parser serves one goroutine.
type Parser interface {
	Parse(rows *raw.Rows, line []byte) error
}

// Read parses a file's lines on workers goroutines and passes them to emit in the file's order, in chunks that do not
// depend on workers; rows are emit's until it returns. The first head lines are skipped, and so are empty ones at the
// end. A file without rows is an error.
func Read(ctx context.Context, f *File, head int, layout raw.Layout, newParser func() Parser, workers int, bad *Bad, emit func(*raw.Rows) error) error {
	return job{f, head, layout, newParser, workers, bad, emit, 1 << 20}.read(ctx)
}

type job struct {
	f         *File
	head      int
	layout    raw.Layout
	newParser func() Parser
	workers   int
	bad       *Bad
	emit      func(*raw.Rows) error
	size      int // of a chunk in bytes, but for a part of a line
}

func (j job) read(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newSplitter(j.f, 2*j.workers+2, j.size)
	var all sync.WaitGroup
	all.Go(func() { s.run(ctx) })
	for range j.workers {
		all.Go(func() {
			p := j.newParser()
			for c := range s.work {
				c.parse(p, j.layout, j.head, j.f.limits.Line, j.bad.Most)
				c.parsed <- struct{}{}
			}
		})
	}
	err := j.collect(ctx, s)
	cancel()
	if j.f.regular { // else a read may last for ever: of standard input, say
		all.Wait()
	}
	return err
}

// collect emits the chunks in order.
func (j job) collect(ctx context.Context, s *splitter) error {
	a := account{file: j.f.name, all: j.bad}
	for {
		c, err := s.next(ctx)
		if err != nil {
			return err
		}
		if c == nil {
			return a.end()
		}
		if err := a.add(c); err != nil {
			return err
		}
		if c.rows.N > 0 {
			if err := j.emit(&c.rows); err != nil {
				return err
			}
		}
		if c.err != nil {
			return fmt.Errorf("%s:%d: %w", j.f.name, c.errLine, c.err)
		}
		s.free <- c
	}
}

// account is what one file had.
type account struct {
	file  string
	all   *Bad
	rows  int
	bad   int
	first error
	empty span // lines at the end so far
}

var errEmpty = errors.New("the line is empty")

// add counts what a chunk has. Empty lines are bad rows where others follow.
func (a *account) add(c *chunk) error {
	if c.rows.N == 0 && len(c.bad) == 0 {
		if a.empty.n == 0 {
			a.empty.line = c.empty.line
		}
		a.empty.n += c.empty.n
		return nil
	}
	for i := range a.empty.n {
		if err := a.skip(badRow{a.empty.line + i, errEmpty, nil}); err != nil {
			return err
		}
	}
	a.empty = c.empty
	for _, row := range c.bad {
		if err := a.skip(row); err != nil {
			return err
		}
	}
	a.rows += c.rows.N
	return nil
}

func (a *account) skip(row badRow) error {
	a.bad++
	if a.first == nil {
		a.first = fmt.Errorf("%s:%d: %w", a.file, row.line, row.reason)
	}
	return a.all.skip(a.file, row)
}

func (a *account) end() error {
	switch {
	case a.rows > 0:
		return nil
	case a.bad == 0:
		return fmt.Errorf("%s: has no rows", a.file)
	case a.bad == 1:
		return fmt.Errorf("%s: has no rows but a malformed one: %w", a.file, a.first)
	}
	return fmt.Errorf("%s: has no rows but %d malformed ones; the first: %w", a.file, a.bad, a.first)
}
