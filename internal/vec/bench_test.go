package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func fill(n int) []float32 {
	s, next := make([]float32, n), positive(1)
	for i := range s {
		s[i] = next()
	}
	return s
}

// BenchmarkLinear is a layer's three products on a shard of 256 rows: the layers of DLRM's Criteo configuration and
// of a 400-400-400 perceptron.
func BenchmarkLinear(b *testing.B) {
	const rows = 256
	for _, l := range [][2]int{{13, 512}, {512, 256}, {256, 64}, {64, 16}, {367, 512}, {256, 1}, {624, 400}, {400, 400}} {
		in, out := l[0], l[1]
		x, y, w := fill(rows*in), fill(rows*out), fill(in*out)
		forward, backward := make([]float32, PackedLen(in, out)), make([]float32, PackedLen(out, in))
		Pack(forward, w, 1, in, in, out)
		Pack(backward, w, in, 1, out, in)
		scratch, bias := make([]float32, MulScratch(out, in, rows)), fill(out)
		for form, run := range map[string]func(){
			"forward": func() { MulPacked(y, out, x, in, forward, rows, out, in, Epilogue{Bias: bias, ReLU: true}) },
			"input":   func() { MulPacked(x, in, y, out, backward, rows, in, out, Epilogue{}) },
			"weight":  func() { Mul(w, in, y, 1, out, x, in, 1, out, in, rows, false, scratch) },
			"pack":    func() { Pack(forward, w, 1, in, in, out) },
		} {
			b.Run(fmt.Sprintf("set=%s/form=%s/in=%d/out=%d", Kernels(), form, in, out), func(b *testing.B) {
				for b.Loop() {
					run()
				}
				b.ReportMetric(float64(2*rows*in*out)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

// BenchmarkRows is work on random rows of a table that no cache holds.
func BenchmarkRows(b *testing.B) {
	const n, size = 4096, 1 << 25
	w, s := fill(size), fill(size)
	for _, d := range []int{1, 16, 64} {
		x, r := fill(n*d), rand.New(rand.NewPCG(1, 1))
		all := make([]int32, 256*n)
		for i := range all {
			all[i] = int32(r.IntN(size / d))
		}
		offsets := make([]int32, n/8+1)
		for i := range offsets {
			offsets[i] = int32(8 * i)
		}
		starts := make([]int32, n+1)
		for i := range starts {
			starts[i] = int32(i)
		}
		rows, from, uses, scratch := make([]int32, n), make([]int32, n+2), make([]int32, n), make([]int32, ByRowScratch(n))
		codes := [2][]byte{make([]byte, size/d*CodesLen(d, 8)), make([]byte, size/d*CodesLen(d, 4))}
		for _, k := range []struct {
			name string
			run  func(ids []int32)
		}{
			{"gather8", func(ids []int32) { GatherCodes(x, d, codes[0], d, 8, ids, nil, false) }},
			{"gather4", func(ids []int32) { GatherCodes(x, d, codes[1], d, 4, ids, nil, false) }},
			{"gather", func(ids []int32) { Gather(x, d, w, d, ids, false) }},
			{"bags", func(ids []int32) { GatherBags(x, d, w, d, ids, offsets, true, false) }},
			{"sum", func(ids []int32) { SumRows(x, d, starts, ids, w, d, size/d, nil) }},
			{"byrow", func(ids []int32) { ByRow(rows, from, uses, scratch, size/d, ids, nil) }},
			{"sgd", func(ids []int32) { SGDRows(w, d, ids, x, 0.1) }},
			{"adagrad", func(ids []int32) { AdagradRows(w, s, d, ids, x, 0.1, 1e-10) }},
			{"rowwise", func(ids []int32) { RowwiseAdagradRows(w, s[:size/d], d, ids, x, 0.1, 1e-10) }},
		} {
			b.Run(fmt.Sprintf("set=%s/kernel=%s/d=%d", Kernels(), k.name, d), func(b *testing.B) {
				at := 0
				for b.Loop() {
					k.run(all[at:][:n])
					at = (at + n) % len(all)
				}
				b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
			})
		}
	}
}

// BenchmarkInteractions is 256 examples of 39 fields of 16.
func BenchmarkInteractions(b *testing.B) {
	const n, f, d, c = 256, 39, 16, 624
	x, dx, sum, y := fill(n*f*d), fill(n*f*d), fill(n*d), fill(n*f*f*d/2)
	w, v, dw, dv, s := fill(c), fill(c), fill(c), fill(c), fill(n)
	dxl, dy := fill(n*c), fill(n*c)
	a, da, z := fill(100*n), fill(100*n), fill(f*100*n)
	qkv, dqkv, scratch := fill(n*f*96), fill(n*f*128), fill(AttentionScratch(f, d))
	keep := fill(n * AttentionKept(f, 2))
	for _, k := range []struct {
		name string
		run  func()
	}{
		{"Attention", func() { Attention(dqkv, 32, keep, qkv, qkv[32:], qkv[64:], 96, n, f, 2, d, 0.01, scratch) }},
		{"AttentionGrad", func() {
			AttentionGrad(dqkv, dqkv[32:], dqkv[64:], dqkv[96:], 128, keep, qkv, qkv[32:], qkv[64:], 96, n, f, 2, d, 0.01, scratch)
		}},
		{"FM", func() { FM(s, 1, sum, x, n, f, d) }},
		{"FMGrad", func() { FMGrad(dx, s, 1, sum, x, n, f, d) }},
		{"DotPairs", func() { DotPairs(y, f*(f-1)/2, x, n, f, d, false) }},
		{"DotPairsGrad", func() { DotPairsGrad(dx, y, f*(f-1)/2, x, n, f, d, false) }},
		{"HadamardPairs", func() { HadamardPairs(y, f*(f-1)/2*d, x, n, f, d) }},
		{"HadamardPairsGrad", func() { HadamardPairsGrad(dx, y, f*(f-1)/2*d, x, n, f, d) }},
		{"CrossVector", func() { CrossVector(dxl, s, x, dy, w, v, n, c) }},
		{"CrossVectorGrad", func() { CrossVectorGrad(dx, dxl, dw, dv, dy, s, x, x, w, n, c) }},
		{"ScaleFields", func() { ScaleFields(dxl, c, x, f, w, n, f, d) }},
		{"ScaleFieldsGrad", func() { ScaleFieldsGrad(dw, dy, c, x, f, n, f, d) }},
		{"Transpose", func() { Transpose(dx, x, n, f, d) }},
		{"OuterRows", func() { OuterRows(z, x, f, a, 100, n, f, 100) }},
		{"OuterRowsGrad", func() { OuterRowsGrad(dx, f, da, 100, z, x, f, a, 100, n, f, 100) }},
	} {
		b.Run(fmt.Sprintf("set=%s/kernel=%s", Kernels(), k.name), func(b *testing.B) {
			for b.Loop() {
				k.run()
			}
		})
	}
}

// BenchmarkElementwise is 64 Ki numbers, which the second cache holds.
func BenchmarkElementwise(b *testing.B) {
	const n = 1 << 16
	x, y, w, g := fill(n), fill(n), fill(n), fill(n)
	for _, k := range []struct {
		name string
		run  func()
	}{
		{"Axpy", func() { Axpy(y, 1e-9, x) }},
		{"Dot", func() { Dot(x, y) }},
		{"SumSquares", func() { SumSquares(x) }},
		{"AddRows", func() { AddRows(y[:256], x, 256, 256, 256) }},
		{"ReLU", func() { ReLU(y, x) }},
		{"ReLUGrad", func() { ReLUGrad(g, 256, x, 256, y, 256, 256, 256) }},
		{"Sigmoid", func() { Sigmoid(y, x) }},
		{"Adagrad", func() { Adagrad(w, y, g, 1e-9, 1e-10) }},
		{"Adam", func() { Adam(w, x, y, g, 1e-9, 0.9, 0.999, 1e-8, 0.5, 0.5) }},
	} {
		b.Run(fmt.Sprintf("set=%s/kernel=%s", Kernels(), k.name), func(b *testing.B) {
			for b.Loop() {
				k.run()
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gnumbers/s")
		})
	}
}
