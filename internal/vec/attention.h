// Self-attention, one head of one example at a time. Matrices of logits and probabilities are held as [key, query], the
// queries in whole lots of eight: a softmax runs down the columns, and neither a maximum nor a sum goes across a vector.

INLINE idx eights(idx n) { return (n + 7) / 8 * 8; }

// struct head is one head of one example: f rows of d numbers, and scratch.
struct head {
	idx f, d, lanes;
	float *p, *dp;       // [f, lanes]
	float *flipped;       // [d, lanes], a matrix transposed
	float *mean;         // [lanes], of dp
	float *panels;       // of one that is multiplied with
	float *most, *share; // [lanes], what the softmax of a query took off and multiplied with
};

// flip transposes x, with zeros beyond its rows.
static void flip(struct head h, const float *x, idx ldx) {
	for (idx i = 0; i < h.lanes; i += 4) {
		const float *r = x + least(i, h.f) * ldx;
		float *y = h.flipped + i;
		idx w = h.f - i, p = 0;
		for (; p + 4 <= h.d; p += 4, y += 4 * h.lanes) transpose4(y, h.lanes, r + p, ldx, w);
		for (; p < h.d; p++, y += h.lanes)
			for (idx j = 0; j < 4; j++) y[j] = j < w ? r[j * ldx + p] : 0;
	}
}

// block sets R rows of s, C vectors of each, to x times what is flipped.
INLINE void block(const int R, const int C, struct head h, float *s, const float *x, idx ldx, idx i) {
	V t[MR][WIDE];
	sums(R, C, t, x, ldx, 1, h.flipped + i, h.lanes, PANEL, h.d);
	for (int r = 0; r < R; r++)
		for (int v = 0; v < C; v++) AT(s + r * h.lanes + i + v * W) = t[r][v];
}

// across sets s [f, lanes] to x·yᵀ: row j holds x_j times all rows of y. Blocks of TALL by 3 vectors fill the registers.
enum { TALL = W == 4 ? 3 : 4 };

static void across(struct head h, float *s, const float *x, idx ldx, const float *y, idx ldy) {
	flip(h, y, ldy);
#define BLOCKS(R, C) for (; i + C * W <= h.lanes; i += C * W) block(R, C, h, s + j * h.lanes, x + j * ldx, ldx, i);
#define ROWS(R) for (; j + R <= h.f; j += R) { idx i = 0; BLOCKS(R, 3) BLOCKS(R, 2) BLOCKS(R, 1) }
	idx j = 0;
	ROWS(TALL) ROWS(3) ROWS(1)
#undef ROWS
#undef BLOCKS
}

// below sets o to A·x: with of 1, A is pᵀ, a row a query; with of lanes it is p, a row a key. Rows of whole panels are read
// where they are.
static void below(struct head h, struct out o, const float *p, idx of, const float *x, idx ldx) {
	int whole = h.d % PANEL == 0;
	if (!whole) pack(h.panels, x, ldx, 1, h.f, 0, h.f, 0, h.d);
	slab(p, of, of == 1 ? h.lanes : 1, whole ? x : h.panels, whole ? ldx : PANEL, whole ? PANEL : h.f * PANEL, h.f, h.d, h.f, o, (struct mask){NULL});
}

// shares is R rows of e^(a·s − most), at most four. A query's greatest logit gives 1; what is below the least positive number
// is as good as 0.
INLINE void shares(const int R, V *t, struct head h, const float *s, float a, V most) {
	for (int r = 0; r < R; r++) t[r] = MAX(splat(-87), a * IN(s + r * h.lanes) - most); // a NaN stays: of the two, it is the second
	powers(R, t);
}

// softmax turns the logits in p, a > 0 times them, into probabilities. What is rounded off the greatest is the same for a whole
// column, and the division takes it out. A column's steps wait for each other, so each is done to all columns.
static void softmax(struct head h, float a) {
	for (idx i = 0; i < h.lanes; i += W) {
		V most = IN(h.p + i);
		for (idx j = 1; j < h.f; j++) most = MAX(most, IN(h.p + j * h.lanes + i));
		AT(h.most + i) = most * a;
	}
	for (idx i = 0; i < h.lanes; i += W) {
		V sum = {0};
#define SUM(R) for (; j + R <= h.f; j += R) { \
			float *p = h.p + j * h.lanes + i; \
			V t[R]; \
			shares(R, t, h, p, a, IN(h.most + i)); \
			for (int r = 0; r < R; r++) sum += AT(p + r * h.lanes) = t[r]; \
		}
		idx j = 0;
		SUM(4) SUM(1)
#undef SUM
		AT(h.share + i) = 1 / sum;
	}
	for (idx j = 0; j < h.f; j++)
		for (idx i = 0; i < h.lanes; i += W) AT(h.p + j * h.lanes + i) *= IN(h.share + i);
}

// softmax_grad turns the logits in p into the same probabilities, and their gradient in dp into that of the logits.
static void softmax_grad(struct head h, float a) {
	for (idx i = 0; i < h.lanes; i += W) {
		V mean = {0};
#define MEAN(R) for (; j + R <= h.f; j += R) { \
			float *p = h.p + j * h.lanes + i, *dp = h.dp + j * h.lanes + i; \
			V t[R]; \
			shares(R, t, h, p, a, IN(h.most + i)); \
			for (int r = 0; r < R; r++) mean += (AT(p + r * h.lanes) = IN(h.share + i) * t[r]) * IN(dp + r * h.lanes); \
		}
		idx j = 0;
		MEAN(4) MEAN(1)
#undef MEAN
		AT(h.mean + i) = mean;
	}
	for (idx j = 0; j < h.f; j++)
		for (idx i = 0; i < h.lanes; i += W) {
			float *p = h.p + j * h.lanes + i, *dp = h.dp + j * h.lanes + i;
			AT(dp) = a * IN(p) * (IN(dp) - IN(h.mean + i));
		}
}

INLINE struct head head_in(float *scratch, idx f, idx d) {
	idx lanes = eights(f), square = f * lanes;
	float *dp = scratch + square, *flipped = dp + square, *mean = flipped + d * lanes;
	return (struct head){.f = f, .d = d, .lanes = lanes, .p = scratch, .dp = dp, .flipped = flipped, .mean = mean, .panels = mean + lanes};
}

static void attention(float *y, idx ldy, float *keep, const float *q, const float *k, const float *v, idx ld, idx n, idx f, idx heads, idx d, float a, float *scratch) {
	struct head h = head_in(scratch, f, d);
	for (idx e = 0; e < n; e++)
		for (idx c = 0; c < heads * d; c += d, keep += 2 * h.lanes) {
			idx at = e * f * ld + c;
			h.most = keep;
			h.share = keep + h.lanes;
			across(h, h.p, k + at, ld, q + at, ld);
			softmax(h, a);
			below(h, (struct out){.c = y + e * f * ldy + c, .ldc = ldy, .add = 1, .relu = 1}, h.p, 1, v + at, ld);
		}
}

static void attention_grad(float *dq, float *dk, float *dv, const float *dy, idx ldd, const float *keep, const float *q, const float *k, const float *v, idx ld, idx n, idx f, idx heads, idx d, float a, float *scratch) {
	struct head h = head_in(scratch, f, d);
	for (idx e = 0; e < n; e++)
		for (idx c = 0; c < heads * d; c += d, keep += 2 * h.lanes) {
			idx at = e * f * ld + c, to = e * f * ldd + c;
			h.most = (float *)keep;
			h.share = (float *)keep + h.lanes;
			across(h, h.p, k + at, ld, q + at, ld);
			across(h, h.dp, v + at, ld, dy + to, ldd);
			softmax_grad(h, a);
			below(h, (struct out){.c = dv + to, .ldc = ldd}, h.p, h.lanes, dy + to, ldd);
			below(h, (struct out){.c = dk + to, .ldc = ldd}, h.dp, h.lanes, q + at, ld);
			below(h, (struct out){.c = dq + to, .ldc = ldd}, h.dp, 1, k + at, ld);
		}
}
