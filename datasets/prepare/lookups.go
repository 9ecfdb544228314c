package prepare

import (
	"context"

	"ctrlab/datasets/raw"
)

// lookups walks the values of a field in the rows' order: chunks of keys, and the split of each one's row. Both are valid
// until visit returns.
type lookups func(ctx context.Context, visit func(keys []uint64, splits []int8) error) error

// lookups of field i of the files.
func (s *stage) lookups(i int) lookups {
	f := s.layout.Fields[i]
	return func(ctx context.Context, visit func([]uint64, []int8) error) error {
		keys, err := newKeyReader(s.path(numbered("keys", i)), f.Key)
		if err != nil {
			return err
		}
		defer keys.close()
		if f.MultiHot {
			return s.bags(ctx, i, func(lengths []int32, of []int8, total int, splits []int8) error {
				k, err := keys.next(total)
				if err != nil {
					return err
				}
				return visit(k, splits)
			})
		}
		return s.eachSplit(ctx, func(splits []int8) error {
			k, err := keys.next(len(splits))
			if err != nil {
				return err
			}
			return visit(k, splits)
		})
	}
}

// buckets are the lookups of dense column i under Log2.
func (s *stage) buckets(i int) lookups {
	return func(ctx context.Context, visit func([]uint64, []int8) error) error {
		keys := make([]uint64, chunk)
		return s.eachFloat(ctx, numbered("dense", i), func(x []float32, splits []int8) error {
			for n, v := range x {
				keys[n] = bucket(v)
			}
			return visit(keys[:len(x)], splits)
		})
	}
}

// eachSplit walks the splits of all rows.
func (s *stage) eachSplit(ctx context.Context, visit func(splits []int8) error) error {
	r, err := newReader[int8](s.path("split"))
	if err != nil {
		return err
	}
	defer r.close()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		splits, err := r.next(chunk)
		if err != nil || len(splits) == 0 {
			return err
		}
		if err := visit(splits); err != nil {
			return err
		}
	}
}

// eachValue walks a column that has a value a row.
func eachValue[T number](ctx context.Context, s *stage, name string, visit func(v []T, splits []int8) error) error {
	r, err := newReader[T](s.path(name))
	if err != nil {
		return err
	}
	defer r.close()
	return s.eachSplit(ctx, func(splits []int8) error {
		v, err := r.next(len(splits))
		if err != nil {
			return err
		}
		return visit(v, splits)
	})
}

func (s *stage) eachFloat(ctx context.Context, name string, visit func(v []float32, splits []int8) error) error {
	return eachValue(ctx, s, name, visit)
}

// bagRows is how many rows' bags are walked at a time.
const bagRows = chunk / 16

// bags walks the bags of field i of the files: their lengths, the splits of their rows, the sum of the lengths, and the
// split of every one's row of so many values.
func (s *stage) bags(ctx context.Context, i int, visit func(lengths []int32, of []int8, total int, splits []int8) error) error {
	var each []int8
	return eachValue(ctx, s, numbered("bags", i), func(lengths []int32, splits []int8) error {
		for len(lengths) > 0 {
			n := min(len(lengths), bagRows)
			each = each[:0]
			for r, length := range lengths[:n] {
				for range length {
					each = append(each, splits[r])
				}
			}
			if err := visit(lengths[:n], splits[:n], len(each), each); err != nil {
				return err
			}
			lengths, splits = lengths[n:], splits[n:]
		}
		return nil
	})
}

// keyReader reads keys of either width.
type keyReader struct {
	narrow *reader[uint32]
	wide   *reader[uint64]
	keys   []uint64
}

func newKeyReader(path string, kind raw.Key) (k *keyReader, err error) {
	k = &keyReader{}
	if kind == raw.Text {
		k.wide, err = newReader[uint64](path)
	} else {
		k.narrow, err = newReader[uint32](path)
	}
	return k, err
}

func (k *keyReader) next(n int) ([]uint64, error) {
	if k.wide != nil {
		return k.wide.next(n)
	}
	narrow, err := k.narrow.next(n)
	k.keys = k.keys[:0]
	for _, v := range narrow {
		k.keys = append(k.keys, uint64(v))
	}
	return k.keys, err
}

func (k *keyReader) close() {
	if k.wide != nil {
		k.wide.close()
	} else {
		k.narrow.close()
	}
}
