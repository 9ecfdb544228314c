// All kernels as static functions over vectors of W numbers, and SET, the table of them. The including
// file defines W and SET, SQRT, MIN and MAX of vectors, STREAM, which stores past the caches, HALVES, a vector's halves added until four
// numbers are left, BYTES, which loads W bytes, and WIDEN, which makes them a vector.

#include "kernels.h"

typedef float V __attribute__((vector_size(4 * W), aligned(4), may_alias));
typedef uint32_t I __attribute__((vector_size(4 * W), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define AT(p) (*(V *)(p))
#define IN(p) (*(const V *)(p))

INLINE V splat(float a) { return a - (V){0}; }

// total sums a vector's numbers by halves.
INLINE float total(V v) {
	__m128 s = HALVES(v);
	s += _mm_movehl_ps(s, s);
	return s[0] + s[1];
}

#include "elementwise.h"
#include "gemm.h"
#include "rows.h"
#include "codes.h"
#include "optim.h"
#include "interact.h"
#include "fields.h"
#include "products.h"
#include "attention.h"
#include "limits.h"

#define ENTRY(R, name, params, args) .name = name,
const struct kernels SET = {KERNELS(ENTRY)};
