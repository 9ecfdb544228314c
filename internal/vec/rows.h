// Rows of a table lie anywhere in memory: each loop asks for the row AHEAD ids further on, as far as the second cache,
// which takes more at a time than the first.

enum { AHEAD = 64 };

INLINE void fetch(const float *row, idx d) {
	for (idx j = 0; j < d; j += 16) __builtin_prefetch(row + j, 0, 2);
}

INLINE void fetch_rows(const float *table, idx d, const int32_t *ids, idx i, idx n) {
	if (i + AHEAD < n) fetch(table + ids[i + AHEAD] * d, d);
}

// fetch_first is for before the loop.
INLINE void fetch_first(const float *table, idx d, const int32_t *ids, idx n) {
	for (idx i = 0; i < n && i < AHEAD; i++) fetch(table + ids[i] * d, d);
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

// STRIP is how many numbers of tables of width 1 are treated as one long row.
enum { STRIP = 128 };

INLINE void collect(float *x, const float *table, const int32_t *ids, idx n) {
	for (idx i = 0; i < n; i++) x[i] = table[ids[i]];
}

INLINE void fetch_strip(const float *table, const int32_t *ids, idx n) {
	for (idx i = 0; i < n; i++) __builtin_prefetch(table + ids[i], 0, 2);
}

INLINE void disperse(float *table, const int32_t *ids, const float *x, idx n) {
	for (idx i = 0; i < n; i++) table[ids[i]] = x[i];
}

INLINE void gather_rows(float *dst, idx ldd, const float *table, const idx d, const int32_t *ids, idx n, const int add) {
	fetch_first(table, d, ids, n);
	for (idx i = 0; i < n; i++) {
		fetch_rows(table, d, ids, i, n);
		if (add) row_add(dst + i * ldd, table + ids[i] * d, d);
		else row_copy(dst + i * ldd, table + ids[i] * d, d);
	}
}

static int gather(float *dst, idx ldd, const float *table, idx rows, idx d, const int32_t *ids, idx n, int add) {
	if (!within(ids, n, rows)) return 0;
	if (d == 1)
		for (idx i = 0; i < n; i++) {
			fetch_rows(table, 1, ids, i, n);
			dst[i * ldd] = table[ids[i]] + (add ? dst[i * ldd] : 0);
		}
	else if (add)
		gather_rows(dst, ldd, table, d, ids, n, 1);
	else
		gather_rows(dst, ldd, table, d, ids, n, 0);
	return 1;
}

// bag_columns sums C vectors of columns from j over a bag's rows, asking for later bags' rows on the way.
INLINE void bag_columns(const int C, float *y, const float *table, idx d, const int32_t *ids, idx n, idx left, idx j, float a, int add) {
	V s[8] = {{0}};
	for (idx i = 0; i < n; i++) {
		if (j == 0) fetch_rows(table, d, ids, i, left);
		for (int v = 0; v < C; v++) s[v] += IN(table + ids[i] * d + j + v * W);
	}
	for (int v = 0; v < C; v++) AT(y + j + v * W) = a * s[v] + (add ? IN(y + j + v * W) : (V){0});
}

static int gather_bags(float *dst, idx ldd, const float *table, idx rows, idx d, const int32_t *ids, const int32_t *offsets, idx n, int mean, int add) {
	if (!within(ids + offsets[0], offsets[n] - offsets[0], rows)) return 0;
	for (idx e = 0; e < n; e++) {
		const int32_t *bag = ids + offsets[e];
		idx size = offsets[e + 1] - offsets[e], left = offsets[n] - offsets[e], j = 0;
		float *y = dst + e * ldd, a = mean && size > 1 ? 1.0f / (float)size : 1;
		for (; j + 8 * W <= d; j += 8 * W) bag_columns(8, y, table, d, bag, size, left, j, a, add);
		for (; j + 2 * W <= d; j += 2 * W) bag_columns(2, y, table, d, bag, size, left, j, a, add);
		for (; j + W <= d; j += W) bag_columns(1, y, table, d, bag, size, left, j, a, add);
		for (; j < d; j++) {
			float s = 0;
			for (idx i = 0; i < size; i++) {
				if (j == 0) fetch_rows(table, d, bag, i, left);
				s += table[bag[i] * d + j];
			}
			y[j] = a * s + (add ? y[j] : 0);
		}
	}
	return 1;
}

// by_row probes an index of 1 << bits places in rows, −1 for none; where a table has no more rows than the index has
// places, an id is its own. That an id is known or new is hard to foretell, and so no branch asks.
static idx by_row(int32_t *rows, int32_t *starts, int32_t *uses, int32_t *slots, int32_t *index, int bits, idx most, const int32_t *ids, const int32_t *offsets, idx n) {
	uint32_t mask = (1u << bits) - 1, factor = most <= (idx)mask + 1 ? 1 : 2654435769u;
	int shift = factor == 1 ? 0 : 32 - bits;
	idx from = offsets ? offsets[0] : 0, lookups = offsets ? offsets[n] - from : n, m = 0;
	ids += from;
	if (!within(ids, lookups, most)) return -1;
	for (idx i = 0; i <= (idx)mask; i++) index[i] = -1;
	for (idx i = 0; i < lookups + 2; i++) starts[i] = 0;
	for (idx i = 0; i < lookups; i++) {
		uint32_t at = (uint32_t)ids[i] * factor >> shift;
		while (index[at] >= 0 && rows[index[at]] != ids[i]) at = (at + 1) & mask;
		idx fresh = index[at] < 0, row = fresh ? m : index[at];
		index[at] = row;
		rows[row] = ids[i];
		slots[i] = row;
		starts[row + 2]++;
		m += fresh;
	}
	for (idx i = 1; i < m + 2; i++) starts[i] += starts[i - 1];
	for (idx e = 0, i = 0; e < n; e++)
		for (idx end = offsets ? offsets[e + 1] - from : e + 1; i < end; i++) uses[starts[slots[i] + 1]++] = e;
	return m;
}

// share is what an example gives each row of its bag.
INLINE float share(const int32_t *offsets, idx e) {
	idx size = offsets ? offsets[e + 1] - offsets[e] : 1;
	return size > 1 ? 1.0f / (float)size : 1;
}

// ascend says whether starts, m + 1 of them, do, from 0 on.
INLINE int ascend(const int32_t *starts, idx m) {
	int ok = starts[0] >= 0;
	for (idx i = 0; i < m; i++) ok &= starts[i] <= starts[i + 1];
	return ok;
}

static int sum_rows(float *g, idx d, const int32_t *starts, idx m, const int32_t *uses, const float *src, idx lds, idx n, const int32_t *offsets) {
	idx first = starts[0], last = starts[m];
	if (!ascend(starts, m) || !within(uses + first, last - first, n)) return 0;
	if (d == 1 && !offsets) {
		for (idx i = 0; i < m; i++) {
			float s = 0;
			for (idx t = starts[i]; t < starts[i + 1]; t++) s += src[uses[t] * lds];
			g[i] = s;
		}
		return 1;
	}
	for (idx i = 0; i < m; i++, g += d) {
		for (idx j = 0; j < d; j++) g[j] = 0;
		for (idx t = starts[i]; t < starts[i + 1]; t++) {
			if (t + AHEAD < last) fetch(src + uses[t + AHEAD] * lds, d);
			row_axpy(g, share(offsets, uses[t]), src + uses[t] * lds, d);
		}
	}
	return 1;
}
