package cache

import (
	"fmt"
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
			for b.Loop() {
				for _, err := range f.Batches(batch.Train, 2048, c.number) {
					check(b, err)
				}
			}
			b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
