//go:build cgo && amd64 && !noasm

package vec

// #include "kernels.h"
import "C"

import "unsafe"

func multiplyAdds(n int) float32 {
	return float32(C.vec_multiply_adds(C.idx(n)))
}

func triad(y, x []float32, a float32, z []float32) {
	C.vec_triad(f32(y), f32(x), C.float(a), f32(z), size(y))
}

func axpy(y []float32, a float32, x []float32) {
	C.vec_axpy(f32(y), C.float(a), f32(x), size(y))
}

func dot(x, y []float32) float32 {
	return float32(C.vec_dot(f32(x), f32(y), size(x)))
}

func sum(x []float32) float32 {
	return float32(C.vec_sum(f32(x), size(x)))
}

func sumSquares(x []float32) float64 {
	return float64(C.vec_sum_squares(f32(x), size(x)))
}

func scale(x []float32, a float32) {
	C.vec_scale(f32(x), C.float(a), size(x))
}

func add(y, x []float32) {
	C.vec_add(f32(y), f32(x), size(y))
}

func mul2(y, a, b []float32) {
	C.vec_mul2(f32(y), f32(a), f32(b), size(y))
}

func mulAdd(y, a, b []float32) {
	C.vec_mul_add(f32(y), f32(a), f32(b), size(y))
}

func addRows(dst, x []float32, ldx, n, c int) {
	C.vec_add_rows(f32(dst), f32(x), C.idx(ldx), C.idx(n), C.idx(c))
}

func relu(y, x []float32) {
	C.vec_relu(f32(y), f32(x), size(y))
}

func reluGrad(dx []float32, ldd int, dy []float32, ldy int, y []float32, ldyy, n, c int) {
	C.vec_relu_grad(f32(dx), C.idx(ldd), f32(dy), C.idx(ldy), f32(y), C.idx(ldyy), C.idx(n), C.idx(c))
}

func sigmoid(y, x []float32) {
	C.vec_sigmoid(f32(y), f32(x), size(y))
}

func pack(dst, b []float32, rs, cs, k, k0, k1, j0, j1 int) {
	C.vec_pack(f32(dst), f32(b), C.idx(rs), C.idx(cs), C.idx(k), C.idx(k0), C.idx(k1), C.idx(j0), C.idx(j1))
}

func mulPacked(c []float32, ldc int, a []float32, lda int, b []float32, m, n, k int, e Epilogue) {
	C.vec_mul_packed(f32(c), C.idx(ldc), f32(a), C.idx(lda), f32(b), C.idx(m), C.idx(n), C.idx(k), flag(e.Accumulate), f32(e.Bias), flag(e.ReLU), f32(e.Mask), C.idx(e.MaskStride))
}

func mul(c []float32, ldc int, a []float32, rsa, csa int, b []float32, rsb, csb int, m, n, k int, accumulate bool, scratch []float32) {
	C.vec_mul(f32(c), C.idx(ldc), f32(a), C.idx(rsa), C.idx(csa), f32(b), C.idx(rsb), C.idx(csb), C.idx(m), C.idx(n), C.idx(k), flag(accumulate), f32(scratch))
}

func mulScratch(m, n, k int) int {
	return int(C.vec_mul_scratch(C.idx(m), C.idx(n), C.idx(k)))
}

func fm(y []float32, ldy int, sum, x []float32, n, f, d int) {
	C.vec_fm(f32(y), C.idx(ldy), f32(sum), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func fmGrad(dx, dy []float32, ldy int, sum, x []float32, n, f, d int) {
	C.vec_fm_grad(f32(dx), f32(dy), C.idx(ldy), f32(sum), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func dotPairs(y []float32, ldy int, x []float32, n, f, d int, self bool) {
	C.vec_dot_pairs(f32(y), C.idx(ldy), f32(x), C.idx(n), C.idx(f), C.idx(d), flag(self))
}

func dotPairsGrad(dx, dy []float32, ldy int, x []float32, n, f, d int, self bool) {
	C.vec_dot_pairs_grad(f32(dx), f32(dy), C.idx(ldy), f32(x), C.idx(n), C.idx(f), C.idx(d), flag(self))
}

func hadamardPairs(y []float32, ldy int, x []float32, n, f, d int) {
	C.vec_hadamard_pairs(f32(y), C.idx(ldy), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func hadamardPairsGrad(dx, dy []float32, ldy int, x []float32, n, f, d int) {
	C.vec_hadamard_pairs_grad(f32(dx), f32(dy), C.idx(ldy), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func crossVector(y, s, x0, xl, w, b []float32, n, c int) {
	C.vec_cross_vector(f32(y), f32(s), f32(x0), f32(xl), f32(w), f32(b), C.idx(n), C.idx(c))
}

func crossVectorGrad(dx0, dxl, dw, db, dy, s, x0, xl, w []float32, n, c int) {
	C.vec_cross_vector_grad(f32(dx0), f32(dxl), f32(dw), f32(db), f32(dy), f32(s), f32(x0), f32(xl), f32(w), C.idx(n), C.idx(c))
}

func adagrad(w, s, g []float32, lr, eps float32) {
	C.vec_adagrad(f32(w), f32(s), f32(g), size(w), C.float(lr), C.float(eps))
}

func adam(w, m, v, g []float32, lr, b1, b2, eps, c1, c2 float32) {
	o := [...]float32{lr, b1, b2, eps, c1, c2}
	C.vec_adam(f32(w), f32(m), f32(v), f32(g), size(w), f32(o[:]))
}

func sgdRows(w []float32, d int, rows []int32, g []float32, lr float32) bool {
	return C.vec_sgd_rows(f32(w), rowsOf(w, d), C.idx(d), i32(rows), C.idx(len(rows)), f32(g), C.float(lr)) != 0
}

func adagradRows(w, s []float32, d int, rows []int32, g []float32, lr, eps float32) bool {
	return C.vec_adagrad_rows(f32(w), f32(s), rowsOf(w, d), C.idx(d), i32(rows), C.idx(len(rows)), f32(g), C.float(lr), C.float(eps)) != 0
}

func rowwiseAdagradRows(w, s []float32, d int, rows []int32, g []float32, lr, eps float32) bool {
	return C.vec_rowwise_adagrad_rows(f32(w), f32(s), rowsOf(w, d), C.idx(d), i32(rows), C.idx(len(rows)), f32(g), C.float(lr), C.float(eps)) != 0
}

func adamRows(w, m, v []float32, d int, rows []int32, g []float32, lr, b1, b2, eps, c1, c2 float32) bool {
	o := [...]float32{lr, b1, b2, eps, c1, c2}
	return C.vec_adam_rows(f32(w), f32(m), f32(v), rowsOf(w, d), C.idx(d), i32(rows), C.idx(len(rows)), f32(g), f32(o[:])) != 0
}

func gather(dst []float32, ldd int, table []float32, d int, ids []int32, add bool) bool {
	return C.vec_gather(f32(dst), C.idx(ldd), f32(table), rowsOf(table, d), C.idx(d), i32(ids), C.idx(len(ids)), flag(add)) != 0
}

func gatherBags(dst []float32, ldd int, table []float32, d int, ids, offsets []int32, mean, add bool) bool {
	return C.vec_gather_bags(f32(dst), C.idx(ldd), f32(table), rowsOf(table, d), C.idx(d), i32(ids), i32(offsets), C.idx(len(offsets)-1), flag(mean), flag(add)) != 0
}

func gatherCodes(dst []float32, ldd int, codes []byte, d, bits int, ids, offsets []int32, n int, mean bool) bool {
	return C.vec_gather_codes(f32(dst), C.idx(ldd), (*C.uint8_t)(unsafe.SliceData(codes)), C.idx(len(codes)), C.idx(d), C.int(bits), i32(ids), i32(offsets), C.idx(n), flag(mean)) != 0
}

func byRow(rows, starts, uses, slots, index []int32, bits, most int, ids, offsets []int32, n int) int {
	return int(C.vec_by_row(i32(rows), i32(starts), i32(uses), i32(slots), i32(index), C.int(bits), C.idx(most), i32(ids), i32(offsets), C.idx(n)))
}

func sumRows(g []float32, d int, starts, uses []int32, src []float32, lds, n int, offsets []int32) bool {
	return C.vec_sum_rows(f32(g), C.idx(d), i32(starts), C.idx(len(starts)-1), i32(uses), f32(src), C.idx(lds), C.idx(n), i32(offsets)) != 0
}

func scaleFields(y []float32, ldy int, x []float32, ldx int, v []float32, n, f, d int) {
	C.vec_scale_fields(f32(y), C.idx(ldy), f32(x), C.idx(ldx), f32(v), C.idx(n), C.idx(f), C.idx(d))
}

func scaleFieldsGrad(dv, dy []float32, ldy int, x []float32, ldx, n, f, d int) {
	C.vec_scale_fields_grad(f32(dv), f32(dy), C.idx(ldy), f32(x), C.idx(ldx), C.idx(n), C.idx(f), C.idx(d))
}

func transpose(y, x []float32, n, f, d int) {
	C.vec_transpose(f32(y), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func transposeAdd(y, x []float32, n, f, d int) {
	C.vec_transpose_add(f32(y), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func outerRows(z, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
	C.vec_outer_rows(f32(z), f32(a), C.idx(lda), f32(b), C.idx(ldb), C.idx(n), C.idx(fa), C.idx(fb))
}

func outerRowsGrad(da []float32, ldda int, db []float32, lddb int, dz, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
	C.vec_outer_rows_grad(f32(da), C.idx(ldda), f32(db), C.idx(lddb), f32(dz), f32(a), C.idx(lda), f32(b), C.idx(ldb), C.idx(n), C.idx(fa), C.idx(fb))
}

func dotRows(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	C.vec_dot_rows(f32(y), C.idx(ldy), f32(a), C.idx(lda), f32(b), C.idx(ldb), C.idx(n), C.idx(c))
}

func axpyRows(y []float32, ldy int, s []float32, lds int, x []float32, ldx, n, c int) {
	C.vec_axpy_rows(f32(y), C.idx(ldy), f32(s), C.idx(lds), f32(x), C.idx(ldx), C.idx(n), C.idx(c))
}

func mulRows(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	C.vec_mul_rows(f32(y), C.idx(ldy), f32(a), C.idx(lda), f32(b), C.idx(ldb), C.idx(n), C.idx(c))
}

func mulAddRows(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	C.vec_mul_add_rows(f32(y), C.idx(ldy), f32(a), C.idx(lda), f32(b), C.idx(ldb), C.idx(n), C.idx(c))
}

func softmaxRows(y []float32, ldy, n, c int) {
	C.vec_softmax_rows(f32(y), C.idx(ldy), C.idx(n), C.idx(c))
}

func bi(y []float32, ldy int, sum, x []float32, n, f, d int) {
	C.vec_bi(f32(y), C.idx(ldy), f32(sum), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func biGrad(dx, dy []float32, ldy int, sum, x []float32, n, f, d int) {
	C.vec_bi_grad(f32(dx), f32(dy), C.idx(ldy), f32(sum), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func fieldAware(y []float32, ldy int, x []float32, n, f, d int) {
	C.vec_field_aware(f32(y), C.idx(ldy), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func fieldAwareGrad(dx, dy []float32, ldy int, x []float32, n, f, d int) {
	C.vec_field_aware_grad(f32(dx), f32(dy), C.idx(ldy), f32(x), C.idx(n), C.idx(f), C.idx(d))
}

func attention(y []float32, ldy int, keep, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	C.vec_attention(f32(y), C.idx(ldy), f32(keep), f32(q), f32(k), f32(v), C.idx(ld), C.idx(n), C.idx(f), C.idx(heads), C.idx(d), C.float(a), f32(scratch))
}

func attentionGrad(dq, dk, dv, dy []float32, ldd int, keep, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	C.vec_attention_grad(f32(dq), f32(dk), f32(dv), f32(dy), C.idx(ldd), f32(keep), f32(q), f32(k), f32(v), C.idx(ld), C.idx(n), C.idx(f), C.idx(heads), C.idx(d), C.float(a), f32(scratch))
}
