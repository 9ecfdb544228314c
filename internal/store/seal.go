package store

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Results on test are sealed: they wait in a table of their own, which no view and no report reads, until one of the
// experiments that have the trial is unsealed. One that tunes nothing is so from the start.

// Unseal is a row of unseals.
type Unseal struct {
	At  time.Time
	Why string
}

// Untuned is why an experiment is unsealed as it is planned.
const Untuned = "nothing is tuned"

// members are the trials of an experiment: those of its plan, and those of its searches.
const members = `(SELECT trial, ordinal FROM experiment_trials WHERE experiment = ?1
	UNION ALL SELECT x.trial, s.ordinal FROM search_trials x JOIN searches s ON s.id = x.search WHERE s.experiment = ?1)`

// Unseal lets the results of the latest plan of a name be seen, and notes why. Before all that it is to run is done it is refused:
// nothing may be chosen once test has been looked at.
func (s *Store) Unseal(name, why string, at time.Time) (moved int, err error) {
	err = s.write(func(tx *sql.Tx) error {
		l, err := experiments(tx, `WHERE name = ?`, name)
		if err != nil {
			return err
		}
		if len(l) == 0 {
			return unknown(tx, name)
		}
		if err := frozen(tx, l[0].ID); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if past, err := unseals(tx, l[0].ID); err != nil || len(past) > 0 {
			return err
		}
		moved, err = unseal(tx, l[0].ID, why, at)
		return err
	})
	return moved, err
}

// frozen refuses an experiment in which there is something left to choose or to run.
func frozen(tx *sql.Tx, experiment int64) error {
	var open, pending, trials int
	err := tx.QueryRow(`SELECT (SELECT count(*) FROM searches WHERE experiment = ?1 AND NOT ended),
		(SELECT count(*) FROM experiment_trials p JOIN trials t ON t.id = p.trial WHERE p.experiment = ?1 AND t.state NOT IN ('done', 'failed')),
		(SELECT count(*) FROM experiment_trials WHERE experiment = ?1)`, experiment).Scan(&open, &pending, &trials)
	switch {
	case err != nil:
		return err
	case open > 0:
		return fmt.Errorf("%d of its searches are not at their end, and what they choose must not depend on test; ctrlab run goes on with them", open)
	case pending > 0 || trials == 0:
		return fmt.Errorf("%d of its trials are not done; ctrlab run goes on with them", pending)
	}
	return nil
}

func unseal(tx *sql.Tx, experiment int64, why string, at time.Time) (moved int, err error) {
	err = exec(tx, `INSERT INTO unseals (experiment, at, why) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, experiment, stamp(at), why)
	if err != nil {
		return 0, err
	}
	return release(tx, experiment)
}

// release moves the sealed results of an experiment's trials to the others.
func release(tx *sql.Tx, experiment int64) (moved int, err error) {
	const of = `run IN (SELECT id FROM runs WHERE trial IN (SELECT trial FROM ` + members + `))`
	err = tx.QueryRow(`SELECT count(DISTINCT run) FROM sealed WHERE `+of, experiment).Scan(&moved)
	if err != nil || moved == 0 {
		return 0, err
	}
	err = exec(tx, `INSERT INTO results (run, name, value) SELECT run, name, value FROM sealed WHERE `+of+` ON CONFLICT DO NOTHING`, experiment)
	if err != nil {
		return 0, err
	}
	return moved, exec(tx, `DELETE FROM sealed WHERE `+of, experiment)
}

// disclose unseals an experiment that tunes nothing, once.
func disclose(tx *sql.Tx, experiment int64, at time.Time) error {
	past, err := unseals(tx, experiment)
	if err != nil {
		return err
	}
	if len(past) > 0 {
		_, err := release(tx, experiment)
		return err
	}
	_, err = unseal(tx, experiment, Untuned, at)
	return err
}

// place is the table that a result belongs into.
func place(name string, sealed bool) string {
	if sealed && strings.HasPrefix(name, "test.") {
		return "sealed"
	}
	return "results"
}

// sealed says whether no experiment that has a trial is unsealed.
func sealed(tx *sql.Tx, trial string) (bool, error) {
	var one int
	err := tx.QueryRow(`SELECT 1 FROM unseals u WHERE EXISTS (SELECT 1 FROM experiment_trials WHERE experiment = u.experiment AND trial = ?1)
		OR EXISTS (SELECT 1 FROM search_trials x JOIN searches s ON s.id = x.search WHERE x.trial = ?1 AND s.experiment = u.experiment) LIMIT 1`, trial).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return false, err
}

// Scored is how many configurations, whatever their seeds, were scored on the rows of a test split, and of how many the scores may be seen.
type Scored struct{ Configurations, Seen int }

// scored counts over all experiments of the database, for each data set of one: the same rows are those of the same digest, or of
// generated data those of the same data set.
func scored(tx *sql.Tx, experiment int64) (map[string]Scored, error) {
	return scoredOn(tx, `SELECT dataset FROM trials WHERE id IN (SELECT trial FROM `+members+`)`, experiment)
}

// scoredOn is scored for the data sets that a query has.
func scoredOn(tx *sql.Tx, datasets string, args ...any) (map[string]Scored, error) {
	query := `WITH ours AS (SELECT id, json_extract(digests, '$[2]') AS test FROM datasets WHERE id IN (` + datasets + `))
		SELECT o.id, count(DISTINCT t.variant),
			count(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM runs r JOIN results v ON v.run = r.id
				WHERE r.trial = t.id AND v.name >= 'test.' AND v.name < 'test/') THEN t.variant END)
		FROM ours o JOIN datasets d ON d.id = o.id OR o.test != '' AND json_extract(d.digests, '$[2]') = o.test
		JOIN trials t ON t.dataset = d.id WHERE EXISTS (SELECT 1 FROM runs r WHERE r.trial = t.id AND r.test_reads > 0) GROUP BY o.id`
	out := map[string]Scored{}
	err := each(tx, query, args, func(row *sql.Rows) error {
		var id string
		var s Scored
		err := row.Scan(&id, &s.Configurations, &s.Seen)
		out[id] = s
		return err
	})
	return out, err
}

// ReadTest counts a reading of the test split by the model of a run, before it is read, and returns how often that was read for the
// run and how many configurations were ever scored on its rows. A run whose test is sealed it refuses.
func (s *Store) ReadTest(run int64) (reads, configurations int, err error) {
	err = s.write(func(tx *sql.Tx) error {
		var trial, dataset string
		err := tx.QueryRow(`SELECT t.id, t.dataset FROM runs r JOIN trials t ON t.id = r.trial WHERE r.id = ?`, run).Scan(&trial, &dataset)
		if errors.Is(err, sql.ErrNoRows) {
			return noRun(strconv.FormatInt(run, 10))
		}
		if err != nil {
			return err
		}
		if hidden, err := sealed(tx, trial); err != nil || hidden {
			return cmp.Or(err, errSealed)
		}
		if err := tx.QueryRow(`UPDATE runs SET test_reads = test_reads + 1 WHERE id = ? RETURNING test_reads`, run).Scan(&reads); err != nil {
			return err
		}
		all, err := scoredOn(tx, `?`, dataset)
		configurations = all[dataset].Configurations
		return err
	})
	return reads, configurations, err
}

var errSealed = errors.New("its results on test are sealed")

func unseals(tx *sql.Tx, experiment int64) ([]Unseal, error) {
	var l []Unseal
	err := each(tx, `SELECT at, why FROM unseals WHERE experiment = ? ORDER BY at`, []any{experiment}, func(row *sql.Rows) error {
		var u Unseal
		err := row.Scan(timeOf(&u.At), &u.Why)
		l = append(l, u)
		return err
	})
	return l, err
}
