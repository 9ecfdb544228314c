package vec

// A row of d numbers in codes of 8 or 4 bits: its scale and bias, float32 of little-endian bytes, and the codes; of 4 bits
// the first ⌈d/2⌉ are the low halves of the bytes, the others the high ones. A number is bias + scale·code.

const codesHead = 8

// CodesLen is how many bytes a row of d numbers takes.
func CodesLen(d, bits int) int {
	if bits == 4 {
		return codesHead + (d+1)/2
	}
	return codesHead + d
}

// Encode writes the rows of table [rows, d] as codes: bias is a row's least number, and the largest has the largest code.
func Encode(codes []byte, table []float32, d, bits int) {
	if d < 1 || bits != 4 && bits != 8 {
		panic("vec: bad shape")
	}
	if len(codes) != len(table)/d*CodesLen(d, bits) {
		panic("vec: lengths differ")
	}
	encode(codes, table, d, bits)
}

// GatherCodes is Gather of a table in codes, or where offsets is not nil GatherBags.
func GatherCodes(dst []float32, ldd int, codes []byte, d, bits int, ids, offsets []int32, mean bool) {
	n := len(ids)
	if offsets != nil {
		n = bags(offsets, ids)
	}
	fits(dst, n, d, ldd)
	if !gatherCodes(dst, ldd, codes, d, bits, ids, offsets, n, mean) {
		panic("vec: id outside the table")
	}
}
