// The kernels' prototypes: each Go twin's arguments, a slice as its pointer, lengths in numbers.
#include <stddef.h>
#include <stdint.h>

typedef ptrdiff_t idx;

// KERNELS(K) is K(result, name, parameters, arguments) for every kernel.
#define KERNELS(K) \
	K(float, multiply_adds, (idx n), (n)) \
	K(void, triad, (float *y, const float *x, float a, const float *z, idx n), (y, x, a, z, n)) \
	K(void, axpy, (float *y, float a, const float *x, idx n), (y, a, x, n)) \
	K(float, dot, (const float *x, const float *y, idx n), (x, y, n)) \
	K(float, sum, (const float *x, idx n), (x, n)) \
	K(double, sum_squares, (const float *x, idx n), (x, n)) \
	K(void, scale, (float *x, float a, idx n), (x, a, n)) \
	K(void, add, (float *y, const float *x, idx n), (y, x, n)) \
	K(void, mul2, (float *y, const float *a, const float *b, idx n), (y, a, b, n)) \
	K(void, mul_add, (float *y, const float *a, const float *b, idx n), (y, a, b, n)) \
	K(void, add_rows, (float *dst, const float *x, idx ldx, idx n, idx c), (dst, x, ldx, n, c)) \
	K(void, relu, (float *y, const float *x, idx n), (y, x, n)) \
	K(void, relu_grad, (float *dx, idx ldd, const float *dy, idx ldy, const float *y, idx ldyy, idx n, idx c), \
		(dx, ldd, dy, ldy, y, ldyy, n, c)) \
	K(void, sigmoid, (float *y, const float *x, idx n), (y, x, n)) \
	K(void, pack, (float *dst, const float *b, idx rs, idx cs, idx k, idx k0, idx k1, idx j0, idx j1), \
		(dst, b, rs, cs, k, k0, k1, j0, j1)) \
	K(void, mul_packed, (float *c, idx ldc, const float *a, idx lda, const float *b, idx m, idx n, idx k, int accumulate, const float *bias, int relu, const float *mask, idx ldm), \
		(c, ldc, a, lda, b, m, n, k, accumulate, bias, relu, mask, ldm)) \
	K(void, mul, (float *c, idx ldc, const float *a, idx rsa, idx csa, const float *b, idx rsb, idx csb, idx m, idx n, idx k, int accumulate, float *scratch), \
		(c, ldc, a, rsa, csa, b, rsb, csb, m, n, k, accumulate, scratch)) \
	K(idx, mul_scratch, (idx m, idx n, idx k), (m, n, k)) \
	K(int, gather, (float *dst, idx ldd, const float *table, idx rows, idx d, const int32_t *ids, idx n, int add), \
		(dst, ldd, table, rows, d, ids, n, add)) \
	K(int, gather_bags, (float *dst, idx ldd, const float *table, idx rows, idx d, const int32_t *ids, const int32_t *offsets, idx n, int mean, int add), \
		(dst, ldd, table, rows, d, ids, offsets, n, mean, add)) \
	K(int, gather_codes, (float *dst, idx ldd, const uint8_t *table, idx bytes, idx d, int bits, const int32_t *ids, const int32_t *offsets, idx n, int mean), \
		(dst, ldd, table, bytes, d, bits, ids, offsets, n, mean)) \
	K(idx, by_row, (int32_t *rows, int32_t *starts, int32_t *uses, int32_t *slots, int32_t *index, int bits, idx most, const int32_t *ids, const int32_t *offsets, idx n), \
		(rows, starts, uses, slots, index, bits, most, ids, offsets, n)) \
	K(int, sum_rows, (float *g, idx d, const int32_t *starts, idx m, const int32_t *uses, const float *src, idx lds, idx n, const int32_t *offsets), \
		(g, d, starts, m, uses, src, lds, n, offsets)) \
	K(void, adagrad, (float *w, float *s, const float *g, idx n, float lr, float eps), (w, s, g, n, lr, eps)) \
	K(void, adam, (float *w, float *m, float *v, const float *g, idx n, const float *o), (w, m, v, g, n, o)) \
	K(int, sgd_rows, (float *w, idx rows, idx d, const int32_t *ids, idx n, const float *g, float lr), (w, rows, d, ids, n, g, lr)) \
	K(int, adagrad_rows, (float *w, float *s, idx rows, idx d, const int32_t *ids, idx n, const float *g, float lr, float eps), \
		(w, s, rows, d, ids, n, g, lr, eps)) \
	K(int, rowwise_adagrad_rows, (float *w, float *s, idx rows, idx d, const int32_t *ids, idx n, const float *g, float lr, float eps), \
		(w, s, rows, d, ids, n, g, lr, eps)) \
	K(int, adam_rows, (float *w, float *m, float *v, idx rows, idx d, const int32_t *ids, idx n, const float *g, const float *o), \
		(w, m, v, rows, d, ids, n, g, o)) \
	K(void, fm, (float *y, idx ldy, float *sum, const float *x, idx n, idx f, idx d), (y, ldy, sum, x, n, f, d)) \
	K(void, fm_grad, (float *dx, const float *dy, idx ldy, const float *sum, const float *x, idx n, idx f, idx d), \
		(dx, dy, ldy, sum, x, n, f, d)) \
	K(void, dot_pairs, (float *y, idx ldy, const float *x, idx n, idx f, idx d, int self), (y, ldy, x, n, f, d, self)) \
	K(void, dot_pairs_grad, (float *dx, const float *dy, idx ldy, const float *x, idx n, idx f, idx d, int self), \
		(dx, dy, ldy, x, n, f, d, self)) \
	K(void, hadamard_pairs, (float *y, idx ldy, const float *x, idx n, idx f, idx d), (y, ldy, x, n, f, d)) \
	K(void, hadamard_pairs_grad, (float *dx, const float *dy, idx ldy, const float *x, idx n, idx f, idx d), \
		(dx, dy, ldy, x, n, f, d)) \
	K(void, cross_vector, (float *y, float *s, const float *x0, const float *xl, const float *w, const float *b, idx n, idx c), \
		(y, s, x0, xl, w, b, n, c)) \
	K(void, cross_vector_grad, (float *dx0, float *dxl, float *dw, float *db, const float *dy, const float *s, const float *x0, const float *xl, const float *w, idx n, idx c), \
		(dx0, dxl, dw, db, dy, s, x0, xl, w, n, c)) \
	K(void, scale_fields, (float *y, idx ldy, const float *x, idx ldx, const float *v, idx n, idx f, idx d), \
		(y, ldy, x, ldx, v, n, f, d)) \
	K(void, scale_fields_grad, (float *dv, const float *dy, idx ldy, const float *x, idx ldx, idx n, idx f, idx d), \
		(dv, dy, ldy, x, ldx, n, f, d)) \
	K(void, transpose, (float *y, const float *x, idx n, idx f, idx d), (y, x, n, f, d)) \
	K(void, transpose_add, (float *y, const float *x, idx n, idx f, idx d), (y, x, n, f, d)) \
	K(void, outer_rows, (float *z, const float *a, idx lda, const float *b, idx ldb, idx n, idx fa, idx fb), \
		(z, a, lda, b, ldb, n, fa, fb)) \
	K(void, outer_rows_grad, (float *da, idx ldda, float *db, idx lddb, const float *dz, const float *a, idx lda, const float *b, idx ldb, idx n, idx fa, idx fb), \
		(da, ldda, db, lddb, dz, a, lda, b, ldb, n, fa, fb)) \
	K(void, dot_rows, (float *y, idx ldy, const float *a, idx lda, const float *b, idx ldb, idx n, idx c), (y, ldy, a, lda, b, ldb, n, c)) \
	K(void, axpy_rows, (float *y, idx ldy, const float *s, idx lds, const float *x, idx ldx, idx n, idx c), (y, ldy, s, lds, x, ldx, n, c)) \
	K(void, mul_rows, (float *y, idx ldy, const float *a, idx lda, const float *b, idx ldb, idx n, idx c), (y, ldy, a, lda, b, ldb, n, c)) \
	K(void, mul_add_rows, (float *y, idx ldy, const float *a, idx lda, const float *b, idx ldb, idx n, idx c), (y, ldy, a, lda, b, ldb, n, c)) \
	K(void, softmax_rows, (float *y, idx ldy, idx n, idx c), (y, ldy, n, c)) \
	K(void, bi, (float *y, idx ldy, float *sum, const float *x, idx n, idx f, idx d), (y, ldy, sum, x, n, f, d)) \
	K(void, bi_grad, (float *dx, const float *dy, idx ldy, const float *sum, const float *x, idx n, idx f, idx d), (dx, dy, ldy, sum, x, n, f, d)) \
	K(void, field_aware, (float *y, idx ldy, const float *x, idx n, idx f, idx d), (y, ldy, x, n, f, d)) \
	K(void, field_aware_grad, (float *dx, const float *dy, idx ldy, const float *x, idx n, idx f, idx d), (dx, dy, ldy, x, n, f, d)) \
	K(void, attention, (float *y, idx ldy, float *keep, const float *q, const float *k, const float *v, idx ld, idx n, idx f, idx heads, idx d, float a, float *scratch), \
		(y, ldy, keep, q, k, v, ld, n, f, heads, d, a, scratch)) \
	K(void, attention_grad, (float *dq, float *dk, float *dv, const float *dy, idx ldd, const float *keep, const float *q, const float *k, const float *v, idx ld, idx n, idx f, idx heads, idx d, float a, float *scratch), \
		(dq, dk, dv, dy, ldd, keep, q, k, v, ld, n, f, heads, d, a, scratch))

// struct kernels is one set; avx2.c and sse2.c have one each, made of the same bodies.
#define MEMBER(R, name, params, args) R (*name) params;
struct kernels { KERNELS(MEMBER) };
extern const struct kernels vec_sse2, vec_avx2;

// vec_use takes a set into use, 0 for sse2 and 1 for avx2, if the processor has what it needs: 1, or 0 and nothing changed.
int vec_use(int set);

#define DECLARE(R, name, params, args) R vec_##name params;
KERNELS(DECLARE)
