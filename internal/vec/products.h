// Products of rows: n rows of c numbers each, at distances of their own. What pair operators are made of.

INLINE float row_dot(const float *a, const float *b, idx c) {
	V t = {0};
	idx j = 0;
	for (; j + W <= c; j += W) t += IN(a + j) * IN(b + j);
	float s = total(t);
	for (; j < c; j++) s += a[j] * b[j];
	return s;
}

static void dot_rows(float *y, idx ldy, const float *a, idx lda, const float *b, idx ldb, idx n, idx c) {
	for (idx i = 0; i < n; i++) y[i * ldy] = row_dot(a + i * lda, b + i * ldb, c);
}

static void axpy_rows(float *y, idx ldy, const float *s, idx lds, const float *x, idx ldx, idx n, idx c) {
	for (idx i = 0; i < n; i++) row_axpy(y + i * ldy, s[i * lds], x + i * ldx, c);
}

static void mul_rows(float *y, idx ldy, const float *a, idx lda, const float *b, idx ldb, idx n, idx c) {
	for (idx i = 0; i < n; i++, y += ldy, a += lda, b += ldb) {
		idx j = 0;
		for (; j + W <= c; j += W) AT(y + j) = IN(a + j) * IN(b + j);
		for (; j < c; j++) y[j] = a[j] * b[j];
	}
}

static void mul_add_rows(float *y, idx ldy, const float *a, idx lda, const float *b, idx ldb, idx n, idx c) {
	for (idx i = 0; i < n; i++, y += ldy, a += lda, b += ldb) {
		idx j = 0;
		for (; j + W <= c; j += W) AT(y + j) += IN(a + j) * IN(b + j);
		for (; j < c; j++) y[j] += a[j] * b[j];
	}
}

static void softmax_rows(float *y, idx ldy, idx n, idx c) {
	for (idx i = 0; i < n; i++, y += ldy) {
		float most = y[0], sum = 0;
		for (idx j = 1; j < c; j++) most = y[j] > most ? y[j] : most;
		idx j = 0;
		V all = {0}, low = splat(-87);
		for (; j + W <= c; j += W) all += AT(y + j) = power(MAX(low, IN(y + j) - most));
		for (; j < c; j++) sum += y[j] = power(MAX(low, splat(y[j] - most)))[0];
		float scale = 1 / (sum + total(all));
		for (j = 0; j < c; j++) y[j] *= scale;
	}
}

static void bi(float *y, idx ldy, float *sum, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++, x += f * d, sum += d, y += ldy) {
		idx j = 0;
		for (; j + W <= d; j += W) {
			V s = {0}, q = {0};
			for (idx i = 0; i < f; i++) {
				V a = IN(x + i * d + j);
				s += a;
				q += a * a;
			}
			AT(sum + j) = s;
			AT(y + j) = 0.5f * (s * s - q);
		}
		for (; j < d; j++) {
			float s = 0, q = 0;
			for (idx i = 0; i < f; i++) {
				float a = x[i * d + j];
				s += a;
				q += a * a;
			}
			sum[j] = s;
			y[j] = 0.5f * (s * s - q);
		}
	}
}

static void bi_grad(float *dx, const float *dy, idx ldy, const float *sum, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++, sum += d, dy += ldy)
		for (idx i = 0; i < f; i++, x += d, dx += d) {
			idx j = 0;
			for (; j + W <= d; j += W) AT(dx + j) += IN(dy + j) * (IN(sum + j) - IN(x + j));
			for (; j < d; j++) dx[j] += dy[j] * (sum[j] - x[j]);
		}
}

static void field_aware(float *y, idx ldy, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++, x += f * f * d) {
		V t = {0};
		float rest = 0;
		for (idx i = 0; i < f; i++)
			for (idx j = i + 1; j < f; j++) {
				const float *a = x + (i * f + j) * d, *b = x + (j * f + i) * d;
				idx k = 0;
				for (; k + W <= d; k += W) t += IN(a + k) * IN(b + k);
				for (; k < d; k++) rest += a[k] * b[k];
			}
		y[e * ldy] = total(t) + rest;
	}
}

static void field_aware_grad(float *dx, const float *dy, idx ldy, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++, x += f * f * d, dx += f * f * d)
		for (idx i = 0; i < f; i++)
			for (idx j = 0; j < f; j++)
				if (i != j) row_axpy(dx + (i * f + j) * d, dy[e * ldy], x + (j * f + i) * d, d);
}
