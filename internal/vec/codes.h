// Rows of codes: see codes.go.

enum { HEAD = 8 };

INLINE void fetch_codes(const uint8_t *table, idx size, const int32_t *ids, idx i, idx n) {
	if (i + AHEAD < n)
		for (idx j = 0; j < size; j += 64) __builtin_prefetch(table + ids[i + AHEAD] * size + j, 0, 2);
}

// codes_put is codes_row for W codes.
INLINE void codes_put(float *y, float scale, float bias, __m128i codes, const int more) {
	V x = bias + scale * (V)WIDEN(codes);
	if (more) AT(y) += x;
	else AT(y) = x;
}

// codes_row is y = row, or with more y += row.
INLINE void codes_row(float *restrict y, const uint8_t *restrict row, idx d, const int bits, const int more) {
	float scale, bias;
	__builtin_memcpy(&scale, row, 4);
	__builtin_memcpy(&bias, row + 4, 4);
	row += HEAD;
	idx half = bits == 4 ? (d + 1) / 2 : d, j = 0;
	for (; j + W <= half; j += W) codes_put(y + j, scale, bias, bits == 4 ? _mm_and_si128(BYTES(row + j), _mm_set1_epi8(15)) : BYTES(row + j), more);
	for (; j < half; j++) y[j] = (more ? y[j] : 0) + (bias + scale * (float)(bits == 4 ? row[j] & 15 : row[j]));
	for (; j + W <= d; j += W) codes_put(y + j, scale, bias, _mm_and_si128(_mm_srli_epi16(BYTES(row + j - half), 4), _mm_set1_epi8(15)), more);
	for (; j < d; j++) y[j] = (more ? y[j] : 0) + (bias + scale * (float)(row[j - half] >> 4));
}

INLINE void codes_rows(float *dst, idx ldd, const uint8_t *table, idx size, idx d, const int bits, const int32_t *ids, const int32_t *offsets, idx n, int mean) {
	if (!offsets) {
		for (idx i = 0; i < n; i++) {
			fetch_codes(table, size, ids, i, n);
			codes_row(dst + i * ldd, table + ids[i] * size, d, bits, 0);
		}
		return;
	}
	for (idx e = 0; e < n; e++) {
		float *y = dst + e * ldd;
		for (idx j = 0; j < d; j++) y[j] = 0;
		for (idx i = offsets[e]; i < offsets[e + 1]; i++) {
			fetch_codes(table, size, ids, i, offsets[n]);
			codes_row(y, table + ids[i] * size, d, bits, 1);
		}
		idx bag = offsets[e + 1] - offsets[e];
		if (mean && bag > 1)
			for (idx j = 0; j < d; j++) y[j] *= 1.0f / (float)bag;
	}
}

static int gather_codes(float *dst, idx ldd, const uint8_t *table, idx bytes, idx d, int bits, const int32_t *ids, const int32_t *offsets, idx n, int mean) {
	idx size = HEAD + (bits == 4 ? (d + 1) / 2 : d), from = offsets ? offsets[0] : 0, to = offsets ? offsets[n] : n;
	if (!within(ids + from, to - from, bytes / size)) return 0;
	if (bits == 4) codes_rows(dst, ldd, table, size, d, 4, ids, offsets, n, mean);
	else codes_rows(dst, ldd, table, size, d, 8, ids, offsets, n, mean);
	return 1;
}
