package store

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"ctrlab/internal/metric"
)

// refused checks that err is one clear line about the environment.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	if !errors.Is(err, ErrEnvironment) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q (environment: %v), want it to say %q", err, errors.Is(err, ErrEnvironment), want)
	}
}

// made returns a database with a plan and a run that is done.
func made(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	fill(t, open(t, path))
	return path
}

func fill(t *testing.T, s *Store) {
	t.Helper()
	must(t, s.SavePlan(experiment("p1", noon), data, plan(), "b1"))
	must(t, begin(t, s, "t1", machine).Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.7}}))
	must(t, s.Close())
}

func sqlite(t *testing.T, path, query string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	_, err = db.Exec(query)
	must(t, err)
	return db
}

// What is no database of ours is refused by writer and reader, and not a byte of it changes.
func TestForeignFiles(t *testing.T) {
	write := func(text string) func(*testing.T, string) {
		return func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte(text), 0o644)) }
	}
	query := func(q string) func(*testing.T, string) {
		return func(t *testing.T, path string) { sqlite(t, path, q).Close() }
	}
	ours := func(change string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			fill(t, open(t, path))
			sqlite(t, path, change).Close()
		}
	}
	for name, c := range map[string]struct {
		make func(*testing.T, string)
		want string
	}{
		"text":                  {write("user,item,rating\n1,2,3\n"), "not a SQLite database"},
		"short":                 {write("x"), "not a SQLite database"},
		"header only":           {write("SQLite format 3\x00" + strings.Repeat("\x07", 500)), "not a SQLite database"},
		"another program's":     {query(`CREATE TABLE bookmarks (url TEXT)`), "none of ctrlab's"},
		"another program's, id": {query(`PRAGMA application_id = 252006673; CREATE TABLE t (x)`), "none of ctrlab's"},
		"newer":                 {ours(`PRAGMA user_version = 9`), "version 9, made by a newer ctrlab; this one knows version 6"},
		"newer, of no table":    {query(`PRAGMA user_version = 99`), "version 99, made by a newer ctrlab"},
		"a folder":              {func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o755)) }, "is a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ctrlab.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			_, err := Open(path)
			refused(t, err, c.want)
			_, err = OpenRead(path)
			refused(t, err, c.want)
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
			if l, _ := filepath.Glob(filepath.Dir(path) + "/*"); len(l) != 1 {
				t.Error("left behind:", l)
			}
		})
	}
}

func TestTruncated(t *testing.T) {
	path := made(t)
	must(t, os.Truncate(path, 5000))
	before, _ := os.ReadFile(path)
	_, err := Open(path)
	refused(t, err, "damaged")
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
}

func TestLocked(t *testing.T) {
	defer func(d time.Duration) { patience = d }(patience)
	patience = 20 * time.Millisecond
	path := made(t)
	s := open(t, path)
	other := sqlite(t, path, `BEGIN IMMEDIATE`)
	refused(t, s.SavePlan(experiment("p2", noon), data, plan(), "b1"), "locked by another process")
	_, _, err := s.Claim(Start{Trial: "t2", Environment: machine, At: noon})
	refused(t, err, "locked by another process")
	if !errors.Is(err, ErrPassing) {
		t.Error("a lock does not pass")
	}
	s.Close()
	_, err = Open(path)
	refused(t, err, "locked by another process")
	other.Close()
	intact(t, path)
}

// intact checks that a database has what made put there, and no more.
func intact(t *testing.T, path string) {
	t.Helper()
	s, err := OpenRead(path)
	must(t, err)
	defer s.Close()
	r, err := s.Report("quickstart")
	must(t, err)
	var broken string
	must(t, s.db.QueryRow(`PRAGMA integrity_check`).Scan(&broken))
	if broken != "ok" || r.Experiment.PlanDigest != "p1" || r.Trials[0].Results["test.auc"] != 0.7 {
		t.Errorf("%s, %+v", broken, r)
	}
}

// flood records points of trial t2 until the store refuses.
func flood(t *testing.T, s *Store) (*Run, error) {
	t.Helper()
	r := begin(t, s, "t2", machine)
	for i := range 1 << 20 {
		if err := r.Record(metric.Point{Name: "valid.auc", Step: i}); err != nil {
			return r, err
		}
	}
	return r, nil
}

// disk mounts a small one.
func disk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skip("no right to mount a small disk:", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// Disks fill up while a run records: the error says so, and what was there before stays.
func TestFullDisk(t *testing.T) {
	t.Run("pages", func(t *testing.T) { // what any machine can try
		path := made(t)
		s := open(t, path)
		_, err := s.db.Exec(`PRAGMA max_page_count = 64`)
		must(t, err)
		_, err = flood(t, s)
		refused(t, err, path+": the disk is full")
		must(t, s.Close())
		intact(t, path)
	})
	t.Run("file size", func(t *testing.T) {
		path := made(t)
		s := open(t, path)
		var usual syscall.Rlimit
		must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &usual))
		must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 18, Max: usual.Max}))
		_, err := flood(t, s)
		must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &usual))
		refused(t, err, path+": input or output went wrong: file too large")
		must(t, s.Close())
		intact(t, path)
	})
	t.Run("disk", func(t *testing.T) {
		path := filepath.Join(disk(t, "512k"), "ctrlab.db")
		fill(t, open(t, path))
		s := open(t, path)
		r, err := flood(t, s)
		refused(t, err, path+": the disk is full")
		refused(t, r.Finish(Outcome{State: Done, At: noon}), path+": the disk is full")
		s.Close()
		intact(t, path)
	})
	t.Run("new database", func(t *testing.T) {
		dir := disk(t, "8k")
		_, err := Open(filepath.Join(dir, "ctrlab.db"))
		refused(t, err, "the disk is full")
		if l, _ := filepath.Glob(dir + "/*"); len(l) != 0 {
			t.Error("left behind:", l)
		}
	})
}

// unprivileged runs f on a thread that the rights of root do not help.
func unprivileged(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // for ever: the thread ends with the goroutine
		if err := syscall.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}

func TestReadOnlyFolder(t *testing.T) {
	path := made(t)
	dir := filepath.Dir(path)
	must(t, os.Chmod(dir, 0o555))
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	t.Cleanup(func() { os.Chmod(dir, 0o755) })
	unprivileged(t, func() {
		_, err := Open(path)
		refused(t, err, "its folder cannot be written: permission denied")
		_, err = Open(filepath.Join(dir, "new", "ctrlab.db"))
		refused(t, err, "its folder cannot be made: permission denied")
		intact(t, path) // reports are read from there none the less
	})
}

func TestReadOnlyFile(t *testing.T) {
	path := made(t)
	dir := filepath.Dir(path)
	must(t, os.Chmod(path, 0o444))
	must(t, os.Chmod(dir, 0o777))
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	unprivileged(t, func() {
		_, err := Open(path)
		refused(t, err, "it is read-only")
		intact(t, path)
	})
}
