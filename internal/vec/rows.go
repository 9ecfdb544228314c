package vec

import "math/bits"

// Gather copies rows of table [rows, d]: dst[i, :] = table[ids[i], :]; with add it adds them.
func Gather(dst []float32, ldd int, table []float32, d int, ids []int32, add bool) {
	fits(dst, len(ids), d, ldd)
	if !gather(dst, ldd, table, d, ids, add) {
		panic("vec: id outside the table")
	}
}

// GatherBags sets dst[i, :] to the sum, or the mean, of the rows ids[offsets[i]:offsets[i+1]] of the table, or with add
// adds it; an empty bag gives zeros. offsets has one more entry than dst has rows and need not start at 0.
func GatherBags(dst []float32, ldd int, table []float32, d int, ids, offsets []int32, mean, add bool) {
	fits(dst, bags(offsets, ids), d, ldd)
	if !gatherBags(dst, ldd, table, d, ids, offsets, mean, add) {
		panic("vec: id outside the table")
	}
}

// ByRow turns a batch's lookups in a table of most rows around: from the ids of each example, bags where offsets is
// not nil, to the examples of each id. It writes the ids to rows, each once, in the order in which they first appear,
// and to uses the examples that look each one up, in their order: those of rows[i] are uses[starts[i]:starts[i+1]].
// It returns how many rows there are. For n lookups rows and uses have room for n, starts for n+2, and scratch for
// ByRowScratch(n).
func ByRow(rows, starts, uses, scratch []int32, most int, ids, offsets []int32) int {
	examples, lookups := len(ids), len(ids)
	if offsets != nil {
		examples = bags(offsets, ids)
		lookups = int(offsets[examples] - offsets[0])
	}
	if len(rows) < lookups || len(uses) < lookups || len(starts) < lookups+2 || len(scratch) < ByRowScratch(lookups) {
		panic("vec: slice is too short")
	}
	slots, index := scratch[:lookups], scratch[lookups:]
	m := byRow(rows, starts, uses, slots, index, indexBits(lookups), most, ids, offsets, examples)
	if m < 0 {
		panic("vec: id outside the table")
	}
	return m
}

// ByRowScratch is the length of scratch that ByRow wants for n lookups.
func ByRowScratch(n int) int { return n + 1<<indexBits(n) }

// indexBits makes an index at most a quarter full: ids seldom meet in it.
func indexBits(n int) int { return bits.Len(uint(4 * n)) }

// SumRows is the gradient of Gather, a row of the table at a time: g[i, :] is the sum of the rows
// uses[starts[i]:starts[i+1]] of src [n, lds], in order. With offsets, for the mean of bags, row e of src counts
// divided by the length of bag e.
func SumRows(g []float32, d int, starts, uses []int32, src []float32, lds, n int, offsets []int32) {
	m := len(starts) - 1
	if m < 0 {
		panic("vec: offsets are empty")
	}
	if offsets != nil && len(offsets) != n+1 {
		panic("vec: lengths differ")
	}
	fits(g, m, d, d)
	fits(src, n, d, lds)
	if int(starts[m]) > len(uses) {
		panic("vec: offsets beyond the ids")
	}
	if !sumRows(g, d, starts, uses, src, lds, n, offsets) {
		panic("vec: id outside the table")
	}
}

// bags checks that offsets ascend within ids and returns how many bags they bound.
func bags(offsets, ids []int32) int {
	if len(offsets) == 0 {
		panic("vec: offsets are empty")
	}
	last := int32(0)
	for _, o := range offsets {
		if o < last {
			panic("vec: offsets descend")
		}
		last = o
	}
	if int(last) > len(ids) {
		panic("vec: offsets beyond the ids")
	}
	return len(offsets) - 1
}
