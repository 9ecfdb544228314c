package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// owner is this process as the runs that it executes know it. It holds a lock on a file beside the database, which the
// kernel lets go of when the process ends, however it ends: so others on the machine know a dead owner at once, also in
// another container, and no clock or process id can deceive them. One that is stopped holds the lock; leases are for that.
type owner struct {
	text string // host, process id and the number of the file: the column runs.owner
	file *os.File
}

const ownerFile = "-owner-" // between the database's name and the number

// acquire makes an owner. Its file is beside what path, if it is a link, leads to, so that all find the same.
func acquire(path string) (owner, error) {
	for {
		f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+ownerFile+"*")
		if err != nil {
			return owner{}, environment(err, "%s: its folder cannot be written: %v", path, cause(err))
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil && current(f) {
			host, _ := os.Hostname()
			_, number, _ := strings.Cut(filepath.Base(f.Name()), filepath.Base(path)+ownerFile)
			return owner{fmt.Sprintf("%s %d %s", host, os.Getpid(), number), f}, nil
		}
		_ = f.Close()
		if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
			_ = os.Remove(f.Name())
			return owner{}, environment(err, "%s: a file beside it cannot be locked: %v", path, err)
		}
	}
}

// current says whether the file still has its name: another process may have taken it for a dead owner's before it was locked.
func current(f *os.File) bool {
	a, errA := f.Stat()
	b, errB := os.Stat(f.Name())
	return errA == nil && errB == nil && os.SameFile(a, b)
}

func (o *owner) release() {
	if o.file != nil {
		_ = os.Remove(o.file.Name()) // while it is ours
		_ = o.file.Close()
		o.file = nil
	}
}

// alive says whether the process of an owner is there, for all that is known: what cannot be looked at is.
func alive(path, text string) bool {
	words := strings.Fields(text)
	if len(words) != 3 {
		return false // a run of before there were owners
	}
	return locked(path + ownerFile + words[2])
}

func locked(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
}

// bury removes the files of owners that are dead.
func bury(path string) {
	files, _ := os.ReadDir(filepath.Dir(path))
	for _, file := range files {
		if !strings.HasPrefix(file.Name(), filepath.Base(path)+ownerFile) {
			continue
		}
		name := filepath.Join(filepath.Dir(path), file.Name())
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.Remove(name) // while it is locked: an owner that has just made it finds out
		}
		_ = f.Close()
	}
}

// guard keeps other processes from making or migrating the database while f does.
func guard(path string, f func() error) error {
	name := path + "-setup"
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return environment(err, "%s: its folder cannot be written: %v", path, cause(err))
	}
	defer file.Close()
	for waited := time.Duration(0); ; waited += setupPause {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || waited > patience {
			return environment(err, "%s: another process is setting it up: %v", path, err)
		}
		time.Sleep(setupPause)
	}
	if !current(file) { // the one before us removed it
		return guard(path, f)
	}
	defer os.Remove(name)
	return f()
}

const setupPause = 10 * time.Millisecond

// cause is an error of a file without the file's name.
func cause(err error) error {
	if e := errors.Unwrap(err); e != nil {
		return e
	}
	return err
}
