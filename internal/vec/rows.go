package vec

// Gather copies rows of table [rows, d]: dst[i, :] = table[ids[i], :].
func Gather(dst []float32, ldd int, table []float32, d int, ids []int32) {
	fits(dst, len(ids), d, ldd)
	if !gather(dst, ldd, table, d, ids) {
		panic("vec: id outside the table")
	}
}

// GatherBags sets dst[i, :] to the sum, or the mean, of the rows ids[offsets[i]:offsets[i+1]] of the table; an
// empty bag gives zeros. offsets has one more entry than dst has rows and need not start at 0.
func GatherBags(dst []float32, ldd int, table []float32, d int, ids, offsets []int32, mean bool) {
	fits(dst, bags(offsets, ids), d, ldd)
	if !gatherBags(dst, ldd, table, d, ids, offsets, mean) {
		panic("vec: id outside the table")
	}
}

// ScatterAdd adds rows: acc[slots[i], :] += src[i, :], in order of i.
func ScatterAdd(acc []float32, d int, slots []int32, src []float32, lds int) {
	fits(src, len(slots), d, lds)
	if !scatterAdd(acc, d, slots, src, lds) {
		panic("vec: id outside the table")
	}
}

// ScatterAddBags is the gradient of GatherBags: acc[slots[t], :] += src[i, :] for every t of bag i, in order,
// divided by the bag's length if mean.
func ScatterAddBags(acc []float32, d int, slots, offsets []int32, src []float32, lds int, mean bool) {
	fits(src, bags(offsets, slots), d, lds)
	if !scatterAddBags(acc, d, slots, offsets, src, lds, mean) {
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
