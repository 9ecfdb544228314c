package prepare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/cache"
	"ctrlab/datasets/order"
	"ctrlab/datasets/raw"
)

// mixed has every kind of column.
var mixed = raw.Layout{
	Dense: []string{"I1", "I2"},
	Fields: []raw.Field{
		{Name: "hex", Key: raw.Hex32},
		{Name: "user", Key: raw.Integer},
		{Name: "word", Key: raw.Text},
		{Name: "tags", Key: raw.Text, MultiHot: true, Pool: batch.Mean},
		{Name: "rare", Key: raw.Hex32},
	},
	Time: true,
}

// draw makes rows: the values of a field have about a Zipf distribution, except those of rare, which mostly come once.
func draw(seed uint64, rows int) *raw.Rows {
	var r raw.Rows
	r.Reset(mixed)
	n := order.Key(seed)
	random := func(below int) int {
		n += order.Golden
		return int(order.Mix(n) >> 1 % uint64(below))
	}
	zipf := func(below int) int { return random(1 + random(1+random(below))) }
	word := func(f, below int) uint64 {
		text := fmt.Sprint("word ", zipf(below))
		sum := sha256.Sum256([]byte(text))
		key := uint64(sum[0]) | uint64(sum[1])<<8 | 1<<63 | uint64(sum[2])<<40 | 1
		r.Names[f][key] = text
		return key
	}
	r.Names[2], r.Names[3] = map[uint64]string{}, map[uint64]string{}
	for range rows {
		r.N++
		r.Label = append(r.Label, float32(random(5)/4))
		r.Time = append(r.Time, int64(random(1000))-10)
		for d := range r.Dense {
			x := float32(zipf(200) - 3)
			if random(10) == 0 {
				x = float32(math.NaN())
			}
			r.Dense[d] = append(r.Dense[d], x)
		}
		r.Keys[0] = append(r.Keys[0], uint64(zipf(100)))
		r.Keys[1] = append(r.Keys[1], uint64(zipf(3000)))
		r.Keys[2] = append(r.Keys[2], word(2, 500))
		bag := random(4)
		r.Bags[3] = append(r.Bags[3], int32(bag))
		for range bag {
			r.Keys[3] = append(r.Keys[3], word(3, 50))
		}
		r.Keys[4] = append(r.Keys[4], order.Mix(uint64(random(1<<20)))>>32)
	}
	return &r
}

// input is a file whose rows are drawn: it says seed and number of rows.
func input(t testing.TB, dir string, seed uint64, rows int) Input {
	t.Helper()
	path := filepath.Join(dir, fmt.Sprint("input", seed))
	content := fmt.Sprintf("%d %d\n", seed, rows)
	if old, err := os.ReadFile(path); err != nil || string(old) != content {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Input{Name: filepath.Base(path), Path: path, Read: func(ctx context.Context, r Reading) (string, error) {
		for from := 0; from < rows; from += 1000 {
			if err := ctx.Err(); err != nil {
				return "", err
			}
			if err := r.Emit(draw(seed<<32+uint64(from), min(1000, rows-from)), int64(from)); err != nil {
				return "", err
			}
		}
		sum := sha256.Sum256([]byte(content))
		return hex.EncodeToString(sum[:]), nil
	}}
}

// job has three inputs of mixed, of which the last is test, and steps of all kinds.
func job(t testing.TB, dir string, rows int) Job {
	t.Helper()
	return Job{
		Recipe: "mixed", Layout: mixed,
		Inputs: []Input{input(t, dir, 1, rows/2), input(t, dir, 2, rows/4), input(t, dir, 3, rows-rows/2-rows/4)},
		Assign: lastIsTest,
		Dense:  []DenseStep{{Kind: Standard}, {Kind: Log2, Field: FieldStep{MinCount: 2}}},
		Fields: []FieldStep{{}, {MinCount: 3}, {Most: 40}, {}, {MinCount: 2}},
		Dir:    filepath.Join(dir, "cache"), Memory: 1 << 30, Workers: 2,
	}
}

// lastIsTest draws a fifth of the others for valid, and drops a twentieth.
func lastIsTest(s *Staged) (iter.Seq[batch.Split], error) {
	rows := s.Inputs()
	return func(yield func(batch.Split) bool) {
		for i := range s.Rows() {
			split := batch.Train
			switch at := order.Mix(uint64(i)) % 20; {
			case i >= s.Rows()-rows[len(rows)-1]:
				split = batch.Test
			case at == 0:
				split = Dropped
			case at < 5:
				split = batch.Valid
			}
			if !yield(split) {
				return
			}
		}
	}, nil
}

func build(t testing.TB, j Job) *cache.File {
	t.Helper()
	f, err := Build(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// bytesIn returns the content of the one cache in a folder, and fails where anything else was left.
func bytesIn(t testing.TB, dir string) []byte {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		if name := e.Name(); !strings.HasPrefix(name, "index.json.") { // as its lock, of a process that was killed
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) != 2 || filepath.Ext(names[0]) != ".ctrlab" || names[1] != "index.json" {
		t.Fatalf("%s has %q, want a cache and the index", dir, names)
	}
	b, err := os.ReadFile(filepath.Join(dir, names[0]))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func collect[T any](t testing.TB, list iter.Seq2[[]T, error]) (all []T) {
	t.Helper()
	for part, err := range list {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, part...)
	}
	return all
}

// bags returns field i of a split, a bag a row.
func bags(t testing.TB, f *cache.File, s batch.Split, i int) (all [][]int32) {
	t.Helper()
	for b, err := range f.Field(s, i) {
		if err != nil {
			t.Fatal(err)
		}
		n := len(b.IDs)
		if b.Offsets != nil {
			n = len(b.Offsets) - 1
		}
		for r := range n {
			all = append(all, slices.Clone(b.Bag(r)))
		}
	}
	return all
}
