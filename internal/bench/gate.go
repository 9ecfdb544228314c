package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"ctrlab/internal/vec"
)

// gate is what the regression gate times the steps of: small enough that a process is ready at once and that some steps of a visit are not disturbed,
// large enough that embeddings leave the nearest caches.
var gate = Config{
	Name: "gate", Batch: 128, Optimizer: "adagrad", schema: schema(13, repeat(26, 4000)), batches: 4,
	Models: []string{
		`{"name": "dlrm", "embedding_dim": 16, "bottom": [128, 64], "top": [128, 64]}`,
		`{"name": "deepfm", "embedding_dim": 16, "dense": "scale", "top": [128, 64]}`,
		`{"name": "dcnv2", "embedding_dim": 16, "dense": "scale", "layers": 1, "top": [128, 64]}`,
		`{"name": "autoint", "embedding_dim": 16, "dense": "scale", "layers": 1}`,
	},
}

// Shapes of kernels' arguments: a shard's, in the nearest caches.
const (
	gateRows   = 128
	gateFields = 26
	gateDim    = 16
	gateWide   = 256
	gateTable  = 20_000
)

// kernel is a row of the table of kernels that the gate times; prepare makes the arguments and returns a call.
type kernel struct {
	name    string
	prepare func() func()
}

var kernels = []kernel{
	{"mul_packed", func() func() {
		y, x, w := floats(gateRows*gateWide), floats(gateRows*gateWide), floats(gateWide*gateWide)
		packed, bias := make([]float32, vec.PackedLen(gateWide, gateWide)), floats(gateWide)
		vec.Pack(packed, w, gateWide, 1, gateWide, gateWide)
		return func() {
			vec.MulPacked(y, gateWide, x, gateWide, packed, gateRows, gateWide, gateWide, vec.Epilogue{Bias: bias, ReLU: true})
		}
	}},
	{"mul", func() func() {
		dw, x, dy := floats(gateWide*gateWide), floats(gateRows*gateWide), floats(gateRows*gateWide)
		scratch := make([]float32, vec.MulScratch(gateWide, gateWide, gateRows))
		return func() {
			vec.Mul(dw, gateWide, x, 1, gateWide, dy, gateWide, 1, gateWide, gateWide, gateRows, false, scratch)
		}
	}},
	{"gather", func() func() {
		y, table, ids := floats(gateRows*gateDim), floats(gateTable*gateDim), someRows(gateRows)
		return func() { vec.Gather(y, gateDim, table, gateDim, ids, false) }
	}},
	{"adagrad_rows", func() func() {
		w, s, g, rows := floats(gateTable*gateDim), floats(gateTable*gateDim), floats(gateRows*gateDim), someRows(gateRows)
		return func() { vec.AdagradRows(w, s, gateDim, rows, g, 1e-6, 1e-10) }
	}},
	{"adam", func() func() {
		const n = gateFields * gateDim * gateWide / 8 // four of them fit the second cache
		w, m, v, g := floats(n), floats(n), floats(n), floats(n)
		return func() { vec.Adam(w, m, v, g, 1e-6, 0.9, 0.999, 1e-8, 1, 1) }
	}},
	{"fm", func() func() {
		y, sum, x := floats(gateRows), floats(gateRows*gateDim), embedded()
		return func() { vec.FM(y, 1, sum, x, gateRows, gateFields, gateDim) }
	}},
	{"dot_pairs", func() func() {
		y, x := floats(gateRows*dots), embedded()
		return func() { vec.DotPairs(y, dots, x, gateRows, gateFields, gateDim, false) }
	}},
	{"dot_pairs_grad", func() func() {
		dx, dy, x := embedded(), floats(gateRows*dots), embedded()
		return func() { clear(dx); vec.DotPairsGrad(dx, dy, dots, x, gateRows, gateFields, gateDim, false) }
	}},
	{"cross_vector", func() func() {
		const c = gateFields * gateDim
		y, s, x0, xl, w, b := embedded(), floats(gateRows), embedded(), embedded(), floats(c), floats(c)
		return func() { vec.CrossVector(y, s, x0, xl, w, b, gateRows, c) }
	}},
	{"attention", func() func() {
		const heads = 2
		y, q, k, v := embedded(), embedded(), embedded(), embedded()
		keep, scratch := make([]float32, gateRows*vec.AttentionKept(gateFields, heads)), make([]float32, vec.AttentionScratch(gateFields, gateDim/heads))
		return func() {
			vec.Attention(y, gateDim, keep, q, k, v, gateDim, gateRows, gateFields, heads, gateDim/heads, 1, scratch)
		}
	}},
}

const dots = gateFields * (gateFields - 1) / 2

func embedded() []float32 { return floats(gateRows * gateFields * gateDim) }

// floats are small positive numbers.
func floats(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%7+1) / 70
	}
	return x
}

// someRows are distinct rows of the gate's table, in no order.
func someRows(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i * 7919 % gateTable)
	}
	return rows
}

// Subjects are the names of what Visit can time: kernels, and steps of models.
func Subjects() (all []string) {
	for _, k := range kernels {
		all = append(all, "kernel/"+k.name)
	}
	variants, err := gate.Variants("")
	if err != nil {
		panic("bench: " + err.Error())
	}
	for _, v := range variants {
		all = append(all, Train+"/"+v.Name, Infer+"/"+v.Name)
	}
	return all
}

// parts is how often Visit goes through its subjects: a disturbance of some tenths of a second meets a part of each.
const parts = 4

// Visit times subjects, on one thread, for about so many seconds each, and returns the seconds of a call in its fastest chunk: what else the
// machine does makes a chunk longer and never shorter.
func Visit(ctx context.Context, names []string, seconds float64) (map[string]float64, error) {
	watches, err := watch(names)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, w := range watches {
			w.close()
		}
	}()
	for range parts {
		for _, w := range watches {
			if err := w.run(ctx, seconds/parts); err != nil {
				return nil, err
			}
		}
	}
	out := map[string]float64{}
	for _, w := range watches {
		out[w.name] = w.least
	}
	return out, nil
}

// stopwatch times the calls of one subject.
type stopwatch struct {
	name  string
	call  func() error
	close func()
	calls int     // a chunk
	least float64 // seconds of a call in the fastest chunk
}

// watch prepares subjects, in the order of Subjects.
func watch(names []string) (all []*stopwatch, err error) {
	for _, k := range kernels {
		if name := "kernel/" + k.name; slices.Contains(names, name) {
			call := k.prepare()
			all = append(all, &stopwatch{name: name, call: func() error { call(); return nil }, close: func() {}})
		}
	}
	variants, err := gate.Variants("")
	if err != nil {
		return nil, err
	}
	batches := gate.data(gate.Batch)
	for _, v := range variants {
		for _, phase := range []string{Train, Infer} {
			if name := phase + "/" + v.Name; slices.Contains(names, name) {
				s := newSubject(v, Options{Config: gate.Name, Batch: gate.Batch, Threads: 1, Optimizer: gate.Optimizer, Phase: phase}, batches)
				all = append(all, &stopwatch{name: name, call: s.step, close: s.close})
			}
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(w *stopwatch) bool { return w.name == name }) {
			return nil, fmt.Errorf("there is no subject %q", name)
		}
	}
	return all, nil
}

// chunkSeconds is how long a chunk of calls takes: long beside the clock, short beside a scheduler's slice.
const chunkSeconds = 0.0005

// run takes chunks for about so many seconds, five at least.
func (w *stopwatch) run(ctx context.Context, seconds float64) error {
	began := time.Now()
	for range 3 { // what grows has grown, and the last call is of the usual length
		began = time.Now()
		if err := w.call(); err != nil {
			return err
		}
	}
	if w.calls == 0 {
		w.calls, w.least = int(chunkSeconds/max(time.Since(began).Seconds(), 1e-8))+1, math.Inf(1)
	}
	start := time.Now()
	for n := 0; n < 5 || time.Since(start).Seconds() < seconds; n++ {
		from := time.Now()
		for range w.calls {
			if err := w.call(); err != nil {
				return err
			}
		}
		w.least = min(w.least, time.Since(from).Seconds()/float64(w.calls))
	}
	return ctx.Err()
}
