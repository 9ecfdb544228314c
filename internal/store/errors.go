package store

import (
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// ErrEnvironment is what errors wrap that no change to an experiment can mend: a full disk, a folder that cannot be
// written, a database that is in use, newer than this program, damaged, or none.
var ErrEnvironment = errors.New("store: environment")

// ErrPassing is what those errors wrap besides that may be gone when the same is tried again: a locked database, a full disk.
var ErrPassing = errors.New("store: passing")

// environmentError keeps ErrEnvironment out of the text that people read.
type environmentError struct {
	text    string
	cause   error
	passing bool
}

func (e *environmentError) Error() string { return e.text }
func (e *environmentError) Unwrap() error { return e.cause }
func (e *environmentError) Is(target error) bool {
	return target == ErrEnvironment || target == ErrPassing && e.passing
}

func environment(cause error, format string, args ...any) error {
	return &environmentError{text: fmt.Sprintf(format, args...), cause: cause}
}

// explain says what SQLite's words for trouble with the machine mean; they lack a remedy, and the file.
var explain = map[sqlite3.ErrNo]string{
	sqlite3.ErrFull:     "the disk is full",
	sqlite3.ErrReadonly: "it is read-only",
	sqlite3.ErrPerm:     "permission denied",
	sqlite3.ErrBusy:     "locked by another process",
	sqlite3.ErrLocked:   "locked by another process",
	sqlite3.ErrProtocol: "locked by another process",
	sqlite3.ErrCantOpen: "cannot be opened",
	sqlite3.ErrIoErr:    "input or output went wrong",
	sqlite3.ErrNoLFS:    "too large for this file system",
	sqlite3.ErrNotADB:   "not a SQLite database",
	sqlite3.ErrCorrupt:  "damaged",
}

// wrap names the database in an error of SQLite and marks those of the environment.
func (s *Store) wrap(err error) error {
	if err == nil || errors.Is(err, ErrEnvironment) {
		return err
	}
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	text, ok := explain[e.Code]
	switch {
	case !ok:
		return fmt.Errorf("%s: %w", s.path, err)
	case e.SystemErrno != 0:
		text = fmt.Sprintf("%s: %v", text, e.SystemErrno)
	}
	passing := slices.Contains([]sqlite3.ErrNo{sqlite3.ErrFull, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrProtocol}, e.Code) ||
		e.SystemErrno == syscall.ENOSPC || e.SystemErrno == syscall.EDQUOT
	return &environmentError{s.path + ": " + text, err, passing}
}

// unwritable says whether err is for want of a place for the files that even a reader of a WAL database makes.
func unwritable(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrReadonly || e.Code == sqlite3.ErrCantOpen)
}
