package cache

import (
	"os"
	"syscall"
	"unsafe"
)

const (
	willNeed = syscall.MADV_WILLNEED
	dontNeed = syscall.MADV_DONTNEED
)

// mapped returns nil where the file cannot be mapped: under a limit of address space, or in some file systems. What is read
// but was not asked for comes by the page: the system would read megabytes around a block, and of a file that is larger than
// memory read all of it many times.
func mapped(f *os.File, size int64) []byte {
	data, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	_ = syscall.Madvise(data, syscall.MADV_RANDOM)
	return data
}

func size(f *os.File) int64 {
	var s syscall.Stat_t
	if err := syscall.Fstat(int(f.Fd()), &s); err != nil {
		return -1
	}
	return s.Size
}

// advise is of whole pages, which a hint may be.
func advise(data []byte, offset, n uint64, advice int) {
	page := uint64(os.Getpagesize())
	from := offset / page * page
	_ = syscall.Madvise(data[from:offset+n], advice)
}

func unmap(data []byte) {
	if data != nil {
		_ = syscall.Munmap(data)
	}
}

// huge asks for huge pages for what v's rows are read from in random order. It returns v.
func huge(v []uint32) []uint32 {
	const page = 2 << 20
	start := uintptr(unsafe.Pointer(unsafe.SliceData(v)))
	from, to := (start+page-1)/page*page, (start+uintptr(4*len(v)))/page*page
	if from < to {
		inner := unsafe.Slice((*byte)(unsafe.Pointer(&v[(from-start)/4])), to-from)
		_ = syscall.Madvise(inner, syscall.MADV_HUGEPAGE)
	}
	return v
}
