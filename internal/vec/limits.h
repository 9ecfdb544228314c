// What the machine can do at most, for comparison.

#define TWELVE(F) F(a) F(b) F(c) F(d) F(e) F(f) F(g) F(h) F(p) F(q) F(r) F(s)

static float multiply_adds(idx n) {
	V x = splat(0.5f), y = splat(1), t = splat(0);
#define ZERO(v) V v = splat(0);
#define STEP(v) v = v * x + y; __asm__("" : "+x"(v)); // an asm each, or the compiler would keep one of twelve that are equal
#define ADD(v) t += v;
	TWELVE(ZERO)
	for (idx i = 0; i < n; i += 12 * W) {
		TWELVE(STEP)
	}
	TWELVE(ADD)
	return total(t) / (12 * W);
}

static void triad(float *y, const float *x, float a, const float *z, idx n) {
	idx i = 0;
	for (; i < n && (uintptr_t)(y + i) % (4 * W); i++) y[i] = x[i] + a * z[i];
	for (; i + W <= n; i += W) STREAM(y + i, IN(x + i) + a * IN(z + i));
	for (; i < n; i++) y[i] = x[i] + a * z[i];
	_mm_sfence();
}
