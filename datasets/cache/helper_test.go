package cache

import (
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/order"
)

// table is the rows of a split, by column.
type table struct {
	label []float32
	time  []int64
	dense [][]float32
	ids   [][][]int32 // [field][row]
}

// mixed has a field of every width, of one byte and of two as bags, and dense columns.
var mixed = batch.Schema{
	Dense: []string{"I1", "I2"},
	Sparse: []batch.Field{
		{Name: "C1", Rows: 1 << 8},
		{Name: "tags", Rows: 200, MultiHot: true, Pool: batch.Mean},
		{Name: "C2", Rows: 1 << 16},
		{Name: "C3", Rows: 1 << 24},
		{Name: "words", Rows: 1<<8 + 1, MultiHot: true},
		{Name: "C4", Rows: math.MaxInt32},
	},
}

// draw makes rows whose first dense column numbers them; ids reach both ends of their tables.
func draw(schema batch.Schema, rows int, seed uint64) (t table) {
	n := order.Key(seed)
	random := func(below int) int {
		n += order.Golden
		switch v := order.Mix(n); v % 8 {
		case 0:
			return 0
		case 1:
			return below - 1
		default:
			return int(v / 8 % uint64(below))
		}
	}
	t.dense, t.ids = make([][]float32, len(schema.Dense)), make([][][]int32, len(schema.Sparse))
	for i := range rows {
		t.label = append(t.label, float32(random(2)))
		if schema.Rating != nil {
			t.label[i] = schema.Rating.Min + float32(random(9))/2
		}
		t.time = append(t.time, int64(random(math.MaxInt))-math.MaxInt/2)
		for d := range t.dense {
			x := float32(i)
			if d > 0 {
				x = math.Float32frombits(uint32(random(0x7f800000))) // any that is positive and finite
			}
			t.dense[d] = append(t.dense[d], x)
		}
		for f, field := range schema.Sparse {
			bag := make([]int32, 1)
			if field.MultiHot {
				bag = make([]int32, random(6))
			}
			for k := range bag {
				bag[k] = int32(random(field.Rows))
			}
			t.ids[f] = append(t.ids[f], bag)
		}
	}
	return t
}

// write makes a cache of tables without committing it.
func write(t testing.TB, dir, key string, schema batch.Schema, timed bool, tables [batch.Splits]table) *Writer {
	t.Helper()
	var rows [batch.Splits]int
	lookups := make([][batch.Splits]int64, len(schema.Sparse))
	for s, of := range tables {
		rows[s] = len(of.label)
		for f, bags := range of.ids {
			lookups[f][s] = int64(len(slices.Concat(bags...)))
		}
	}
	bare := schema
	bare.Sparse = slices.Clone(schema.Sparse)
	for f := range bare.Sparse {
		bare.Sparse[f].Rows = 0
	}
	w, err := Create(dir, key, bare, rows)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Abort() })
	columns := make([]*Column, len(schema.Sparse))
	for f, field := range schema.Sparse {
		columns[f] = w.Field(f, field.Rows, lookups[f])
	}
	label := w.Label()
	for s, of := range tables {
		split := batch.Split(s)
		check(t, label.Floats(split, of.label))
		for f, c := range columns {
			fill(t, c, split, schema.Sparse[f], of.ids[f])
		}
	}
	for d := range schema.Dense {
		c := w.Dense(d)
		for s, of := range tables {
			check(t, c.Floats(batch.Split(s), of.dense[d]))
		}
	}
	if timed {
		c := w.Time()
		for s, of := range tables {
			check(t, c.Times(batch.Split(s), of.time))
		}
	}
	return w
}

// fill appends in two calls.
func fill(t testing.TB, c *Column, s batch.Split, field batch.Field, bags [][]int32) {
	t.Helper()
	for _, part := range [][][]int32{bags[:len(bags)/3], bags[len(bags)/3:]} {
		if !field.MultiHot {
			check(t, c.IDs(s, slices.Concat(part...)))
			continue
		}
		lengths := make([]int32, len(part))
		for i, bag := range part {
			lengths[i] = int32(len(bag))
		}
		check(t, c.Bags(s, lengths, slices.Concat(part...)))
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// made commits a cache of tables and opens it again.
func made(t testing.TB, schema batch.Schema, timed bool, tables [batch.Splits]table) *File {
	t.Helper()
	dir := t.TempDir()
	f, err := write(t, dir, "key", schema, timed, tables).Commit(Meta{})
	check(t, err)
	check(t, f.Close())
	f, err = Open(Path(dir, "key"), "key")
	check(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// rowsOf tells each row of a batch as text.
func rowsOf(b *batch.Batch) (rows []string) {
	nd := len(b.Dense) / b.N
	for i := range b.N {
		row := strconv.FormatFloat(float64(b.Label[i]), 'g', -1, 32)
		for _, x := range b.Dense[i*nd:][:nd] {
			row += " " + strconv.FormatFloat(float64(x), 'g', -1, 32)
		}
		for _, bags := range b.Sparse {
			for _, id := range bags.Bag(i) {
				row += " " + strconv.Itoa(int(id))
			}
			row += ";"
		}
		rows = append(rows, row)
	}
	return rows
}

// rows tells the rows of a table as rowsOf does.
func (t table) rows() []string {
	if len(t.label) == 0 {
		return nil
	}
	b := &batch.Batch{N: len(t.label), Label: t.label}
	for i := range b.N {
		for _, column := range t.dense {
			b.Dense = append(b.Dense, column[i])
		}
	}
	for _, bags := range t.ids {
		s := batch.Bags{Offsets: []int32{0}}
		for _, bag := range bags {
			s.IDs = append(s.IDs, bag...)
			s.Offsets = append(s.Offsets, int32(len(s.IDs)))
		}
		b.Sparse = append(b.Sparse, s)
	}
	return rowsOf(b)
}

// read walks a split and tells its rows.
func read(t testing.TB, f *File, s batch.Split, n int, number uint64) (rows []string) {
	t.Helper()
	left := f.Rows(s)
	for b, err := range f.Batches(s, n, number) {
		check(t, err)
		if b.N != min(n, left) {
			t.Fatalf("a batch of %d rows where %d are left, want %d", b.N, left, n)
		}
		rows, left = append(rows, rowsOf(b)...), left-b.N
	}
	return rows
}

func contents(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	check(t, err)
	return b
}
