package prepare

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"ctrlab/datasets/cache"
	"ctrlab/datasets/raw"
)

// BadRows is the path of the malformed rows that were skipped for the cache with a key.
func BadRows(dir, key string) string { return filepath.Join(dir, key+".bad.tsv") }

// fillNames writes what the ids of vocabularies and of buckets stand for.
func (b *building) fillNames(ctx context.Context, w *cache.Writer) error {
	if b.Fitted != nil {
		return nil // its cache has them
	}
	for i, f := range b.fields() {
		var failed error
		var list iter.Seq[string]
		switch {
		case f.dense >= 0 && b.Dense[f.dense].Kind == Quantiles:
			list = quantileNames(b.stage.state.Dense[f.dense].Edges)
		case f.step.HashRows > 0:
			continue
		case f.dense >= 0:
			list = b.keyNames(ctx, i, bucketName, &failed)
		case b.Layout.Fields[f.of].Key == raw.Hex32:
			list = b.keyNames(ctx, i, func(key uint64) string { return fmt.Sprintf("%08x", key) }, &failed)
		case b.Layout.Fields[f.of].Key == raw.Integer:
			list = b.keyNames(ctx, i, func(key uint64) string { return strconv.FormatUint(key-1, 10) }, &failed)
		default:
			list = b.textNames(ctx, i, f.of, &failed)
		}
		if err := firstError(w.Names(i, list), failed); err != nil {
			return err
		}
	}
	return nil
}

func quantileNames(edges []float32) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield("") {
			return
		}
		for i := range len(edges) + 1 {
			lo, hi := math.Inf(-1), math.Inf(1)
			if i > 0 {
				lo = float64(edges[i-1])
			}
			if i < len(edges) {
				hi = float64(edges[i])
			}
			if !yield(fmt.Sprintf("[%s, %s)", short(lo), short(hi))) {
				return
			}
		}
	}
}

func short(x float64) string { return strconv.FormatFloat(x, 'g', -1, 32) }

// keyNames are names that keys tell.
func (b *building) keyNames(ctx context.Context, i int, name func(uint64) string, failed *error) iter.Seq[string] {
	return b.vocabularyNames(ctx, i, chunk, failed, func(keys []uint64, yield func(string) bool) (bool, error) {
		for _, key := range keys {
			text := ""
			if key != raw.Missing {
				text = name(key)
			}
			if !yield(text) {
				return false, nil
			}
		}
		return true, nil
	})
}

// textNames are names that were written beside keys, found for so many ids at a time as there is memory for.
func (b *building) textNames(ctx context.Context, i, field int, failed *error) iter.Seq[string] {
	window := int(max(b.Memory/2/(2*slotBytes), minSlots))
	return b.vocabularyNames(ctx, i, window, failed, func(keys []uint64, yield func(string) bool) (bool, error) {
		places, err := b.places(field, keys)
		if err != nil {
			return false, err
		}
		f, err := os.Open(b.stage.path(numbered("text", field)))
		if err != nil {
			return false, err
		}
		defer f.Close()
		texts := texts{f: f}
		for _, p := range places {
			text, err := texts.at(p)
			if err != nil || !yield(text) {
				return false, err
			}
		}
		return true, nil
	})
}

// vocabularyNames yields no name for id 0 and those that of gives for the keys of the other ids, so many at a time.
func (b *building) vocabularyNames(ctx context.Context, i, many int, failed *error, of func(keys []uint64, yield func(string) bool) (bool, error)) iter.Seq[string] {
	return func(yield func(string) bool) {
		r, err := newReader[uint64](b.stage.path(numbered("vocabulary", i)))
		if err != nil {
			*failed = err
			return
		}
		defer r.close()
		for more := yield(""); more; {
			keys, err := r.next(many)
			if err == nil {
				err = ctx.Err()
			}
			if err == nil && len(keys) > 0 {
				more, err = of(keys, yield)
			}
			if *failed = err; err != nil || len(keys) == 0 {
				return
			}
		}
	}
}

// place is where a text is.
type place struct{ at, length uint64 }

// places finds where the first texts of keys are; of a key without one the place is empty.
func (b *building) places(field int, keys []uint64) ([]place, error) {
	t, list := newTable(0, math.MaxInt64), make([]place, len(keys))
	for _, key := range keys {
		t.add(key, hash(key), 0)
	}
	r, err := newReader[place](b.stage.path(numbered("names", field)))
	if err != nil {
		return nil, err
	}
	defer r.close()
	for at := uint64(0); ; {
		records, err := r.next(chunk) // of a key and a length
		if err != nil || len(records) == 0 {
			return list, err
		}
		for _, named := range records {
			if s := t.find(named.at, hash(named.at)); s != nil && list[s.ord].length == 0 {
				list[s.ord] = place{at, named.length}
			}
			at += named.length
		}
	}
}

// texts reads texts that mostly come one after the other.
type texts struct {
	f      *os.File
	from   uint64 // of buffer
	buffer []byte
}

func (t *texts) at(p place) (string, error) {
	if p.at < t.from || p.at+p.length > t.from+uint64(len(t.buffer)) {
		t.buffer = slices.Grow(t.buffer[:0], int(max(p.length, chunk)))
		n, err := t.f.ReadAt(t.buffer[:max(p.length, chunk)], int64(p.at))
		if err != nil && err != io.EOF {
			return "", err
		}
		t.from, t.buffer = p.at, t.buffer[:n]
	}
	if p.at-t.from+p.length > uint64(len(t.buffer)) {
		return "", io.ErrUnexpectedEOF
	}
	return string(t.buffer[p.at-t.from:][:p.length]), nil
}
