// Package store keeps experiments, trials, runs and their points in SQLite; schema.sql says how. It is the only
// package with SQL.
//
// Open gives a writer, of which several processes may have one each: SavePlan stores an experiment's trials, Claim starts a
// Run of one that no other process is at, and Run.Record and Run.Finish say what came of it. A Run is a lease: who does not
// Beat for as long as the lease lasts loses it to the next who asks, and writes nothing more.
// OpenRead gives a reader: Report has all that a report is made from. What goes wrong with file, disk or machine wraps
// ErrEnvironment.
package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/mattn/go-sqlite3" // the driver too
)

const (
	application = 0x6374726c // PRAGMA application_id of schema.sql
	version     = 6          // PRAGMA user_version of schema.sql
)

// migrations bring a database of a version, from 1, to the next.
var migrations = [version - 1]string{
	`ALTER TABLE datasets ADD COLUMN digests TEXT NOT NULL DEFAULT '["","",""]'`,
	`ALTER TABLE runs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
	ALTER TABLE runs ADD COLUMN retry INTEGER NOT NULL DEFAULT 0 CHECK (retry IN (0, 1));
	ALTER TABLE runs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
	ALTER TABLE runs ADD COLUMN heartbeats INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE runs ADD COLUMN heartbeat_at TEXT;
	ALTER TABLE runs ADD COLUMN memory INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE runs ADD COLUMN log TEXT NOT NULL DEFAULT '';
	ALTER TABLE runs ADD COLUMN resumed_from INTEGER;
	ALTER TABLE runs ADD COLUMN final_digest TEXT NOT NULL DEFAULT '';
	UPDATE runs SET attempt = (SELECT count(*) FROM environments e JOIN environments b ON b.build = e.build JOIN runs r ON r.environment = b.id
		WHERE e.id = runs.environment AND r.trial = runs.trial AND r.id <= runs.id);
	CREATE INDEX runs_running ON runs (owner) WHERE state = 'running';
	CREATE TABLE artifacts (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, kind TEXT NOT NULL, path TEXT NOT NULL,
		digest TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (run, path)) STRICT, WITHOUT ROWID;
	CREATE TABLE unseals (experiment INTEGER NOT NULL REFERENCES experiments, at TEXT NOT NULL, why TEXT NOT NULL,
		PRIMARY KEY (experiment, at)) STRICT, WITHOUT ROWID`,
	`ALTER TABLE experiments ADD COLUMN match TEXT NOT NULL DEFAULT '';
	ALTER TABLE experiment_trials ADD COLUMN budget REAL NOT NULL DEFAULT 0;
	ALTER TABLE experiment_trials ADD COLUMN widths TEXT NOT NULL DEFAULT '';
	CREATE TABLE pairs (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, ordinal INTEGER NOT NULL, first TEXT NOT NULL, second TEXT NOT NULL,
		learned REAL, planted REAL, PRIMARY KEY (run, ordinal)) STRICT, WITHOUT ROWID`,
	// All results could be seen so far.
	`ALTER TABLE experiment_trials ADD COLUMN repeat INTEGER NOT NULL DEFAULT 0;
	CREATE TABLE searches (id INTEGER PRIMARY KEY, experiment INTEGER NOT NULL REFERENCES experiments, ordinal INTEGER NOT NULL,
		label TEXT NOT NULL, repeat INTEGER NOT NULL, method TEXT NOT NULL, metric TEXT NOT NULL, trials INTEGER NOT NULL, seconds REAL NOT NULL,
		space TEXT NOT NULL, ended INTEGER NOT NULL DEFAULT 0, chosen INTEGER, UNIQUE (experiment, ordinal)) STRICT;
	CREATE TABLE search_trials (search INTEGER NOT NULL REFERENCES searches, ordinal INTEGER NOT NULL, trial TEXT NOT NULL REFERENCES trials,
		label TEXT NOT NULL, point TEXT NOT NULL, share REAL NOT NULL, PRIMARY KEY (search, ordinal)) STRICT, WITHOUT ROWID;
	CREATE INDEX search_trials_trial ON search_trials (trial);
	CREATE TABLE sealed (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, name TEXT NOT NULL, value REAL,
		PRIMARY KEY (run, name)) STRICT, WITHOUT ROWID;
	INSERT INTO unseals (experiment, at, why) SELECT id, created_at, '` + Untuned + `' FROM experiments`,
	`ALTER TABLE experiments ADD COLUMN compare TEXT NOT NULL DEFAULT '{}';
	ALTER TABLE experiments ADD COLUMN reference TEXT NOT NULL DEFAULT '[]';
	ALTER TABLE runs ADD COLUMN examples INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE runs ADD COLUMN total INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE runs ADD COLUMN loss REAL;
	ALTER TABLE runs ADD COLUMN rate REAL NOT NULL DEFAULT 0;
	CREATE TABLE slices (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, slice TEXT NOT NULL, ordinal INTEGER NOT NULL, part TEXT NOT NULL,
		examples INTEGER NOT NULL, predicted REAL, observed REAL, logloss REAL, auc REAL, PRIMARY KEY (run, slice, ordinal)) STRICT, WITHOUT ROWID;
	CREATE TABLE checks (id INTEGER PRIMARY KEY, at TEXT NOT NULL, revision TEXT NOT NULL, against TEXT NOT NULL, baseline TEXT NOT NULL,
		verdict TEXT NOT NULL, report TEXT NOT NULL) STRICT`,
}

var (
	//go:embed schema.sql
	schema string
	//go:embed views.sql
	views string
)

// patience is how long a statement waits for another process's transaction. A variable for tests only.
var patience = 2 * time.Second

// Store is an open database. Its methods may be called from several goroutines at once.
type Store struct {
	path    string
	db      *sql.DB
	version int         // of the database: a reader takes older ones too
	opened  os.FileInfo // when a reader opened it
	frozen  string      // face of a file whose changes a reader does not see; "" where it does
	home    string      // path without links
	owner   owner
	watch   watch // of the runs of others; only within a write
}

// Open opens a database for writing, and makes it where there is none, with its folder. Runs whose process is gone become
// lost, and their trials pending again.
func Open(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, environment(err, "%s: its folder cannot be made: %v", path, cause(err))
	}
	s := &Store{path: path}
	err := guard(path, s.start)
	if err == nil {
		if s.home, err = filepath.EvalSymlinks(path); err != nil {
			err = environment(err, "%s: %v", path, cause(err))
		}
	}
	if err == nil {
		s.owner, err = acquire(s.home)
	}
	if err == nil {
		err = s.write(func(tx *sql.Tx) error {
			if err := exec(tx, `UPDATE runs SET state = state WHERE 0`); err != nil { // it is read-only
				return err
			}
			return s.sweep(tx, 0, 0)
		})
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	s.watch = watch{} // of a clock that we did not have
	stores.add(s)
	bury(s.home)
	return s, nil
}

// OpenRead opens a database that is there for reading alone, also while another process writes to it.
func OpenRead(path string) (*Store, error) {
	home, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("%s: no database here; ctrlab run makes one: %w", path, cause(err))
	}
	s := &Store{path: path, home: home}
	if s.opened, err = os.Stat(path); err != nil {
		return nil, environment(err, "%s: %v", path, cause(err))
	}
	fresh, err := s.connect("mode=rw", "_query_only=1")
	if unwritable(err) && s.quiescent() {
		s.Close()
		fresh, err = s.connect("mode=ro", "immutable=1")
		s.frozen = s.face()
	}
	if err == nil && !fresh {
		err = s.renew()
	}
	if err == nil && fresh {
		err = environment(nil, "%s: an empty database; ctrlab run fills one", path)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	stores.add(s)
	return s, nil
}

// quiescent says whether all that was written is in the database file itself.
func (s *Store) quiescent() bool {
	_, err := os.Stat(s.path + "-wal")
	return errors.Is(err, fs.ErrNotExist)
}

// Path is where the database is.
func (s *Store) Path() string { return s.path }

// Close lets go of the database; once is enough, twice does no harm.
func (s *Store) Close() error {
	err := s.disconnect()
	stores.remove(s)
	s.owner.release()
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
	if s.db, err = s.dial(options...); err != nil {
		return false, err
	}
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

// dial readies one connection: so one transaction at a time.
func (s *Store) dial(options ...string) (*sql.DB, error) {
	path, err := filepath.Abs(s.path)
	if err != nil {
		return nil, environment(err, "%s: %v", s.path, err)
	}
	dsn := url.URL{Scheme: "file", Path: path}
	dsn.RawQuery = fmt.Sprintf("_synchronous=FULL&_foreign_keys=1&_busy_timeout=%d", patience.Milliseconds())
	for _, o := range options {
		dsn.RawQuery += "&" + o
	}
	db, err := sql.Open("sqlite3", dsn.String())
	if err != nil {
		return nil, s.wrap(err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// start readies a connection for writing; a database that it cannot make whole goes away again.
func (s *Store) start() error {
	_, missing := os.Stat(s.path)
	err := s.prepare()
	if err != nil && errors.Is(missing, fs.ErrNotExist) {
		_ = s.disconnect()
		s.db = nil
		_ = os.Remove(s.path)
	}
	return err
}

func (s *Store) prepare() error {
	fresh, err := s.connect("mode=rwc", "_txlock=immediate")
	if err != nil {
		return err
	}
	if fresh {
		if err := s.write(func(tx *sql.Tx) error { return exec(tx, schema+views) }); err != nil {
			return err
		}
		s.version = version
	}
	if err := s.migrate(); err != nil {
		return err
	}
	_, err = s.db.Exec(`PRAGMA journal_mode = WAL`)
	return s.wrap(err)
}

// migrate brings an older database to our version.
func (s *Store) migrate() error {
	for ; s.version < version; s.version++ {
		err := s.write(func(tx *sql.Tx) error {
			for _, m := range viewName.FindAllStringSubmatch(views, -1) {
				if err := exec(tx, `DROP VIEW IF EXISTS `+m[1]); err != nil {
					return err
				}
			}
			return exec(tx, fmt.Sprintf("%s; PRAGMA user_version = %d;\n%s", migrations[s.version-1], s.version+1, views))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var viewName = regexp.MustCompile(`CREATE VIEW (\w+)`)

// renew gives the reader of an older database a copy in memory that is brought up to date: the file stays as it is.
func (s *Store) renew() error {
	if s.version == version {
		return nil
	}
	fresh, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return s.wrap(err)
	}
	fresh.SetMaxOpenConns(1)
	fresh.SetConnMaxLifetime(0) // the copy lives as long as its connection
	if err := copyTo(fresh, s.db); err != nil {
		fresh.Close()
		return s.wrap(err)
	}
	_ = s.db.Close()
	s.db, s.frozen = fresh, s.face()
	return s.migrate()
}

func copyTo(to, from *sql.DB) error {
	return raw(to, func(to *sqlite3.SQLiteConn) error {
		return raw(from, func(from *sqlite3.SQLiteConn) error {
			b, err := to.Backup("main", from, "main")
			if err != nil {
				return err
			}
			done, err := b.Step(-1) // all pages
			if err == nil && !done {
				err = sqlite3.Error{Code: sqlite3.ErrBusy}
			}
			return errors.Join(err, b.Finish())
		})
	})
}

// raw calls f with the driver's connection.
func raw(db *sql.DB, f func(*sqlite3.SQLiteConn) error) error {
	c, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(driver any) error { return f(driver.(*sqlite3.SQLiteConn)) })
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
	err = s.wrap(tx.Commit())
	between()
	return err
}

func exec(tx *sql.Tx, query string, args ...any) error {
	between()
	_, err := tx.Exec(query, args...)
	between()
	return err
}

// between is called around what writes. A variable for tests only: they kill the process there.
var between = func() {}
