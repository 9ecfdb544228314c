package vec

// ScaleFields makes fields of numbers: y[e, i·d+j] = x[e, i]·v[i, j], for n examples of f numbers and v [f, d].
func ScaleFields(y []float32, ldy int, x []float32, ldx int, v []float32, n, f, d int) {
	fits(y, n, f*d, ldy)
	fits(x, n, f, ldx)
	same(f*d, len(v))
	scaleFields(y, ldy, x, ldx, v, n, f, d)
}

// ScaleFieldsGrad adds ScaleFields' gradient: dv[i, j] += Σ_e x[e, i]·dy[e, i·d+j].
func ScaleFieldsGrad(dv, dy []float32, ldy int, x []float32, ldx, n, f, d int) {
	fits(dy, n, f*d, ldy)
	fits(x, n, f, ldx)
	same(f*d, len(dv))
	scaleFieldsGrad(dv, dy, ldy, x, ldx, n, f, d)
}

// Transpose turns the f × d matrix of each of n examples: y[e, j, i] = x[e, i, j].
func Transpose(y, x []float32, n, f, d int) {
	fits(x, n, f*d, f*d)
	fits(y, n, f*d, f*d)
	transpose(y, x, n, f, d)
}

// TransposeAdd adds the transposed: y[e, j, i] += x[e, i, j].
func TransposeAdd(y, x []float32, n, f, d int) {
	fits(x, n, f*d, f*d)
	fits(y, n, f*d, f*d)
	transposeAdd(y, x, n, f, d)
}

// OuterRows writes the outer product of each of n row pairs: z[t, i·fb+j] = a[t, i]·b[t, j], z contiguous.
func OuterRows(z, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
	fits(z, n, fa*fb, fa*fb)
	fits(a, n, fa, lda)
	fits(b, n, fb, ldb)
	outerRows(z, a, lda, b, ldb, n, fa, fb)
}

// OuterRowsGrad adds da[t, i] += Σ_j dz[t, i·fb+j]·b[t, j] and db[t, j] += Σ_i dz[t, i·fb+j]·a[t, i]. da may be db:
// a row's square has both gradients in one place.
func OuterRowsGrad(da []float32, ldda int, db []float32, lddb int, dz, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
	fits(da, n, fa, ldda)
	fits(db, n, fb, lddb)
	fits(dz, n, fa*fb, fa*fb)
	fits(a, n, fa, lda)
	fits(b, n, fb, ldb)
	outerRowsGrad(da, ldda, db, lddb, dz, a, lda, b, ldb, n, fa, fb)
}
