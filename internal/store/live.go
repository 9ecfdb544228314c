package store

import (
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"time"

	"ctrlab/internal/metric"
)

// Live is how an experiment's trials stand while they run, those of its searches too.
type Live struct {
	Experiment Experiment
	States     map[string]int // trials by state, Lost those whose process is gone
	Running    []Underway     // the first that began in front
	Waiting    []Queued       // the first of those that are pending, by plan
	Failed     []Failure      // the last in front
	Curves     []Curve        // of what runs and of the trials of the same labels that are done, by plan
	Shape      string         // changes with all that Report shows; with points only of Curves it does not
}

// Underway is a run that is under way.
type Underway struct {
	Run     int64
	Trial   string
	Label   string
	Seed    uint64
	Started time.Time
	Beat    time.Time // when its process last said that it lives
	Lost    bool      // its process is gone
	metric.Progress
	Rate    float64 // examples a second since it began or went on, evaluations included; 0: not known
	Workers int
	Process string
}

// Queued is a trial that waits.
type Queued struct {
	Label string
	Seed  uint64
}

// Failure is a run that failed, of a trial that has.
type Failure struct {
	Run        int64
	Label      string
	Seed       uint64
	Error, Log string
	Ended      time.Time
}

// Curve is a metric's points in a run.
type Curve struct {
	Run     int64
	Label   string
	Seed    uint64
	Running bool
	Series
}

// Of each list, and of the curves, Live has so many at most.
const (
	liveRuns   = 50
	liveCurves = 200
)

// Live returns how the latest plan stands of the experiment that has, or had, a row id.
func (s *Store) Live(id int64) (*Live, error) {
	l := &Live{States: map[string]int{}}
	err := s.read(func(tx *sql.Tx) error {
		all, err := experiments(tx, `WHERE name = (SELECT name FROM experiments WHERE id = ?)`, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fmt.Errorf("experiment %d: %w", id, os.ErrNotExist)
		}
		l.Experiment = all[0]
		for _, f := range []func(*sql.Tx) error{l.states, l.waiting, l.failed, l.curves} {
			if err := f(tx); err != nil {
				return err
			}
		}
		return l.running(tx, s.home)
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// labelled is the trials of an experiment and of its searches with their labels, each once.
const labelled = `(SELECT trial, label, min(ordinal) AS ordinal FROM (
	SELECT trial, label, ordinal FROM experiment_trials WHERE experiment = ?1
	UNION ALL SELECT x.trial, x.label, x.ordinal FROM search_trials x JOIN searches s ON s.id = x.search WHERE s.experiment = ?1) GROUP BY trial)`

// states counts trials, and sums up what the report is made from.
func (l *Live) states(tx *sql.Tx) error {
	h := fnv.New64a()
	err := each(tx, `SELECT t.state, t.id, coalesce(t.run, 0) FROM `+labelled+` p JOIN trials t ON t.id = p.trial ORDER BY p.ordinal, t.id`,
		[]any{l.Experiment.ID}, func(row *sql.Rows) error {
			var state, trial string
			var run int64
			err := row.Scan(&state, &trial, &run)
			l.States[state]++
			fmt.Fprintln(h, state, trial, run)
			return err
		})
	if err != nil {
		return err
	}
	var planned string
	var ended, unseals int
	err = tx.QueryRow(`SELECT planned_at, (SELECT count(*) FROM searches WHERE experiment = ?1 AND ended),
		(SELECT count(*) FROM unseals WHERE experiment = ?1) FROM experiments WHERE id = ?1`, l.Experiment.ID).Scan(&planned, &ended, &unseals)
	fmt.Fprintln(h, l.Experiment.ID, planned, ended, unseals)
	l.Shape = fmt.Sprintf("%016x", h.Sum64())
	return err
}

func (l *Live) waiting(tx *sql.Tx) error {
	return each(tx, `SELECT p.label, t.seed FROM `+labelled+` p JOIN trials t ON t.id = p.trial WHERE t.state = 'pending' ORDER BY p.ordinal LIMIT ?2`,
		[]any{l.Experiment.ID, liveRuns}, func(row *sql.Rows) error {
			var q Queued
			var seed int64
			err := row.Scan(&q.Label, &seed)
			q.Seed = uint64(seed)
			l.Waiting = append(l.Waiting, q)
			return err
		})
}

func (l *Live) running(tx *sql.Tx, home string) error {
	const query = `SELECT r.id, r.trial, p.label, t.seed, r.started_at, coalesce(r.heartbeat_at, ''), r.owner, r.examples, r.total, r.loss, r.rate, r.workers
		FROM runs r JOIN ` + labelled + ` p ON p.trial = r.trial JOIN trials t ON t.id = r.trial WHERE r.state = 'running' ORDER BY r.id LIMIT ?2`
	return each(tx, query, []any{l.Experiment.ID, liveRuns}, func(row *sql.Rows) error {
		var u Underway
		var seed int64
		var owner string
		var loss sql.NullFloat64
		err := row.Scan(&u.Run, &u.Trial, &u.Label, &seed, timeOf(&u.Started), timeOf(&u.Beat), &owner, &u.Examples, &u.Total, &loss, &u.Rate, &u.Workers)
		u.Seed, u.Loss, u.Lost, u.Process = uint64(seed), number(loss), !alive(home, owner), RunInfo{Owner: owner}.Process()
		if u.Lost {
			l.States[Running]--
			l.States[Lost]++
		}
		l.Running = append(l.Running, u)
		return err
	})
}

func (l *Live) failed(tx *sql.Tx) error {
	const query = `SELECT r.id, p.label, t.seed, r.error, r.log, coalesce(r.ended_at, '') FROM runs r JOIN ` + labelled + ` p ON p.trial = r.trial
		JOIN trials t ON t.id = r.trial WHERE r.state = 'failed' AND NOT r.retry AND t.state = 'failed' ORDER BY r.id DESC LIMIT ?2`
	return each(tx, query, []any{l.Experiment.ID, liveRuns}, func(row *sql.Rows) error {
		var f Failure
		var seed int64
		err := row.Scan(&f.Run, &f.Label, &seed, &f.Error, &f.Log, timeOf(&f.Ended))
		f.Seed = uint64(seed)
		l.Failed = append(l.Failed, f)
		return err
	})
}

// curves has those of the runs under way first, so that they are there whatever the limit takes.
func (l *Live) curves(tx *sql.Tx) error {
	const query = `WITH plan AS MATERIALIZED ` + labelled + `, under AS MATERIALIZED (SELECT r.id, p.label, p.trial FROM runs r JOIN plan p ON p.trial = r.trial WHERE r.state = 'running'),
		shown AS (SELECT id, label, trial, 1 AS running FROM under UNION ALL
			SELECT t.run, p.label, p.trial, 0 FROM plan p JOIN trials t ON t.id = p.trial
			WHERE t.state = 'done' AND t.run IS NOT NULL AND p.label IN (SELECT label FROM under) LIMIT ?2)
		SELECT x.id, x.label, t.seed, x.running, x.trial, s.name, s.step, s.examples, s.seconds, s.value FROM shown x JOIN trials t ON t.id = x.trial
		JOIN points s ON s.run = x.id WHERE s.name LIKE 'valid.%' OR s.name = 'train.loss' ORDER BY x.running DESC, x.id, s.name, s.step`
	return each(tx, query, []any{l.Experiment.ID, liveCurves}, func(row *sql.Rows) error {
		var c Curve
		var seed, examples int64
		var step int
		var seconds float64
		var v sql.NullFloat64
		if err := row.Scan(&c.Run, &c.Label, &seed, &c.Running, &c.Trial, &c.Name, &step, &examples, &seconds, &v); err != nil {
			return err
		}
		c.Seed = uint64(seed)
		if n := len(l.Curves); n == 0 || l.Curves[n-1].Run != c.Run || l.Curves[n-1].Name != c.Name {
			l.Curves = append(l.Curves, c)
		}
		last := &l.Curves[len(l.Curves)-1]
		last.Step, last.Examples = append(last.Step, step), append(last.Examples, examples)
		last.Seconds, last.Value = append(last.Seconds, seconds), append(last.Value, number(v))
		return nil
	})
}

// ErrReplaced is what Pulse returns where the file at the path is not the one that was opened any more, or was brought up
// to date: who wants to go on opens it again.
var ErrReplaced = errors.New("the database was replaced")

// Pulse returns a text that is another one after anything has changed that Live or Report return; to ask costs next to
// nothing.
func (s *Store) Pulse() (string, error) {
	now, err := os.Stat(s.path)
	if err != nil {
		return "", environment(err, "%s: no database here any more: %v", s.path, cause(err))
	}
	if !os.SameFile(now, s.opened) || s.frozen != "" && s.frozen != s.face() {
		return "", fmt.Errorf("%s: %w", s.path, ErrReplaced)
	}
	pulse := ""
	err = s.read(func(tx *sql.Tx) error {
		var changes int64
		if err := tx.QueryRow(`PRAGMA data_version`).Scan(&changes); err != nil {
			return err
		}
		pulse = fmt.Sprint(changes)
		return each(tx, `SELECT DISTINCT owner FROM runs WHERE state = 'running'`, nil, func(row *sql.Rows) error {
			var owner string
			err := row.Scan(&owner)
			if !alive(s.home, owner) {
				pulse += " " + owner
			}
			return err
		})
	})
	return pulse, err
}

// face is how the files look from outside.
func (s *Store) face() string {
	text := "face"
	for _, name := range []string{s.path, s.path + "-wal"} {
		if i, err := os.Stat(name); err == nil {
			text += fmt.Sprint(" ", i.Size(), i.ModTime().UnixNano())
		}
	}
	return text
}
