package prepare

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/cache"
	"ctrlab/datasets/raw"
)

// plain is what Build makes, made with maps.
type plain struct {
	rows   []*raw.Rows
	splits []batch.Split
}

func newPlain(t *testing.T, j Job) (p plain) {
	t.Helper()
	for _, in := range j.Inputs {
		_, err := in.Read(t.Context(), Reading{Emit: func(r *raw.Rows, _ int64) error { p.rows = append(p.rows, r); return nil }})
		if err != nil {
			t.Fatal(err)
		}
	}
	n := []int{6000, 3000, 3000}
	s := &Staged{stage: &stage{state: state{Inputs: []staged{{Rows: n[0]}, {Rows: n[1]}, {Rows: n[2]}}}}}
	list, err := j.Assign(s)
	if err != nil {
		t.Fatal(err)
	}
	p.splits = slices.Collect(list)
	return p
}

// each walks the rows.
func (p plain) each(visit func(split batch.Split, r *raw.Rows, n int)) {
	i := 0
	for _, r := range p.rows {
		for n := range r.N {
			visit(p.splits[i], r, n)
			i++
		}
	}
}

// field returns the keys of field f, a bag a row, by split, and those of dropped rows last.
func (p plain) field(f int) (bags [4][][]uint64) {
	at := map[*raw.Rows]int{}
	p.each(func(s batch.Split, r *raw.Rows, n int) {
		bag := 1
		if r.Bags[f] != nil {
			bag = int(r.Bags[f][n])
		}
		bags[(s+4)%4] = append(bags[(s+4)%4], r.Keys[f][at[r]:][:bag])
		at[r] += bag
	})
	return bags
}

// order returns the values of the rows that a vocabulary is made of in the order in which they come, and their counts.
func (p plain) order(f int, all bool) (keys []uint64, counts map[uint64]int) {
	counts = map[uint64]int{}
	at := map[*raw.Rows]int{}
	p.each(func(s batch.Split, r *raw.Rows, n int) {
		bag := 1
		if r.Bags[f] != nil {
			bag = int(r.Bags[f][n])
		}
		for _, k := range r.Keys[f][at[r]:][:bag] {
			if s == batch.Train || all && s >= 0 {
				if counts[k]++; counts[k] == 1 {
					keys = append(keys, k)
				}
			}
		}
		at[r] += bag
	})
	return keys, counts
}

// ids are those of a vocabulary.
func (p plain) ids(f int, step FieldStep) map[uint64]int32 {
	keys, counts := p.order(f, step.All)
	kept := slices.DeleteFunc(slices.Clone(keys), func(k uint64) bool { return counts[k] < step.MinCount })
	if step.Most > 0 && len(kept) > step.Most {
		slices.SortStableFunc(kept, func(a, b uint64) int { return counts[b] - counts[a] })
		most := map[uint64]bool{}
		for _, k := range kept[:step.Most] {
			most[k] = true
		}
		kept = slices.DeleteFunc(keys, func(k uint64) bool { return !most[k] })
	}
	ids := map[uint64]int32{}
	for i, k := range kept {
		ids[k] = int32(i + 1)
	}
	return ids
}

func TestFieldsAreThoseOfMaps(t *testing.T) {
	for name, step := range map[string]FieldStep{
		"all":        {},
		"min count":  {MinCount: 3},
		"most":       {Most: 30},
		"both":       {MinCount: 2, Most: 1000},
		"every row":  {MinCount: 2, All: true},
		"hashed":     {HashRows: 97},
		"hashed all": {HashRows: 1 << 20, All: true},
	} {
		for _, memory := range []int64{1 << 30, 1} {
			t.Run(fmt.Sprint(name, "/", memory), func(t *testing.T) {
				t.Parallel()
				j := job(t, t.TempDir(), 12000)
				j.Memory = memory
				for f := range j.Fields {
					j.Fields[f] = step
				}
				file, p := build(t, j), newPlain(t, j)
				for f := range j.Fields {
					checkField(t, file, p, f, step)
				}
			})
		}
	}
}

func checkField(t *testing.T, file *cache.File, p plain, f int, step FieldStep) {
	t.Helper()
	const before = 1 // the field of buckets
	notes, err := NotesOf(file.Meta())
	if err != nil {
		t.Fatal(err)
	}
	n := notes.Fields[before+f]
	ids, _ := p.order(f, step.All)
	if n.Values != int64(len(ids)) {
		t.Errorf("%s has %d values, want %d", n.Name, n.Values, len(ids))
	}
	id := func(key uint64) int32 { return int32(key % uint64(max(1, step.HashRows))) }
	if step.HashRows == 0 {
		vocabulary := p.ids(f, step)
		id = func(key uint64) int32 { return vocabulary[key] }
		if n.Kept != int64(len(vocabulary)) || n.Rows != len(vocabulary)+1 {
			t.Errorf("%s has %d values in the vocabulary and %d rows, want %d and one more", n.Name, n.Kept, n.Rows, len(vocabulary))
		}
	}
	_, inTrain := p.order(f, false)
	fields := p.field(f)
	for s, want := range fields[:batch.Splits] {
		var missing, unseen, unknown, lookups int64
		got := bags(t, file, batch.Split(s), before+f)
		if len(got) != len(want) {
			t.Fatalf("%s has %d rows in %v, want %d", n.Name, len(got), batch.Split(s), len(want))
		}
		for r, bag := range want {
			var list []int32
			for _, key := range bag {
				lookups++
				list = append(list, id(key))
				missing += count(key == 0)
				unseen += count(inTrain[key] == 0)
				unknown += count(id(key) == 0 && step.HashRows == 0)
			}
			missing += count(len(bag) == 0)
			if !slices.Equal(got[r], list) {
				t.Fatalf("%s in row %d of %v is %v, want %v", n.Name, r, batch.Split(s), got[r], list)
			}
		}
		if g, w := [...]int64{n.Lookups[s], n.Missing[s], n.Unseen[s], n.Unknown[s]}, [...]int64{lookups, missing, unseen, unknown}; g != w {
			t.Errorf("%s in %v: lookups, missing, unseen and unknown are %v, want %v", n.Name, batch.Split(s), g, w)
		}
	}
	checkNames(t, file, p, f, step, n)
}

func count(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

func checkNames(t *testing.T, file *cache.File, p plain, f int, step FieldStep, n FieldNote) {
	t.Helper()
	if step.HashRows > 0 {
		keys, _ := p.order(f, step.All)
		rows := map[uint64]int{}
		for _, k := range keys {
			rows[k%uint64(step.HashRows)]++
		}
		alone := 0
		for _, values := range rows {
			alone += int(count(values == 1))
		}
		if n.Collide != int64(len(keys)-alone) {
			t.Errorf("%s: %d values collide, want %d", n.Name, n.Collide, len(keys)-alone)
		}
		return
	}
	texts := map[uint64]string{}
	for _, r := range p.rows {
		maps.Copy(texts, r.Names[f])
	}
	for key, id := range p.ids(f, step) {
		want := texts[key]
		switch {
		case key == 0:
		case mixed.Fields[f].Key == raw.Hex32:
			want = fmt.Sprintf("%08x", key)
		case mixed.Fields[f].Key == raw.Integer:
			want = fmt.Sprint(key - 1)
		}
		if name, _ := file.Name(1+f, id); name != want {
			t.Fatalf("id %d of %s is named %q, want %q", id, n.Name, name, want)
		}
	}
}

func TestRowsAreKept(t *testing.T) {
	j := job(t, t.TempDir(), 12000)
	j.Dense[0], j.Dense[1] = DenseStep{Kind: None}, DenseStep{Kind: Log1p}
	file, p := build(t, j), newPlain(t, j)
	var labels, first, second [batch.Splits][]float32
	var times [batch.Splits][]int64
	var rows [batch.Splits]int
	dropped := 0
	p.each(func(s batch.Split, r *raw.Rows, n int) {
		if s == Dropped {
			dropped++
			return
		}
		rows[s]++
		labels[s], times[s] = append(labels[s], r.Label[n]), append(times[s], r.Time[n])
		a, b := r.Dense[0][n], r.Dense[1][n]
		if a != a {
			a = 0
		}
		if !(b > 0) {
			b = 0
		}
		first[s], second[s] = append(first[s], a), append(second[s], float32(math.Log1p(float64(b))))
	})
	if file.Meta().Rows != rows {
		t.Fatalf("rows are %v, want %v", file.Meta().Rows, rows)
	}
	for s := range batch.Splits {
		for name, equal := range map[string]bool{
			"labels": slices.Equal(collect(t, file.Label(s)), labels[s]),
			"times":  slices.Equal(collect(t, file.Time(s)), times[s]),
			"I1":     slices.Equal(collect(t, file.Dense(s, 0)), first[s]),
			"I2":     slices.Equal(collect(t, file.Dense(s, 1)), second[s]),
		} {
			if !equal {
				t.Errorf("%s of %v are not those of the files", name, s)
			}
		}
	}
	if notes, _ := NotesOf(file.Meta()); notes.Dropped != dropped || dropped == 0 {
		t.Errorf("%d rows were dropped, want %d", notes.Dropped, dropped)
	}
}

// A file has the same bytes with no memory and much, with one worker and several, and in a second folder.
func TestBytesAreTheSame(t *testing.T) {
	var want []byte
	for _, c := range []struct {
		memory  int64
		workers int
	}{{1 << 30, 1}, {1 << 30, 3}, {1 << 20, 2}, {1, 1}, {1, 4}} {
		j := job(t, t.TempDir(), 20000)
		j.Memory, j.Workers = c.memory, c.workers
		build(t, j)
		got := bytesIn(t, j.Dir)
		if want == nil {
			want = got
		}
		if string(got) != string(want) {
			t.Errorf("with %d bytes and %d workers the file is another", c.memory, c.workers)
		}
	}
}
