//go:build !cgo || !amd64 || noasm

package vec

func kernels() string { return "go" }

func multiplyAdds(n int) float32 { return multiplyAddsGo(n) }

func triad(y, x []float32, a float32, z []float32) { triadGo(y, x, a, z) }

func axpy(y []float32, a float32, x []float32) { axpyGo(y, a, x) }

func dot(x, y []float32) float32 { return dotGo(x, y) }

func sum(x []float32) float32 { return sumGo(x) }

func sumSquares(x []float32) float64 { return sumSquaresGo(x) }

func scale(x []float32, a float32) { scaleGo(x, a) }

func add(y, x []float32) { addGo(y, x) }

func mul2(y, a, b []float32) { mul2Go(y, a, b) }

func mulAdd(y, a, b []float32) { mulAddGo(y, a, b) }

func addRows(dst, x []float32, ldx, n, c int) { addRowsGo(dst, x, ldx, n, c) }

func relu(y, x []float32) { reluGo(y, x) }

func reluGrad(dx []float32, ldd int, dy []float32, ldy int, y []float32, ldyy, n, c int) {
	reluGradGo(dx, ldd, dy, ldy, y, ldyy, n, c)
}

func sigmoid(y, x []float32) { sigmoidGo(y, x) }

func pack(dst, b []float32, rs, cs, k, k0, k1, j0, j1 int) { packGo(dst, b, rs, cs, k, k0, k1, j0, j1) }

func mulPacked(c []float32, ldc int, a []float32, lda int, b []float32, m, n, k int, e Epilogue) {
	mulPackedGo(c, ldc, a, lda, b, m, n, k, e)
}

func mul(c []float32, ldc int, a []float32, rsa, csa int, b []float32, rsb, csb int, m, n, k int, accumulate bool, scratch []float32) {
	mulGo(c, ldc, a, rsa, csa, b, rsb, csb, m, n, k, accumulate, scratch)
}

func mulScratch(m, n, k int) int { return mulScratchGo(m, n, k) }

func fm(y []float32, ldy int, sum, x []float32, n, f, d int) { fmGo(y, ldy, sum, x, n, f, d) }

func fmGrad(dx, dy []float32, ldy int, sum, x []float32, n, f, d int) {
	fmGradGo(dx, dy, ldy, sum, x, n, f, d)
}

func dotPairs(y []float32, ldy int, x []float32, n, f, d int, self bool) {
	dotPairsGo(y, ldy, x, n, f, d, self)
}

func dotPairsGrad(dx, dy []float32, ldy int, x []float32, n, f, d int, self bool) {
	dotPairsGradGo(dx, dy, ldy, x, n, f, d, self)
}

func hadamardPairs(y []float32, ldy int, x []float32, n, f, d int) {
	hadamardPairsGo(y, ldy, x, n, f, d)
}

func hadamardPairsGrad(dx, dy []float32, ldy int, x []float32, n, f, d int) {
	hadamardPairsGradGo(dx, dy, ldy, x, n, f, d)
}

func crossVector(y, s, x0, xl, w, b []float32, n, c int) { crossVectorGo(y, s, x0, xl, w, b, n, c) }

func crossVectorGrad(dx0, dxl, dw, db, dy, s, x0, xl, w []float32, n, c int) {
	crossVectorGradGo(dx0, dxl, dw, db, dy, s, x0, xl, w, n, c)
}

func adagrad(w, s, g []float32, lr, eps float32) { adagradGo(w, s, g, lr, eps) }

func adam(w, m, v, g []float32, lr, b1, b2, eps, c1, c2 float32) {
	adamGo(w, m, v, g, lr, b1, b2, eps, c1, c2)
}

func sgdRows(w []float32, d int, rows []int32, g []float32, lr float32) bool {
	return sgdRowsGo(w, d, rows, g, lr)
}

func adagradRows(w, s []float32, d int, rows []int32, g []float32, lr, eps float32) bool {
	return adagradRowsGo(w, s, d, rows, g, lr, eps)
}

func rowwiseAdagradRows(w, s []float32, d int, rows []int32, g []float32, lr, eps float32) bool {
	return rowwiseAdagradRowsGo(w, s, d, rows, g, lr, eps)
}

func adamRows(w, m, v []float32, d int, rows []int32, g []float32, lr, b1, b2, eps, c1, c2 float32) bool {
	return adamRowsGo(w, m, v, d, rows, g, lr, b1, b2, eps, c1, c2)
}

func gather(dst []float32, ldd int, table []float32, d int, ids []int32, add bool) bool {
	return gatherGo(dst, ldd, table, d, ids, add)
}

func gatherBags(dst []float32, ldd int, table []float32, d int, ids, offsets []int32, mean, add bool) bool {
	return gatherBagsGo(dst, ldd, table, d, ids, offsets, mean, add)
}

func gatherCodes(dst []float32, ldd int, codes []byte, d, bits int, ids, offsets []int32, n int, mean bool) bool {
	return gatherCodesGo(dst, ldd, codes, d, bits, ids, offsets, n, mean)
}

func byRow(rows, starts, uses, slots, index []int32, bits, most int, ids, offsets []int32, n int) int {
	return byRowGo(rows, starts, uses, slots, index, bits, most, ids, offsets, n)
}

func sumRows(g []float32, d int, starts, uses []int32, src []float32, lds, n int, offsets []int32) bool {
	return sumRowsGo(g, d, starts, uses, src, lds, n, offsets)
}

func scaleFields(y []float32, ldy int, x []float32, ldx int, v []float32, n, f, d int) {
	scaleFieldsGo(y, ldy, x, ldx, v, n, f, d)
}

func scaleFieldsGrad(dv, dy []float32, ldy int, x []float32, ldx, n, f, d int) {
	scaleFieldsGradGo(dv, dy, ldy, x, ldx, n, f, d)
}

func transpose(y, x []float32, n, f, d int) { transposeGo(y, x, n, f, d) }

func transposeAdd(y, x []float32, n, f, d int) { transposeAddGo(y, x, n, f, d) }

func outerRows(z, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
	outerRowsGo(z, a, lda, b, ldb, n, fa, fb)
}

func outerRowsGrad(da []float32, ldda int, db []float32, lddb int, dz, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
	outerRowsGradGo(da, ldda, db, lddb, dz, a, lda, b, ldb, n, fa, fb)
}

func dotRows(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	dotRowsGo(y, ldy, a, lda, b, ldb, n, c)
}

func axpyRows(y []float32, ldy int, s []float32, lds int, x []float32, ldx, n, c int) {
	axpyRowsGo(y, ldy, s, lds, x, ldx, n, c)
}

func mulRows(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	mulRowsGo(y, ldy, a, lda, b, ldb, n, c)
}

func mulAddRows(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	mulAddRowsGo(y, ldy, a, lda, b, ldb, n, c)
}

func softmaxRows(y []float32, ldy, n, c int) {
	softmaxRowsGo(y, ldy, n, c)
}

func bi(y []float32, ldy int, sum, x []float32, n, f, d int) {
	biGo(y, ldy, sum, x, n, f, d)
}

func biGrad(dx, dy []float32, ldy int, sum, x []float32, n, f, d int) {
	biGradGo(dx, dy, ldy, sum, x, n, f, d)
}

func fieldAware(y []float32, ldy int, x []float32, n, f, d int) {
	fieldAwareGo(y, ldy, x, n, f, d)
}

func fieldAwareGrad(dx, dy []float32, ldy int, x []float32, n, f, d int) {
	fieldAwareGradGo(dx, dy, ldy, x, n, f, d)
}

func attention(y []float32, ldy int, keep, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	attentionGo(y, ldy, keep, q, k, v, ld, n, f, heads, d, a, scratch)
}

func attentionGrad(dq, dk, dv, dy []float32, ldd int, keep, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	attentionGradGo(dq, dk, dv, dy, ldd, keep, q, k, v, ld, n, f, heads, d, a, scratch)
}
