package datasets

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"ctrlab/datasets/batch"
)

// checkSource is what every Source must keep: the same rows whatever the batch size, the order, the split read
// before and the goroutines at work, and ids inside the schema.
func checkSource(t *testing.T, s Source) {
	t.Helper()
	schema := s.Schema()
	for split := range batch.Splits {
		rows := readRows(t, s, split, 7, 0)
		if len(rows) != s.Rows(split) {
			t.Fatalf("%v has %d rows and says %d", split, len(rows), s.Rows(split))
		}
		for _, n := range []int{1, 64, 1 << 20} {
			if !slices.Equal(readRows(t, s, split, n, 0), rows) {
				t.Errorf("%v in batches of %d has other rows than in batches of 7", split, n)
			}
		}
		for _, order := range []uint64{0, 9} {
			all := readRows(t, s, split, 7, order)
			for _, first := range []int{1, 2, len(rows)/7 - 1, len(rows) / 7, len(rows)/7 + 5} {
				if got, want := readFrom(t, s, split, 7, order, max(first, 0)), all[min(7*max(first, 0), len(all)):]; !slices.Equal(got, want) {
					t.Errorf("%v in order %d from batch %d has %d rows, want the %d last of all", split, order, first, len(got), len(want))
				}
			}
		}
		var wg sync.WaitGroup
		var shuffled [2][]string
		for i, n := range []int{5, 100} {
			wg.Go(func() { shuffled[i] = readRows(t, s, split, n, 9) })
		}
		wg.Wait()
		if !slices.Equal(shuffled[0], shuffled[1]) {
			t.Errorf("%v in order 9 has another order in batches of 5 than of 100", split)
		}
		if len(rows) > 9 && slices.Equal(shuffled[0], rows) {
			t.Errorf("%v in order 9 is in order 0", split)
		}
		slices.Sort(rows)
		slices.Sort(shuffled[0])
		if !slices.Equal(shuffled[0], rows) {
			t.Errorf("%v in order 9 has other rows than in order 0", split)
		}
		checkIDs(t, s, split, schema)
	}
}

func checkIDs(t *testing.T, s Source, split batch.Split, schema batch.Schema) {
	for b, err := range s.Batches(split, 50, 0) {
		if err != nil || len(b.Label) != b.N || len(b.Dense) != b.N*len(schema.Dense) {
			t.Fatalf("a batch of %d has %d labels and %d dense values; %v", b.N, len(b.Label), len(b.Dense), err)
		}
		for f, field := range schema.Sparse {
			bags := b.Sparse[f]
			if (bags.Offsets != nil) != field.MultiHot {
				t.Fatalf("field %s has offsets or has none against the schema", field.Name)
			}
			for _, id := range bags.IDs {
				if id < 0 || int(id) >= field.Rows {
					t.Fatalf("field %s of %d rows has the id %d", field.Name, field.Rows, id)
				}
			}
		}
	}
}

// readRows returns every row of a split as text.
func readRows(t *testing.T, s Source, split batch.Split, n int, order uint64) (rows []string) {
	return readFrom(t, s, split, n, order, 0)
}

// readFrom leaves out the first so many batches.
func readFrom(t *testing.T, s Source, split batch.Split, n int, order uint64, first int) (rows []string) {
	nd := len(s.Schema().Dense)
	for b, err := range batch.From(s, split, n, order, first) {
		if err != nil {
			t.Error(err)
		}
		for i := range b.N {
			text := fmt.Sprint(b.Dense[i*nd:][:nd], b.Label[i])
			for _, bags := range b.Sparse {
				text += fmt.Sprint(bags.Bag(i))
			}
			if b.Truth != nil {
				text += fmt.Sprint(math.Float32bits(b.Truth[i]))
			}
			rows = append(rows, text)
		}
	}
	return rows
}
