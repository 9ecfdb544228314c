package embeddings

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// fields are one-hot, a bag that is summed and one that is averaged.
var fields = []batch.Field{{Name: "a", Rows: 5}, {Name: "b", Rows: 12, MultiHot: true}, {Name: "c", Rows: 20, MultiHot: true, Pool: batch.Mean}}

// rows are four examples; bags are of any length, and begin above 0, as those of a cache's window do.
func rows() *batch.Batch {
	return &batch.Batch{N: 4, Sparse: []batch.Bags{
		{IDs: []int32{4, 0, 4, 2}},
		{IDs: []int32{9, 9, 11, 3, 11, 11, 0}, Offsets: []int32{2, 4, 4, 6, 7}},
		{IDs: []int32{19, 1, 1, 7}, Offsets: []int32{0, 0, 3, 4, 4}},
	}}
}

// every is the variants with tables smaller than the fields.
var every = []struct {
	name    string
	options any
}{
	{"full", struct{}{}},
	{"hashed", HashedOptions{4, "modulo"}}, {"hashed", HashedOptions{7, "mix"}},
	{"double_hashed", DoubleHashedOptions{4, Operation{"sum"}}}, {"double_hashed", DoubleHashedOptions{4, Operation{"product"}}}, {"double_hashed", DoubleHashedOptions{4, Operation{"concat"}}},
	{"qr", QROptions{3, 6, Operation{"sum"}}}, {"qr", QROptions{3, 0, Operation{"product"}}}, {"qr", QROptions{3, 0, Operation{"concat"}}},
	{"mixed", MixedOptions{0.5}}, {"mixed", MixedOptions{0}}, {"capped", CappedOptions{3}}, {"hybrid", HybridOptions{2, 2}}, {"shared", SharedOptions{6}},
	{"quantized", QuantizedOptions{8}}, {"quantized", QuantizedOptions{4}},
}

// build makes a group of vectors of d numbers, with values that are not small.
func build(t testing.TB, name string, options any, of []batch.Field, d, rows int) (*Group, *nn.Builder) {
	t.Helper()
	v, ok := Find(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	var layouts []Layout
	for i := range of {
		l, err := v.Layout(options, of, i, d)
		if err != nil {
			t.Fatal(err)
		}
		layouts = append(layouts, l)
	}
	b := nn.NewBuilder(rows, 1, true, nn.DefaultInits)
	g := New(b, layouts, of, d)
	r := rand.New(rand.NewPCG(1, 2))
	for _, table := range b.Tables() {
		fill(table.Value, r)
	}
	for _, p := range b.Params() {
		fill(p.Value, r)
		p.Repack(0, p.Shape[0])
	}
	return g, b
}

func fill(v []float32, r *rand.Rand) {
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
}

// vectors runs all rows of a batch, a shard of some rows at a time.
func (g *Group) vectors(b *batch.Batch, y nn.Mat, shard int) {
	for from := 0; from < b.N; from += shard {
		to := min(from+shard, b.N)
		g.Forward(&nn.Step{Train: true}, y.Window(from, to-from, 0, y.C), b, from, to)
	}
}

// The gradients of tables and parameters are those of differences, whatever the shards.
func TestGradients(t *testing.T) {
	const d = 4
	for _, v := range every {
		for _, shard := range []int{4, 3, 1} {
			t.Run(fmt.Sprint(v.name, v.options, shard), func(t *testing.T) {
				g, builder := build(t, v.name, v.options, fields, d, 4)
				b := rows()
				y, dy := nn.NewMat(b.N, len(fields)*d), nn.NewMat(b.N, len(fields)*d)
				fill(dy.Data, rand.New(rand.NewPCG(3, 4)))
				loss := func() (sum float64) {
					for _, p := range builder.Params() {
						p.Repack(0, p.Shape[0])
					}
					g.vectors(b, y, 4)
					for i, v := range y.Data {
						sum += float64(v) * float64(dy.Data[i])
					}
					return sum
				}
				grads := g.gradients(b, dy, shard)
				for _, table := range builder.Tables() {
					differences(t, table.Name, table.Value, grads[table.Name], loss)
				}
				for _, p := range builder.Params() {
					differences(t, p.Name, p.Value, p.Grad, loss)
				}
			})
		}
	}
}

// gradients are those of tables in full.
func (g *Group) gradients(b *batch.Batch, dy nn.Mat, shard int) map[string][]float32 {
	lookups, y := g.Lookups(dy), nn.NewMat(b.N, dy.C)
	for _, l := range lookups {
		l.Ready(b)
	}
	for from := 0; from < b.N; from += shard {
		to := min(from+shard, b.N)
		g.Forward(&nn.Step{Train: true}, y.Window(from, to-from, 0, y.C), b, from, to)
		g.Backward(dy.Window(from, to-from, 0, y.C), b, from, to)
	}
	all := map[string][]float32{}
	for _, l := range lookups {
		all[l.Table.Name] = l.full(b)
	}
	return all
}

// full is the gradient of a table, found as a trainer does.
func (l Lookup) full(b *batch.Batch) []float32 {
	var uses nn.Uses
	ids, offsets := l.Rows.Of(b, new([]int32))
	uses.Set(l.Rows.Most, ids, offsets, make([]int32, 1000))
	sums, all := make([]float32, len(uses.Rows)*l.Table.D), make([]float32, len(l.Table.Value))
	uses.Sum(sums, 0, len(uses.Rows), l.Gradient(b.N), l.Mean)
	for i, r := range uses.Rows {
		copy(all[int(r)*l.Table.D:], sums[i*l.Table.D:][:l.Table.D])
	}
	return all
}

// differences compares a gradient with central differences of a loss that is linear in each number: only roundings differ.
func differences(t *testing.T, name string, value, grad []float32, loss func() float64) {
	t.Helper()
	const h = 0.5
	for i, v := range value {
		value[i] = v + h
		up := loss()
		value[i] = v - h
		down := loss()
		value[i] = v
		if want := (up - down) / (2 * h); math.Abs(float64(grad[i])-want) > 2e-5*(1+math.Abs(want)) {
			t.Fatalf("%s[%d] has the gradient %g, differences say %g", name, i, grad[i], want)
		}
	}
}

// A second pass adds to the gradients of parameters, and tables' are those of the last batch.
func TestAccumulation(t *testing.T) {
	g, builder := build(t, "mixed", MixedOptions{0.5}, fields, 4, 4)
	b, dy := rows(), nn.NewMat(4, 12)
	fill(dy.Data, rand.New(rand.NewPCG(3, 4)))
	table := func() []float32 { return g.gradients(b, dy, 4)["b"] }
	first := table()
	once := slices.Clone(builder.Params()[0].Grad)
	if !slices.Equal(table(), first) {
		t.Error("a table's gradient depends on the batch before")
	}
	for i, v := range builder.Params()[0].Grad {
		if v != 2*once[i] {
			t.Fatalf("after two passes the projection has the gradient %g, and after one %g", v, once[i])
		}
	}
}

// Shards, and a longer batch before, change no bit.
func TestPurity(t *testing.T) {
	for _, v := range every {
		g, _ := build(t, v.name, v.options, fields, 4, 4)
		b := rows()
		want, got := nn.NewMat(b.N, 12), nn.NewMat(b.N, 12)
		g.vectors(b, want, 4)
		for _, shard := range []int{1, 2, 3, 4} {
			fill(got.Data, rand.New(rand.NewPCG(1, 1)))
			if g.vectors(b, got, shard); !slices.Equal(got.Data, want.Data) {
				t.Errorf("%s %v: shards of %d rows give other vectors", v.name, v.options, shard)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for _, v := range every {
		g, _ := build(t, v.name, v.options, fields, 4, 4)
		b, y := rows(), nn.NewMat(4, 12)
		lookups := g.Lookups(y)
		memory := make([][]int32, len(lookups))
		n := testing.AllocsPerRun(3, func() {
			for i, l := range lookups {
				l.Ready(b)
				l.Rows.Of(b, &memory[i])
			}
			g.vectors(b, y, 3)
			g.Backward(y.Window(3, 1, 0, 12), b, 3, 4)
		})
		if n != 0 {
			t.Errorf("%s %v allocates %g times", v.name, v.options, n)
		}
	}
}

// Vectors worked out by hand: of ids 7 and 2 of ten, and of the bag of both, from tables whose row r is (10r+1, 10r+2), the second
// table's (r+1, r+2).
func TestVectors(t *testing.T) {
	for _, c := range []struct {
		name    string
		options any
		want    [3][2]float32
	}{
		{"full", struct{}{}, [3][2]float32{{71, 72}, {21, 22}, {92, 94}}},
		{"hashed", HashedOptions{4, "modulo"}, [3][2]float32{{31, 32}, {21, 22}, {52, 54}}},         // rows 3 and 2
		{"qr", QROptions{3, 0, Operation{"sum"}}, [3][2]float32{{23, 25}, {4, 6}, {27, 31}}},        // rows 2 and 1, 0 and 2
		{"qr", QROptions{3, 0, Operation{"product"}}, [3][2]float32{{42, 66}, {3, 8}, {45, 74}}},    // (21, 22)⊙(2, 3), (1, 2)⊙(3, 4)
		{"qr", QROptions{3, 0, Operation{"concat"}}, [3][2]float32{{21, 2}, {1, 3}, {22, 5}}},       // of width 1: 10r+1 and r+1
		{"qr", QROptions{3, 10, Operation{"product"}}, [3][2]float32{{71, 72}, {21, 22}, {92, 94}}}, // a threshold of ten
		{"capped", CappedOptions{3}, [3][2]float32{{11, 12}, {31, 32}, {42, 44}}},                   // 7 is the second most frequent, 2 is not among three
	} {
		for _, hot := range []bool{false, true} {
			of := []batch.Field{{Name: "a", Rows: 10, MultiHot: hot}}
			g, builder := build(t, c.name, c.options, of, 2, 2)
			for i, table := range builder.Tables() {
				step := []int{10, 1}[i]
				for j := range table.Value {
					table.Value[j] = float32(j/table.D*step + j%table.D + 1)
				}
			}
			for _, r := range g.Rankings() {
				r.Rank([]int64{5, 9, 1, 2, 2, 0, 0, 7, 0, 0}) // 1, 7, 0, then 3 and 4
			}
			b, want := &batch.Batch{N: 2, Sparse: []batch.Bags{{IDs: []int32{7, 2}}}}, [][2]float32{c.want[0], c.want[1]}
			if hot {
				b.Sparse[0].Offsets, want = []int32{0, 2, 2}, [][2]float32{c.want[2], {}}
			}
			y := nn.NewMat(2, 2)
			g.vectors(b, y, 2)
			for n, w := range want {
				if got := [2]float32(y.Row(n)); got != w {
					t.Errorf("%s %v, bags %v: row %d is %v, want %v", c.name, c.options, hot, n, got, w)
				}
			}
		}
	}
}

// mixed of 20 ids beside 5 has 4·(5/20)^½ = 2 numbers a row, which the matrix takes to 4: row (2, 3) and matrix row (1, 10) make 32.
func TestProjection(t *testing.T) {
	of := []batch.Field{{Name: "few", Rows: 5}, {Name: "many", Rows: 20}}
	g, builder := build(t, "mixed", MixedOptions{0.5}, of, 4, 1)
	if got := fmt.Sprintf("%d %d %s %d", builder.Tables()[0].D, builder.Tables()[1].D, builder.Params()[0].Name, builder.Params()[0].Shape); got != "4 2 many.projection [4 2]" {
		t.Fatalf("tables and matrix are %s", got)
	}
	copy(builder.Tables()[1].Value[7*2:], []float32{2, 3})
	p := builder.Params()[0]
	copy(p.Value, []float32{1, 10, 0, 1, 1, 0, -1, 1})
	p.Repack(0, 4)
	y := nn.NewMat(1, 8)
	g.vectors(&batch.Batch{N: 1, Sparse: []batch.Bags{{IDs: []int32{0}}, {IDs: []int32{7}}}}, y, 1)
	if got := y.Data[4:]; !slices.Equal(got, []float32{32, 3, 2, 1}) {
		t.Errorf("the vector is %v, want 32 3 2 1", got)
	}
}

// One table serves all fields: the same id of two fields has rows by two hashes, and gradients of both fields add up in it.
func TestShared(t *testing.T) {
	of := []batch.Field{{Name: "a", Rows: 5}, {Name: "b", Rows: 5}}
	g, builder := build(t, "shared", SharedOptions{1}, of, 2, 2)
	if n := len(builder.Tables()); n != 1 {
		t.Fatalf("there are %d tables", n)
	}
	b := &batch.Batch{N: 2, Sparse: []batch.Bags{{IDs: []int32{0, 1}}, {IDs: []int32{1, 4}}}}
	dy := nn.Mat{N: 2, C: 4, Stride: 4, Data: []float32{1, 2, 10, 20, 100, 200, 1000, 2000}}
	if got := g.gradients(b, dy, 1)["shared"]; !slices.Equal(got, []float32{1111, 2222}) {
		t.Errorf("the one row has the gradient %v, want 1111 2222", got)
	}
}

// Predictions read codes: 8 bits of a row from 0 to 255, and 4 of one from −1 to 14, are exact; what lies between two codes is not.
func TestCodes(t *testing.T) {
	for _, c := range []struct {
		bits      int
		row, want []float32
		bytes     int64 // of two rows: a scale and a bias, and the codes
	}{
		{8, []float32{0, 255, 7.25}, []float32{0, 255, 7}, 2 * (8 + 3)},
		{4, []float32{-1, 14, 2.75}, []float32{-1, 14, 3}, 2 * (8 + 2)},
		{4, []float32{2, 2, 2}, []float32{2, 2, 2}, 2 * (8 + 2)},
	} {
		g, builder := build(t, "quantized", QuantizedOptions{c.bits}, []batch.Field{{Name: "a", Rows: 2}}, 3, 1)
		table := builder.Tables()[0]
		copy(table.Value[3:], c.row)
		table.Encode()
		b, y := &batch.Batch{N: 1, Sparse: []batch.Bags{{IDs: []int32{1}}}}, nn.NewMat(1, 3)
		g.Forward(&nn.Step{}, y, b, 0, 1)
		if !slices.Equal(y.Data, c.want) || table.Bytes() != c.bytes {
			t.Errorf("%d bits of %v are %v, want %v; bytes %d, want %d", c.bits, c.row, y.Data, c.want, table.Bytes(), c.bytes)
		}
		if g.Forward(&nn.Step{Train: true}, y, b, 0, 1); !slices.Equal(y.Data, c.row) {
			t.Errorf("training sees %v", y.Data)
		}
	}
}

// No two ids have both rows of qr the same, and a hash spreads a thousand ids over ten rows: each within five deviations of √90.
func TestIndexes(t *testing.T) {
	seen, ids := map[[2]int32]bool{}, make([]int32, 1000)
	for i := range ids {
		ids[i] = int32(i)
	}
	q, r := make([]int32, 1000), make([]int32, 1000)
	quotient{7}.Find(q, ids)
	remainder{7}.Find(r, ids)
	for i := range ids {
		seen[[2]int32{q[i], r[i]}] = true
	}
	if len(seen) != 1000 {
		t.Errorf("1000 ids have %d pairs of rows", len(seen))
	}
	for _, name := range []string{"first", "second"} {
		var count [10]int
		newMixer(10, name).Find(q, ids)
		for _, row := range q {
			count[row]++
		}
		for row, n := range count {
			if n < 53 || n > 147 {
				t.Errorf("the hash %s gives row %d to %d of 1000 ids", name, row, n)
			}
		}
	}
}

// A file of a model may have anything for a rank: what is no row of the table is the row of all others.
func TestRanksStayInTheTable(t *testing.T) {
	got := make([]int32, 6)
	ranks{&nn.Running{Value: []float32{-1, 3, 4, float32(math.Inf(-1)), float32(math.Inf(1)), 2}}, 3, nil}.Find(got, []int32{0, 1, 2, 3, 4, 5})
	if !slices.Equal(got, []int32{3, 3, 3, 3, 3, 2}) {
		t.Errorf("rows are %v", got)
	}
}

func TestRefusals(t *testing.T) {
	for want, err := range map[string]error{
		`operation is "mult", want one of sum, product, concat`: Operation{"mult"}.Check(),
		"rows is 0, want 1 to 1073741824":                       HashedOptions{0, "modulo"}.Check(),
		`hash is "md5", want modulo or mix`:                     HashedOptions{1, "md5"}.Check(),
		"collisions is 1, want 2 to 1073741824":                 QROptions{1, 0, Operation{"sum"}}.Check(),
		"threshold is -1, want 0 to 1073741824":                 QROptions{2, -1, Operation{"sum"}}.Check(),
		"alpha is 1.5, want 0 to 1":                             MixedOptions{1.5}.Check(),
		"rows is 16777216, want 1 to 16777215":                  CappedOptions{1 << 24}.Check(),
		"bits is 2, want 8 or 4":                                QuantizedOptions{2}.Check(),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := quotientRemainder(QROptions{2, 0, Operation{"concat"}}, fields, 2, 3); err == nil {
		t.Error("halves of three numbers are taken")
	}
}

// The two most frequent ids have rows of their own, which nobody else has, and the others halves behind them.
func TestHybrid(t *testing.T) {
	of := []batch.Field{{Name: "a", Rows: 20}}
	g, _ := build(t, "hybrid", HybridOptions{2, 3}, of, 4, 8)
	counts := make([]int64, 20)
	counts[7], counts[11] = 9, 5
	g.Rankings()[0].Rank(counts)
	if n := len(g.Rankings()); n != 1 {
		t.Fatalf("%d rankings, want one of both halves", n)
	}
	var found [2][20]int32
	for half, l := range g.Lookups(nn.Mat{}) {
		if l.Table.Rows != 5 || l.Table.D != 2 {
			t.Fatalf("%s has %d rows of %d, want 5 of 2", l.Table.Name, l.Table.Rows, l.Table.D)
		}
		for id := range found[half] {
			l.Rows.Index[0].Find(found[half][id:id+1], []int32{int32(id)})
		}
	}
	differ := false
	for id := range 20 {
		a, b := found[0][id], found[1][id]
		differ = differ || a != b
		switch want := map[int]int32{7: 0, 11: 1}; {
		case counts[id] > 0 && (a != want[id] || b != want[id]):
			t.Errorf("id %d has rows %d and %d, want %d of both", id, a, b, want[id])
		case counts[id] == 0 && (a < 2 || a > 4 || b < 2 || b > 4):
			t.Errorf("id %d has rows %d and %d, want 2 to 4", id, a, b)
		}
	}
	if !differ {
		t.Error("both halves have one hash")
	}
}
