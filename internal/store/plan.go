package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"time"
)

// States of a trial and of a run; a trial is never cancelled or lost but pending again.
const (
	Pending   = "pending"
	Running   = "running"
	Done      = "done"
	Failed    = "failed"
	Cancelled = "cancelled"
	Lost      = "lost"
)

// SavePlan stores an experiment with all its trials in one transaction. Of e it takes all but ID, of a trial what a
// plan knows: ID, Label, Model, Variant, Seed, Config and Dataset; their order is the plan's.
//
// It sets e.ID and the State, Run and Results of every trial: Done where a run by the same build has been done,
// Pending for all others, also those that another build has done.
func (s *Store) SavePlan(e *Experiment, data []Dataset, trials []Trial, build string) error {
	return s.write(func(tx *sql.Tx) error {
		for _, d := range data {
			if err := saveDataset(tx, d); err != nil {
				return err
			}
		}
		if err := saveExperiment(tx, e); err != nil {
			return err
		}
		for i := range trials {
			t := &trials[i]
			t.Ordinal = i
			if err := saveTrial(tx, e.ID, *t); err != nil {
				return err
			}
			if err := resume(tx, t, build); err != nil {
				return err
			}
		}
		return nil
	})
}

func saveDataset(tx *sql.Tx, d Dataset) error {
	return exec(tx, `INSERT INTO datasets (id, source, options, schema, train, valid, test, bad_rows, warnings, digests)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		d.ID, d.Source, d.Options, d.Schema, d.Rows[0], d.Rows[1], d.Rows[2], d.BadRows, list(d.Warnings), list(d.Digests[:]))
}

func saveExperiment(tx *sql.Tx, e *Experiment) error {
	at := stamp(e.Created)
	return tx.QueryRow(`INSERT INTO experiments (name, question, plan, file, overrides, created_at, planned_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (plan) DO UPDATE SET question = excluded.question, file = excluded.file,
			overrides = excluded.overrides, planned_at = excluded.planned_at
		RETURNING id`,
		e.Name, e.Question, e.PlanDigest, e.File, list(e.Overrides), at, at).Scan(&e.ID)
}

func saveTrial(tx *sql.Tx, experiment int64, t Trial) error {
	err := exec(tx, `INSERT INTO trials (id, variant, model, seed, dataset, config) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`,
		t.ID, t.Variant, t.Model, int64(t.Seed), t.Dataset, t.Config)
	if err != nil {
		return err
	}
	return exec(tx, `INSERT INTO experiment_trials (experiment, ordinal, trial, label) VALUES (?, ?, ?, ?)
		ON CONFLICT (experiment, ordinal) DO NOTHING`, experiment, t.Ordinal, t.ID, t.Label)
}

// resume finds what a build has done of a trial, and makes it what counts.
func resume(tx *sql.Tx, t *Trial, build string) error {
	t.State, t.Run, t.Results = Pending, 0, nil
	err := tx.QueryRow(`SELECT r.id, r.shared FROM runs r JOIN environments e ON e.id = r.environment
		WHERE r.trial = ? AND r.state = 'done' AND e.build = ? ORDER BY r.id DESC LIMIT 1`, t.ID, build).Scan(&t.Run, &t.Shared)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	t.State = Done
	if err := exec(tx, `UPDATE trials SET state = 'done', run = ? WHERE id = ?`, t.Run, t.ID); err != nil {
		return err
	}
	t.Results, err = results(tx, t.Run)
	return err
}

func results(tx *sql.Tx, run int64) (map[string]float64, error) {
	m := map[string]float64{}
	err := each(tx, `SELECT name, value FROM results WHERE run = ?`, []any{run}, func(row *sql.Rows) error {
		var name string
		var v sql.NullFloat64
		err := row.Scan(&name, &v)
		m[name] = number(v)
		return err
	})
	return m, err
}

// each calls f with every row of a query.
func each(tx *sql.Tx, query string, args []any, f func(*sql.Rows) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

const timeLayout = "2006-01-02T15:04:05.000Z"

func stamp(t time.Time) string { return t.UTC().Format(timeLayout) }

func finite(v float64) sql.NullFloat64 {
	return sql.NullFloat64{Float64: v, Valid: !math.IsNaN(v) && !math.IsInf(v, 0)}
}

func number(v sql.NullFloat64) float64 {
	if !v.Valid {
		return math.NaN()
	}
	return v.Float64
}

// list returns JSON of a list of strings, [] for none.
func list(l []string) string {
	if l == nil {
		return "[]"
	}
	b, err := json.Marshal(l)
	if err != nil {
		panic("store: strings do not marshal")
	}
	return string(b)
}
