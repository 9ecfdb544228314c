package prepare

import (
	"errors"
	"fmt"
	"iter"

	"ctrlab/datasets/batch"
)

// Staged is what an assignment may look at: all rows, in the order of the Inputs. A sequence may be walked several times;
// one that cannot be read ends, and the Build fails.
type Staged struct {
	stage *stage
	err   error
}

// Rows is how many rows there are.
func (s *Staged) Rows() int { return s.stage.rows() }

// Inputs returns how many rows each Input has.
func (s *Staged) Inputs() (rows []int) {
	for _, in := range s.stage.state.Inputs {
		rows = append(rows, in.Rows)
	}
	return rows
}

// Labels walks the rows' labels.
func (s *Staged) Labels() iter.Seq[float32] {
	return sequence(s, func() (*reader[float32], error) { return newReader[float32](s.stage.path("label")) })
}

// Times walks the rows' times.
func (s *Staged) Times() iter.Seq[int64] {
	if !s.stage.layout.Time {
		panic("prepare: rows have no times")
	}
	return sequence(s, func() (*reader[int64], error) { return newReader[int64](s.stage.path("time")) })
}

// Keys walks the rows' values of a one-hot field.
func (s *Staged) Keys(field int) iter.Seq[uint64] {
	f := s.stage.layout.Fields[field]
	if f.MultiHot {
		panic("prepare: keys of a multi-hot field")
	}
	return sequence(s, func() (*keyReader, error) { return newKeyReader(s.stage.path(numbered("keys", field)), f.Key) })
}

type chunks[T any] interface {
	next(n int) ([]T, error)
	close()
}

func sequence[T any, R chunks[T]](s *Staged, open func() (R, error)) iter.Seq[T] {
	return func(yield func(T) bool) {
		r, err := open()
		if err != nil {
			s.err = err
			return
		}
		defer r.close()
		for {
			list, err := r.next(chunk)
			if err != nil {
				s.err = err
			}
			if err != nil || len(list) == 0 {
				return
			}
			for _, v := range list {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// assign makes the stage's split column.
func (b *building) assign() error {
	s := b.stage
	if s.state.Assigned != nil {
		return nil
	}
	rows := &Staged{stage: s}
	list, err := b.Assign(rows)
	if err != nil {
		return err
	}
	w, err := appendTo(s.path("split"), 0, chunk)
	if err != nil {
		return err
	}
	a, err := writeSplits(w, list)
	if err := firstError(err, rows.err, w.close()); err != nil {
		return err
	}
	switch n := w.size; {
	case n != int64(rows.Rows()):
		panic("prepare: not one split a row")
	case a.Splits[batch.Train] == 0 && b.Fitted == nil:
		return fmt.Errorf("%d rows leave none to train on", n)
	}
	s.state.Assigned = &a
	return s.save()
}

func writeSplits(w *writer, list iter.Seq[batch.Split]) (a assigned, err error) {
	buffer := make([]int8, 0, chunk)
	for split := range list {
		if split == Dropped {
			a.Dropped++
		} else {
			a.Splits[split]++
		}
		if buffer = append(buffer, int8(split)); len(buffer) == cap(buffer) {
			if err := put(w, buffer); err != nil {
				return a, err
			}
			buffer = buffer[:0]
		}
	}
	return a, put(w, buffer)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// writeAll makes a file of values.
func writeAll[T number](path string, v []T) error {
	w, err := appendTo(path, 0, 4<<10)
	if err != nil {
		return err
	}
	return errors.Join(put(w, v), w.close())
}
