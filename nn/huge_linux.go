package nn

import (
	"sync"
	"syscall"
	"unsafe"
)

// page is a huge page, in numbers.
const page = 2 << 20 / 4

// block is what tables too small for huge pages of their own share: the rest of the last one.
var block struct {
	sync.Mutex
	rest []float32
}

// huge returns n zeros, for which the system is asked for huge pages: rows of a table lie anywhere, and small pages
// cost a walk through the page tables for each. Where the system has none to give, nothing is lost.
func huge(n int) []float32 {
	const size, line = 16 * page, 16
	switch {
	case n > size/2:
		return advise(make([]float32, n))
	case n < page/16:
		return make([]float32, n)
	}
	block.Lock()
	defer block.Unlock()
	if len(block.rest) < n {
		block.rest = advise(make([]float32, size))
	}
	v := block.rest[:n:n]
	block.rest = block.rest[min((n+line-1)/line*line, len(block.rest)):]
	return v
}

func advise(v []float32) []float32 {
	start := uintptr(unsafe.Pointer(unsafe.SliceData(v)))
	from, to := (start+4*page-1)/(4*page)*(4*page), (start+uintptr(4*len(v)))/(4*page)*(4*page)
	if from < to {
		inner := unsafe.Slice((*byte)(unsafe.Pointer(&v[(from-start)/4])), to-from)
		_ = syscall.Madvise(inner, syscall.MADV_HUGEPAGE)
	}
	return v
}
