package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Experiments returns the latest plan of every name, the one that was asked for last in front.
func (s *Store) Experiments() ([]Experiment, error) {
	var l []Experiment
	err := s.read(func(tx *sql.Tx) (err error) {
		l, err = experiments(tx, ``)
		return err
	})
	return l, err
}

// Report returns all that is known of the latest plan of an experiment.
func (s *Store) Report(name string) (*Report, error) {
	r := &Report{}
	err := s.read(func(tx *sql.Tx) error {
		other, end := s.twin(tx)
		defer end()
		l, err := experiments(tx, `WHERE name = ?`, name)
		if err != nil {
			return err
		}
		if len(l) == 0 {
			return unknown(tx, name)
		}
		r.Experiment = l[0]
		if r.Trials, err = trials(tx, r.Experiment.ID); err != nil {
			return err
		}
		if r.Searches, err = searches(tx, r.Experiment.ID, ""); err != nil {
			return err
		}
		if other == nil {
			return errors.Join(fillResults(tx, r.Trials), r.read(tx))
		}
		var rest error
		var beside sync.WaitGroup
		beside.Go(func() { rest = r.read(other) })
		err = fillResults(tx, r.Trials)
		beside.Wait()
		return errors.Join(err, rest)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// read fetches what else there is of the trials. What runs left it looks up by their numbers, in which order it is stored: another look at every
// trial, which are stored by their digests, would each time be one at random.
func (r *Report) read(tx *sql.Tx) (err error) {
	if err := fillPairs(tx, r.Trials); err != nil {
		return err
	}
	if err := fillSlices(tx, r.Trials); err != nil {
		return err
	}
	if r.Series, err = series(tx, r.Trials); err != nil {
		return err
	}
	all := r.Trials
	for _, s := range r.Searches {
		for _, t := range s.Tried {
			all = append(all, t.Trial)
		}
	}
	if r.Datasets, err = datasetsOf(tx, all); err != nil {
		return err
	}
	if r.Environments, err = environments(tx, all); err != nil {
		return err
	}
	if r.Unseals, err = unseals(tx, r.Experiment.ID); err != nil {
		return err
	}
	r.Scored, err = scored(tx, r.Experiment.ID)
	return err
}

// counting is JSON of the runs that count, by place among trials, null where none does: json_each of it before a CROSS JOIN,
// which is never reordered, is a plan's runs one by one.
func counting(trials []Trial) string {
	b := []byte("[")
	for i, t := range trials {
		if i > 0 {
			b = append(b, ',')
		}
		if t.Run != 0 && t.State != Failed {
			b = strconv.AppendInt(b, t.Run, 10)
		} else {
			b = append(b, "null"...)
		}
	}
	return string(append(b, ']'))
}

// read runs f on one state of the database.
func (s *Store) read(f func(*sql.Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return s.wrap(err)
	}
	defer tx.Rollback()
	return s.wrap(f(tx))
}

// twin is a transaction of a second connection that sees the same state as tx, which has read nothing yet: many rows are read by both side by side.
// It is nil where there can be none: of a copy in memory, or when something was written while both began.
func (s *Store) twin(tx *sql.Tx) (other *sql.Tx, end func()) {
	db, err := s.dial("mode=rw", "_query_only=1")
	if err != nil {
		return nil, func() {}
	}
	end = func() { db.Close() }
	const version = `PRAGMA data_version` // asking also settles which state a transaction sees
	var before, after int64
	if s.frozen != "" || db.QueryRow(version).Scan(&before) != nil || tx.QueryRow(version).Scan(new(int64)) != nil {
		return nil, end
	}
	begun, err := db.Begin()
	if err != nil {
		return nil, end
	}
	end = func() { begun.Rollback(); db.Close() }
	if begun.QueryRow(version).Scan(&after) != nil || after != before {
		return nil, end
	}
	return begun, end
}

func unknown(tx *sql.Tx, name string) error {
	l, err := experiments(tx, ``)
	if err != nil {
		return err
	}
	if len(l) == 0 {
		return errors.New("it holds no experiment yet")
	}
	names := make([]string, len(l))
	for i, e := range l {
		names[i] = e.Name
	}
	return fmt.Errorf("it has no experiment %q, but %s", name, strings.Join(names, ", "))
}

func experiments(tx *sql.Tx, where string, args ...any) ([]Experiment, error) {
	var l []Experiment
	query := `SELECT id, name, question, file, overrides, plan, created_at, match, compare, reference, EXISTS (SELECT 1 FROM searches s WHERE s.experiment = latest.id) FROM (
			SELECT *, row_number() OVER (PARTITION BY name ORDER BY planned_at DESC, id DESC) AS nth FROM experiments ` + where + `) AS latest
		WHERE nth = 1 ORDER BY planned_at DESC, id DESC`
	err := each(tx, query, args, func(row *sql.Rows) error {
		var e Experiment
		err := row.Scan(&e.ID, &e.Name, &e.Question, &e.File, jsonOf(&e.Overrides), &e.PlanDigest, timeOf(&e.Created), &e.Match, &e.Compare, &e.Reference, &e.Tuned)
		l = append(l, e)
		return err
	})
	return l, err
}

func trials(tx *sql.Tx, experiment int64) ([]Trial, error) {
	var l []Trial
	const query = `SELECT t.id, p.ordinal, p.label, t.model, t.variant, t.seed, t.config, t.dataset, t.state,
		coalesce(t.run, 0), coalesce(r.shared, 0),
		CASE t.state WHEN 'failed' THEN (SELECT error FROM runs WHERE trial = t.id AND state = 'failed' AND NOT retry ORDER BY id DESC LIMIT 1)
			ELSE '' END,
		CASE t.state WHEN 'failed' THEN (SELECT log FROM runs WHERE trial = t.id AND state = 'failed' AND NOT retry ORDER BY id DESC LIMIT 1)
			ELSE '' END,
		(SELECT coalesce(sum(test_reads), 0) FROM runs WHERE trial = t.id), p.budget, p.widths, p.repeat
		FROM experiment_trials p JOIN trials t ON t.id = p.trial LEFT JOIN runs r ON r.id = t.run
		WHERE p.experiment = ? ORDER BY p.ordinal`
	err := each(tx, query, []any{experiment}, func(row *sql.Rows) error {
		var t Trial
		var seed int64
		err := row.Scan(&t.ID, &t.Ordinal, &t.Label, &t.Model, &t.Variant, &seed, &t.Config, &t.Dataset, &t.State,
			&t.Run, &t.Shared, &t.Error, &t.Log, &t.TestRead, &t.Budget, &t.Widths, &t.Repeat)
		t.Seed = uint64(seed)
		l = append(l, t)
		return err
	})
	return l, err
}

// TrainSeconds is how long training took on the mean, by variant, of what the latest plan of a name has done with the machine to itself.
func (s *Store) TrainSeconds(name string) (map[string]float64, error) {
	out := map[string]float64{}
	err := s.read(func(tx *sql.Tx) error {
		l, err := experiments(tx, `WHERE name = ?`, name)
		if err != nil || len(l) == 0 {
			return err
		}
		const query = `SELECT t.variant, avg(v.value) FROM experiment_trials p JOIN trials t ON t.id = p.trial JOIN runs r ON r.id = t.run
			JOIN results v ON v.run = r.id WHERE p.experiment = ? AND NOT r.shared AND v.name = 'train.seconds' AND v.value IS NOT NULL GROUP BY t.variant`
		return each(tx, query, []any{l[0].ID}, func(row *sql.Rows) error {
			var variant string
			var seconds float64
			err := row.Scan(&variant, &seconds)
			out[variant] = seconds
			return err
		})
	})
	return out, err
}

func datasetsOf(tx *sql.Tx, trials []Trial) ([]Dataset, error) {
	var l []Dataset
	known := map[string]bool{}
	for _, t := range trials {
		if known[t.Dataset] {
			continue
		}
		known[t.Dataset] = true
		d := Dataset{ID: t.Dataset}
		err := tx.QueryRow(`SELECT source, options, schema, train, valid, test, bad_rows, warnings, digests FROM datasets WHERE id = ?`, d.ID).Scan(
			&d.Source, &d.Options, &d.Schema, &d.Rows[0], &d.Rows[1], &d.Rows[2], &d.BadRows, jsonOf(&d.Warnings), jsonOf(&d.Digests))
		if err != nil {
			return nil, err
		}
		l = append(l, d)
	}
	return l, nil
}

func environments(tx *sql.Tx, trials []Trial) ([]Environment, error) {
	var l []Environment
	const query = `SELECT e.id, e.build, e.version, e.go, e.os, e.arch, e.cpu, e.features, e.kernels, e.cores, e.memory
		FROM json_each(?) c CROSS JOIN runs r ON r.id = c.value JOIN environments e ON e.id = r.environment GROUP BY e.id ORDER BY min(c.key)`
	err := each(tx, query, []any{counting(trials)}, func(row *sql.Rows) error {
		var e Environment
		err := row.Scan(&e.ID, &e.Build, &e.Version, &e.Go, &e.OS, &e.Arch, &e.CPU, &e.Features, &e.Kernels, &e.Cores, &e.Memory)
		l = append(l, e)
		return err
	})
	return l, err
}

// series returns the curves that figures draw.
func series(tx *sql.Tx, trials []Trial) ([]Series, error) {
	var l []Series
	const query = `SELECT c.key, s.name, s.step, s.examples, s.seconds, s.value FROM json_each(?) c CROSS JOIN points s ON s.run = c.value
		WHERE s.name >= 'valid.' AND s.name < 'valid/' OR s.name = 'train.loss'`
	last := -1
	err := each(tx, query, []any{counting(trials)}, func(row *sql.Rows) error {
		var at, step int
		var name string
		var examples int64
		var seconds float64
		var v sql.NullFloat64
		if err := row.Scan(&at, &name, &step, &examples, &seconds, &v); err != nil {
			return err
		}
		if n := len(l); at != last || l[n-1].Name != name {
			l, last = append(l, Series{Trial: trials[at].ID, Name: name}), at
		}
		c := &l[len(l)-1]
		c.Step, c.Examples = append(c.Step, step), append(c.Examples, examples)
		c.Seconds, c.Value = append(c.Seconds, seconds), append(c.Value, number(v))
		return nil
	})
	return l, err
}

// scanner is a place for a column that is kept as text.
type scanner func(text string) error

// Scan implements sql.Scanner.
func (s scanner) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("a column holds %T, want text", v)
	}
	return s(text)
}

// timeOf scans a time; no text leaves it zero.
func timeOf(t *time.Time) scanner {
	return func(text string) (err error) {
		if text != "" {
			*t, err = time.Parse(timeLayout, text)
		}
		return err
	}
}

func jsonOf(v any) scanner { return func(text string) error { return json.Unmarshal([]byte(text), v) } }
