// Package embeddings has the ways in which ids become vectors, one file a variant.
//
// A Variant is data: its Layout says of which tables' rows the vectors of a field are made, and how an id finds them. A Group
// does it for the fields of a model, one build a lane. All is the table of variants. Gradients of rows are left to the trainer:
// Lookups say which rows a batch looks up, and where the gradient of what they gave stands.
package embeddings

import (
	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// Variant is a row of the table.
type Variant struct {
	Name    string // as files spell it
	Formula string // of the vector e of an id i
	Source  string
	// Options are the defaults: a struct with json tags, which may have a method Check() error.
	Options any
	// Layout is that of field i of some, for vectors of d numbers, with options of Options' type.
	Layout func(options any, fields []batch.Field, i, d int) (Layout, error)
}

func define[O any](name, formula, source string, options O, layout func(o O, fields []batch.Field, i, d int) (Layout, error)) Variant {
	return Variant{name, formula, source, options, func(o any, fields []batch.Field, i, d int) (Layout, error) {
		return layout(o.(O), fields, i, d)
	}}
}

// All is the table of variants; append only.
var All = []Variant{
	define("full", "e = E[i]", "–", struct{}{}, full),
	define("hashed", "e = E[h(i)], h to m rows", "Weinberger et al. 2009", HashedOptions{10_000, "modulo"}, hashed),
	define("double_hashed", "e = A[h(i)] ∘ B[h'(i)], two hashes to m rows", "Zhang et al. 2020, §3.2", DoubleHashedOptions{10_000, Operation{"sum"}}, doubleHashed),
	define("qr", "e = Q[⌊i/c⌋] ∘ R[i mod c]", "Shi et al. 2019, §3.1", QROptions{4, 200, Operation{"product"}}, quotientRemainder),
	define("mixed", "e = P E[i], E of d_f = d (n_min/n_f)^α numbers a row", "Ginart et al. 2019, alg. 2", MixedOptions{0.3}, mixed),
	define("capped", "e = E[rank of i], E[K] where i is not among the K most frequent ids of train", "Zhang et al. 2020, §3.1", CappedOptions{10_000}, capped),
	define("shared", "e = E[h(field, i)], one table of m rows for all fields", "Weinberger et al. 2009; Coleman et al. 2023", SharedOptions{100_000}, shared),
	define("hybrid", "e = E[rank of i] for the K most frequent ids of train, [A[h(i)]; B[h'(i)]] for the others", "Zhang et al. 2020, §3.3", HybridOptions{1_000, 10_000}, hybrid),
	define("quantized", "e = E[i]; predictions read b_i + s_i·code, codes of 8 or 4 bits", "Guan et al. 2019", QuantizedOptions{8}, quantized),
}

// Find returns the row with a name.
func Find(name string) (Variant, bool) {
	for _, v := range All {
		if v.Name == name {
			return v, true
		}
	}
	return Variant{}, false
}

// Layout is how the vectors of a field are made.
type Layout struct {
	Parts     []Part
	Operation string // of two parts: how their rows make a vector
	Projected bool   // the one part's rows are narrower, and a learnt matrix [d, D] takes them to d
}

// Part is a table and the rows in it that ids have.
type Part struct {
	Name    string // behind the field's; "" for none
	Shared  bool   // by all fields, and called by its own name alone
	Rows, D int
	Index   Index   // nil: an id is its row
	Ranked  int     // so many ids, the most frequent in train, have the first rows; Index finds those of the others behind them, nil: one
	Init    nn.Init // the house's for embeddings where it has no Kind
	Bits    int     // of codes that predictions read; 0: the numbers themselves
}

// own is a row for every id.
func own(f batch.Field, d int) Layout { return Layout{Parts: []Part{{Rows: f.Rows, D: d}}} }

func full(_ struct{}, fields []batch.Field, i, d int) (Layout, error) { return own(fields[i], d), nil }
