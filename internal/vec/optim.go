package vec

// SGD steps: w -= lr·g.
func SGD(w, g []float32, lr float32) {
	same(len(w), len(g))
	axpy(w, -lr, g)
}

// Adagrad steps: s += g², w -= lr·g/(√s + eps).
func Adagrad(w, s, g []float32, lr, eps float32) {
	same(len(w), len(s), len(g))
	adagrad(w, s, g, lr, eps)
}

// Adam steps: m = b1·m + (1−b1)·g, v = b2·v + (1−b2)·g², w -= lr·(m/c1)/(√(v/c2) + eps), where c1 = 1−b1ᵗ and
// c2 = 1−b2ᵗ at step t, from 1.
func Adam(w, m, v, g []float32, lr, b1, b2, eps, c1, c2 float32) {
	same(len(w), len(m), len(v), len(g))
	adam(w, m, v, g, lr, b1, b2, eps, c1, c2)
}

// SGDRows is SGD on some rows of the table w [_, d]; g [len(rows), d] holds their gradients. Each row stands in
// rows once, here and below.
func SGDRows(w []float32, d int, rows []int32, g []float32, lr float32) {
	same(len(rows)*d, len(g))
	if !sgdRows(w, d, rows, g, lr) {
		panic("vec: id outside the table")
	}
}

// AdagradRows is Adagrad on some rows of w and of s, which has w's shape.
func AdagradRows(w, s []float32, d int, rows []int32, g []float32, lr, eps float32) {
	same(len(rows)*d, len(g))
	same(len(w), len(s))
	if !adagradRows(w, s, d, rows, g, lr, eps) {
		panic("vec: id outside the table")
	}
}

// RowwiseAdagradRows is Adagrad with one s a row: s += mean(g²), w -= lr·g/(√s + eps).
func RowwiseAdagradRows(w, s []float32, d int, rows []int32, g []float32, lr, eps float32) {
	same(len(rows)*d, len(g))
	same(len(w), len(s)*d)
	if !rowwiseAdagradRows(w, s, d, rows, g, lr, eps) {
		panic("vec: id outside the table")
	}
}

// AdamRows is Adam on some rows of w, m and v; the moments of the others stay.
func AdamRows(w, m, v []float32, d int, rows []int32, g []float32, lr, b1, b2, eps, c1, c2 float32) {
	same(len(rows)*d, len(g))
	same(len(w), len(m), len(v))
	if !adamRows(w, m, v, d, rows, g, lr, b1, b2, eps, c1, c2) {
		panic("vec: id outside the table")
	}
}
