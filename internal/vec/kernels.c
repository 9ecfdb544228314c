//go:build cgo && amd64 && !noasm

#include "kernels.h"

static const struct kernels *set = &vec_sse2;

int vec_use(int want) {
	__builtin_cpu_init();
	if (want == 1 && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) return 0;
	set = want == 1 ? &vec_avx2 : &vec_sse2;
	return 1;
}

#define DEFINE(R, name, params, args) R vec_##name params { return set->name args; }
KERNELS(DEFINE)
