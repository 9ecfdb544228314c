//go:build cgo && amd64 && !noasm

package vec

// #cgo CFLAGS: -O3 -Wall -Wno-psabi
// #include "kernels.h"
// #cgo noescape vec_multiply_adds
// #cgo nocallback vec_multiply_adds
// #cgo noescape vec_triad
// #cgo nocallback vec_triad
// #cgo noescape vec_axpy
// #cgo nocallback vec_axpy
// #cgo noescape vec_dot
// #cgo nocallback vec_dot
// #cgo noescape vec_sum
// #cgo nocallback vec_sum
// #cgo noescape vec_sum_squares
// #cgo nocallback vec_sum_squares
// #cgo noescape vec_scale
// #cgo nocallback vec_scale
// #cgo noescape vec_add
// #cgo nocallback vec_add
// #cgo noescape vec_mul2
// #cgo nocallback vec_mul2
// #cgo noescape vec_mul_add
// #cgo nocallback vec_mul_add
// #cgo noescape vec_add_rows
// #cgo nocallback vec_add_rows
// #cgo noescape vec_relu
// #cgo nocallback vec_relu
// #cgo noescape vec_relu_grad
// #cgo nocallback vec_relu_grad
// #cgo noescape vec_sigmoid
// #cgo nocallback vec_sigmoid
// #cgo noescape vec_pack
// #cgo nocallback vec_pack
// #cgo noescape vec_mul_packed
// #cgo nocallback vec_mul_packed
// #cgo noescape vec_mul
// #cgo nocallback vec_mul
// #cgo noescape vec_mul_scratch
// #cgo nocallback vec_mul_scratch
// #cgo noescape vec_gather
// #cgo nocallback vec_gather
// #cgo noescape vec_gather_bags
// #cgo nocallback vec_gather_bags
// #cgo noescape vec_gather_codes
// #cgo nocallback vec_gather_codes
// #cgo noescape vec_by_row
// #cgo nocallback vec_by_row
// #cgo noescape vec_sum_rows
// #cgo nocallback vec_sum_rows
// #cgo noescape vec_adagrad
// #cgo nocallback vec_adagrad
// #cgo noescape vec_adam
// #cgo nocallback vec_adam
// #cgo noescape vec_sgd_rows
// #cgo nocallback vec_sgd_rows
// #cgo noescape vec_adagrad_rows
// #cgo nocallback vec_adagrad_rows
// #cgo noescape vec_rowwise_adagrad_rows
// #cgo nocallback vec_rowwise_adagrad_rows
// #cgo noescape vec_adam_rows
// #cgo nocallback vec_adam_rows
// #cgo noescape vec_fm
// #cgo nocallback vec_fm
// #cgo noescape vec_fm_grad
// #cgo nocallback vec_fm_grad
// #cgo noescape vec_dot_pairs
// #cgo nocallback vec_dot_pairs
// #cgo noescape vec_dot_pairs_grad
// #cgo nocallback vec_dot_pairs_grad
// #cgo noescape vec_hadamard_pairs
// #cgo nocallback vec_hadamard_pairs
// #cgo noescape vec_hadamard_pairs_grad
// #cgo nocallback vec_hadamard_pairs_grad
// #cgo noescape vec_cross_vector
// #cgo nocallback vec_cross_vector
// #cgo noescape vec_cross_vector_grad
// #cgo nocallback vec_cross_vector_grad
// #cgo noescape vec_scale_fields
// #cgo nocallback vec_scale_fields
// #cgo noescape vec_scale_fields_grad
// #cgo nocallback vec_scale_fields_grad
// #cgo noescape vec_transpose
// #cgo nocallback vec_transpose
// #cgo noescape vec_transpose_add
// #cgo nocallback vec_transpose_add
// #cgo noescape vec_outer_rows
// #cgo nocallback vec_outer_rows
// #cgo noescape vec_outer_rows_grad
// #cgo nocallback vec_outer_rows_grad
// #cgo noescape vec_dot_rows
// #cgo nocallback vec_dot_rows
// #cgo noescape vec_axpy_rows
// #cgo nocallback vec_axpy_rows
// #cgo noescape vec_mul_rows
// #cgo nocallback vec_mul_rows
// #cgo noescape vec_mul_add_rows
// #cgo nocallback vec_mul_add_rows
// #cgo noescape vec_softmax_rows
// #cgo nocallback vec_softmax_rows
// #cgo noescape vec_bi
// #cgo nocallback vec_bi
// #cgo noescape vec_bi_grad
// #cgo nocallback vec_bi_grad
// #cgo noescape vec_field_aware
// #cgo nocallback vec_field_aware
// #cgo noescape vec_field_aware_grad
// #cgo nocallback vec_field_aware_grad
// #cgo noescape vec_attention
// #cgo nocallback vec_attention
// #cgo noescape vec_attention_grad
// #cgo nocallback vec_attention_grad
import "C"

import "unsafe"

// sets names all sets, the fastest first.
var sets = []string{"avx2", "sse2"}

var set string // in use

func init() {
	for _, name := range sets {
		if use(name) {
			return
		}
	}
}

func kernels() string { return set }

// use takes a set into use and says whether the processor can run it. It is for the start and for tests.
func use(name string) bool {
	n := C.int(0)
	if name == "avx2" {
		n = 1
	}
	if C.vec_use(n) == 0 {
		return false
	}
	set = name
	return true
}

func f32(s []float32) *C.float { return (*C.float)(unsafe.SliceData(s)) }
func i32(s []int32) *C.int32_t { return (*C.int32_t)(unsafe.SliceData(s)) }
func size(s []float32) C.idx   { return C.idx(len(s)) }

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// rowsOf is how many rows of d a table has; of nothing, any number.
func rowsOf(table []float32, d int) C.idx {
	if d == 0 {
		return 1 << 31
	}
	return C.idx(len(table) / d)
}
