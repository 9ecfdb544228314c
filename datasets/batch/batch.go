// Package batch holds all that a model sees of data: the Schema of a source and one Batch of its rows.
//
// It imports nothing of ours, so that models, the trainer and the sources meet here and nowhere else.
package batch

// Split names a part of a source's rows. Selection reads Valid alone; Test is read once, at the end.
type Split int

// The three splits, in the order in which figures and tables show them.
const (
	Train Split = iota
	Valid
	Test
	Splits // how many there are
)

// String returns the split's name as metrics spell it: "train", "valid" or "test".
func (s Split) String() string { return [...]string{"train", "valid", "test"}[s] }

// Pool is how a bag of rows becomes one vector.
type Pool int

// An empty bag gives the zero vector under either.
const (
	Sum Pool = iota
	Mean
)

// Field is one categorical field: ids in [0, Rows), one an example, or a bag of any length when MultiHot.
type Field struct {
	Name     string
	Rows     int
	MultiHot bool
	Pool     Pool
}

// Schema describes a source's columns; the order of fields is the order of models.
type Schema struct {
	Dense  []string
	Sparse []Field
	// Rating is nil where the label is a click (0 or 1), else the range of the ratings.
	Rating *Range
	// Lists says that valid and test, in order 0, are lists to rank, one after the other: a row of label 1, the item held out, and
	// the candidates beside it, rows of label 0. Rows of train are examples as ever.
	Lists bool `json:",omitempty"`
}

// Range is a closed interval.
type Range struct{ Min, Max float32 }

// Bags holds the ids of one field for the rows of a batch.
// A one-hot field has Offsets nil and IDs[n] for row n;
// a multi-hot one has row n's ids in IDs[Offsets[n]:Offsets[n+1]].
type Bags struct {
	IDs     []int32
	Offsets []int32
}

// Bag returns the ids of row n.
func (b Bags) Bag(n int) []int32 {
	if b.Offsets == nil {
		return b.IDs[n : n+1]
	}
	return b.IDs[b.Offsets[n]:b.Offsets[n+1]]
}

// Batch is N rows of a source. It belongs to the source and is valid until the next one is asked for.
type Batch struct {
	N      int
	Dense  []float32 // [N, len(Schema.Dense)], row-major
	Sparse []Bags    // one a field
	Label  []float32 // [N]: 0 or 1, or a rating
	Truth  []float32 // [N]: the logit the label was drawn from, where the data is synthetic; else nil
}
