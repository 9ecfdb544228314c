package store

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Found is a run with what it was of and where.
type Found struct {
	Run         int64
	State       string
	Started     time.Time
	Workers     int
	Shared      bool
	Digest      string // of the parameters that were kept and their metrics; "" without any
	Experiment  string // the latest that has the trial
	Trial       Trial  // Label is that of Experiment; Results are the run's
	Dataset     Dataset
	Environment Environment
	Artifacts   []Artifact
	Sealed      bool // results on test may not be seen yet
}

// Name is how a message calls it.
func (f Found) Name() string {
	return fmt.Sprintf("run %d (%s, seed %d) of %s", f.Run, f.Trial.Label, f.Trial.Seed, f.Experiment)
}

var hexPrefix = regexp.MustCompile(`^[0-9a-f]{4,64}$`)

// Find returns the runs that a name means: the number of a run; the id of a trial or the first four or more of its digits,
// which means the run that counts; or experiment/label, which means those of the variant's seeds, in the latest plan.
func (s *Store) Find(name string) (found []Found, err error) {
	err = s.read(func(tx *sql.Tx) error {
		ids, err := find(tx, name)
		if err != nil {
			return err
		}
		for _, id := range ids {
			f, err := foundRun(tx, id)
			if err != nil {
				return err
			}
			found = append(found, f)
		}
		return nil
	})
	return found, err
}

func find(tx *sql.Tx, name string) ([]int64, error) {
	if experiment, label, ok := strings.Cut(name, "/"); ok {
		return findLabel(tx, experiment, label)
	}
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		if ids, err := numbers(tx, `SELECT id FROM runs WHERE id = ?`, n); err != nil || len(ids) == 1 {
			return ids, err
		}
	}
	if !hexPrefix.MatchString(name) {
		return nil, noRun(name)
	}
	var trial string
	var run sql.NullInt64
	matches := 0
	err := each(tx, `SELECT id, run FROM trials WHERE id >= ? AND id < ? LIMIT 2`, []any{name, name + "g"}, func(row *sql.Rows) error {
		matches++
		return row.Scan(&trial, &run)
	})
	switch {
	case err != nil:
		return nil, err
	case matches == 0:
		return nil, noRun(name)
	case matches > 1:
		return nil, fmt.Errorf("%s begins the ids of several trials, want more digits", name)
	case !run.Valid:
		return nil, fmt.Errorf("trial %.12s has no run that is done", trial)
	}
	return []int64{run.Int64}, nil
}

func findLabel(tx *sql.Tx, experiment, label string) ([]int64, error) {
	l, err := experiments(tx, `WHERE name = ?`, experiment)
	if err != nil {
		return nil, err
	}
	if len(l) == 0 {
		return nil, unknown(tx, experiment)
	}
	ids, err := numbers(tx, `SELECT t.run FROM experiment_trials p JOIN trials t ON t.id = p.trial
		WHERE p.experiment = ? AND p.label = ? AND t.run IS NOT NULL ORDER BY p.ordinal`, l[0].ID, label)
	if err != nil || len(ids) > 0 {
		return ids, err
	}
	var labels []string
	err = each(tx, `SELECT label FROM experiment_trials WHERE experiment = ? GROUP BY label ORDER BY min(ordinal)`, []any{l[0].ID}, func(row *sql.Rows) error {
		var one string
		err := row.Scan(&one)
		if one == label {
			err = errors.Join(err, fmt.Errorf("%s/%s has no run that is done", experiment, label))
		}
		labels = append(labels, one)
		return err
	})
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s has no variant %q, but %s", experiment, label, strings.Join(labels, ", "))
}

func numbers(tx *sql.Tx, query string, args ...any) (l []int64, err error) {
	err = each(tx, query, args, func(row *sql.Rows) error {
		var n int64
		err := row.Scan(&n)
		l = append(l, n)
		return err
	})
	return l, err
}

// noRun is what all say who were asked for a run that is not there.
func noRun(name string) error {
	return fmt.Errorf("it has no run %s; ctrlab runs lists those there are", name)
}

// called is the latest experiment that has a trial, in its plan or tried by a search, and what that calls it; nothing where none has.
func called(tx *sql.Tx, trial string) (experiment, label string, err error) {
	err = tx.QueryRow(`SELECT x.name, p.label FROM (SELECT experiment, label, 0 AS tried FROM experiment_trials WHERE trial = ?1
			UNION ALL SELECT s.experiment, t.label, 1 FROM search_trials t JOIN searches s ON s.id = t.search WHERE t.trial = ?1) p
		JOIN experiments x ON x.id = p.experiment ORDER BY x.planned_at DESC, x.id DESC, p.tried LIMIT 1`, trial).Scan(&experiment, &label)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return experiment, label, err
}

// foundRun reads all about a run.
func foundRun(tx *sql.Tx, run int64) (f Found, err error) {
	const query = `SELECT r.id, r.state, r.started_at, r.workers, r.shared, r.final_digest,
		t.id, t.model, t.variant, t.seed, t.config, t.dataset,
		d.source, d.options, d.schema, d.train, d.valid, d.test, d.digests,
		e.id, e.build, e.version, e.go, e.os, e.arch, e.cpu, e.features, e.kernels, e.cores, e.memory
		FROM runs r JOIN trials t ON t.id = r.trial JOIN datasets d ON d.id = t.dataset JOIN environments e ON e.id = r.environment
		WHERE r.id = ?`
	t, d, e := &f.Trial, &f.Dataset, &f.Environment
	var seed int64
	err = tx.QueryRow(query, run).Scan(&f.Run, &f.State, timeOf(&f.Started), &f.Workers, &f.Shared, &f.Digest,
		&t.ID, &t.Model, &t.Variant, &seed, &t.Config, &t.Dataset,
		&d.Source, &d.Options, &d.Schema, &d.Rows[0], &d.Rows[1], &d.Rows[2], jsonOf(&d.Digests),
		&e.ID, &e.Build, &e.Version, &e.Go, &e.OS, &e.Arch, &e.CPU, &e.Features, &e.Kernels, &e.Cores, &e.Memory)
	if err != nil {
		return f, err
	}
	if f.Experiment, t.Label, err = called(tx, t.ID); err != nil {
		return f, err
	}
	t.Seed, t.Run, t.Shared, t.State, d.ID = uint64(seed), f.Run, f.Shared, f.State, t.Dataset
	if t.Results, err = results(tx, f.Run); err != nil {
		return f, err
	}
	if f.Artifacts, err = artifacts(tx, `run = ?`, f.Run); err != nil {
		return f, err
	}
	f.Sealed, err = sealed(tx, t.ID)
	return f, err
}
