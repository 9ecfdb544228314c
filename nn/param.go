package nn

import (
	"hash/fnv"
	"math/rand/v2"

	"ctrlab/internal/vec"
)

// Param is a dense parameter as one lane sees it: lanes share Value and its packed forms, each owns its Grad.
type Param struct {
	Name  string
	Shape []int     // [out, in …] for weights, [n] for vectors
	Value []float32 // row-major
	Grad  []float32 // as Value; nil where the net only infers
	// Embedding says that the values stand for dense features as a table's rows do for ids.
	Embedding bool
	packs     *packs
}

// Dims returns the parameter as a matrix [out, in]: a vector of n numbers is [n, 1].
func (p *Param) Dims() (out, in int) {
	in = 1
	for _, n := range p.Shape[1:] {
		in *= n
	}
	return p.Shape[0], in
}

// Table is an embedding table [Rows, D]. It has no dense gradient: a batch's Uses tell which rows have one.
type Table struct {
	Name    string
	Rows, D int
	Value   []float32
	// Grad is the gradient of a batch's lookups where it is no window of what interactions leave: lanes write it, a shard its rows.
	Grad Mat
	// Codes, where there are any, are what predictions read in place of Value.
	Codes *Codes
}

// Bytes is what predictions read the table from.
func (t *Table) Bytes() int64 {
	if t.Codes != nil {
		return int64(t.Rows) * int64(vec.CodesLen(t.D, t.Codes.Bits))
	}
	return 4 * int64(t.Rows) * int64(t.D)
}

// Running is numbers that training keeps beside the parameters, as BatchNorm's means: shared by the lanes, of the model's
// state, and without gradient. The shard with the batch's first row writes them.
type Running struct {
	Name  string
	N     int
	Value []float32
}

// Gather writes the vectors of a field's ids into y [N, D]: row n is table row ids[n], or where offsets is not nil
// the sum (or mean) of rows ids[offsets[n]:offsets[n+1]]. With add it adds them to what y holds.
func (t *Table) Gather(y Mat, ids, offsets []int32, mean, add bool) {
	if offsets == nil {
		vec.Gather(y.Data, y.Stride, t.Value, t.D, ids, add)
		return
	}
	vec.GatherBags(y.Data, y.Stride, t.Value, t.D, ids, offsets, mean, add)
}

// stream returns the generator that belongs to a name: initial values depend on (seed, name) alone, so that adding
// a layer moves nothing else and every variant starts from the same embeddings.
func stream(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
