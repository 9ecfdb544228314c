// Rows of a table lie anywhere in memory: each loop asks for the row AHEAD ids further on.

enum { AHEAD = 16 };

INLINE void fetch(const float *row, idx d) {
	for (idx j = 0; j < d; j += 16) __builtin_prefetch(row + j);
}

INLINE void fetch_rows(const float *table, idx d, const int32_t *ids, idx i, idx n) {
	if (i + AHEAD < n) fetch(table + ids[i + AHEAD] * d, d);
}

// within says whether all ids are in [0, rows).
INLINE int within(const int32_t *ids, idx n, idx rows) {
	uint32_t top = 0;
	for (idx i = 0; i < n; i++) {
		uint32_t id = (uint32_t)ids[i];
		top = id > top ? id : top;
	}
	return n == 0 || (idx)top < rows;
}

INLINE void row_copy(float *y, const float *x, idx d) {
	idx j = 0;
	for (; j + W <= d; j += W) AT(y + j) = IN(x + j);
	for (; j < d; j++) y[j] = x[j];
}

// row_axpy is y += a·x for a short row.
INLINE void row_axpy(float *y, float a, const float *x, idx d) {
	idx j = 0;
	for (; j + W <= d; j += W) AT(y + j) += a * IN(x + j);
	for (; j < d; j++) y[j] += a * x[j];
}

INLINE void row_add(float *y, const float *x, idx d) {
	idx j = 0;
	for (; j + W <= d; j += W) AT(y + j) += IN(x + j);
	for (; j < d; j++) y[j] += x[j];
}

static int gather(float *dst, idx ldd, const float *table, idx rows, idx d, const int32_t *ids, idx n) {
	if (!within(ids, n, rows)) return 0;
	for (idx i = 0; i < n; i++) {
		fetch_rows(table, d, ids, i, n);
		row_copy(dst + i * ldd, table + ids[i] * d, d);
	}
	return 1;
}

// bag_columns sums C vectors of columns from j over a bag's rows, asking for later bags' rows on the way.
INLINE void bag_columns(const int C, float *y, const float *table, idx d, const int32_t *ids, idx n, idx left, idx j, float a) {
	V s[8] = {{0}};
	for (idx i = 0; i < n; i++) {
		if (j == 0) fetch_rows(table, d, ids, i, left);
		for (int v = 0; v < C; v++) s[v] += IN(table + ids[i] * d + j + v * W);
	}
	for (int v = 0; v < C; v++) AT(y + j + v * W) = a * s[v];
}

static int gather_bags(float *dst, idx ldd, const float *table, idx rows, idx d, const int32_t *ids, const int32_t *offsets, idx n, int mean) {
	if (!within(ids + offsets[0], offsets[n] - offsets[0], rows)) return 0;
	for (idx e = 0; e < n; e++) {
		const int32_t *bag = ids + offsets[e];
		idx size = offsets[e + 1] - offsets[e], left = offsets[n] - offsets[e], j = 0;
		float *y = dst + e * ldd, a = mean && size > 1 ? 1.0f / (float)size : 1;
		for (; j + 8 * W <= d; j += 8 * W) bag_columns(8, y, table, d, bag, size, left, j, a);
		for (; j + 2 * W <= d; j += 2 * W) bag_columns(2, y, table, d, bag, size, left, j, a);
		for (; j + W <= d; j += W) bag_columns(1, y, table, d, bag, size, left, j, a);
		for (; j < d; j++) {
			float s = 0;
			for (idx i = 0; i < size; i++) {
				if (j == 0) fetch_rows(table, d, bag, i, left);
				s += table[bag[i] * d + j];
			}
			y[j] = a * s;
		}
	}
	return 1;
}

static int scatter_add(float *acc, idx rows, idx d, const int32_t *slots, idx n, const float *src, idx lds) {
	if (!within(slots, n, rows)) return 0;
	for (idx i = 0; i < n; i++) {
		fetch_rows(acc, d, slots, i, n);
		row_add(acc + slots[i] * d, src + i * lds, d);
	}
	return 1;
}

static int scatter_add_bags(float *acc, idx rows, idx d, const int32_t *slots, const int32_t *offsets, idx n, const float *src, idx lds, int mean) {
	if (!within(slots + offsets[0], offsets[n] - offsets[0], rows)) return 0;
	for (idx e = 0; e < n; e++) {
		idx size = offsets[e + 1] - offsets[e];
		float a = mean && size > 1 ? 1.0f / (float)size : 1;
		for (idx t = offsets[e]; t < offsets[e + 1]; t++) {
			fetch_rows(acc, d, slots, t, offsets[n]);
			row_axpy(acc + slots[t] * d, a, src + e * lds, d);
		}
	}
	return 1;
}
