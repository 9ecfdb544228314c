package datasets

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"ctrlab/datasets/parquet"
	"ctrlab/datasets/prepare"
	"ctrlab/datasets/raw"
)

// read emits a file's rows and returns the SHA-256 of its bytes.
func (o *Parquet) read(ctx context.Context, file string, planned *parquetPlan, r prepare.Reading) (string, error) {
	f, err := parquet.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	p, err := o.plan(f) // anew: the file may have changed
	if err == nil {
		err = p.same(file, planned, file)
	}
	if err != nil {
		return "", err
	}
	if err := o.chunks(ctx, f, p, r); err != nil {
		return "", err
	}
	return sumOf(ctx, file)
}

func sumOf(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(h, f, 64<<20)
		}
	}
	if !errors.Is(err, io.EOF) {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

const (
	parquetChunk = 1 << 16 // rows
	parquetLists = 4 << 20 // values that a chunk has of lists, if all rows have as many
	parquetMost  = 32 << 20
)

// parquetChunks reads a file's chunks: of at most so many rows, and all of one row group.
type parquetChunks struct {
	f       *parquet.File
	plan    *parquetPlan
	columns []*parquetColumn
	workers int
	rows    raw.Rows
	before  int // rows of the file before the chunk
	skipped int
}

func (o *Parquet) chunks(ctx context.Context, f *parquet.File, p *parquetPlan, r prepare.Reading) error {
	c := &parquetChunks{f: f, plan: p, workers: max(1, r.Workers)}
	var all, emitted int
	for _, u := range p.uses {
		c.columns = append(c.columns, &parquetColumn{parquetUse: u, o: o, reader: f.Reader(u.column), most: 64<<20 + 1000*f.Size()})
	}
	for g := range f.Groups() {
		all += int(f.Rows(g))
	}
	for g := range f.Groups() {
		err := c.each(func(col *parquetColumn) error { return col.begin(g) })
		size := c.size(g)
		for left := int(f.Rows(g)); err == nil && left > 0; left -= size {
			if err = cmp.Or(ctx.Err(), c.next(min(size, left), r)); err == nil && c.rows.N > 0 {
				emitted += c.rows.N
				err = r.Emit(&c.rows, int64(float64(f.Size())*float64(c.before)/float64(all)))
			}
		}
		if err == nil {
			err = c.each(func(col *parquetColumn) error { return col.reader.End() })
		}
		if err != nil {
			return err
		}
	}
	return c.end(emitted, r)
}

func (c *parquetChunks) end(emitted int, r prepare.Reading) error {
	switch {
	case emitted > 0:
		return nil
	case c.skipped == 0:
		return fmt.Errorf("%s: has no rows", c.f.Name())
	}
	return fmt.Errorf("%s: has no rows but %s; of all files the first: %w", c.f.Name(), counted(c.skipped, "malformed one"), r.Bad.First())
}

// size is how many rows of a group a chunk has: fewer where their lists are long.
func (c *parquetChunks) size(group int) int {
	rows := max(1, c.f.Rows(group))
	size := int64(parquetChunk)
	for _, col := range c.columns {
		size = min(size, parquetLists/(c.f.Values(group, col.column)/rows+1))
	}
	return int(max(1, size))
}

// each does the columns' work, some at a time. The error is the first column's that has one.
func (c *parquetChunks) each(work func(*parquetColumn) error) error {
	errs := make([]error, len(c.columns))
	turns := make(chan struct{}, c.workers)
	var all sync.WaitGroup
	for i, col := range c.columns {
		turns <- struct{}{}
		all.Go(func() {
			errs[i] = work(col)
			<-turns
		})
	}
	all.Wait()
	return cmp.Or(errs...)
}

// next reads n rows and leaves out malformed ones.
func (c *parquetChunks) next(n int, r prepare.Reading) error {
	c.rows.Reset(c.plan.layout)
	c.rows.N = n
	c.rows.Label = slices.Grow(c.rows.Label, n)[:n]
	if c.plan.layout.Time {
		c.rows.Time = slices.Grow(c.rows.Time, n)[:n]
	}
	if err := c.each(func(col *parquetColumn) error { return col.fill(&c.rows, n) }); err != nil {
		return err
	}
	var bad []badValue
	for _, col := range c.columns {
		bad = append(bad, col.bad...)
	}
	slices.SortStableFunc(bad, func(a, b badValue) int { return cmp.Compare(a.row, b.row) })
	bad = slices.CompactFunc(bad, func(a, b badValue) bool { return a.row == b.row })
	for _, b := range bad {
		c.skipped++
		if err := r.Bad.Skip(c.f.Name(), c.before+b.row+1, b.err, []byte(b.text)); err != nil {
			return err
		}
	}
	if len(bad) > 0 {
		leaveOut(&c.rows, bad)
	}
	c.before += n
	return nil
}

// badValue makes its row malformed.
type badValue struct {
	row  int
	text string
	err  error
}

// leaveOut removes rows.
func leaveOut(rows *raw.Rows, bad []badValue) {
	out := make([]bool, rows.N)
	for _, b := range bad {
		out[b.row] = true
	}
	rows.N -= len(bad)
	rows.Label = kept(rows.Label, out)
	rows.Time = kept(rows.Time, out)
	for i := range rows.Dense {
		rows.Dense[i] = kept(rows.Dense[i], out)
	}
	for i, keys := range rows.Keys {
		if rows.Bags[i] == nil {
			rows.Keys[i] = kept(keys, out)
			continue
		}
		n, to := 0, 0
		for row, length := range rows.Bags[i] {
			if !out[row] {
				to += copy(keys[to:], keys[n:n+int(length)])
			}
			n += int(length)
		}
		rows.Keys[i], rows.Bags[i] = keys[:to], kept(rows.Bags[i], out)
	}
}

func kept[T any](column []T, out []bool) []T {
	n := 0
	for i, v := range column {
		if !out[i] {
			column[n] = v
			n++
		}
	}
	return column[:n]
}

var errLists = errors.New("lists are too long: more than 32 million values in few rows")
