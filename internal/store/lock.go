package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// lock is a file beside the database that its one writer holds: with it, a run that is still marked as running when
// a database is opened has lost its process. SQLite's own locks last a transaction only. The kernel lets go of it
// when the process dies, however it dies.
type lock struct{ file *os.File }

func acquire(database string) (lock, error) {
	name := database + "-lock"
	for {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return lock{}, environment(err, "%s: its folder cannot be written: %v", database, errors.Unwrap(err))
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil && current(f, name) {
			_ = f.Truncate(0)
			_, _ = fmt.Fprintln(f, os.Getpid()) // for the message below alone
			return lock{f}, nil
		}
		holder, _ := os.ReadFile(name)
		_ = f.Close()
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK):
			return lock{}, environment(err, "%s: in use by another ctrlab (process %s); one at a time may write",
				database, strings.TrimSpace(string(holder)))
		case err != nil:
			return lock{}, environment(err, "%s: cannot be locked: %v", database, err)
		}
	}
}

// current says whether name still is f: its last holder may have removed it before our lock came.
func current(f *os.File, name string) bool {
	a, errA := f.Stat()
	b, errB := os.Stat(name)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

func (l *lock) release() {
	if l.file != nil {
		_ = os.Remove(l.file.Name()) // while it is ours
		_ = l.file.Close()
		l.file = nil
	}
}
