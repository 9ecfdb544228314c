package vec

// DotRows sets y[e] = a_e·b_e for n rows of c numbers; ldy is from one number of y to the next.
func DotRows(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	fits(y, n, 1, ldy)
	fits(a, n, c, lda)
	fits(b, n, c, ldb)
	dotRows(y, ldy, a, lda, b, ldb, n, c)
}

// AxpyRows adds y_e += s[e]·x_e for n rows of c numbers; lds is from one number of s to the next.
func AxpyRows(y []float32, ldy int, s []float32, lds int, x []float32, ldx, n, c int) {
	fits(y, n, c, ldy)
	fits(s, n, 1, lds)
	fits(x, n, c, ldx)
	axpyRows(y, ldy, s, lds, x, ldx, n, c)
}

// MulRows sets y_e = a_e ⊙ b_e for n rows of c numbers.
func MulRows(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	fits(y, n, c, ldy)
	fits(a, n, c, lda)
	fits(b, n, c, ldb)
	mulRows(y, ldy, a, lda, b, ldb, n, c)
}

// MulAddRows adds y_e += a_e ⊙ b_e for n rows of c numbers.
func MulAddRows(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	fits(y, n, c, ldy)
	fits(a, n, c, lda)
	fits(b, n, c, ldb)
	mulAddRows(y, ldy, a, lda, b, ldb, n, c)
}

// SoftmaxRows turns each of n rows of c ≥ 1 numbers into its softmax.
func SoftmaxRows(y []float32, ldy, n, c int) {
	fits(y, n, c, ldy)
	if c < 1 {
		panic("vec: bad shape")
	}
	softmaxRows(y, ldy, n, c)
}

// Bi is the bi-interaction of n examples of f fields of d numbers: y_e = ½[(Σ_i x_i)² − Σ_i x_i²], d numbers; sum [n, d]
// gets Σ_i x_i.
func Bi(y []float32, ldy int, sum, x []float32, n, f, d int) {
	fits(y, n, d, ldy)
	fits(sum, n, d, d)
	fits(x, n, f*d, f*d)
	bi(y, ldy, sum, x, n, f, d)
}

// BiGrad adds Bi's gradient: dx_i += dy ⊙ (sum − x_i).
func BiGrad(dx, dy []float32, ldy int, sum, x []float32, n, f, d int) {
	fits(dx, n, f*d, f*d)
	fits(dy, n, d, ldy)
	fits(sum, n, d, d)
	fits(x, n, f*d, f*d)
	biGrad(dx, dy, ldy, sum, x, n, f, d)
}

// FieldAware is Σ_{i<j} x_ij·x_ji of n examples of f fields, each f vectors x_i0 … of d numbers.
func FieldAware(y []float32, ldy int, x []float32, n, f, d int) {
	fits(y, n, 1, ldy)
	fits(x, n, f*f*d, f*f*d)
	fieldAware(y, ldy, x, n, f, d)
}

// FieldAwareGrad adds FieldAware's gradient: dx_ij += dy·x_ji.
func FieldAwareGrad(dx, dy []float32, ldy int, x []float32, n, f, d int) {
	fits(dx, n, f*f*d, f*f*d)
	fits(dy, n, 1, ldy)
	fits(x, n, f*f*d, f*f*d)
	fieldAwareGrad(dx, dy, ldy, x, n, f, d)
}
