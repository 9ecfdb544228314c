package vec

// Axpy adds: y += a·x.
func Axpy(y []float32, a float32, x []float32) {
	same(len(y), len(x))
	axpy(y, a, x)
}

// Dot returns Σ x·y.
func Dot(x, y []float32) float32 {
	same(len(x), len(y))
	return dot(x, y)
}

// Sum returns Σ x.
func Sum(x []float32) float32 { return sum(x) }

// SumSquares returns Σ x², accumulated in float64.
func SumSquares(x []float32) float64 { return sumSquares(x) }

// Scale multiplies: x *= a.
func Scale(x []float32, a float32) { scale(x, a) }

// Add adds: y += x.
func Add(y, x []float32) {
	same(len(y), len(x))
	add(y, x)
}

// Mul2 sets y = a⊙b. y may be a or b.
func Mul2(y, a, b []float32) {
	same(len(y), len(a), len(b))
	mul2(y, a, b)
}

// MulAdd adds: y += a⊙b.
func MulAdd(y, a, b []float32) {
	same(len(y), len(a), len(b))
	mulAdd(y, a, b)
}

// AddRows adds up columns: dst[c] += Σ_n x[n, c], in order of n.
func AddRows(dst, x []float32, ldx, n, c int) {
	same(c, len(dst))
	fits(x, n, c, ldx)
	addRows(dst, x, ldx, n, c)
}

// ReLU sets y = max(x, 0); a NaN stays one. y may be x.
func ReLU(y, x []float32) {
	same(len(y), len(x))
	relu(y, x)
}

// ReLUGrad sets dx = dy where y > 0, else 0, on n rows of c. dx may be dy with the same stride.
func ReLUGrad(dx []float32, ldd int, dy []float32, ldy int, y []float32, ldyy, n, c int) {
	fits(dx, n, c, ldd)
	fits(dy, n, c, ldy)
	fits(y, n, c, ldyy)
	reluGrad(dx, ldd, dy, ldy, y, ldyy, n, c)
}

// Sigmoid sets y = 1/(1+e⁻ˣ), to an absolute error below 1e-6; a NaN stays one. y may be x.
func Sigmoid(y, x []float32) {
	same(len(y), len(x))
	sigmoid(y, x)
}
