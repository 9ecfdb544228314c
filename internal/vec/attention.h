// Self-attention, one head of one example at a time. Matrices of logits and probabilities are held as [key, query], the
// queries in whole lots of eight: a softmax runs down the columns, and neither a maximum nor a sum goes across a vector.

INLINE idx eights(idx n) { return (n + 7) / 8 * 8; }

// struct head is one head of one example: f rows of d numbers, and scratch.
struct head {
	idx f, d, lanes;
	float *p, *dp; // [f, lanes]
	float *panels; // of one of the matrices that are multiplied with
};

// rows packs x [f, d] for below.
INLINE const float *rows(struct head h, const float *x, idx ldx) {
	pack(h.panels, x, ldx, 1, h.f, 0, h.f, 0, h.d);
	return h.panels;
}

// across sets s [f, lanes] to x·yᵀ: row j holds x_j times all rows of y.
INLINE void across(struct head h, float *s, const float *x, idx ldx, const float *y, idx ldy) {
	pack(h.panels, y, 1, ldy, h.d, 0, h.d, 0, h.f);
	slab(x, ldx, 1, h.panels, PANEL, h.d * PANEL, h.f, h.lanes, h.d, (struct out){.c = s, .ldc = h.lanes});
}

// below sets o to A·x for packed rows x: with of 1, A is pᵀ, a row a query; with of lanes it is p, a row a key.
INLINE void below(struct head h, struct out o, const float *p, idx of, const float *x) {
	slab(p, of, of == 1 ? h.lanes : 1, x, PANEL, h.f * PANEL, h.f, h.d, h.f, o);
}

// softmax turns the logits in p, a > 0 times them, into probabilities. What is rounded off the greatest is the same for a whole
// column, and the division takes it out.
static void softmax(struct head h, float a) {
	for (idx i = 0; i < h.lanes; i += W) {
		float *p = h.p + i;
		V most = IN(p), sum = {0};
		for (idx j = 1; j < h.f; j++) most = MAX(most, IN(p + j * h.lanes));
		most *= a;
		for (idx j = 0; j < h.f; j++) sum += AT(p + j * h.lanes) = power(MAX(splat(-87), a * IN(p + j * h.lanes) - most));
		V share = 1 / sum;
		for (idx j = 0; j < h.f; j++) AT(p + j * h.lanes) *= share;
	}
}

// softmax_grad turns the gradient of the probabilities in dp into that of the products.
static void softmax_grad(struct head h, float a) {
	for (idx i = 0; i < h.lanes; i += W) {
		float *p = h.p + i, *dp = h.dp + i;
		V mean = {0};
		for (idx j = 0; j < h.f; j++) mean += IN(p + j * h.lanes) * IN(dp + j * h.lanes);
		for (idx j = 0; j < h.f; j++) AT(dp + j * h.lanes) = a * IN(p + j * h.lanes) * (IN(dp + j * h.lanes) - mean);
	}
}

INLINE struct head head_in(float *scratch, idx f, idx d) {
	idx square = f * eights(f);
	return (struct head){f, d, eights(f), scratch, scratch + square, scratch + 2 * square};
}

static void attention(float *y, idx ldy, const float *q, const float *k, const float *v, idx ld, idx n, idx f, idx heads, idx d, float a, float *scratch) {
	struct head h = head_in(scratch, f, d);
	for (idx e = 0; e < n; e++)
		for (idx c = 0; c < heads * d; c += d) {
			idx at = e * f * ld + c;
			across(h, h.p, k + at, ld, q + at, ld);
			softmax(h, a);
			below(h, (struct out){.c = y + e * f * ldy + c, .ldc = ldy, .add = 1, .relu = 1}, h.p, 1, rows(h, v + at, ld));
		}
}

static void attention_grad(float *dq, float *dk, float *dv, const float *dy, idx ldd, const float *q, const float *k, const float *v, idx ld, idx n, idx f, idx heads, idx d, float a, float *scratch) {
	struct head h = head_in(scratch, f, d);
	for (idx e = 0; e < n; e++)
		for (idx c = 0; c < heads * d; c += d) {
			idx at = e * f * ld + c, to = e * f * ldd + c;
			across(h, h.p, k + at, ld, q + at, ld);
			softmax(h, a);
			across(h, h.dp, v + at, ld, dy + to, ldd);
			softmax_grad(h, a);
			below(h, (struct out){.c = dv + to, .ldc = ldd}, h.p, h.lanes, rows(h, dy + to, ldd));
			below(h, (struct out){.c = dk + to, .ldc = ldd}, h.dp, h.lanes, rows(h, q + at, ld));
			below(h, (struct out){.c = dq + to, .ldc = ldd}, h.dp, 1, rows(h, k + at, ld));
		}
}
