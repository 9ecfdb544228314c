//go:build ignore

// Gemm measures the matrix products of all configurations beside OpenBLAS (Debian's libopenblas-dev), in interleaved rounds:
//
//	go run experiments/peers/gemm.go -threads 1
//
// The layers are cut as training cuts them: shards of rows, a thread having every so many-th, weights packed once for all, and a
// gradient a thread, added up in the end; packing and adding are in the time. OpenBLAS gets each product in one call, and after it
// the time that its threads go on spinning for.
package main

/*
#cgo LDFLAGS: -lopenblas
void openblas_set_num_threads(int);
void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
	float beta, float *c, int ldc);
*/
import "C"

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"ctrlab/internal/vec"
)

var (
	threads = flag.Int("threads", 1, "threads of both")
	rounds  = flag.Int("rounds", 5, "interleaved rounds")
	batch   = flag.Int("batch", 0, "examples instead of each configuration's own")
	shard   = flag.Int("shard", 256, "rows of a shard")
)

// Layers of the configurations of ctrlab bench, [in, out]; one that occurs twice is here once. CIN's stands for a shard of it.
var configs = []struct {
	name        string
	batch, rows int // rows of the layer's input an example
	layers      [][2]int
}{
	{"dlrm-kaggle", 2048, 1, [][2]int{{13, 512}, {512, 256}, {256, 64}, {64, 16}, {367, 512}, {256, 1}}},
	{"dlrm-paper", 2048, 1, [][2]int{{512, 512}, {512, 64}, {100, 1024}, {1024, 1024}, {1024, 1}}},
	{"ctr39", 4096, 1, [][2]int{{624, 400}, {400, 400}, {400, 1}, {624, 624}, {1521, 100}, {3900, 100}}},
	{"autoint", 2048, 39, [][2]int{{16, 32}, {32, 32}}},
	{"neumf", 4096, 1, [][2]int{{128, 64}, {64, 32}, {32, 16}, {32, 1}}},
}

const rowMajor, asIs, transposed = 101, 111, 112

// A layer has its operands and both ways to each of its three products.
type layer struct{ rows, in, out int }

func (l layer) forms() map[string][2]func() {
	x, y, dy, w, dx := random(l.rows*l.in), random(l.rows*l.out), random(l.rows*l.out), random(l.in*l.out), random(l.rows*l.in)
	forward, backward := make([]float32, vec.PackedLen(l.in, l.out)), make([]float32, vec.PackedLen(l.out, l.in))
	grads, scratch := make([][]float32, *threads), make([][]float32, *threads)
	for t := range *threads {
		grads[t], scratch[t] = random(l.in*l.out), make([]float32, vec.MulScratch(l.out, l.in, *shard))
	}
	dw := random(l.in * l.out)
	return map[string][2]func(){
		"forward": {func() {
			vec.Pack(forward, w, 1, l.in, l.in, l.out)
			l.shards(func(_, i, n int) {
				vec.MulPacked(y[i*l.out:], l.out, x[i*l.in:], l.in, forward, n, l.out, l.in, vec.Epilogue{})
			})
		}, func() { sgemm(asIs, transposed, l.rows, l.out, l.in, x, l.in, w, l.in, 0, y) }},
		"input": {func() {
			vec.Pack(backward, w, l.in, 1, l.out, l.in)
			l.shards(func(_, i, n int) {
				vec.MulPacked(dx[i*l.in:], l.in, dy[i*l.out:], l.out, backward, n, l.in, l.out, vec.Epilogue{})
			})
		}, func() { sgemm(asIs, asIs, l.rows, l.in, l.out, dy, l.out, w, l.in, 0, dx) }},
		"weight": {func() {
			l.shards(func(t, i, n int) {
				vec.Mul(grads[t], l.in, dy[i*l.out:], 1, l.out, x[i*l.in:], l.in, 1, l.out, l.in, n, true, scratch[t])
			})
			for _, g := range grads[1:] {
				vec.Add(grads[0], g)
			}
		}, func() { sgemm(transposed, asIs, l.out, l.in, l.rows, dy, l.out, x, l.in, 1, dw) }},
	}
}

// shards runs f on all shards of the rows, on all threads: with the thread's number, the first row and their number.
func (l layer) shards(f func(thread, from, n int)) {
	work := func(t int) {
		for i := t * *shard; i < l.rows; i += *threads * *shard {
			f(t, i, min(*shard, l.rows-i))
		}
	}
	var all sync.WaitGroup
	for t := 1; t < *threads; t++ {
		all.Go(func() { work(t) })
	}
	work(0)
	all.Wait()
}

func sgemm(ta, tb, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32) {
	C.cblas_sgemm(rowMajor, C.int(ta), C.int(tb), C.int(m), C.int(n), C.int(k), 1, (*C.float)(&a[0]), C.int(lda),
		(*C.float)(&b[0]), C.int(ldb), C.float(beta), (*C.float)(&c[0]), C.int(n))
}

func random(n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = rand.Float32() - 0.5
	}
	return s
}

// seconds is the time of one call, over 10 ms at least.
func seconds(f func()) float64 {
	began, calls := time.Now(), 0
	for calls == 0 || time.Since(began) < 10*time.Millisecond {
		f()
		calls++
	}
	return time.Since(began).Seconds() / float64(calls)
}

func median(x []float64) float64 { return slices.Sorted(slices.Values(x))[len(x)/2] }

// spinning is longer than OpenBLAS's threads keep their cores busy after a call: 2²⁸ cycles.
const spinning = 200 * time.Millisecond

// compare measures one product both ways: the median time of each, and of their ratio.
func compare(ways [2]func()) (own, theirs, ratio float64) {
	var t [2][]float64
	var ratios []float64
	ways[0]()
	ways[1]()
	for r := range *rounds {
		for i := range 2 {
			way := (r + i) % 2
			if way == 0 && *threads > 1 {
				time.Sleep(spinning)
			}
			t[way] = append(t[way], seconds(ways[way]))
		}
		ratios = append(ratios, t[1][r]/t[0][r])
	}
	return median(t[0]), median(t[1]), median(ratios)
}

func main() {
	flag.Parse()
	C.openblas_set_num_threads(C.int(*threads))
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "config\trows\tin\tout\tform\tctrlab, GFLOP/s\tOpenBLAS\tratio\t")
	type result struct {
		name  string
		ratio float64
	}
	var all, wide []result
	for _, c := range configs {
		for _, s := range c.layers {
			l := layer{c.batch * c.rows, s[0], s[1]}
			if *batch > 0 {
				l.rows = *batch * c.rows
			}
			forms := l.forms()
			for _, form := range []string{"forward", "input", "weight"} {
				own, theirs, ratio := compare(forms[form])
				flop := 2e-9 * float64(l.rows*l.in*l.out)
				fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%s\t%.1f\t%.1f\t%.2f\t\n", c.name, l.rows, l.in, l.out, form, flop/own, flop/theirs, ratio)
				r := result{fmt.Sprintf("%s, %s, %d to %d", form, c.name, l.in, l.out), ratio}
				if all = append(all, r); l.out > 1 {
					wide = append(wide, r)
				}
			}
		}
	}
	out.Flush()
	for name, rs := range map[string][]result{"all": all, "without single outputs": wide} {
		logs, worst := 0.0, rs[0]
		for _, r := range rs {
			if logs += math.Log(r.ratio); r.ratio < worst.ratio {
				worst = r
			}
		}
		fmt.Printf("%s: geometric mean %.2f, worst %.2f (%s)\n", name, math.Exp(logs/float64(len(rs))), worst.ratio, worst.name)
	}
}
