package prepare

import (
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"runtime"
	"strconv"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/order"
	"ctrlab/datasets/raw"
)

// Distinct values of the fields in all 45,840,617 rows of the Criteo challenge, as the DLRM repository counts them.
var criteoValues = []int{1461, 584, 10131227, 2202608, 306, 24, 12518, 634, 4, 93146, 5684, 8351593, 3195, 28, 14993, 5461306, 11, 5653, 2173, 4, 7046547, 18, 16, 286181, 105, 142572}

// BenchmarkBuild prepares rows of Criteo's shape, already parsed. PREPARE_BENCH_ROWS sets how many.
func BenchmarkBuild(b *testing.B) {
	rows := 1 << 20
	if n, err := strconv.Atoi(os.Getenv("PREPARE_BENCH_ROWS")); err == nil {
		rows = n
	}
	layout := raw.Layout{}
	for i := range 13 {
		layout.Dense = append(layout.Dense, fmt.Sprint("I", i+1))
	}
	for i := range criteoValues {
		layout.Fields = append(layout.Fields, raw.Field{Name: fmt.Sprint("C", i+1)})
	}
	for _, memory := range []int64{4 << 30, 64 << 20} {
		b.Run(fmt.Sprintf("rows=%d/memory=%d", rows, memory), func(b *testing.B) {
			for range b.N {
				j := Job{
					Layout: layout, Dir: b.TempDir(), Memory: memory, Workers: runtime.GOMAXPROCS(0),
					Assign: func(s *Staged) (iter.Seq[batch.Split], error) {
						return func(yield func(batch.Split) bool) {
							for i := range s.Rows() {
								if !yield(batch.Split(i * 7 / s.Rows() / 6)) {
									return
								}
							}
						}, nil
					},
					Inputs: []Input{{Name: "drawn", Read: func(_ context.Context, r Reading) (string, error) {
						return "", emitDrawn(layout, rows, r)
					}}},
					Progress: func(p Progress) {
						if testing.Verbose() {
							fmt.Fprintf(os.Stderr, "%s %s %d rows, %.0f/s, %v left\n", p.Step, p.Name, p.Rows, p.PerSecond, p.Left)
						}
					},
				}
				for range layout.Dense {
					j.Dense = append(j.Dense, DenseStep{Kind: Log1p})
				}
				j.Fields = make([]FieldStep, len(layout.Fields))
				f, err := Build(b.Context(), j)
				if err != nil {
					b.Fatal(err)
				}
				_ = f.Close()
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// emitDrawn draws values whose frequency falls as 1/rank, from as many as Criteo has.
func emitDrawn(layout raw.Layout, rows int, r Reading) error {
	var chunk raw.Rows
	state := uint64(1)
	for from := 0; from < rows; from += 8192 {
		chunk.Reset(layout)
		chunk.N = min(8192, rows-from)
		for range chunk.N {
			state += order.Golden
			u := order.Mix(state)
			chunk.Label = append(chunk.Label, float32(u%4/3))
			for d := range chunk.Dense {
				u = u*6364136223846793005 + 1442695040888963407
				chunk.Dense[d] = append(chunk.Dense[d], float32(u>>50))
			}
			for f, n := range criteoValues {
				u = u*6364136223846793005 + 1442695040888963407
				rank := uint64(math.Exp2(float64(u>>11) * 0x1p-53 * math.Log2(float64(n))))
				chunk.Keys[f] = append(chunk.Keys[f], order.Mix(rank)>>32)
			}
		}
		if err := r.Emit(&chunk, 0); err != nil {
			return err
		}
	}
	return nil
}
