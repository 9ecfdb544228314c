package store

import (
	"cmp"
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
// It sets e.ID and how every trial stands for the build: Done with Run where a run of it has been done, Failed
// with Error where one has failed for good, and Pending for all others, also those that another build has done, which
// keep that Run, and those that another process is at. The results on test of an experiment that tunes nothing may be seen;
// one that is Tuned has no trials yet: Choose stores them.
func (s *Store) SavePlan(e *Experiment, data []Dataset, trials []Trial, build string) error {
	return s.write(func(tx *sql.Tx) error {
		for _, d := range data {
			if err := saveDataset(tx, d); err != nil {
				return err
			}
		}
		fresh, err := saveExperiment(tx, e)
		if err != nil || e.Tuned {
			return err
		}
		if fresh {
			if err := saveTrials(tx, e.ID, trials); err != nil {
				return err
			}
		}
		if err := disclose(tx, e.ID, e.Created); err != nil {
			return err
		}
		return stand(tx, e.ID, trials, build)
	})
}

func saveDataset(tx *sql.Tx, d Dataset) error {
	return exec(tx, `INSERT INTO datasets (id, source, options, schema, train, valid, test, bad_rows, warnings, digests)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		d.ID, d.Source, d.Options, d.Schema, d.Rows[0], d.Rows[1], d.Rows[2], d.BadRows, list(d.Warnings), list(d.Digests[:]))
}

// saveExperiment says whether the plan is new to the database.
func saveExperiment(tx *sql.Tx, e *Experiment) (fresh bool, err error) {
	at, compare, reference := stamp(e.Created), cmp.Or(e.Compare, "{}"), cmp.Or(e.Reference, "[]")
	err = tx.QueryRow(`UPDATE experiments SET question = ?, file = ?, overrides = ?, planned_at = ?, compare = ?, reference = ? WHERE plan = ? RETURNING id`,
		e.Question, e.File, list(e.Overrides), at, compare, reference, e.PlanDigest).Scan(&e.ID)
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	return true, tx.QueryRow(`INSERT INTO experiments (name, question, plan, file, overrides, created_at, planned_at, match, compare, reference)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		e.Name, e.Question, e.PlanDigest, e.File, list(e.Overrides), at, at, e.Match, compare, reference).Scan(&e.ID)
}

const saveTrial = `INSERT INTO trials (id, variant, model, seed, dataset, config) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

func saveTrials(tx *sql.Tx, experiment int64, trials []Trial) error {
	trial, err := tx.Prepare(saveTrial)
	if err != nil {
		return err
	}
	defer trial.Close()
	place, err := tx.Prepare(`INSERT INTO experiment_trials (experiment, ordinal, trial, label, budget, widths, repeat) VALUES (?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer place.Close()
	for i, t := range trials {
		if _, err := trial.Exec(t.ID, t.Variant, t.Model, int64(t.Seed), t.Dataset, t.Config); err != nil {
			return err
		}
		if _, err := place.Exec(experiment, i, t.ID, t.Label, t.Budget, t.Widths, t.Repeat); err != nil {
			return err
		}
	}
	return nil
}

// stand sets how the trials of a plan stand for a build, and makes what that has done what counts.
func stand(tx *sql.Tx, experiment int64, trials []Trial, build string) error {
	for i := range trials {
		trials[i].Ordinal, trials[i].State, trials[i].Run, trials[i].Results = i, Pending, 0, nil
	}
	const query = `SELECT p.ordinal, r.id, r.shared, r.state, r.error, e.build = ? AS ours, t.run IS r.id AND t.state = 'done' AS counts
		FROM experiment_trials p JOIN trials t ON t.id = p.trial JOIN runs r ON r.trial = p.trial JOIN environments e ON e.id = r.environment
		WHERE p.experiment = ? AND (r.state = 'done' OR ours AND r.state = 'failed' AND NOT r.retry) ORDER BY p.ordinal, r.id`
	counts := map[int]bool{}
	err := each(tx, query, []any{build, experiment}, func(row *sql.Rows) error {
		var at int
		var run int64
		var shared, ours, counted bool
		var state, fault string
		if err := row.Scan(&at, &run, &shared, &state, &fault, &ours, &counted); err != nil {
			return err
		}
		switch t := &trials[at]; {
		case ours && state == Done:
			t.State, t.Run, t.Shared, t.Error, counts[at] = Done, run, shared, "", counted
		case ours && t.State != Done:
			t.State, t.Error, t.Run = Failed, fault, 0
		case t.State == Pending:
			t.Run = run
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, counted := range counts {
		if !counted {
			if err := count(tx, trials[i].ID, trials[i].Run); err != nil {
				return err
			}
		}
	}
	return nil
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

// Results fetches those of the runs of trials.
func (s *Store) Results(trials []Trial) error {
	return s.read(func(tx *sql.Tx) error { return fillResults(tx, trials) })
}

// fillResults gives trials the results of the runs that count.
func fillResults(tx *sql.Tx, trials []Trial) error {
	for i := range trials {
		trials[i].Results = map[string]float64{}
	}
	last := 0 // trials have about as many as the one before
	const query = `SELECT c.key, v.name, v.value FROM json_each(?) c CROSS JOIN results v ON v.run = c.value`
	names := map[string]string{} // one of each
	return each(tx, query, []any{counting(trials)}, func(row *sql.Rows) error {
		var at int
		var name sql.RawBytes
		var v sql.NullFloat64
		if err := row.Scan(&at, &name, &v); err != nil {
			return err
		}
		one, ok := names[string(name)]
		if !ok {
			one = string(name)
			names[one] = one
		}
		if at != last {
			trials[at].Results, last = make(map[string]float64, len(trials[last].Results)), at
		}
		trials[at].Results[one] = number(v)
		return nil
	})
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
