package store

import (
	"database/sql"
	"errors"
	"time"
)

// Start asks for a trial to run.
type Start struct {
	Trial       string // id
	Environment Environment
	Workers     int
	Shared      bool // beside other trials; else it is when another run is under way
	At          time.Time
	Memory      int64 // bytes that it will take
	Room        int64 // bytes that all runs under way may take together; 0: no matter

	// Tick is a reading of a clock that never jumps, as the time since the process began. A run of another process that has
	// not beaten for a Lease of it is lost.
	Tick, Lease time.Duration
}

// Claim starts a run of a trial, unless the trial has no need of one or cannot have one now. Then the run is nil, and the
// trial's State says why: Done by this build, with Run and Results; Failed by this build for good, with Error; Running, in
// another process; or Pending, for want of memory.
func (s *Store) Claim(b Start) (*Run, Trial, error) {
	var r *Run
	var t Trial
	err := s.write(func(tx *sql.Tx) (err error) {
		r, t = nil, Trial{ID: b.Trial}
		if err := s.sweep(tx, b.Tick, b.Lease); err != nil {
			return err
		}
		if err := standing(tx, &t, b.Environment.Build); err != nil || t.State != Pending {
			return err
		}
		if room, err := fits(tx, b); err != nil || !room {
			return err
		}
		r, err = s.begin(tx, b)
		t.State = Running
		return err
	})
	if err != nil {
		return nil, t, err
	}
	return r, t, nil
}

// standing finds how a trial stands for a build, and makes what that has done what counts.
func standing(tx *sql.Tx, t *Trial, build string) error {
	err := tx.QueryRow(`SELECT CASE state WHEN 'running' THEN 'running' ELSE 'pending' END FROM trials WHERE id = ?`, t.ID).Scan(&t.State)
	if err != nil {
		return err
	}
	if t.State == Running {
		return nil
	}
	const last = `FROM runs r JOIN environments e ON e.id = r.environment WHERE r.trial = ? AND e.build = ? AND `
	err = tx.QueryRow(`SELECT r.id, r.shared `+last+`r.state = 'done' ORDER BY r.id DESC LIMIT 1`, t.ID, build).Scan(&t.Run, &t.Shared)
	if err == nil {
		t.State = Done
		if err := count(tx, t.ID, t.Run); err != nil {
			return err
		}
		t.Results, err = results(tx, t.Run)
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRow(`SELECT 'failed', r.error `+last+`r.state = 'failed' AND NOT r.retry ORDER BY r.id DESC LIMIT 1`, t.ID, build).
			Scan(&t.State, &t.Error)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// count makes a run the one whose results count.
func count(tx *sql.Tx, trial string, run int64) error {
	return exec(tx, `UPDATE trials SET state = 'done', run = ?1 WHERE id = ?2 AND (state != 'done' OR run IS NOT ?1)`, run, trial)
}

func fits(tx *sql.Tx, b Start) (bool, error) {
	if b.Room == 0 {
		return true, nil
	}
	var taken int64
	err := tx.QueryRow(`SELECT coalesce(sum(memory), 0) FROM runs WHERE state = 'running'`).Scan(&taken)
	return taken == 0 || taken+b.Memory <= b.Room, err
}

func (s *Store) begin(tx *sql.Tx, b Start) (*Run, error) {
	if err := saveEnvironment(tx, b.Environment); err != nil {
		return nil, err
	}
	r := &Run{Started: b.At, trial: b.Trial, store: s}
	err := tx.QueryRow(`INSERT INTO runs (trial, environment, workers, shared, started_at, memory, owner, heartbeat_at, attempt)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?5, 1 + (SELECT count(*) FROM runs r JOIN environments e ON e.id = r.environment
			WHERE r.trial = ?1 AND e.build = ?8)) RETURNING id, attempt`,
		b.Trial, b.Environment.ID, b.Workers, b.Shared, stamp(b.At), b.Memory, s.owner.text, b.Environment.Build).Scan(&r.ID, &r.Attempt)
	if err != nil {
		return nil, err
	}
	return r, exec(tx, `UPDATE trials SET state = 'running' WHERE id = ?1;
		UPDATE runs SET shared = 1 WHERE state = 'running' AND (SELECT count(*) FROM runs WHERE state = 'running') > 1`, b.Trial)
}

// sweep takes the leases of processes that are gone, and of those that have been silent for as long as a lease lasts.
func (s *Store) sweep(tx *sql.Tx, tick, lease time.Duration) error {
	s.watch.look(tick, lease)
	var lost []int64
	err := each(tx, `SELECT id, owner, heartbeats FROM runs WHERE state = 'running' AND owner != ?`, []any{s.owner.text}, func(row *sql.Rows) error {
		var id, beats int64
		var owner string
		if err := row.Scan(&id, &owner, &beats); err != nil {
			return err
		}
		if !alive(s.home, owner) || s.watch.silent(id, beats) {
			lost = append(lost, id)
		}
		return nil
	})
	for _, id := range lost {
		if err == nil {
			err = lose(tx, id)
		}
	}
	return err
}

func lose(tx *sql.Tx, run int64) error {
	var trial string
	err := tx.QueryRow(`UPDATE runs SET state = 'lost' WHERE id = ? RETURNING trial`, run).Scan(&trial)
	if err != nil {
		return err
	}
	return restate(tx, trial)
}

// restate sets a trial's state by its runs.
func restate(tx *sql.Tx, trial string) error {
	return exec(tx, `UPDATE trials SET state = CASE
		WHEN EXISTS (SELECT 1 FROM runs WHERE trial = trials.id AND state = 'running') THEN 'running'
		WHEN run IS NOT NULL THEN 'done'
		WHEN EXISTS (SELECT 1 FROM runs WHERE trial = trials.id AND state = 'failed' AND NOT retry) THEN 'failed'
		ELSE 'pending' END WHERE id = ?`, trial)
}

// watch is how long the runs of others have been silent, by the clock of who looks: theirs may say anything.
//
// It counts only while looks come often: who was stopped himself, or could not get at the database, knows nothing of how
// the others fared meanwhile, and begins again.
type watch struct {
	tick, lease time.Duration
	runs        map[int64]silence
}

type silence struct {
	beats int64
	since time.Duration
}

func (w *watch) look(tick, lease time.Duration) {
	if w.runs == nil || tick-w.tick > lease/2 {
		w.runs = map[int64]silence{}
	}
	w.tick, w.lease = tick, lease
}

func (w *watch) silent(run, beats int64) bool {
	was, ok := w.runs[run]
	if !ok || was.beats != beats {
		w.runs[run] = silence{beats, w.tick}
		return false
	}
	return w.tick-was.since > w.lease
}
