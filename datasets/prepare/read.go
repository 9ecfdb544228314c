package prepare

import (
	"context"
	"errors"
	"fmt"
	"os"

	"ctrlab/datasets/raw"
	"ctrlab/datasets/text"
)

// read stages the Inputs that are not staged yet.
func (b *building) read(ctx context.Context) error {
	s := b.stage
	if len(s.state.Inputs) == len(b.Inputs) {
		return nil
	}
	a, err := s.appender(b.bufferSize())
	if err != nil {
		return err
	}
	bad := &text.Bad{Most: b.MaxBad, Keep: a.bad}
	if s.state.Bad > 0 {
		bad.Restore(s.state.Bad, errors.New(s.state.FirstBad))
	}
	b.meter.begin(b.readBefore(), 0)
	for _, in := range b.Inputs[len(s.state.Inputs):] {
		if err = b.readInput(ctx, a, in, bad); err != nil {
			break
		}
	}
	return errors.Join(err, a.close())
}

// readBefore is how far reading is.
func (b *building) readBefore() Progress {
	p := Progress{Step: "reading", Rows: int64(b.stage.rows())}
	for i, in := range b.stamps {
		p.Of += in.Size
		if i < len(b.stage.state.Inputs) {
			p.Bytes += in.Size
		}
	}
	return p
}

func (b *building) readInput(ctx context.Context, a *appender, in Input, bad *text.Bad) error {
	stamp, rows, done := b.stamps[len(b.stage.state.Inputs)], 0, int64(0)
	sum, err := in.Read(ctx, Reading{b.Workers, bad, func(r *raw.Rows, bytes int64) error {
		b.meter.advance(in.Name, int64(r.N), bytes-done)
		rows, done = rows+r.N, bytes
		return a.add(r)
	}})
	if err != nil {
		return err
	}
	if now, err := stampOf(in.Path); err != nil {
		return err
	} else if now != stamp {
		return fmt.Errorf("%s changed while it was read", in.Name)
	}
	first := ""
	if bad.First() != nil {
		first = bad.First().Error()
	}
	if err := a.complete(staged{in.Name, sum, rows}, bad.Count(), first); err != nil {
		return err
	}
	return b.index.remember(ctx, in.Path, stamp, sum)
}

// stamp is how a file looks from outside.
type stamp struct {
	Size, Time int64 // nanoseconds since 1970
	Inode      uint64
}

func stampOf(path string) (s stamp, err error) {
	if path == "" {
		return s, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return s, err
	}
	return stamp{info.Size(), info.ModTime().UnixNano(), inode(info)}, nil
}
