// fm_columns is FM on C vectors of columns of one example: Σ_d (sum² − Σ_f x²), still to be halved.
INLINE V fm_columns(const int C, float *sum, const float *x, idx f, idx d) {
	V s[4], q[4], t = {0};
	for (int v = 0; v < C; v++) s[v] = q[v] = (V){0};
	for (idx i = 0; i < f; i++)
		for (int v = 0; v < C; v++) {
			V a = IN(x + i * d + v * W);
			s[v] += a;
			q[v] += a * a;
		}
	for (int v = 0; v < C; v++) {
		AT(sum + v * W) = s[v];
		t += s[v] * s[v] - q[v];
	}
	return t;
}

static void fm(float *y, idx ldy, float *sum, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++, x += f * d, sum += d) {
		V t = {0};
		idx j = 0;
		for (; j + 4 * W <= d; j += 4 * W) t += fm_columns(4, sum + j, x + j, f, d);
		for (; j + 2 * W <= d; j += 2 * W) t += fm_columns(2, sum + j, x + j, f, d);
		for (; j + W <= d; j += W) t += fm_columns(1, sum + j, x + j, f, d);
		float rest = 0;
		for (; j < d; j++) {
			float s = 0, q = 0;
			for (idx i = 0; i < f; i++) {
				float a = x[i * d + j];
				s += a;
				q += a * a;
			}
			sum[j] = s;
			rest += s * s - q;
		}
		y[e * ldy] = 0.5f * (total(t) + rest);
	}
}

static void fm_grad(float *dx, const float *dy, idx ldy, const float *sum, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++, sum += d)
		for (idx i = 0; i < f; i++, x += d, dx += d) {
			float g = dy[e * ldy];
			idx j = 0;
			for (; j + W <= d; j += W) AT(dx + j) += g * (IN(sum + j) - IN(x + j));
			for (; j < d; j++) dx[j] += g * (sum[j] - x[j]);
		}
}

// first is where row i of the triangle starts.
INLINE idx first(idx i, int self) { return self ? i * (i + 1) / 2 : i * (i - 1) / 2; }

// triangle_row copies, or adds, the first w ≤ PANEL numbers of a product's row; PANEL of them where end allows.
INLINE void triangle_row(float *y, const float *end, const float *row, idx w, int add) {
	if (!add && y + PANEL <= end)
		for (int v = 0; v < PANEL; v += W) AT(y + v) = IN(row + v);
	else
		for (idx t = 0; t < w && t < PANEL; t++) y[t] = row[t] + (add ? y[t] : 0);
}

// dot_pairs multiplies an example's fields [f, d] by their transpose, packed a panel of fields at a time; tiles above the
// diagonal are left out. Panels run backwards: a row copied whole spills over its end only into what is still to come.
static void dot_pairs(float *y, idx ldy, const float *x, idx n, idx f, idx d, int self) {
	float panel[PANEL * KC], out[MR * PANEL];
	for (idx e = 0; e < n; e++, x += f * d, y += ldy) {
		const float *end = y + first(f, self);
		idx p = 0;
		do {
			idx k = least(KC, d - p);
			for (idx j = padded(f) - PANEL; j >= 0; j -= PANEL) {
				panel_pack(panel, x + j * d + p, 1, d, k, least(PANEL, f - j));
				for (idx i = j, r; i < f; i += r) {
					r = height(f - i);
					strips(r, x + i * d + p, d, 1, panel, PANEL, 0, PANEL, k, (struct out){.c = out, .ldc = PANEL});
					for (idx q = 0; q < r; q++)
						triangle_row(y + first(i + q, self) + j, end, out + q * PANEL, i + q + !!self - j, p > 0);
				}
			}
			p += k;
		} while (p < d);
	}
}

// symmetric_row is row i of the symmetric matrix of a triangle's numbers, columns j0 to j1.
INLINE void symmetric_row(float *row, const float *dy, idx i, idx j0, idx j1, int self) {
	idx j = j0, below = least(i, j1);
	const float *left = dy + first(i, self);
	for (; j < below; j++) *row++ = left[j];
	if (j == i && j < j1) {
		*row++ = self ? 2 * left[i] : 0;
		j++;
	}
	for (const float *down = dy + first(j, self) + i; j < j1; down += j + !!self, j++) *row++ = *down;
}

// dot_pairs_grad multiplies the symmetric [f, f] matrix of dy by x, a few of its rows at a time.
static void dot_pairs_grad(float *dx, const float *dy, idx ldy, const float *x, idx n, idx f, idx d, int self) {
	float g[MR * KC], panel[PANEL * KC];
	for (idx e = 0; e < n; e++, x += f * d, dx += f * d, dy += ldy)
		for (idx p = 0, k; p < f; p += k) {
			k = least(KC, f - p);
			for (idx j = 0; j < d; j += PANEL) {
				idx w = least(PANEL, d - j), ldb = d;
				const float *b = x + p * d + j;
				if (w < PANEL) {
					panel_pack(panel, b, d, 1, k, w);
					b = panel;
					ldb = PANEL;
				}
				for (idx i = 0, r; i < f; i += r) {
					r = height(f - i);
					for (idx q = 0; q < r; q++) symmetric_row(g + q * KC, dy, i + q, p, p + k, self);
					strips(r, g, KC, 1, b, ldb, 0, w, k, (struct out){.c = dx + i * d + j, .ldc = d, .add = 1});
				}
			}
		}
}

static void hadamard_pairs(float *y, idx ldy, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++, x += f * d, y += ldy) {
		float *out = y;
		for (idx i = 0; i < f; i++)
			for (idx j = i + 1; j < f; j++, out += d) {
				idx t = 0;
				for (; t + W <= d; t += W) AT(out + t) = IN(x + i * d + t) * IN(x + j * d + t);
				for (; t < d; t++) out[t] = x[i * d + t] * x[j * d + t];
			}
	}
}

static void hadamard_pairs_grad(float *dx, const float *dy, idx ldy, const float *x, idx n, idx f, idx d) {
	for (idx e = 0; e < n; e++, x += f * d, dx += f * d, dy += ldy) {
		const float *g = dy;
		for (idx i = 0; i < f; i++)
			for (idx j = i + 1; j < f; j++, g += d) {
				idx t = 0, a = i * d, b = j * d;
				for (; t + W <= d; t += W) {
					AT(dx + a + t) += IN(g + t) * IN(x + b + t);
					AT(dx + b + t) += IN(g + t) * IN(x + a + t);
				}
				for (; t < d; t++) {
					dx[a + t] += g[t] * x[b + t];
					dx[b + t] += g[t] * x[a + t];
				}
			}
	}
}

static void cross_vector(float *y, float *s, const float *x0, const float *xl, const float *w, const float *b, idx n, idx c) {
	for (idx e = 0; e < n; e++, y += c, x0 += c, xl += c) {
		float t = s[e] = dot(xl, w, c);
		idx j = 0;
		for (; j + W <= c; j += W) AT(y + j) = IN(x0 + j) * t + IN(b + j) + IN(xl + j);
		for (; j < c; j++) y[j] = x0[j] * t + b[j] + xl[j];
	}
}

static void cross_vector_grad(float *dx0, float *dxl, float *dw, float *db, const float *dy, const float *s, const float *x0, const float *xl, const float *w, idx n, idx c) {
	for (idx e = 0; e < n; e++, dx0 += c, dxl += c, dy += c, x0 += c, xl += c) {
		float t = dot(dy, x0, c);
		idx j = 0;
		for (; j + W <= c; j += W) {
			V g = IN(dy + j);
			AT(dx0 + j) += g * s[e];
			AT(dw + j) += IN(xl + j) * t;
			AT(db + j) += g;
			AT(dxl + j) = g + IN(w + j) * t;
		}
		for (; j < c; j++) {
			float g = dy[j];
			dx0[j] += g * s[e];
			dw[j] += xl[j] * t;
			db[j] += g;
			dxl[j] = g + w[j] * t;
		}
	}
}
