package nn

import (
	"syscall"
	"unsafe"
)

// huge returns n zeros, for which the system is asked for huge pages: rows of a large table lie anywhere, and small
// pages cost a walk through the page tables for each. Where the system has none to give, nothing is lost.
func huge(n int) []float32 {
	v := make([]float32, n)
	const page = 2 << 20
	start := uintptr(unsafe.Pointer(unsafe.SliceData(v)))
	from, to := (start+page-1)/page*page, (start+uintptr(4*n))/page*page
	if from < to {
		inner := unsafe.Slice((*byte)(unsafe.Pointer(&v[(from-start)/4])), to-from)
		_ = syscall.Madvise(inner, syscall.MADV_HUGEPAGE)
	}
	return v
}
