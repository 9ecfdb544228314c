//go:build cgo && amd64 && !noasm

// The portable set: every amd64 processor runs it.

#include <emmintrin.h>
#define W 4
#define STREAM _mm_stream_ps
#define SQRT _mm_sqrt_ps
#define MIN _mm_min_ps
#define MAX _mm_max_ps
#define HALVES(v) (v)
#define BYTES(p) _mm_loadu_si32(p)
#define WIDEN(b) _mm_cvtepi32_ps(_mm_unpacklo_epi16(_mm_unpacklo_epi8(b, _mm_setzero_si128()), _mm_setzero_si128()))
#define SET vec_sse2
#include "bodies.h"
