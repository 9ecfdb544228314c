// Loops without a sum are left to the compiler's vectoriser.

static void axpy(float *y, float a, const float *x, idx n) {
	for (idx i = 0; i < n; i++) y[i] += a * x[i];
}

static float dot(const float *x, const float *y, idx n) {
	V s[4] = {{0}};
	idx i = 0;
	for (; i + 4 * W <= n; i += 4 * W)
		for (int v = 0; v < 4; v++) s[v] += IN(x + i + v * W) * IN(y + i + v * W);
	for (; i + W <= n; i += W) s[0] += IN(x + i) * IN(y + i);
	float t = total((s[0] + s[1]) + (s[2] + s[3]));
	for (; i < n; i++) t += x[i] * y[i];
	return t;
}

static float sum(const float *x, idx n) {
	V s[4] = {{0}};
	idx i = 0;
	for (; i + 4 * W <= n; i += 4 * W)
		for (int v = 0; v < 4; v++) s[v] += IN(x + i + v * W);
	for (; i + W <= n; i += W) s[0] += IN(x + i);
	float t = total((s[0] + s[1]) + (s[2] + s[3]));
	for (; i < n; i++) t += x[i];
	return t;
}

static double sum_squares(const float *x, idx n) {
	double s[16] = {0};
	idx i = 0;
	for (; i + 16 <= n; i += 16)
		for (int v = 0; v < 16; v++) s[v] += (double)x[i + v] * x[i + v];
	for (; i < n; i++) s[0] += (double)x[i] * x[i];
	for (int h = 8; h; h /= 2)
		for (int v = 0; v < h; v++) s[v] += s[v + h];
	return s[0];
}

static void scale(float *x, float a, idx n) {
	for (idx i = 0; i < n; i++) x[i] *= a;
}

static void add(float *y, const float *x, idx n) {
	for (idx i = 0; i < n; i++) y[i] += x[i];
}

static void mul2(float *y, const float *a, const float *b, idx n) {
	for (idx i = 0; i < n; i++) y[i] = a[i] * b[i];
}

static void mul_add(float *y, const float *a, const float *b, idx n) {
	for (idx i = 0; i < n; i++) y[i] += a[i] * b[i];
}

static void add_rows(float *dst, const float *x, idx ldx, idx n, idx c) {
	idx j = 0;
	for (; j + 4 * W <= c; j += 4 * W) {
		V s[4];
		for (int v = 0; v < 4; v++) s[v] = IN(dst + j + v * W);
		for (idx i = 0; i < n; i++)
			for (int v = 0; v < 4; v++) s[v] += IN(x + i * ldx + j + v * W);
		for (int v = 0; v < 4; v++) AT(dst + j + v * W) = s[v];
	}
	for (; j < c; j++)
		for (idx i = 0; i < n; i++) dst[j] += x[i * ldx + j];
}

static void relu(float *y, const float *x, idx n) {
	for (idx i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

static void relu_grad(float *dx, idx ldd, const float *dy, idx ldy, const float *y, idx ldyy, idx n, idx c) {
	for (idx i = 0; i < n; i++)
		for (idx j = 0; j < c; j++) {
			float g = dy[i * ldy + j];
			dx[i * ldd + j] = y[i * ldyy + j] > 0 ? g : 0;
		}
}

// powers turns each of n vectors t, |t| ≤ 87, into eᵗ = 2ᵏ·eʳ with |r| ≤ ½ ln 2, and eʳ by the polynomial of Cephes' expf. It
// takes them side by side: one alone is a chain of operations that wait for each other.
INLINE void powers(const int n, V *t) {
	V k[4], scale[4], r2[4], p[4];
#define SIDE_BY_SIDE _Pragma("GCC unroll 4") for (int i = 0; i < n; i++)
	SIDE_BY_SIDE k[i] = t[i] * 1.44269504f + 12583039.0f; // 1.5·2²³ + 127: the sum is rounded to a whole number, which its low bits hold
	SIDE_BY_SIDE scale[i] = (V)((I)k[i] << 23);
	SIDE_BY_SIDE k[i] -= 12583039.0f;
	SIDE_BY_SIDE t[i] -= k[i] * 0.693359375f;
	SIDE_BY_SIDE t[i] += k[i] * 2.12194440e-4f;
	SIDE_BY_SIDE p[i] = 1.9875691500e-4f * t[i] + 1.3981999507e-3f;
	SIDE_BY_SIDE r2[i] = t[i] * t[i];
	SIDE_BY_SIDE p[i] = p[i] * r2[i] + (8.3334519073e-3f * t[i] + 4.1665795894e-2f);
	SIDE_BY_SIDE p[i] = p[i] * r2[i] + (1.6666665459e-1f * t[i] + 5.0000001201e-1f);
	SIDE_BY_SIDE p[i] = p[i] * r2[i] + t[i];
	SIDE_BY_SIDE t[i] = p[i] * scale[i] + scale[i];
#undef SIDE_BY_SIDE
}

INLINE V power(V t) {
	powers(1, &t);
	return t;
}

// logistic is 1/(1+e⁻ˣ).
INLINE V logistic(V x) {
	return 1 / (1 + power(MAX(splat(-87), MIN(splat(87), -x)))); // of two operands one of which is a NaN, they give the second
}

static void sigmoid(float *y, const float *x, idx n) {
	idx i = 0;
	for (; i + W <= n; i += W) AT(y + i) = logistic(IN(x + i));
	for (; i < n; i++) y[i] = logistic(splat(x[i]))[0];
}
