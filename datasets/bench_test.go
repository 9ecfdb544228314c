package datasets

import (
	"testing"

	"ctrlab/datasets/batch"
)

// BenchmarkSynthetic draws batches of 2048 shuffled rows of ten fields, and of a click log's shape.
func BenchmarkSynthetic(b *testing.B) {
	for _, kind := range truthNames() {
		b.Run("truth="+kind, func(b *testing.B) {
			o := syntheticDefaults()
			o.Truth = []Truth{planted(kind)}
			benchmarkRows(b, o)
		})
	}
	o := syntheticDefaults()
	o.Fields, o.Dense, o.RowsPerField = Fields{Count: 26}, Dense{Count: 13}, 100_000
	b.Run("clicks", func(b *testing.B) { benchmarkRows(b, o) })
}

func benchmarkRows(b *testing.B, o Synthetic) {
	s := mustOpen(b, o)
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		for x := range s.Batches(batch.Train, 2048, 1) {
			if rows += x.N; x.N < 2048 || rows/2048%64 == 0 {
				break
			}
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
