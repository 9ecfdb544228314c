package cache

import (
	"os"
	"syscall"
)

const (
	willNeed = syscall.MADV_WILLNEED
	dontNeed = syscall.MADV_DONTNEED
)

// mapped returns nil where the file cannot be mapped: under a limit of address space, or in some file systems.
func mapped(f *os.File, size int64) []byte {
	data, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	return data
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
