package prepare

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"ctrlab/datasets/batch"
)

// field is one of the cache.
type field struct {
	batch.Field
	step  FieldStep
	dense int // the dense column that it is made of, or −1
	of    int // else the field of the files
}

// fields are those of the cache, in its order.
func (b *building) fields() (list []field) {
	for i, step := range b.Dense {
		if step.Kind.buckets() {
			list = append(list, field{Field: batch.Field{Name: b.Layout.Dense[i]}, step: step.Field, dense: i})
		}
	}
	for i, f := range b.Layout.Fields {
		list = append(list, field{batch.Field{Name: f.Name, MultiHot: f.MultiHot, Pool: f.Pool}, b.Fields[i], -1, i})
	}
	return list
}

// fit fits all columns that are not fitted yet, each on one worker.
func (b *building) fit(ctx context.Context) error {
	s, mu := b.stage, &sync.Mutex{}
	at := Progress{Step: "fitting", Of: int64(1 + len(b.Dense) + len(b.fields()))}
	var tasks []task
	// add takes the column of the stage of which nothing is wanted once it is fitted, if any.
	add := func(fitted bool, name, used string, fit func(ctx context.Context) (keep func(), err error)) {
		if fitted {
			at.Bytes++
			return
		}
		tasks = append(tasks, func(ctx context.Context) error {
			keep, err := fit(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			keep()
			b.meter.advance(name, 0, 1)
			if err := s.save(); err != nil || used == "" {
				return err
			}
			return os.Remove(s.path(used))
		})
	}
	add(s.state.Rows != nil, "rows", "hash", func(ctx context.Context) (func(), error) {
		n, err := b.fitRows(ctx)
		return func() { s.state.Rows = &n }, err
	})
	for i := range b.Dense {
		_, fitted := s.state.Dense[i]
		add(fitted, b.Layout.Dense[i], "", func(ctx context.Context) (func(), error) {
			n, err := b.fitDense(ctx, i)
			return func() { s.state.Dense[i] = n }, err
		})
	}
	b.meter.begin(at, s.rows())
	if err := b.parallel(ctx, tasks); err != nil {
		return err
	}
	tasks = nil
	for i, f := range b.fields() {
		_, fitted := s.state.Fields[i]
		used := ""
		if f.dense < 0 {
			used = numbered("keys", f.of)
		}
		add(fitted, f.Name, used, func(ctx context.Context) (func(), error) {
			n, err := b.fitField(ctx, i, f)
			if err == nil {
				err = outlast(s.path(numbered("ids", i)))
			}
			return func() { s.state.Fields[i] = n }, err
		})
	}
	return b.parallel(ctx, tasks)
}

type task func(ctx context.Context) error

// parallel runs tasks on all workers until one fails.
func (b *building) parallel(ctx context.Context, tasks []task) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan task)
	var all sync.WaitGroup
	for range b.Workers {
		all.Go(func() {
			for t := range queue {
				if err := t(ctx); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, t := range tasks {
		select {
		case queue <- t:
		case <-ctx.Done():
		}
	}
	close(queue)
	all.Wait()
	return context.Cause(ctx)
}

func (b *building) fitField(ctx context.Context, i int, f field) (FieldNote, error) {
	s := b.stage
	v := vocabulary{
		FieldStep: f.step, memory: b.tableMemory(), note: FieldNote{Name: f.Name},
		ids: s.path(numbered("ids", i)), keys: s.path(numbered("vocabulary", i)), firsts: s.path(numbered("firsts", i)),
	}
	if err := os.Remove(v.firsts); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return v.note, err
	}
	switch {
	case f.dense >= 0 && b.Dense[f.dense].Kind == Quantiles:
		return b.quantiles(ctx, f, v.ids)
	case f.dense >= 0:
		v.walk = s.buckets(f.dense)
	default:
		v.walk = s.lookups(f.of)
	}
	if f.MultiHot {
		if err := b.emptyBags(ctx, f, &v.note); err != nil {
			return v.note, err
		}
	}
	if f.step.HashRows > 0 {
		h := hashing{vocabulary: v}
		return h.fit(ctx)
	}
	if b.Fitted != nil {
		return b.translate(ctx, i, f, v)
	}
	return v.fit(ctx)
}

func (b *building) emptyBags(ctx context.Context, f field, n *FieldNote) error {
	return b.stage.bags(ctx, f.of, func(lengths []int32, of []int8, _ int, _ []int8) error {
		for r, length := range lengths {
			if length == 0 && of[r] >= 0 {
				n.Missing[of[r]]++
			}
		}
		return nil
	})
}

// quantiles makes the ids of a dense column with Quantiles.
func (b *building) quantiles(ctx context.Context, f field, path string) (FieldNote, error) {
	dense := b.stage.state.Dense[f.dense]
	n := FieldNote{Name: f.Name, Step: f.step, Rows: len(dense.Edges) + 2, Missing: dense.Missing}
	ids, err := newRewriter(path, true)
	if err != nil {
		return n, err
	}
	return n, errors.Join(b.stage.eachFloat(ctx, numbered("dense", f.dense), func(x []float32, splits []int8) error {
		to, err := ids.next(len(x))
		if err != nil {
			return err
		}
		for r, v := range x {
			if splits[r] >= 0 {
				n.Lookups[splits[r]]++
			}
			to[r] = dense.quantile(v)
		}
		return ids.put()
	}), ids.close())
}
