// Package vec has the float32 loops that everything stands on: products of matrices (Pack, MulPacked, Mul), rows
// of tables (Gather, ByRow, SumRows), optimiser steps (SGD … AdamRows), the interactions' inner loops (FM, DotPairs …)
// and elementwise arithmetic.
//
// Every function exists twice: in C, and as a Go twin (its name ends in Go) that says what is computed and serves
// where there is no cgo, no amd64, or the tag noasm. Bits differ between kernel sets, never between runs of one.
// No sum's order depends on how many rows a call has, unless it is a sum over these rows: cutting a batch's rows
// between threads leaves every bit alone. A call through cgo costs some 40 ns: call with blocks, never with rows.
//
// Matrices are row-major; ldx is the distance from one row of x to the next. Destinations come first and may not
// overlap sources unless the comment says so. Lengths and ids are checked before anything is touched; what does
// not fit panics.
package vec

// Kernels names the set of kernels in use: "avx2", "sse2" or "go".
func Kernels() string { return kernels() }

// same panics unless all lengths are n.
func same(n int, lengths ...int) {
	for _, l := range lengths {
		if l != n {
			panic("vec: lengths differ")
		}
	}
}

// fits panics unless s holds rows rows of c numbers, ld apart.
func fits(s []float32, rows, c, ld int) {
	if rows < 0 || c < 0 || ld < c && rows > 1 {
		panic("vec: bad shape")
	}
	if rows > 0 && c > 0 && len(s) < (rows-1)*ld+c {
		panic("vec: slice is too short")
	}
}
