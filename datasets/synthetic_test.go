package datasets

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
)

func planted(kind string) Truth {
	t, _ := strict.TOML("truth.toml", []byte("kind = '"+kind+"'"))
	var truth Truth
	if err := truth.DecodeValue(t, strict.Place{}); err != nil {
		panic(err)
	}
	return truth
}

func mustOpen(t testing.TB, o Synthetic) Source {
	t.Helper()
	s, err := openSynthetic(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decodeSynthetic(src string) (Synthetic, error) {
	t, err := strict.TOML("e.toml", []byte(src))
	if err != nil {
		return Synthetic{}, err
	}
	data, err := t.Table("data")
	if err != nil {
		return Synthetic{}, err
	}
	o := syntheticDefaults()
	return o, data.Decode(&o, "source")
}

const mixed = `[data]
rows = 1000
dense = 2
fields = [{ name = "user", rows = 100000, zipf = 1.1 }, { name = "item", rows = 50 }, { name = "tags", rows = 20, multi_hot = 3 },
  { name = "genres", rows = 5, zipf = 0, multi_hot = 1, pool = "mean" }]
base_rate = 0.2
split = { fractions = [0.7, 0.2, 0.1] }
[[data.truth]]
kind = "linear"
[[data.truth]]
kind = "order3"
fields = [["user", "item", "tags"], ["d0", "item", "genres"]]
[[data.truth]]
kind = "bilinear"
strength = 0.5
[[data.truth]]
kind = "mlp"
[[data.truth]]
kind = "parity"
fields = [["item", "d1"]]
`

func TestSyntheticIsASource(t *testing.T) {
	o, err := decodeSynthetic(mixed)
	if err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, o)
	checkSource(t, s)
	if got := [3]int{s.Rows(batch.Train), s.Rows(batch.Valid), s.Rows(batch.Test)}; got != [3]int{700, 200, 100} {
		t.Errorf("splits are %v, want 700, 200 and 100", got)
	}
}

// Fields of a list that have no name are called by their place, as a number of fields are.
func TestSyntheticNamesFields(t *testing.T) {
	o, err := decodeSynthetic("[data]\nfields = [{ rows = 20 }, { name = 'user' }, {}]")
	if err != nil {
		t.Fatal(err)
	}
	if got := o.names().sparse; !slices.Equal(got, []string{"f0", "user", "f2"}) {
		t.Errorf("fields are %q, want f0, user and f2", got)
	}
	named, _ := decodeSynthetic("[data]\nfields = [{ name = 'f0', rows = 20 }, { name = 'user' }, { name = 'f2' }]")
	if mustOpen(t, o).Identity() != mustOpen(t, named).Identity() {
		t.Error("the same fields by the same names have another identity")
	}
}

// What is stored of a plan must decode to the same options.
func TestSyntheticThroughJSON(t *testing.T) {
	for _, src := range []string{mixed, logs, "[data]\nlocality = 0.5\ntruth = 'deep'", "[data]\n"} {
		o, err := decodeSynthetic(src)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		table, err := strict.JSON("plan", text)
		if err != nil {
			t.Fatal(err)
		}
		var back Synthetic
		if err := table.Decode(&back); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if again, _ := json.Marshal(back); string(again) != string(text) {
			t.Errorf("%s came back as %s", text, again)
		}
	}
}

// A row is a function of the seed and its number: more rows, another truth, a field more, other splits change none
// of what was there.
func TestSyntheticRowsStay(t *testing.T) {
	small, _ := decodeSynthetic("[data]\nrows = 100\nfields = 3\ndense = 1\nsplit = { fractions = [1, 0, 0] }")
	base := mustOpen(t, small)
	wide := small
	wide.Rows, wide.Fields.Count = 500, 5
	wide.Truth = []Truth{planted("pairs")}
	wide.Split = SyntheticSplit{[]float64{0.5, 0.25, 0.25}}
	for a, err := range base.Batches(batch.Train, 100, 0) {
		for b := range mustOpen(t, wide).Batches(batch.Train, 100, 0) {
			for f := range 3 {
				if err != nil || fmt.Sprint(a.Sparse[f].IDs) != fmt.Sprint(b.Sparse[f].IDs) {
					t.Errorf("field %d has other ids", f)
				}
			}
			if fmt.Sprint(a.Dense) != fmt.Sprint(b.Dense) {
				t.Error("dense features are others")
			}
			break
		}
	}
	other := small
	other.Seed = 2
	if mustOpen(t, other).Identity() == base.Identity() {
		t.Error("another seed has the same identity")
	}
}

// Strength is the standard deviation of a term; labels are drawn from σ(truth), whose mean is the base rate. The
// tolerances are 4 standard errors at 50,000 rows or a little more, those of calibrate's sample included.
func TestSyntheticIsCalibrated(t *testing.T) {
	for _, kind := range truthNames() {
		o, _ := decodeSynthetic("[data]\nrows = 50000\nfields = 6\nrows_per_field = 50\nbase_rate = 0.3\nsplit = { fractions = [1, 0, 0] }")
		o.Truth = []Truth{planted(kind)}
		var logits []float64
		var mean, rate, surprise float64
		for b := range mustOpen(t, o).Batches(batch.Train, 1000, 0) {
			for i, z := range b.Truth {
				p := sigmoid(float64(z))
				logits = append(logits, float64(z))
				mean += p / 50000
				rate += float64(b.Label[i]) / 50000
				surprise += (float64(b.Label[i]) - p) / math.Sqrt(p*(1-p)) / 50000
			}
		}
		if _, sd := moments(logits); math.Abs(sd-2) > 0.1 {
			t.Errorf("%s: the logits' standard deviation is %.3f, want the strength, 2", kind, sd)
		}
		if math.Abs(mean-0.3) > 0.01 || math.Abs(rate-0.3) > 0.013 {
			t.Errorf("%s: mean probability %.4f, label rate %.4f, want 0.3", kind, mean, rate)
		}
		if math.Abs(surprise) > 4/math.Sqrt(50000) {
			t.Errorf("%s: labels miss their probabilities by %.4f standard deviations", kind, surprise)
		}
	}
}

// Over two fields of 12 ids the values of a term, less their weighted row and column means, are a matrix whose rank
// says what the term is: dim for a product of latents or a full-rank bilinear form of them, 1 for parity, 0 for what
// is linear. Nothing is lost by taking the means off a product: it has none to begin with.
func TestTermsHaveTheirRank(t *testing.T) {
	for _, c := range []struct {
		truth Truth
		rank  int
	}{
		{Truth{"linear", LinearTruth{Strength: 1}}, 0},
		{Truth{"fm", FMTruth{Strength: 1, Dim: 3}}, 3},
		{Truth{"pairs", ProductTruth{Strength: 1, Dim: 5, Count: 1, Order: 2}}, 5},
		{Truth{"parity", ParityTruth{Strength: 1, Order: 2, Count: 1}}, 1},
		{Truth{"bilinear", BilinearTruth{Strength: 1, Dim: 4}}, 4},
		{Truth{"mlp", MLPTruth{Strength: 1, Dim: 4, Hidden: []int{16}}}, 11},
	} {
		o, _ := decodeSynthetic("[data]\nfields = 2\nrows_per_field = 12")
		o.Truth = []Truth{c.truth}
		g, err := newGenerator(o)
		if err != nil {
			t.Fatal(err)
		}
		m, size := interaction(g, c.truth.Kind != "linear" && c.truth.Kind != "mlp", t)
		var svd mat.SVD
		svd.Factorize(m, mat.SVDNone)
		rank := 0
		for _, v := range svd.Values(nil) {
			if v > 1e-5*size {
				rank++
			}
		}
		if rank != c.rank {
			t.Errorf("%s has rank %d, want %d: %.2g", c.truth.Kind, rank, c.rank, svd.Values(nil))
		}
	}
}

// interaction returns the first term's matrix without its margins, and the size of its values. pure says that the
// margins are 0.
func interaction(g *generator, pure bool, t *testing.T) (*mat.Dense, float64) {
	const n = 12
	var values, size = mat.NewDense(n, n, nil), 0.0
	r := block{n: 1, values: make([]float64, 1), tmp: make([]float32, g.scratch)}
	for a := range n {
		for b := range n {
			r.bags = []batch.Bags{{IDs: []int32{int32(a)}}, {IDs: []int32{int32(b)}}}
			g.terms[0].values(&r)
			values.Set(a, b, r.values[0])
			size = max(size, math.Abs(values.At(a, b)))
		}
	}
	pmf := [2][]float64{g.fields[0].pmf, g.fields[1].pmf}
	var rows, cols [n]float64
	all := 0.0
	for a := range n {
		for b := range n {
			v := values.At(a, b)
			rows[a] += v * pmf[1][b]
			cols[b] += v * pmf[0][a]
			all += v * pmf[0][a] * pmf[1][b]
		}
	}
	for a := range n {
		if pure && math.Max(math.Abs(rows[a]), math.Abs(cols[a])) > 1e-5*size {
			t.Errorf("%T: id %d has a mean of %g or %g, want 0", g.terms[0].term, a, rows[a], cols[a])
		}
		for b := range n {
			values.Set(a, b, values.At(a, b)-rows[a]-cols[b]+all)
		}
	}
	return values, size
}

func TestParityIsBalanced(t *testing.T) {
	for _, c := range []struct {
		rows int
		s    float64
		most float64 // of the mean sign
	}{
		{2, 0, 0}, {10, 0, 1e-12}, {100, 1.1, 0.005}, {1000, 1.1, 0.0005}, {2, 1, 1. / 3}, // 2/3 − 1/3
	} {
		pmf, mean := newZipf(c.rows, c.s).pmf, 0.0
		for id, sign := range balanced(pmf, stream(5)) {
			mean += pmf[id] * float64(sign)
		}
		if math.Abs(mean) > c.most+1e-12 {
			t.Errorf("%d rows, zipf %g: the mean sign is %g, want at most %g", c.rows, c.s, mean, c.most)
		}
	}
}

func TestSyntheticRefuses(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"rows = 0", `e.toml:2: data.rows is 0, want 1 to 1099511627776`},
		{"fields = 'ten'", `e.toml:2: data.fields is neither a number of fields nor a list of tables { name, rows, zipf, multi_hot }`},
		{"fields = [{ name = 'a', row = 3 }]", `e.toml:2: data.fields[0].row is not a key here; did you mean rows?`},
		{"fields = [\n{ name = 'a' },\n{ name = 'a' }]", `e.toml:4: data.fields[1].name is "a", which another field has`},
		{"fields = [{ name = 'a', pool = 'mean' }]", `e.toml:2: data.fields[0].pool is for fields with multi_hot`},
		{"dense = 1\nfields = [{ name = 'd0' }]", `e.toml:3: data.fields[0].name is "d0", which a dense feature has`},
		{"fields = 0", `e.toml:2: data.fields is 0 and so is dense, want at least one of either`},
		{"fields = 1", `e.toml:2: data.fields is 1, and the default truth, linear and fm, wants 2: add fields, or a [[data.truth]] of a kind that does with less, like "linear"`},
		{"fields = 1\n[[data.truth]]\nkind = 'fm'", `e.toml:4: data.truth[0].kind wants 2 fields, and data.fields has 1`},
		{"fields = [{ name = 'f1' }, { rows = 20 }]", `e.toml:2: data.fields[1].name is "f1", which another field has`},
		{"base_rate = 1", `e.toml:2: data.base_rate is 1, want 0.001 to 0.999`},
		{"split = { fractions = [0.5, 0.5] }", `e.toml:2: data.split.fractions has 2 numbers, want three: train, valid, test`},
		{"split = { fractions = [0.5, 0.4, 0.2] }", `e.toml:2: data.split.fractions sum to 1.1, want 1`},
		{"truth = []", `e.toml:2: data.truth is empty, want at least one [[data.truth]]`},
		{"[[data.truth]]\nstrength = 1", `e.toml:2: data.truth[0].kind is missing, want one of linear, fm, pairs, order3, order4, parity, bilinear, mlp`},
		{"[[data.truth]]\nkind = 'order2'", `e.toml:3: data.truth[0].kind is "order2", want one of linear, fm, pairs, order3, order4, parity, bilinear, mlp; did you mean order3?`},
		{"[[data.truth]]\nkind = 'linear'\ndim = 3", `e.toml:4: data.truth[0].dim is not a key here; the keys are fields, kind, strength`},
		{"[[data.truth]]\nkind = 'fm'\nstrength = 0", `e.toml:4: data.truth[0].strength is 0, want more than 0 and at most 100`},
		{"[[data.truth]]\nkind = 'fm'\n[[data.truth]]\nkind = 'fm'\nfields = ['f0', 'g1']", `e.toml:6: data.truth[1].fields names "g1", which is no field of the data; did you mean f1?`},
		{"[[data.truth]]\nkind = 'order3'\nfields = [['f0', 'f1']]", `e.toml:4: data.truth[0].fields[0] has 2 names, want 3`},
		{"[[data.truth]]\nkind = 'order3'\nfields = [['f0', 'f1', 'f1']]", `e.toml:4: data.truth[0].fields[0] names "f1" twice`},
		{"fields = 2\n[[data.truth]]\nkind = 'order3'", `e.toml:4: data.truth[0].kind wants 3 fields, and data.fields has 2`},
	} {
		_, err := decodeSynthetic("[data]\n" + c.src)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.src, err, c.want)
		}
	}
	o, _ := decodeSynthetic("[data]\nfields = 2\nrows_per_field = 1")
	if _, err := openSynthetic(t.Context(), o); err == nil {
		t.Error("a truth over fields of one row each was planted")
	}
}
