package store

import (
	"database/sql"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ctrlab/internal/metric"
)

// ErrLost is what writing of a run returns whose lease another process has taken, or that has been removed.
var ErrLost = errors.New("the run was lost to another process")

// Outcome says how a run ended.
type Outcome struct {
	State   string             // Done, Failed or Cancelled
	Results map[string]float64 // when Done
	Pairs   []metric.Pair      // when Done: of fields, in their order
	Slices  []metric.Slice     // when Done: of test
	Digest  string             // when Done, of parameters and metrics; "" without any
	Error   string             // when Failed, one line
	Stack   string             // of a panic
	Retry   bool               // when Failed: by what may pass, so that the trial is pending again
	Log     string             // its last lines
	At      time.Time
}

// Run is one execution of a trial, under way, and the lease of it.
type Run struct {
	ID      int64
	Attempt int       // 1 for the first run of the trial by its build
	Started time.Time // as claimed
	trial   string
	store   *Store

	progress atomic.Pointer[progress] // to be written with the next heartbeat

	mu      sync.Mutex
	points  []metric.Point // not yet written
	written float64        // Seconds of the last point that is
}

// Points wait until flushPoints of them or flushSeconds of training have come together: a commit costs a disk
// its seek, and a killed run starts again anyway.
const (
	flushPoints  = 512
	flushSeconds = 1
)

func saveEnvironment(tx *sql.Tx, e Environment) error {
	return exec(tx, `INSERT INTO environments (id, build, version, go, os, arch, cpu, features, kernels, cores, memory)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		e.ID, e.Build, e.Version, e.Go, e.OS, e.Arch, e.CPU, e.Features, e.Kernels, e.Cores, e.Memory)
}

// write is the store's, for who holds the lease.
func (r *Run) write(f func(*sql.Tx) error) error {
	return r.store.write(func(tx *sql.Tx) error {
		var state string
		err := tx.QueryRow(`SELECT state FROM runs WHERE id = ?`, r.ID).Scan(&state)
		if errors.Is(err, sql.ErrNoRows) || err == nil && state != Running {
			return ErrLost
		}
		if err != nil {
			return err
		}
		return f(tx)
	})
}

// progress is how far a run is, and its examples a second.
type progress struct {
	metric.Progress
	rate float64
}

// Progress says how far the run is and how many examples a second it takes, for the next Beat to write.
func (r *Run) Progress(at metric.Progress, rate float64) { r.progress.Store(&progress{at, rate}) }

// Beat says that the run lives, and keeps the last lines of its log, and its progress.
func (r *Run) Beat(at time.Time, log string) error {
	return r.write(func(tx *sql.Tx) error {
		if p := r.progress.Load(); p != nil {
			if err := exec(tx, `UPDATE runs SET examples = ?, total = ?, loss = ?, rate = ? WHERE id = ?`,
				p.Examples, p.Total, finite(p.Loss), p.rate, r.ID); err != nil {
				return err
			}
		}
		return exec(tx, `UPDATE runs SET heartbeats = heartbeats + 1, heartbeat_at = ?, log = ? WHERE id = ?`, stamp(at), log, r.ID)
	})
}

// Resumed notes the step of the checkpoint that the run goes on from.
func (r *Run) Resumed(step int) error {
	return r.write(func(tx *sql.Tx) error { return exec(tx, `UPDATE runs SET resumed_from = ? WHERE id = ?`, step, r.ID) })
}

// Leave notes a file that the run leaves; of two of one path the later counts.
func (r *Run) Leave(a Artifact) error {
	return r.write(func(tx *sql.Tx) error {
		return exec(tx, `INSERT INTO artifacts (run, kind, path, digest, bytes) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET kind = excluded.kind, digest = excluded.digest, bytes = excluded.bytes`, r.ID, a.Kind, a.Path, a.Digest, a.Bytes)
	})
}

// Record keeps a point; of two of one metric at one step the later counts.
func (r *Run) Record(p metric.Point) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.points = append(r.points, p)
	if len(r.points) < flushPoints && p.Seconds-r.written < flushSeconds {
		return nil
	}
	if err := r.write(r.flush); err != nil {
		return err
	}
	r.points, r.written = r.points[:0], p.Seconds
	return nil
}

func (r *Run) flush(tx *sql.Tx) error {
	insert, err := tx.Prepare(`INSERT INTO points (run, name, step, examples, seconds, value) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET examples = excluded.examples, seconds = excluded.seconds, value = excluded.value`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, p := range r.points {
		if _, err := insert.Exec(r.ID, p.Name, p.Step, p.Examples, p.Seconds, finite(p.Value)); err != nil {
			return err
		}
	}
	return nil
}

// ReadTest counts a reading of the test split. It is called before the reading, so that none goes uncounted.
func (r *Run) ReadTest() error {
	return r.write(func(tx *sql.Tx) error {
		return exec(tx, `UPDATE runs SET test_reads = test_reads + 1 WHERE id = ?`, r.ID)
	})
}

// Finish ends a run; what is sealed is taken out of o.Results. A run that is done is what counts from now on; one that failed for good takes an earlier build's
// results out of the tables, any other leaves the trial as it was found.
func (r *Run) Finish(o Outcome) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.write(func(tx *sql.Tx) error {
		if err := r.flush(tx); err != nil {
			return err
		}
		err := exec(tx, `UPDATE runs SET state = ?, ended_at = ?, error = ?, stack = ?, retry = ?, log = ?, final_digest = ? WHERE id = ?`,
			o.State, stamp(o.At), o.Error, o.Stack, o.Retry, o.Log, o.Digest, r.ID)
		if err != nil {
			return err
		}
		if o.State == Done {
			if err := savePairs(tx, r.ID, o.Pairs); err != nil {
				return err
			}
			if err := saveSlices(tx, r.ID, o.Slices); err != nil {
				return err
			}
			return r.done(tx, o.Results)
		}
		if o.State == Failed && !o.Retry {
			if err := exec(tx, `UPDATE trials SET run = NULL WHERE id = ?`, r.trial); err != nil {
				return err
			}
		}
		return restate(tx, r.trial)
	})
}

func (r *Run) done(tx *sql.Tx, results map[string]float64) error {
	hidden, err := sealed(tx, r.trial)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(results)) {
		err := exec(tx, `INSERT INTO `+place(name, hidden)+` (run, name, value) VALUES (?, ?, ?)`, r.ID, name, finite(results[name]))
		if err != nil {
			return err
		}
	}
	if hidden {
		maps.DeleteFunc(results, func(name string, _ float64) bool { return place(name, true) != place(name, false) })
	}
	return count(tx, r.trial, r.ID)
}
