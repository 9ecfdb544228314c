package cache

import (
	"fmt"
	"syscall"
	"testing"

	"ctrlab/datasets/batch"
)

// criteo makes rows of the shape of Criteo's.
func criteo(b *testing.B, rows int) *File {
	schema := batch.Schema{Dense: make([]string, 13)}
	for f := range 26 {
		rows := []int{1 << 8, 1 << 16, 1 << 22}[f%3]
		schema.Sparse = append(schema.Sparse, batch.Field{Name: fmt.Sprint("C", f+1), Rows: rows})
	}
	tables := [batch.Splits]table{draw(schema, rows, 1), draw(schema, 0, 2), draw(schema, 0, 3)}
	return made(b, schema, false, tables)
}

// BenchmarkBatches is of walks with and without shuffling.
func BenchmarkBatches(b *testing.B) {
	const rows = 1 << 19
	f := criteo(b, rows)
	for _, c := range []struct {
		name   string
		number uint64
		limits limits
	}{
		{"order=own", 0, usual},
		{"order=shuffled/windows=1", 1, usual},
		{"order=shuffled/windows=4", 1, limits{rows / 4, usual.bytes, usual.stream, usual.block}},
	} {
		b.Run(c.name, func(b *testing.B) {
			f.limits = c.limits
			began := processor()
			for b.Loop() {
				for _, err := range f.Batches(batch.Train, 2048, c.number) {
					check(b, err)
				}
			}
			b.ReportMetric(float64(b.N)*rows/(processor()-began), "rows/core-s")
			b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkOpen verifies files that the system has in memory.
func BenchmarkOpen(b *testing.B) {
	const rows = 1 << 18
	f := criteo(b, rows)
	b.SetBytes(int64(len(contents(b, f.name))))
	for b.Loop() {
		g, err := Open(f.name, "key")
		check(b, err)
		check(b, g.Close())
	}
}

// BenchmarkWrite fills a column of ids of a width.
func BenchmarkWrite(b *testing.B) {
	values := make([]int32, 1<<20)
	for _, table := range []int{1 << 8, 1 << 16, 1 << 24, 1 << 30} {
		b.Run(fmt.Sprintf("width=%d", idWidth(table)), func(b *testing.B) {
			b.SetBytes(int64(idWidth(table)) << 20)
			for b.Loop() {
				w, err := Create("", "key", batch.Schema{Sparse: make([]batch.Field, 1)}, [batch.Splits]int{len(values)})
				check(b, err)
				check(b, w.Field(0, table, [batch.Splits]int64{int64(len(values))}).IDs(batch.Train, values))
				check(b, w.Abort())
			}
		})
	}
}

// processor returns the seconds of processors that the process has taken: what others do does not count.
func processor() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
