package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
)

// Runs returns the runs of all trials, the latest in front.
func (s *Store) Runs() ([]RunInfo, error) {
	var l []RunInfo
	err := s.read(func(tx *sql.Tx) (err error) {
		l, err = s.runs(tx, ``)
		return err
	})
	return l, err
}

// Run returns all that is known of a run.
func (s *Store) Run(id int64) (*RunDetail, error) {
	d := &RunDetail{}
	err := s.read(func(tx *sql.Tx) error {
		l, err := s.runs(tx, `WHERE r.id = ?`, id)
		if err != nil {
			return err
		}
		if len(l) == 0 {
			return noRun(strconv.FormatInt(id, 10))
		}
		d.RunInfo = l[0]
		if d.Artifacts, err = artifacts(tx, `run = ?`, id); err != nil {
			return err
		}
		if d.Results, err = results(tx, id); err != nil {
			return err
		}
		e := &d.Environment
		return tx.QueryRow(`SELECT t.config, (SELECT count(*) FROM points WHERE run = r.id),
			e.id, e.build, e.version, e.go, e.os, e.arch, e.cpu, e.features, e.kernels, e.cores, e.memory
			FROM runs r JOIN trials t ON t.id = r.trial JOIN environments e ON e.id = r.environment WHERE r.id = ?`, id).Scan(&d.Config, &d.Points,
			&e.ID, &e.Build, &e.Version, &e.Go, &e.OS, &e.Arch, &e.CPU, &e.Features, &e.Kernels, &e.Cores, &e.Memory)
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (s *Store) runs(tx *sql.Tx, where string, args ...any) ([]RunInfo, error) {
	query := `WITH members AS (SELECT experiment, trial, label FROM experiment_trials
			UNION ALL SELECT s.experiment, x.trial, x.label FROM search_trials x JOIN searches s ON s.id = x.search),
		plans AS (SELECT p.trial, x.name, p.label, row_number() OVER (PARTITION BY p.trial ORDER BY x.planned_at DESC, x.id DESC) AS nth
			FROM members p JOIN experiments x ON x.id = p.experiment)
		SELECT r.id, r.trial, r.state, r.id IS t.run, r.attempt, r.retry, r.error, r.stack, r.log, r.started_at, coalesce(r.ended_at, ''),
			coalesce(r.heartbeat_at, ''), r.workers, r.shared, r.memory, r.test_reads, coalesce(r.resumed_from, -1), r.final_digest, r.owner,
			e.build, t.model, t.seed, coalesce(p.name, ''), coalesce(p.label, '')
		FROM runs r JOIN trials t ON t.id = r.trial JOIN environments e ON e.id = r.environment LEFT JOIN plans p ON p.trial = r.trial AND p.nth = 1
		` + where + ` ORDER BY r.id DESC`
	var l []RunInfo
	err := each(tx, query, args, func(row *sql.Rows) error {
		var r RunInfo
		var seed int64
		err := row.Scan(&r.ID, &r.Trial, &r.State, &r.Counts, &r.Attempt, &r.Retry, &r.Error, &r.Stack, &r.Log, timeOf(&r.Started), timeOf(&r.Ended),
			timeOf(&r.Heartbeat), &r.Workers, &r.Shared, &r.Memory, &r.TestReads, &r.ResumedFrom, &r.FinalDigest, &r.Owner,
			&r.Build, &r.Model, &seed, &r.Experiment, &r.Label)
		if r.Seed = uint64(seed); r.State == Running && !alive(s.home, r.Owner) {
			r.State = Lost
		}
		l = append(l, r)
		return err
	})
	return l, err
}

func artifacts(tx *sql.Tx, where string, run int64) ([]Artifact, error) {
	var l []Artifact
	err := each(tx, `SELECT kind, path, digest, bytes FROM artifacts WHERE `+where+` ORDER BY kind, path`, []any{run}, func(row *sql.Rows) error {
		var a Artifact
		err := row.Scan(&a.Kind, &a.Path, &a.Digest, &a.Bytes)
		l = append(l, a)
		return err
	})
	return l, err
}

// Retry makes a run that failed settle nothing, nor any other failure of its trial: the trial is pending again.
func (s *Store) Retry(run int64) error {
	return s.write(func(tx *sql.Tx) error {
		var trial string
		err := tx.QueryRow(`SELECT trial FROM runs WHERE id = ? AND state = 'failed'`, run).Scan(&trial)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("run %d has not failed", run)
		}
		if err != nil {
			return err
		}
		if err := exec(tx, `UPDATE runs SET retry = 1 WHERE trial = ? AND state = 'failed'`, trial); err != nil {
			return err
		}
		return restate(tx, trial)
	})
}

// Removed is what went with a run, or would.
type Removed struct {
	Run       RunInfo
	Points    int
	Results   int
	Artifacts []Artifact // that no other run has; their files are the caller's to remove
	Last      bool       // its trial has no run any more
}

// Remove removes a run with its points and results; where these counted, those of the last other run that is done do now.
// With dry it only says what it would remove.
func (s *Store) Remove(run int64, dry bool) (Removed, error) {
	var out Removed
	err := s.write(func(tx *sql.Tx) error {
		l, err := s.runs(tx, `WHERE r.id = ?`, run)
		switch {
		case err != nil:
			return err
		case len(l) == 0:
			return noRun(strconv.FormatInt(run, 10))
		case l[0].State == Running:
			return fmt.Errorf("run %d is under way, by %s", run, l[0].Process())
		}
		out = Removed{Run: l[0]}
		if err := out.look(tx); err != nil || dry {
			return err
		}
		err = exec(tx, `UPDATE trials SET run = (SELECT max(id) FROM runs WHERE trial = trials.id AND state = 'done' AND id != ?1) WHERE run = ?1`, run)
		if err != nil {
			return err
		}
		if err := exec(tx, `DELETE FROM runs WHERE id = ?`, run); err != nil {
			return err
		}
		return restate(tx, l[0].Trial)
	})
	return out, err
}

func (r *Removed) look(tx *sql.Tx) error {
	err := tx.QueryRow(`SELECT (SELECT count(*) FROM points WHERE run = ?1), (SELECT count(*) FROM results WHERE run = ?1),
		NOT EXISTS (SELECT 1 FROM runs WHERE trial = ?2 AND id != ?1)`, r.Run.ID, r.Run.Trial).Scan(&r.Points, &r.Results, &r.Last)
	if err != nil {
		return err
	}
	r.Artifacts, err = artifacts(tx, `run = ?1 AND path NOT IN (SELECT path FROM artifacts WHERE run != ?1)`, r.Run.ID)
	return err
}
