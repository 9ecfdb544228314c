package cache

import (
	"iter"
	"slices"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
)

func TestRoundTrip(t *testing.T) {
	ratings := mixed
	ratings.Rating = &batch.Range{Min: 1, Max: 5}
	for _, c := range []struct {
		name   string
		schema batch.Schema
		timed  bool
		rows   [batch.Splits]int
	}{
		{"every column", mixed, true, [batch.Splits]int{1000, 1, 63}},
		{"ratings, no times", ratings, false, [batch.Splits]int{300, 0, 64}},
		{"labels alone", batch.Schema{}, false, [batch.Splits]int{5, 0, 0}},
		{"longer than buffers", mixed, true, [batch.Splits]int{70_000, 2, 3}},
		{"no rows", mixed, true, [batch.Splits]int{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tables [batch.Splits]table
			for s, n := range c.rows {
				tables[s] = draw(c.schema, n, uint64(s))
			}
			f := made(t, c.schema, c.timed, tables)
			for s, of := range tables {
				if got := read(t, f, batch.Split(s), 64, 0); !slices.Equal(got, of.rows()) {
					t.Errorf("%v: batches have other rows than were written", batch.Split(s))
				}
			}
		})
	}
}

// Each row comes once, for any size of batches and windows.
func TestOrderIsAPermutation(t *testing.T) {
	of := draw(mixed, 1003, 5)
	f := made(t, mixed, false, [batch.Splits]table{draw(mixed, 0, 0), of, draw(mixed, 1, 0)})
	want := of.rows()
	slices.Sort(want)
	for _, l := range []limits{usual, {64, 1 << 20, 64, 64}, {64, 1 << 20, 7, 9}, {1, 1 << 20, 1, 5}, {1 << 20, 1, 2, 3}, {512, 1 << 20, 512, 8}} {
		f.limits = l
		for _, n := range []int{1, 64, 1000, 5000} {
			var first []string
			for number := range uint64(3) {
				got := read(t, f, batch.Valid, n, number)
				if number == 0 && !slices.Equal(got, of.rows()) {
					t.Errorf("%v, batches of %d: order 0 moves rows", l, n)
				}
				if number == 1 {
					first = got
				}
				if number > 0 && slices.Equal(got, of.rows()) || number == 2 && slices.Equal(got, first) {
					t.Errorf("%v, batches of %d: order %d is another's", l, n, number)
				}
				if got := slices.Clone(got); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
					t.Errorf("%v, batches of %d: order %d has not each row once", l, n, number)
				}
			}
		}
	}
}

func TestColumns(t *testing.T) {
	var tables [batch.Splits]table
	for s, n := range []int{40_000, 100, 0} {
		tables[s] = draw(mixed, n, uint64(s))
	}
	f := made(t, mixed, true, tables)
	for s, of := range tables {
		s := batch.Split(s)
		equal(t, s, "labels", collect(t, f.Label(s)), of.label)
		equal(t, s, "times", collect(t, f.Time(s)), of.time)
		for d := range mixed.Dense {
			equal(t, s, mixed.Dense[d], collect(t, f.Dense(s, d)), of.dense[d])
		}
		for i, field := range mixed.Sparse {
			var got [][]int32
			for bags, err := range f.Field(s, i) {
				check(t, err)
				n := len(bags.IDs)
				if field.MultiHot {
					n = len(bags.Offsets) - 1
				}
				for row := range n {
					got = append(got, slices.Clone(bags.Bag(row)))
				}
			}
			if !slices.EqualFunc(got, of.ids[i], slices.Equal) {
				t.Errorf("%v: field %s has other ids than were written", s, field.Name)
			}
			if n := f.Lookups(s, i); n != int64(len(slices.Concat(of.ids[i]...))) {
				t.Errorf("%v: field %s has %d lookups", s, field.Name, n)
			}
		}
	}
}

func collect[T any](t *testing.T, chunks iter.Seq2[[]T, error]) (all []T) {
	t.Helper()
	for v, err := range chunks {
		check(t, err)
		all = append(all, v...)
	}
	return all
}

func equal[T comparable](t *testing.T, s batch.Split, name string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%v: %s has other values than were written", s, name)
	}
}

func TestNames(t *testing.T) {
	dir := t.TempDir()
	w := write(t, dir, "key", mixed, false, [batch.Splits]table{draw(mixed, 10, 1), draw(mixed, 0, 1), draw(mixed, 0, 1)})
	long := strings.Repeat("x", 100_000)
	check(t, w.Names(2, slices.Values(slices.Insert(slices.Repeat([]string{"Zürich", "", "a\tb"}, 50), 70, long))))
	check(t, w.Names(1, slices.Values([]string(nil))))
	f, err := w.Commit(Meta{})
	check(t, err)
	check(t, f.Close())
	f, err = Open(Path(dir, "key"), "key")
	check(t, err)
	defer f.Close()
	for _, c := range []struct {
		field int
		id    int32
		name  string
	}{
		{2, 0, "Zürich"}, {2, 1, ""}, {2, 2, "a\tb"}, {2, 63, "Zürich"}, {2, 64, ""}, {2, 70, long}, {2, 71, ""}, {2, 150, "a\tb"},
		{2, 151, ""}, {2, 1 << 15, ""}, {2, -1, ""}, {1, 0, ""}, {0, 0, ""},
	} {
		if got, named := f.Name(c.field, c.id); got != c.name || named != (c.name != "") {
			t.Errorf("id %d of field %d is %.20q (%v), want %.20q", c.id, c.field, got, named, c.name)
		}
	}
}
