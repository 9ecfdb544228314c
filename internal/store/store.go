// Package store keeps experiments, trials, runs and their points in SQLite; schema.sql says how. It is the only
// package with SQL.
//
// Open gives the one writer: SavePlan stores an experiment's trials, Begin starts a Run of one, and Run.Record and
// Run.Finish say what came of it. OpenRead gives a reader beside it: Report has all that a report is made from.
// What goes wrong with file, disk or machine wraps ErrEnvironment.
package store

import (
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver
)

const (
	application = 0x6374726c // PRAGMA application_id of schema.sql
	version     = 2          // PRAGMA user_version of schema.sql
)

// migrations bring a database of a version, from 1, to the next.
var migrations = [version - 1]string{
	`ALTER TABLE datasets ADD COLUMN digests TEXT NOT NULL DEFAULT '["","",""]'`,
}

//go:embed schema.sql
var schema string

// patience is how long a statement waits for another process's transaction. A variable for tests only.
var patience = 5 * time.Second

// Store is an open database. Its methods may be called from several goroutines at once.
type Store struct {
	path    string
	db      *sql.DB
	lock    lock
	version int // of the database: a reader takes older ones too
}

// Open opens a database for writing, and makes it where there is none, with its folder. Only one process at a time
// can have it open so. Runs whose process was killed become lost, and their trials pending again.
func Open(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, environment(err, "%s: its folder cannot be made: %v", path, errors.Unwrap(err))
	}
	held, err := acquire(path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, lock: held}
	_, missing := os.Stat(path)
	if err := s.start(); err != nil {
		_ = s.disconnect() // before the file goes
		if errors.Is(missing, fs.ErrNotExist) {
			os.Remove(path) // half made
		}
		s.lock.release()
		return nil, err
	}
	return s, nil
}

// OpenRead opens a database that is there for reading alone, also while another process writes to it.
func OpenRead(path string) (*Store, error) {
	s := &Store{path: path}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%s: no database here; ctrlab run makes one: %w", path, errors.Unwrap(err))
	}
	fresh, err := s.connect("mode=rw", "_query_only=1")
	if unwritable(err) && s.quiescent() {
		s.Close()
		fresh, err = s.connect("mode=ro", "immutable=1")
	}
	if err == nil && fresh {
		err = environment(nil, "%s: an empty database; ctrlab run fills one", path)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// quiescent says whether all that was written is in the database file itself.
func (s *Store) quiescent() bool {
	_, err := os.Stat(s.path + "-wal")
	return errors.Is(err, fs.ErrNotExist)
}

// Close lets go of the database; once is enough, twice does no harm.
func (s *Store) Close() error {
	err := s.disconnect()
	s.lock.release()
	return err
}

func (s *Store) disconnect() error {
	if s.db == nil {
		return nil
	}
	return s.wrap(s.db.Close())
}

// connect opens the file and makes sure that it is ours, without changing it; fresh is a database without tables.
func (s *Store) connect(options ...string) (fresh bool, err error) {
	if err := s.sniff(); err != nil {
		return false, err
	}
	path, err := filepath.Abs(s.path)
	if err != nil {
		return false, environment(err, "%s: %v", s.path, err)
	}
	dsn := url.URL{Scheme: "file", Path: path}
	dsn.RawQuery = fmt.Sprintf("_synchronous=FULL&_foreign_keys=1&_busy_timeout=%d", patience.Milliseconds())
	for _, o := range options {
		dsn.RawQuery += "&" + o
	}
	if s.db, err = sql.Open("sqlite3", dsn.String()); err != nil {
		return false, s.wrap(err)
	}
	s.db.SetMaxOpenConns(1)

	var id, tables int
	v := &s.version
	err = s.db.QueryRow(`SELECT (SELECT * FROM pragma_application_id), (SELECT * FROM pragma_user_version),
		(SELECT count(*) FROM sqlite_master)`).Scan(&id, v, &tables)
	switch {
	case err != nil:
		return false, s.wrap(err)
	case *v > version && (id == application || id == 0):
		return false, environment(nil, "%s: a database of version %d, made by a newer ctrlab; this one knows version %d", s.path, *v, version)
	case id == application && *v > 0:
		return false, nil
	case id != 0 || *v != 0 || tables > 0:
		return false, environment(nil, "%s: a SQLite database, but none of ctrlab's", s.path)
	}
	return true, nil
}

// sniff looks at the first bytes before SQLite may touch the file.
func (s *Store) sniff() error {
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return environment(err, "%s: cannot be read: %v", s.path, errors.Unwrap(err))
	}
	defer f.Close()
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	n, err := io.ReadFull(f, head)
	switch {
	case errors.Is(err, io.EOF): // empty: SQLite takes it for a new database, and so do we
		return nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return environment(err, "%s: cannot be read: %v", s.path, errors.Unwrap(err))
	case string(head[:n]) != magic:
		return environment(nil, "%s: not a SQLite database", s.path)
	}
	return nil
}

// start readies a connection for writing.
func (s *Store) start() error {
	fresh, err := s.connect("mode=rwc", "_txlock=immediate")
	if err != nil {
		return err
	}
	if fresh {
		if err := s.write(func(tx *sql.Tx) error { return exec(tx, schema) }); err != nil {
			return err
		}
		s.version = version
	}
	if err := s.migrate(); err != nil {
		return err
	}
	if _, err := s.db.Exec(`PRAGMA journal_mode = WAL`); err != nil {
		return s.wrap(err)
	}
	return s.write(func(tx *sql.Tx) error {
		return exec(tx, `UPDATE runs SET state = 'lost' WHERE state = 'running';
			UPDATE trials SET state = iif(run IS NULL, 'pending', 'done') WHERE state = 'running'`)
	})
}

// migrate brings an older database to our version.
func (s *Store) migrate() error {
	for ; s.version < version; s.version++ {
		err := s.write(func(tx *sql.Tx) error {
			return exec(tx, fmt.Sprintf("%s; PRAGMA user_version = %d", migrations[s.version-1], s.version+1))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// write runs f in a transaction that it commits if f returns nil.
func (s *Store) write(f func(*sql.Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return s.wrap(err)
	}
	defer tx.Rollback() // nothing after a commit
	if err := f(tx); err != nil {
		return s.wrap(err)
	}
	return s.wrap(tx.Commit())
}

func exec(tx *sql.Tx, query string, args ...any) error {
	_, err := tx.Exec(query, args...)
	return err
}
