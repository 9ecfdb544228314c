package prepare

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/cache"
)

// write makes the cache of a stage where all is fitted.
func (b *building) write(ctx context.Context, key string) (*cache.File, error) {
	s := b.stage
	schema := batch.Schema{Rating: b.Layout.Rating}
	for i, d := range b.Dense {
		if !d.Kind.buckets() {
			schema.Dense = append(schema.Dense, b.Layout.Dense[i])
		}
	}
	for _, f := range b.fields() {
		schema.Sparse = append(schema.Sparse, f.Field)
	}
	w, err := cache.Create(b.Dir, key, schema, s.state.Assigned.Splits)
	if err != nil {
		return nil, err
	}
	if err := b.fill(ctx, w); err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	if err := b.keepBad(key); err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	notes, err := json.Marshal(b.notes())
	if err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	return w.Commit(cache.Meta{Digests: s.state.Rows.Digests, BadRows: s.state.Bad, Notes: notes})
}

func (b *building) notes() Notes {
	s := b.stage.state
	n := Notes{FirstBad: s.FirstBad, Dropped: s.Assigned.Dropped, Position: s.Rows.Position, Repeats: s.Rows.Repeats}
	for _, in := range s.Inputs {
		n.Inputs = append(n.Inputs, InputNote(in))
	}
	for i := range b.Dense {
		n.Dense = append(n.Dense, s.Dense[i])
	}
	for i := range b.fields() {
		n.Fields = append(n.Fields, s.Fields[i])
		if s.Fields[i].Step.HashRows == 0 {
			n.Fields[i].Unknown = b.unknown[i]
		}
	}
	return n
}

// keepBad gives the malformed rows their place beside the cache.
func (b *building) keepBad(key string) error {
	if b.Dir == "" || b.stage.state.Bad == 0 {
		return nil
	}
	err := os.Rename(b.stage.path("bad.tsv"), BadRows(b.Dir, key))
	if errors.Is(err, fs.ErrNotExist) { // a process that was killed has done it
		return nil
	}
	return err
}

// fill declares and writes all columns.
func (b *building) fill(ctx context.Context, w *cache.Writer) error {
	s := b.stage
	at := Progress{Step: "writing"}
	var tasks []task
	add := func(name string, write task) {
		at.Of++
		tasks = append(tasks, func(ctx context.Context) error {
			defer b.meter.advance(name, 0, 1)
			return write(ctx)
		})
	}
	label := w.Label()
	add("label", func(ctx context.Context) error {
		return s.eachFloat(ctx, "label", scatter(label.Floats))
	})
	if b.Layout.Time {
		time := w.Time()
		add("time", func(ctx context.Context) error { return eachValue(ctx, s, "time", scatter(time.Times)) })
	}
	column := 0
	for i, d := range b.Dense {
		if d.Kind.buckets() {
			continue
		}
		to, n := w.Dense(column), s.state.Dense[i]
		column++
		add(n.Name, func(ctx context.Context) error {
			put := scatter(to.Floats)
			return s.eachFloat(ctx, numbered("dense", i), func(x []float32, splits []int8) error {
				n.apply(x)
				return put(x, splits)
			})
		})
	}
	for i, f := range b.fields() {
		n := s.state.Fields[i]
		to := w.Field(i, n.Rows, n.Lookups)
		add(f.Name, func(ctx context.Context) error { return b.fillField(ctx, to, i, f) })
	}
	b.unknown = make([][batch.Splits]int64, len(b.fields()))
	b.meter.begin(at, s.rows())
	if err := b.parallel(ctx, tasks); err != nil {
		return err
	}
	return b.fillNames(ctx, w)
}

func (b *building) fillField(ctx context.Context, to *cache.Column, i int, f field) error {
	s, name := b.stage, numbered("ids", i)
	unknown := &b.unknown[i]
	if !f.MultiHot {
		return eachValue(ctx, s, name, scatter(func(split batch.Split, v []int32) error {
			unknown[split] += zeros(v)
			return to.IDs(split, v)
		}))
	}
	ids, err := newReader[int32](s.path(name))
	if err != nil {
		return err
	}
	defer ids.close()
	var lengths, values bySplit[int32]
	return s.bags(ctx, f.of, func(l []int32, of []int8, total int, each []int8) error {
		v, err := ids.next(total)
		if err != nil {
			return err
		}
		lengths.set(l, of)
		values.set(v, each)
		for split := range batch.Splits {
			unknown[split] += zeros(values[split])
			if err := to.Bags(split, lengths[split], values[split]); err != nil {
				return err
			}
		}
		return nil
	})
}

func zeros(ids []int32) (n int64) {
	for _, id := range ids {
		if id == 0 {
			n++
		}
	}
	return n
}

// bySplit are values by split.
type bySplit[T number] [batch.Splits][]T

func (p *bySplit[T]) set(v []T, splits []int8) {
	for s := range p {
		p[s] = p[s][:0]
	}
	for i, x := range v {
		if s := splits[i]; s >= 0 {
			p[s] = append(p[s], x)
		}
	}
}

// scatter gives each value to its split.
func scatter[T number](to func(batch.Split, []T) error) func(v []T, splits []int8) error {
	var p bySplit[T]
	return func(v []T, splits []int8) error {
		p.set(v, splits)
		for s, list := range p {
			if err := to(batch.Split(s), list); err != nil {
				return err
			}
		}
		return nil
	}
}
