package vec

// FM is the second-order factorization machine over x [n, f, d]: sum [n, d] = Σ_f x, kept for the gradient, and
// y[n] = ½ Σ_d (sum² − Σ_f x²). y[n] stands at n·ldy, here and below.
func FM(y []float32, ldy int, sum, x []float32, n, f, d int) {
	fits(y, n, 1, ldy)
	same(n*f*d, len(x))
	same(n*d, len(sum))
	fm(y, ldy, sum, x, n, f, d)
}

// FMGrad adds FM's gradient: dx[n, i, :] += dy[n]·(sum[n, :] − x[n, i, :]).
func FMGrad(dx, dy []float32, ldy int, sum, x []float32, n, f, d int) {
	fits(dy, n, 1, ldy)
	same(n*f*d, len(x), len(dx))
	same(n*d, len(sum))
	fmGrad(dx, dy, ldy, sum, x, n, f, d)
}

// DotPairs sets y's rows to the products x_i·x_j of the lower triangle in row-major order, (1,0), (2,0), (2,1), …;
// with self the diagonal too: (0,0), (1,0), (1,1), …
func DotPairs(y []float32, ldy int, x []float32, n, f, d int, self bool) {
	fits(y, n, pairs(f, self), ldy)
	same(n*f*d, len(x))
	dotPairs(y, ldy, x, n, f, d, self)
}

// DotPairsGrad adds DotPairs' gradient: dx_i += dy_ij·x_j and dx_j += dy_ij·x_i.
func DotPairsGrad(dx, dy []float32, ldy int, x []float32, n, f, d int, self bool) {
	fits(dy, n, pairs(f, self), ldy)
	same(n*f*d, len(x), len(dx))
	dotPairsGrad(dx, dy, ldy, x, n, f, d, self)
}

// HadamardPairs sets y's rows to the products x_i⊙x_j, i < j, in row-major order, (0,1), (0,2), …, d numbers each.
func HadamardPairs(y []float32, ldy int, x []float32, n, f, d int) {
	fits(y, n, pairs(f, false)*d, ldy)
	same(n*f*d, len(x))
	hadamardPairs(y, ldy, x, n, f, d)
}

// HadamardPairsGrad adds HadamardPairs' gradient: dx_i += dy_ij⊙x_j and dx_j += dy_ij⊙x_i.
func HadamardPairsGrad(dx, dy []float32, ldy int, x []float32, n, f, d int) {
	fits(dy, n, pairs(f, false)*d, ldy)
	same(n*f*d, len(x), len(dx))
	hadamardPairsGrad(dx, dy, ldy, x, n, f, d)
}

// CrossVector is a cross layer with a vector weight over rows of c: s[n] = xl[n]·w, kept for the gradient, and
// y = x0·s + b + xl. y may be xl.
func CrossVector(y, s, x0, xl, w, b []float32, n, c int) {
	same(n*c, len(y), len(x0), len(xl))
	same(c, len(w), len(b))
	same(n, len(s))
	crossVector(y, s, x0, xl, w, b, n, c)
}

// CrossVectorGrad is CrossVector's gradient: with t[n] = dy[n]·x0[n], it sets dxl = dy + w·t and adds dx0 += dy·s,
// dw += xl·t, db += dy. dxl may be dy.
func CrossVectorGrad(dx0, dxl, dw, db, dy, s, x0, xl, w []float32, n, c int) {
	same(n*c, len(dx0), len(dxl), len(dy), len(x0), len(xl))
	same(c, len(dw), len(db), len(w))
	same(n, len(s))
	crossVectorGrad(dx0, dxl, dw, db, dy, s, x0, xl, w, n, c)
}

// pairs is how many pairs f fields have.
func pairs(f int, self bool) int {
	if self {
		return f * (f + 1) / 2
	}
	return f * (f - 1) / 2
}
