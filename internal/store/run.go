package store

import (
	"database/sql"
	"maps"
	"slices"
	"sync"
	"time"

	"ctrlab/internal/metric"
)

// Start says how a run was started.
type Start struct {
	Trial       string // id
	Environment Environment
	Workers     int
	Shared      bool // beside other trials
	At          time.Time
}

// Outcome says how a run ended.
type Outcome struct {
	State   string             // Done, Failed or Cancelled
	Results map[string]float64 // when Done
	Error   string             // when Failed, one line
	Stack   string             // of a panic
	At      time.Time
}

// Run is one execution of a trial, under way.
type Run struct {
	ID    int64
	trial string
	store *Store

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

// Begin starts a run.
func (s *Store) Begin(b Start) (*Run, error) {
	r := &Run{trial: b.Trial, store: s}
	err := s.write(func(tx *sql.Tx) error {
		if err := saveEnvironment(tx, b.Environment); err != nil {
			return err
		}
		err := tx.QueryRow(`INSERT INTO runs (trial, environment, workers, shared, started_at) VALUES (?, ?, ?, ?, ?) RETURNING id`,
			b.Trial, b.Environment.ID, b.Workers, b.Shared, stamp(b.At)).Scan(&r.ID)
		if err != nil {
			return err
		}
		return exec(tx, `UPDATE trials SET state = 'running' WHERE id = ?`, b.Trial)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func saveEnvironment(tx *sql.Tx, e Environment) error {
	return exec(tx, `INSERT INTO environments (id, build, version, go, os, arch, cpu, features, kernels, cores, memory)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		e.ID, e.Build, e.Version, e.Go, e.OS, e.Arch, e.CPU, e.Features, e.Kernels, e.Cores, e.Memory)
}

// Record keeps a point; of two of one metric at one step the later counts.
func (r *Run) Record(p metric.Point) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.points = append(r.points, p)
	if len(r.points) < flushPoints && p.Seconds-r.written < flushSeconds {
		return nil
	}
	if err := r.store.write(r.flush); err != nil {
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
	return r.store.write(func(tx *sql.Tx) error {
		return exec(tx, `UPDATE runs SET test_reads = test_reads + 1 WHERE id = ?`, r.ID)
	})
}

// Finish ends a run. A run that is done is what counts from now on; a failed one takes an earlier build's results
// out of the tables, a cancelled one leaves the trial as it was found: pending, or done by an earlier build.
func (r *Run) Finish(o Outcome) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.store.write(func(tx *sql.Tx) error {
		if err := r.flush(tx); err != nil {
			return err
		}
		err := exec(tx, `UPDATE runs SET state = ?, ended_at = ?, error = ?, stack = ? WHERE id = ?`,
			o.State, stamp(o.At), o.Error, o.Stack, r.ID)
		if err != nil {
			return err
		}
		switch o.State {
		case Done:
			return r.done(tx, o.Results)
		case Failed:
			return exec(tx, `UPDATE trials SET state = 'failed', run = NULL WHERE id = ?`, r.trial)
		case Cancelled:
			return exec(tx, `UPDATE trials SET state = iif(run IS NULL, 'pending', 'done') WHERE id = ?`, r.trial)
		}
		panic("store: a run ends done, failed or cancelled")
	})
}

func (r *Run) done(tx *sql.Tx, results map[string]float64) error {
	for _, name := range slices.Sorted(maps.Keys(results)) {
		err := exec(tx, `INSERT INTO results (run, name, value) VALUES (?, ?, ?)`, r.ID, name, finite(results[name]))
		if err != nil {
			return err
		}
	}
	return exec(tx, `UPDATE trials SET state = 'done', run = ? WHERE id = ?`, r.ID, r.trial)
}
