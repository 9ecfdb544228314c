package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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
		if err := planPairs(tx, r.Experiment.ID, r.Trials); err != nil {
			return err
		}
		if err := planSlices(tx, r.Experiment.ID, r.Trials); err != nil {
			return err
		}
		if r.Datasets, err = datasetsOf(tx, r.Experiment.ID); err != nil {
			return err
		}
		if r.Environments, err = environments(tx, r.Experiment.ID); err != nil {
			return err
		}
		if r.Series, err = series(tx, r.Experiment.ID); err != nil {
			return err
		}
		if r.Searches, err = searches(tx, r.Experiment.ID, ""); err != nil {
			return err
		}
		if r.Unseals, err = unseals(tx, r.Experiment.ID); err != nil {
			return err
		}
		r.Scored, err = scored(tx, r.Experiment.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
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
		t.Seed, t.Results = uint64(seed), map[string]float64{}
		l = append(l, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, planResults(tx, experiment, func(ordinal int, _ int64) map[string]float64 { return l[ordinal].Results })
}

func datasetsOf(tx *sql.Tx, experiment int64) ([]Dataset, error) {
	var l []Dataset
	const query = `SELECT d.id, d.source, d.options, d.schema, d.train, d.valid, d.test, d.bad_rows, d.warnings, d.digests
		FROM ` + members + ` p JOIN trials t ON t.id = p.trial JOIN datasets d ON d.id = t.dataset GROUP BY d.id ORDER BY min(p.ordinal)`
	err := each(tx, query, []any{experiment}, func(row *sql.Rows) error {
		var d Dataset
		err := row.Scan(&d.ID, &d.Source, &d.Options, &d.Schema, &d.Rows[0], &d.Rows[1], &d.Rows[2], &d.BadRows, jsonOf(&d.Warnings),
			jsonOf(&d.Digests))
		l = append(l, d)
		return err
	})
	return l, err
}

func environments(tx *sql.Tx, experiment int64) ([]Environment, error) {
	var l []Environment
	const query = `SELECT e.id, e.build, e.version, e.go, e.os, e.arch, e.cpu, e.features, e.kernels, e.cores, e.memory
		FROM ` + members + ` p JOIN trials t ON t.id = p.trial JOIN runs r ON r.id = t.run JOIN environments e ON e.id = r.environment
		GROUP BY e.id ORDER BY min(p.ordinal)`
	err := each(tx, query, []any{experiment}, func(row *sql.Rows) error {
		var e Environment
		err := row.Scan(&e.ID, &e.Build, &e.Version, &e.Go, &e.OS, &e.Arch, &e.CPU, &e.Features, &e.Kernels, &e.Cores, &e.Memory)
		l = append(l, e)
		return err
	})
	return l, err
}

// series returns the curves that figures draw.
func series(tx *sql.Tx, experiment int64) ([]Series, error) {
	var l []Series
	const query = `SELECT t.id, s.name, s.step, s.examples, s.seconds, s.value
		FROM experiment_trials p JOIN trials t ON t.id = p.trial JOIN points s ON s.run = t.run
		WHERE p.experiment = ? AND (s.name LIKE 'valid.%' OR s.name = 'train.loss') ORDER BY p.ordinal, s.name, s.step`
	err := each(tx, query, []any{experiment}, func(row *sql.Rows) error {
		var trial, name string
		var step int
		var examples int64
		var seconds float64
		var v sql.NullFloat64
		if err := row.Scan(&trial, &name, &step, &examples, &seconds, &v); err != nil {
			return err
		}
		if n := len(l); n == 0 || l[n-1].Trial != trial || l[n-1].Name != name {
			l = append(l, Series{Trial: trial, Name: name})
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
