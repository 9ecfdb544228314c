package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ctrlab/internal/vec"
)

// gate is what the regression gate times the steps of: small enough that a process is ready at once, large enough that embeddings leave the
// nearest caches.
var gate = Config{
	Name: "gate", Batch: 1024, Optimizer: "adagrad", schema: schema(13, repeat(26, 4000)), batches: 4,
	Models: []string{
		`{"name": "dlrm", "embedding_dim": 16, "bottom": [128, 64], "top": [128, 64]}`,
		`{"name": "deepfm", "embedding_dim": 16, "dense": "scale", "top": [128, 64]}`,
		`{"name": "dcnv2", "embedding_dim": 16, "dense": "scale", "layers": 2, "top": [128, 64]}`,
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
		w, m, v, g := floats(gateWide*gateWide), floats(gateWide*gateWide), floats(gateWide*gateWide), floats(gateWide*gateWide)
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

// Visit times subjects, on one thread, for about so many seconds each, and returns the seconds of a call. A call's are those that a quarter of its
// chunks stay below: what else the machine does makes a chunk longer and never shorter.
func Visit(ctx context.Context, names []string, seconds float64) (map[string]float64, error) {
	out := map[string]float64{}
	for _, k := range kernels {
		if name := "kernel/" + k.name; slices.Contains(names, name) {
			call := k.prepare()
			out[name] = timed(func() error { call(); return ctx.Err() }, seconds).at
		}
	}
	variants, err := gate.Variants("")
	if err != nil {
		return nil, err
	}
	batches := gate.data(gate.Batch)
	for _, v := range variants {
		for _, phase := range []string{Train, Infer} {
			name := phase + "/" + v.Name
			if !slices.Contains(names, name) {
				continue
			}
			s := newSubject(v, Options{Config: gate.Name, Batch: gate.Batch, Threads: 1, Optimizer: gate.Optimizer, Phase: phase}, batches)
			t := timed(s.step, seconds)
			s.close()
			if t.err != nil {
				return nil, t.err
			}
			out[name] = t.at
		}
	}
	for _, name := range names {
		if out[name] == 0 {
			return nil, fmt.Errorf("there is no subject %q", name)
		}
	}
	return out, ctx.Err()
}

type timing struct {
	at  float64
	err error
}

// chunkSeconds is how long a chunk of calls takes: long beside the clock, short beside a scheduler's slice.
const chunkSeconds = 0.001

// timed calls f for about so long, in chunks.
func timed(f func() error, seconds float64) timing {
	calls, began := 1, time.Now()
	for range 3 { // what grows has grown, and the last call is of the usual length
		began = time.Now()
		if err := f(); err != nil {
			return timing{err: err}
		}
	}
	if once := time.Since(began).Seconds(); once < chunkSeconds {
		calls = int(chunkSeconds/max(once, 1e-8)) + 1
	}
	var chunks []float64
	for start := time.Now(); len(chunks) < 5 || time.Since(start).Seconds() < seconds; {
		from := time.Now()
		for range calls {
			if err := f(); err != nil {
				return timing{err: err}
			}
		}
		chunks = append(chunks, time.Since(from).Seconds()/float64(calls))
	}
	slices.Sort(chunks)
	return timing{at: quantile(chunks, 0.25)}
}
