//go:build cgo && amd64 && !noasm

// The portable set: every amd64 processor runs it.

#include <emmintrin.h>
#define W 4
#define STREAM _mm_stream_ps
#define SQRT _mm_sqrt_ps
#define MIN _mm_min_ps
#define MAX _mm_max_ps
#define HALVES(v) (v)
#define SET vec_sse2
#include "bodies.h"
