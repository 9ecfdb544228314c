static void scale_fields(float *y, idx ldy, const float *x, idx ldx, const float *v, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++)
		for (idx i = 0; i < f; i++) {
			float a = x[e * ldx + i], *out = y + e * ldy + i * d;
			idx j = 0;
			for (; j + W <= d; j += W) AT(out + j) = a * IN(v + i * d + j);
			for (; j < d; j++) out[j] = a * v[i * d + j];
		}
}

static void scale_fields_grad(float *dv, const float *dy, idx ldy, const float *x, idx ldx, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++)
		for (idx i = 0; i < f; i++) row_axpy(dv + i * d, x[e * ldx + i], dy + e * ldy + i * d, d);
}

// turn is a transposition of one f × d matrix by squares of four.
INLINE void turn(float *y, const float *x, idx f, idx d, const int add) {
	float t[16];
	idx i = 0;
	for (; i + 4 <= f; i += 4) {
		idx j = 0;
		for (; j + 4 <= d; j += 4) {
			transpose4(add ? t : y + j * f + i, add ? 4 : f, x + i * d + j, d, 4);
			for (idx q = 0; add && q < 4; q++)
				_mm_storeu_ps(y + (j + q) * f + i, _mm_add_ps(_mm_loadu_ps(y + (j + q) * f + i), _mm_loadu_ps(t + 4 * q)));
		}
		for (; j < d; j++)
			for (idx q = 0; q < 4; q++) y[j * f + i + q] = x[(i + q) * d + j] + (add ? y[j * f + i + q] : 0);
	}
	for (; i < f; i++)
		for (idx j = 0; j < d; j++) y[j * f + i] = x[i * d + j] + (add ? y[j * f + i] : 0);
}

static void transpose(float *y, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++) turn(y + e * f * d, x + e * f * d, f, d, 0);
}

static void transpose_add(float *y, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++) turn(y + e * f * d, x + e * f * d, f, d, 1);
}

// The outer products take b's rows a CHUNK at a time, copied to where zeros fill the last vector.
enum { CHUNK = 256 };

INLINE void chunk_copy(float *y, const float *x, idx w) {
	idx j = 0;
	for (; j < w; j++) y[j] = x[j];
	for (; j % W; j++) y[j] = 0;
}

// outer_rows writes whole vectors while more of z follows: what spills over a row's end is overwritten by the next.
static void outer_rows(float *z, const float *a, idx lda, const float *b, idx ldb, idx n, idx fa, idx fb) {
	float x[CHUNK];
	const float *end = z + n * fa * fb;
	for (idx t = 0; t < n; t++) {
		if (fb <= CHUNK) chunk_copy(x, b + t * ldb, fb);
		for (idx i = 0; i < fa; i++, z += fb) {
			float v = a[t * lda + i];
			const float *row = fb <= CHUNK ? x : b + t * ldb;
			idx j = 0;
			for (; fb <= CHUNK && j < fb && z + j + W <= end; j += W) AT(z + j) = v * IN(row + j);
			for (; j + W <= fb; j += W) AT(z + j) = v * IN(row + j);
			for (; j < fb; j++) z[j] = v * row[j];
		}
	}
}

// ending is the last vector of a row of dz, zeros beyond the row: read whole, and masked, while more of dz follows.
INLINE V ending(const float *g, const float *end, const uint32_t *mask) {
	if (g + W <= end) return (V)((I)IN(g) & *(const I *)mask);
	V v = {0};
	for (idx j = 0; mask[j]; j++) v[j] = g[j];
	return v;
}

static void outer_rows_grad(float *da, idx ldda, float *db, idx lddb, const float *dz, const float *a, idx lda, const float *b, idx ldb, idx n, idx fa, idx fb) {
	float x[CHUNK], gb[CHUNK];
	uint32_t mask[W];
	const float *end = dz + n * fa * fb;
	for (idx j0 = 0; j0 < fb; j0 += CHUNK) {
		idx w = least(CHUNK, fb - j0);
		for (idx j = 0; j < W; j++) mask[j] = j < w % W ? ~0u : 0;
		for (idx t = 0; t < n; t++) {
			chunk_copy(x, b + t * ldb + j0, w);
			for (idx j = 0; j < w; j += W) AT(gb + j) = (V){0};
			for (idx i = 0; i < fa; i++) {
				const float *g = dz + (t * fa + i) * fb + j0;
				float v = a[t * lda + i];
				V s = {0};
				idx j = 0;
				for (; j + W <= w; j += W) {
					s += IN(g + j) * IN(x + j);
					AT(gb + j) += v * IN(g + j);
				}
				if (j < w) {
					V last = ending(g + j, end, mask);
					s += last * IN(x + j);
					AT(gb + j) += v * last;
				}
				da[t * ldda + i] += total(s);
			}
			for (idx j = 0; j < w; j++) db[t * lddb + j0 + j] += gb[j];
		}
	}
}
