package prepare

import (
	"context"
	"io/fs"
	"path/filepath"
	"syscall"
	"time"
)

// index is a file beside caches that says what content files had when they were read, so that nobody has to read them again
// to know. The file is read anew each time and written under a lock: there may be others.
type index struct{ dir string }

type indexed struct {
	stamp
	Sum string
	At  int64 // when it was entered, in nanoseconds since 1970
}

// settled is how long before an entry a file was last changed at least: a change soon after may leave the same time.
const settled = 2 * time.Second

func (x *index) path() string { return filepath.Join(x.dir, "index.json") }

// sum returns the SHA-256 (hex) of a file's content, or nothing where it is not known.
func (x *index) sum(path string) string {
	now, err := stampOf(path)
	entries := map[string]indexed{}
	if err != nil || path == "" || load(x.path(), &entries) != nil {
		return ""
	}
	e := entries[path]
	if e.stamp != now || time.Duration(e.At-e.Time) < settled {
		return ""
	}
	return e.Sum
}

// remember enters a file's content.
func (x *index) remember(ctx context.Context, path string, s stamp, sum string) error {
	if x == nil || path == "" {
		return nil
	}
	l, err := acquire(ctx, x.path()+".lock")
	if err != nil {
		return err
	}
	defer l.release()
	entries := map[string]indexed{}
	_ = load(x.path(), &entries) // one that is damaged is begun anew
	entries[path] = indexed{s, sum, time.Now().UnixNano()}
	return save(x.path(), entries)
}

func inode(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino
	}
	return 0
}
