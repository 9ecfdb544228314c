package vec

// Panel is the number of columns of a packed panel.
const Panel = 16

// PackedLen is the length of a packed [k, n] matrix: whole panels.
func PackedLen(k, n int) int { return (n + Panel - 1) / Panel * Panel * k }

// Pack lays B[p, j] = b[p·rs + j·cs], [k, n], out for MulPacked: panels of 16 columns, [⌈n/16⌉, k, 16], zeros
// beyond column n. A weight is packed once a step and shared by all who multiply with it.
func Pack(dst, b []float32, rs, cs, k, n int) { PackRange(dst, b, rs, cs, k, n, 0, k, 0, n) }

// PackRange packs rows [k0, k1) of columns [j0, j1) of the [k, n] matrix and leaves the rest of dst alone, so
// that each thread can pack what it owns. j0 is a multiple of Panel, j1 is one too or n. Row 0 may be a row p of a taller
// matrix: dst is then that one's packed form from p·Panel on, and k its height.
func PackRange(dst, b []float32, rs, cs, k, n, k0, k1, j0, j1 int) {
	if k0 < 0 || k0 > k1 || k1 > k || j0 < 0 || j0 > j1 || j1 > n || j0%Panel != 0 || j1%Panel != 0 && j1 != n {
		panic("vec: bad range of a packed matrix")
	}
	if k0 == k1 || j0 == j1 {
		return
	}
	spans(b, k1, n, rs, cs)
	if len(dst) < (j1-1)/Panel*Panel*k+k1*Panel {
		panic("vec: slice is too short")
	}
	pack(dst, b, rs, cs, k, k0, k1, j0, j1)
}

// Epilogue is what MulPacked does with a product besides storing it: y = relu(c + A·B + bias), or 0 where the mask is.
type Epilogue struct {
	Accumulate bool      // add to what c holds
	Bias       []float32 // [n], or nil
	ReLU       bool
	Mask       []float32 // [m, n], or nil: the output of a ReLU, whose gradient is 0 where that is not above 0
	MaskStride int
}

// MulPacked sets c [m, n] to A·B as the epilogue says; A is [m, k] and b the packed [k, n].
// A row of c does not depend on m.
func MulPacked(c []float32, ldc int, a []float32, lda int, b []float32, m, n, k int, e Epilogue) {
	fits(c, m, n, ldc)
	fits(a, m, k, lda)
	if len(b) < PackedLen(k, n) || e.Bias != nil && len(e.Bias) < n {
		panic("vec: slice is too short")
	}
	if e.Mask != nil {
		fits(e.Mask, m, n, e.MaskStride)
	}
	if m > 0 && n > 0 {
		mulPacked(c, ldc, a, lda, b, m, n, k, e)
	}
}

// Mul sets c [m, n] to A·B, or adds it, for A[i, p] = a[i·rsa + p·csa] and B[p, j] = b[p·rsb + j·csb].
// scratch has at least MulScratch(m, n, k) numbers.
func Mul(c []float32, ldc int, a []float32, rsa, csa int, b []float32, rsb, csb int, m, n, k int, accumulate bool, scratch []float32) {
	fits(c, m, n, ldc)
	spans(a, m, k, rsa, csa)
	spans(b, k, n, rsb, csb)
	if len(scratch) < MulScratch(m, n, k) {
		panic("vec: slice is too short")
	}
	if m > 0 && n > 0 {
		mul(c, ldc, a, rsa, csa, b, rsb, csb, m, n, k, accumulate, scratch)
	}
}

// MulScratch is how many numbers of scratch Mul needs.
func MulScratch(m, n, k int) int { return mulScratch(m, n, k) }

// spans panics unless s holds all of [rows, cols] with the given strides.
func spans(s []float32, rows, cols, rs, cs int) {
	if rows < 0 || cols < 0 || rs < 0 || cs < 0 {
		panic("vec: bad shape")
	}
	if rows > 0 && cols > 0 && len(s) < (rows-1)*rs+(cols-1)*cs+1 {
		panic("vec: slice is too short")
	}
}
