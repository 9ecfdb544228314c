package cache

import (
	"bytes"
	"os"
	"syscall"
	"testing"
	"unsafe"

	"ctrlab/datasets/batch"
)

// A page that is read brings itself into memory and not what is around it: else a cache that is larger than memory is read from
// the disk many times a pass.
func TestReadsOnlyWhatItNeeds(t *testing.T) {
	schema := batch.Schema{Dense: make([]string, 4)}
	f := made(t, schema, false, [batch.Splits]table{draw(schema, 1<<19, 1), draw(schema, 0, 2), draw(schema, 0, 3)})
	f.limits = limits{rows: 64, bytes: 1 << 20, stream: 64, block: 8}
	const forget = 4 // POSIX_FADV_DONTNEED
	_, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, f.mapping.file.Fd(), 0, 0, forget, 0, 0)
	all := len(f.mapping.data) / os.Getpagesize()
	if n := resident(t, f.mapping.data); errno != 0 || n > all/100 {
		t.Skipf("%d of %d pages stay in memory (%v): the file system does not forget", n, all, errno)
	}
	touched := f.mapping.data[len(f.mapping.data)/2]
	if n := resident(t, f.mapping.data); n > all/100+1 {
		t.Errorf("byte %d brings %d of %d pages into memory, want one", touched, n, all)
	}
	for _, err := range f.Batches(batch.Train, 64, 1) {
		check(t, err)
		break
	}
	// The blocks of two windows and those asked for ahead are 32, of 5 columns, each in one page or two.
	if n := resident(t, f.mapping.data); n == 0 || n > 320 {
		t.Errorf("a batch brings %d of %d pages into memory, want those of 32 blocks", n, all)
	}
}

// resident counts pages in memory.
func resident(t *testing.T, data []byte) int {
	t.Helper()
	in := make([]byte, len(data)/os.Getpagesize()+1)
	_, _, errno := syscall.Syscall(syscall.SYS_MINCORE, uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)), uintptr(unsafe.Pointer(&in[0])))
	if errno != 0 {
		t.Fatal(errno)
	}
	for i := range in {
		in[i] &= 1
	}
	return bytes.Count(in, []byte{1})
}
