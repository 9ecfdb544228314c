// Products by tiles: at most MR rows by one packed panel, summed over KC rows of B in registers. Every number of c is
// the same chain of operations whatever its tile, so that no row depends on how many there are.

enum { PANEL = 16, PV = PANEL / W, MR = W == 4 ? 3 : 6, WIDE = 8, KC = 256, MC = 192, CACHED = 4096, FEW_ROWS = 40, FEW_COLUMNS = 64 };

INLINE idx least(idx a, idx b) { return a < b ? a : b; }

// padded is n columns in whole panels.
INLINE idx padded(idx n) { return (n + PANEL - 1) / PANEL * PANEL; }

// transpose4 sets y[p·ldy + j] = x[j·ldx + p] for p < 4 and j < w ≤ 4, and zeros up to j = 4.
INLINE void transpose4(float *y, idx ldy, const float *x, idx ldx, idx w) {
	__m128 o = _mm_setzero_ps(), a = w > 0 ? _mm_loadu_ps(x) : o, b = w > 1 ? _mm_loadu_ps(x + ldx) : o;
	__m128 c = w > 2 ? _mm_loadu_ps(x + 2 * ldx) : o, d = w > 3 ? _mm_loadu_ps(x + 3 * ldx) : o;
	_MM_TRANSPOSE4_PS(a, b, c, d);
	_mm_storeu_ps(y, a);
	_mm_storeu_ps(y + ldy, b);
	_mm_storeu_ps(y + 2 * ldy, c);
	_mm_storeu_ps(y + 3 * ldy, d);
}

// panel_pack packs k rows of w ≤ PANEL columns. Where more rows follow it reads past a row's end into them.
static void panel_pack(float *restrict y, const float *b, idx rs, idx cs, idx k, idx w) {
	idx p = 0;
	if (cs == 1) {
		uint32_t m[PANEL];
		for (idx j = 0; j < PANEL; j++) m[j] = j < w ? ~0u : 0;
		for (; p < k && (w == PANEL || (k - 1 - p) * rs >= PANEL); p++, y += PANEL, b += rs)
			for (int v = 0; v < PANEL; v += W) AT(y + v) = (V)((I)IN(b + v) & *(I *)(m + v));
	}
	for (; rs == 1 && p + 4 <= k; p += 4, y += 4 * PANEL, b += 4)
		for (idx j = 0; j < PANEL; j += 4) transpose4(y + j, PANEL, b + j * cs, cs, w - j);
	for (; p < k; p++, y += PANEL, b += rs)
		for (idx j = 0; j < PANEL; j++) y[j] = j < w ? b[j * cs] : 0;
}

static void pack(float *dst, const float *b, idx rs, idx cs, idx k, idx k0, idx k1, idx j0, idx j1) {
	for (idx j = j0; j < j1; j += PANEL)
		panel_pack(dst + j * k + k0 * PANEL, b + k0 * rs + j * cs, rs, cs, k1 - k0, j1 - j < PANEL ? j1 - j : PANEL);
}

// struct out is where a product goes and what happens to it on the way.
struct out {
	float *c;
	idx ldc;
	int add;
	const float *bias; // or NULL
	int relu;
};

// put ends one number of a product.
INLINE void put(float *y, float v, const float *bias, struct out o) {
	if (bias) v += *bias;
	if (o.add) v += *y;
	*y = o.relu && v < 0 ? 0 : v;
}

// edge ends a tile that is not whole: R rows of w columns, ldt apart.
static void edge(const float *t, idx ldt, idx r, idx w, struct out o) {
	for (idx i = 0; i < r; i++)
		for (idx j = 0; j < w; j++) put(o.c + i * o.ldc + j, t[i * ldt + j], o.bias ? o.bias + j : NULL, o);
}

// sums sets s to R rows of C vectors of a product: of row p of B, at b + p·ldb, and of the panels that are next apart.
INLINE void sums(const int R, const int C, V s[MR][WIDE], const float *a, idx rsa, idx csa, const float *b, idx ldb, idx next, idx k) {
	for (int i = 0; i < R; i++)
		for (int v = 0; v < C; v++) s[i][v] = (V){0};
	for (idx p = 0; p < k; p++, a += csa, b += ldb)
#pragma GCC unroll 6
		for (int i = 0; i < R; i++)
#pragma GCC unroll 8
			for (int v = 0; v < C; v++) s[i][v] += a[i * rsa] * IN(b + v / PV * next + v % PV * W);
}

// tile computes R rows of w columns, in C vectors.
INLINE void tile(const int R, const int C, const float *a, idx rsa, idx csa, const float *b, idx ldb, idx next, idx k, struct out o, idx w) {
	V s[MR][WIDE];
	sums(R, C, s, a, rsa, csa, b, ldb, next, k);
	if (w < C * W) {
		float t[MR * PANEL];
		for (int i = 0; i < R; i++)
			for (int v = 0; v < C; v++) AT(t + (i * C + v) * W) = s[i][v];
		edge(t, C * W, R, w, o);
		return;
	}
	for (int v = 0; v < C; v++) {
		V bias = o.bias ? IN(o.bias + v * W) : (V){0};
		for (int i = 0; i < R; i++) {
			float *y = o.c + i * o.ldc + v * W;
			V t = s[i][v] + bias;
			if (o.add) t += AT(y);
			if (o.relu) t = MAX((V){0}, t); // a NaN stays: of the two, it is the second
			AT(y) = t;
		}
	}
}

// strip is R rows of n columns. A single row takes several panels at once: two vectors of sums would wait for each other.
INLINE void strip(const int R, const float *a, idx rsa, idx csa, const float *b, idx ldb, idx next, idx n, idx k, struct out o) {
	for (idx w; n > 0; n -= w, b += w / PANEL * next, o.c += w, o.bias += o.bias ? w : 0)
		if (R == 1 && n >= WIDE * W)
			tile(1, WIDE, a, rsa, csa, b, ldb, next, k, o, w = WIDE * W);
		else if (n > PANEL / 2)
			tile(R, PV, a, rsa, csa, b, ldb, 0, k, o, least(n, w = PANEL));
		else
			tile(R, PV / 2, a, rsa, csa, b, ldb, 0, k, o, w = n);
}

// strips is strip for any r ≤ MR.
static void strips(idx r, const float *a, idx rsa, idx csa, const float *b, idx ldb, idx next, idx n, idx k, struct out o) {
	switch (r) {
#define CASE(R) case R: strip(R, a, rsa, csa, b, ldb, next, n, k, o); break;
		CASE(1) CASE(2) CASE(3)
#if W > 4
		CASE(4) CASE(5) CASE(6)
#endif
	}
}

// height is how many rows the next tile of m takes: two middling tiles rather than a full one and a sliver.
INLINE idx height(idx m) { return m <= MR ? m : m < 2 * MR ? (m + 1) / 2 : MR; }

// struct mask is the output y of a ReLU, or NULL: its gradient is 0 where y is not above 0.
struct mask {
	const float *y;
	idx ld;
};

// slab multiplies all of k ≤ KC: panels of b are next apart, and as many as stay in the first cache are taken at once.
// Tiles of a start at a + i·rsa; with csa 0 a tile is packed, [k, its rows]. The mask comes on rows just stored: in each tile
// it would be in the way of all products.
static void slab(const float *a, idx rsa, idx csa, const float *b, idx ldb, idx next, idx m, idx n, idx k, struct out o, struct mask mask) {
	idx span = m <= MR ? padded(n) : CACHED / (k + 1) < PANEL ? PANEL : CACHED / (k + 1) / PANEL * PANEL;
	for (idx j0 = 0; j0 < n; j0 += span)
		for (idx i = 0, r; i < m; i += r) {
			r = height(m - i);
			struct out at = {o.c + i * o.ldc + j0, o.ldc, o.add, o.bias ? o.bias + j0 : NULL, o.relu};
			strips(r, a + i * rsa, csa ? rsa : 1, csa ? csa : r, b + j0 / PANEL * next, ldb, next, least(n - j0, span), k, at);
			if (mask.y) relu_grad(at.c, o.ldc, at.c, o.ldc, mask.y + i * mask.ld + j0, mask.ld, r, least(n - j0, span));
		}
}

// column is a product with one column: sums along the rows. b's column stands at every PANELth number.
static void column(const float *a, idx lda, const float *b, idx m, idx k, struct out o, struct mask mask) {
	float x[KC];
	for (idx p = 0; p < k; p++) x[p] = b[p * PANEL];
	for (idx i = 0; i < m; i++) put(o.c + i * o.ldc, dot(a + i * lda, x, k), o.bias, o);
	if (mask.y) relu_grad(o.c, o.ldc, o.c, o.ldc, mask.y, mask.ld, m, 1);
}

static void mul_packed(float *c, idx ldc, const float *a, idx lda, const float *b, idx m, idx n, idx k, int accumulate, const float *bias, int relu, const float *mask, idx ldm) {
	idx p = 0;
	do {
		idx kc = least(KC, k - p);
		int last = p + kc == k;
		for (idx i = 0; i < m; i += MC) {
			struct out o = {c + i * ldc, ldc, accumulate || p > 0, last ? bias : NULL, last && relu};
			struct mask y = {last && mask ? mask + i * ldm : NULL, ldm};
			if (n == 1)
				column(a + i * lda + p, lda, b + p * PANEL, least(MC, m - i), kc, o, y);
			else
				slab(a + i * lda + p, lda, 1, b + p * PANEL, PANEL, k * PANEL, least(MC, m - i), n, kc, o, y);
		}
		p += kc;
	} while (p < k);
}

// rows_pack packs h ≤ MR rows of A, [k, h]. Where more columns follow it copies a whole vector for h numbers: what is
// too much is read from the next column and overwritten by it.
static void rows_pack(float *y, const float *a, idx rs, idx cs, idx h, idx k) {
	idx p = 0;
	if (rs == 1)
		for (; p < k && (k - 1 - p) * cs >= W; p++) AT(y + p * h) = IN(a + p * cs);
	for (; p < k; p++)
		for (idx i = 0; i < h; i++) y[p * h + i] = a[i * rs + p * cs];
}

static idx mul_scratch(idx m, idx n, idx k) { return least(k, KC) * (padded(n) + least(m, MC)) + W; }

// mul packs what is read more often than packing costs. A partial panel is packed in any case, and so what does not lie in rows.
static void mul(float *c, idx ldc, const float *a, idx rsa, idx csa, const float *b, idx rsb, idx csb, idx m, idx n, idx k, int accumulate, float *scratch) {
	idx p = 0, whole = csb == 1 && m <= FEW_ROWS ? n / PANEL * PANEL : 0; // columns read where they are
	int packed = csa == 0 || (csa != 1 && n > FEW_COLUMNS);
	do {
		idx kc = least(KC, k - p);
		float *pa = scratch + kc * padded(n);
		pack(scratch, b + p * rsb + whole * csb, rsb, csb, kc, 0, kc, 0, n - whole);
		for (idx i = 0; i < m; i += MC) {
			const float *ai = a + i * rsa + p * csa;
			idx mc = least(MC, m - i), rs = packed ? kc : rsa, cs = packed ? 0 : csa;
			for (idx j = 0, r; packed && j < mc; j += r) {
				r = height(mc - j);
				rows_pack(pa + j * kc, ai + j * rsa, rsa, csa, r, kc);
			}
			struct out o = {c + i * ldc, ldc, accumulate || p > 0, NULL, 0};
			slab(packed ? pa : ai, rs, cs, b + p * rsb, rsb, PANEL, mc, whole, kc, o, (struct mask){NULL});
			o.c += whole;
			slab(packed ? pa : ai, rs, cs, scratch, PANEL, kc * PANEL, mc, n - whole, kc, o, (struct mask){NULL});
		}
		p += kc;
	} while (p < k);
}
