package interactions_test

import (
	"testing"

	"ctrlab/interactions"
	"ctrlab/nn"
)

// BenchmarkTrain is Forward and Backward of shards of 256 examples of 39 fields of 16, on one thread.
func BenchmarkTrain(b *testing.B) {
	const n, f, d = 256, 39, 16
	for _, v := range interactions.All {
		b.Run("variant="+v.Name, func(b *testing.B) {
			i := v.New(nn.NewBuilder(n, 1, true, nn.DefaultInits), f, d, v.Options)
			x, dx, y := nn.NewBlock(n, f, d), nn.NewBlock(n, f, d), nn.NewMat(n, i.Width())
			for j := range x.Data {
				x.Data[j] = float32(j%17)/17 - 0.5
			}
			for b.Loop() {
				i.Forward(&nn.Step{}, y, x)
				i.Backward(&nn.Step{}, dx, y, x)
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "examples/s")
			b.ReportMetric(3*n*i.Cost().FLOPs*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
