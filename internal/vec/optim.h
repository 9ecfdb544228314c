// An optimiser's step is written once, over a row; a dense parameter is one long row.

INLINE void row_adagrad(float *w, float *s, const float *g, idx d, float lr, float eps) {
	idx j = 0;
	for (; j + W <= d; j += W) {
		V x = IN(g + j), t = IN(s + j) + x * x;
		AT(s + j) = t;
		AT(w + j) -= lr * x / (SQRT(t) + eps);
	}
	for (; j < d; j++) {
		V x = splat(g[j]), t = splat(s[j]) + x * x;
		s[j] = t[0];
		w[j] -= (lr * x / (SQRT(t) + eps))[0];
	}
}

static void adagrad(float *w, float *s, const float *g, idx n, float lr, float eps) { row_adagrad(w, s, g, n, lr, eps); }

// o is lr, b1, b2, eps, c1, c2.
INLINE V adam_step(V *m, V *v, V g, const float *o) {
	*m = o[1] * *m + (1 - o[1]) * g;
	*v = o[2] * *v + (1 - o[2]) * g * g;
	return o[0] * (*m / o[4]) / (SQRT(*v / o[5]) + o[3]);
}

INLINE void row_adam(float *w, float *m, float *v, const float *g, idx d, const float *o) {
	idx j = 0;
	for (; j + W <= d; j += W) {
		V mj = IN(m + j), vj = IN(v + j), step = adam_step(&mj, &vj, IN(g + j), o);
		AT(m + j) = mj;
		AT(v + j) = vj;
		AT(w + j) -= step;
	}
	for (; j < d; j++) {
		V mj = splat(m[j]), vj = splat(v[j]), step = adam_step(&mj, &vj, splat(g[j]), o);
		m[j] = mj[0];
		v[j] = vj[0];
		w[j] -= step[0];
	}
}

static void adam(float *w, float *m, float *v, const float *g, idx n, const float *o) { row_adam(w, m, v, g, n, o); }

static int sgd_rows(float *w, idx rows, idx d, const int32_t *ids, idx n, const float *g, float lr) {
	if (!within(ids, n, rows)) return 0;
	for (idx i = 0; i < n; i++) {
		fetch_rows(w, d, ids, i, n);
		row_axpy(w + ids[i] * d, -lr, g + i * d, d);
	}
	return 1;
}

static int adagrad_rows(float *w, float *s, idx rows, idx d, const int32_t *ids, idx n, const float *g, float lr, float eps) {
	if (!within(ids, n, rows)) return 0;
	if (d == 1) {
		float x[STRIP], y[STRIP];
		for (idx i = 0, k; i < n; i += k) {
			k = least(STRIP, n - i);
			fetch_strip(w, ids + i + k, least(STRIP, n - i - k));
			fetch_strip(s, ids + i + k, least(STRIP, n - i - k));
			collect(x, w, ids + i, k);
			collect(y, s, ids + i, k);
			row_adagrad(x, y, g + i, k, lr, eps);
			disperse(w, ids + i, x, k);
			disperse(s, ids + i, y, k);
		}
		return 1;
	}
	fetch_first(w, d, ids, n);
	fetch_first(s, d, ids, n);
	for (idx i = 0; i < n; i++) {
		fetch_rows(w, d, ids, i, n);
		fetch_rows(s, d, ids, i, n);
		row_adagrad(w + ids[i] * d, s + ids[i] * d, g + i * d, d, lr, eps);
	}
	return 1;
}

INLINE float row_squares(const float *x, idx d) {
	V s = {0};
	idx j = 0;
	for (; j + W <= d; j += W) s += IN(x + j) * IN(x + j);
	float t = total(s);
	for (; j < d; j++) t += x[j] * x[j];
	return t;
}

static int rowwise_adagrad_rows(float *w, float *s, idx rows, idx d, const int32_t *ids, idx n, const float *g, float lr, float eps) {
	if (!within(ids, n, rows)) return 0;
	for (idx i = 0; i < n; i++) {
		fetch_rows(w, d, ids, i, n);
		fetch_rows(s, 1, ids, i, n);
		float t = s[ids[i]] += row_squares(g + i * d, d) / (float)d;
		row_axpy(w + ids[i] * d, -lr / (SQRT(splat(t))[0] + eps), g + i * d, d);
	}
	return 1;
}

static int adam_rows(float *w, float *m, float *v, idx rows, idx d, const int32_t *ids, idx n, const float *g, const float *o) {
	if (!within(ids, n, rows)) return 0;
	if (d == 1) {
		float x[STRIP], y[STRIP], z[STRIP];
		for (idx i = 0, k; i < n; i += k) {
			k = least(STRIP, n - i);
			collect(x, w, ids + i, k);
			collect(y, m, ids + i, k);
			collect(z, v, ids + i, k);
			row_adam(x, y, z, g + i, k, o);
			disperse(w, ids + i, x, k);
			disperse(m, ids + i, y, k);
			disperse(v, ids + i, z, k);
		}
		return 1;
	}
	for (idx i = 0; i < n; i++) {
		fetch_rows(w, d, ids, i, n);
		fetch_rows(m, d, ids, i, n);
		fetch_rows(v, d, ids, i, n);
		idx at = ids[i] * d;
		row_adam(w + at, m + at, v + at, g + i * d, d, o);
	}
	return 1;
}
