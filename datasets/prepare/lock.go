package prepare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lock is a file that one process holds; the kernel lets go of it when the process dies, however it dies.
type lock struct{ file *os.File }

// acquire waits until no other holds the lock.
func acquire(ctx context.Context, path string) (*lock, error) {
	for wait := time.Millisecond; ; wait = min(2*wait, time.Second/4) {
		l, err := try(path)
		if l != nil || err != nil {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for another process that prepares the same rows: %w", ctx.Err())
		case <-time.After(wait):
		}
	}
}

// try returns nil where another holds the lock.
func try(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFolder, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil && current(f, path) {
		return &lock{f}, nil
	}
	_ = f.Close()
	if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("%s cannot be locked: %w", path, err)
	}
	return nil, nil
}

// current says whether path still is f: its last holder may have removed it before our lock came.
func current(f *os.File, path string) bool {
	a, errA := f.Stat()
	b, errB := os.Stat(path)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

func (l *lock) release() {
	_ = os.Remove(l.file.Name()) // while it is ours
	_ = l.file.Close()
}
