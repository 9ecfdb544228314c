package datasets

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// chunkRows is so many rows that a goroutine spells at a time, and a member of a compressed file has.
const chunkRows = 1 << 13

// Write writes all rows to text, compressed as a file of that name is (.gz, .zst), and to logits, where it is not nil,
// the true logit of each on a line. Workers draw chunks of rows; what is written does not depend on how many.
func (c *Clicks) Write(ctx context.Context, text, logits io.Writer, name string, workers int, progress func(rows int)) (Oracle, error) {
	ctx, stop := context.WithCancel(ctx)
	rows := max(chunkRows, c.g.segment)
	turns := make([]chan *chunk, max(workers, 1))
	var wg sync.WaitGroup
	all := make([]*clickText, len(turns))
	for i := range turns {
		turns[i] = make(chan *chunk, 1)
		all[i] = c.text()
		wg.Go(func() { all[i].chunks(ctx, turns[i], i*rows, len(turns)*rows, rows, name) })
	}
	defer wg.Wait()
	defer stop()
	total, chunks := Oracle{}, (c.rows+rows-1)/rows
	for k := range chunks {
		var next *chunk
		select {
		case next = <-turns[k%len(turns)]:
		case <-ctx.Done():
			return total, ctx.Err()
		}
		if _, err := text.Write(next.text.Bytes()); err != nil {
			return total, err
		}
		if logits != nil {
			if _, err := logits.Write(next.logits); err != nil {
				return total, err
			}
		}
		total.LogLoss += next.loss
		if progress != nil {
			progress(min((k+1)*rows, c.rows))
		}
	}
	wg.Wait()
	for _, t := range all {
		total.join(&t.oracle)
	}
	total.end()
	return total, nil
}

// chunk is a piece of the files.
type chunk struct {
	text   bytes.Buffer
	logits []byte
	loss   float64
}

// chunks sends those that begin at from, from + step, …
func (t *clickText) chunks(ctx context.Context, to chan<- *chunk, from, step, rows int, name string) {
	pack := packer(name)
	for ; from < t.rows; from += step {
		t.write(from, min(from+rows, t.rows))
		next := &chunk{logits: bytes.Clone(t.logits), loss: t.oracle.LogLoss}
		pack(&next.text, t.text)
		select {
		case to <- next:
		case <-ctx.Done():
			return
		}
	}
}

// packer returns what appends a member of a file of that name. Levels are the fastest: the text has little to gain.
func packer(name string) func(to *bytes.Buffer, text []byte) {
	switch filepath.Ext(name) {
	case ".gz":
		z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		must(err)
		return func(to *bytes.Buffer, text []byte) {
			z.Reset(to)
			_, err := z.Write(text)
			must(err)
			must(z.Close())
		}
	case ".zst":
		z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
		must(err)
		return func(to *bytes.Buffer, text []byte) { to.Write(z.EncodeAll(text, nil)) }
	}
	return func(to *bytes.Buffer, text []byte) { to.Write(text) }
}

// must is for what fails of memory in no way.
func must(err error) {
	if err != nil {
		panic(fmt.Errorf("datasets: a packer: %w", err))
	}
}
