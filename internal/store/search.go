package store

import (
	"database/sql"
	"time"
)

// Search is a row of searches with the trials that it proposed.
type Search struct {
	ID      int64
	Label   string // of the variant
	Repeat  int    // from 1
	Method  string
	Metric  string // that chooses: valid.logloss
	Trials  int    // budget in full trainings; 0: none
	Seconds float64
	Space   string // JSON
	Ended   bool   // nothing more will be proposed
	Chosen  int    // place among Tried; −1 while the search goes on, and where all failed
	Tried   []Tried
}

// Tried is a trial that a search proposed: ID, Label, Model, Variant, Seed, Config and Dataset, and as it is read State, Error,
// Run, Shared and Results.
type Tried struct {
	Trial
	Point   string  // JSON, key → value
	Share   float64 // of a full training's steps
	Seconds float64 // of training; of a trial that failed those that its run took
}

// SaveSearches stores the searches of an experiment unless it has them, and sets their ID.
func (s *Store) SaveSearches(experiment int64, l []Search) error {
	return s.write(func(tx *sql.Tx) error {
		for i := range l {
			x := &l[i]
			err := tx.QueryRow(`INSERT INTO searches (experiment, ordinal, label, repeat, method, metric, trials, seconds, space)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (experiment, ordinal) DO UPDATE SET label = excluded.label RETURNING id`,
				experiment, i, x.Label, x.Repeat, x.Method, x.Metric, x.Trials, x.Seconds, x.Space).Scan(&x.ID)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Propose stores what searches try next, each at its place among what that search has tried.
func (s *Store) Propose(search int64, place int, t Tried) error {
	return s.write(func(tx *sql.Tx) error {
		if err := exec(tx, saveTrial, t.ID, t.Variant, t.Model, int64(t.Seed), t.Dataset, t.Config); err != nil {
			return err
		}
		return exec(tx, `INSERT INTO search_trials (search, ordinal, trial, label, point, share) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (search, ordinal) DO UPDATE SET trial = excluded.trial, label = excluded.label, point = excluded.point, share = excluded.share`,
			search, place, t.ID, t.Label, t.Point, t.Share)
	})
}

// EndSearch notes that a search has ended after so many trials, with the one that it chose, −1 for none.
func (s *Store) EndSearch(search int64, tried, chosen int) error {
	return s.write(func(tx *sql.Tx) error {
		if err := exec(tx, `UPDATE searches SET ended = 1, chosen = nullif(?, -1) WHERE id = ?`, chosen, search); err != nil {
			return err
		}
		return exec(tx, `DELETE FROM search_trials WHERE search = ? AND ordinal >= ?`, search, tried)
	})
}

// Searches returns the searches of an experiment. With a build, trials are Done or Failed as that build left them, and else
// as they count.
func (s *Store) Searches(experiment int64, build string) (l []Search, err error) {
	err = s.read(func(tx *sql.Tx) error {
		l, err = searches(tx, experiment, build)
		return err
	})
	return l, err
}

func searches(tx *sql.Tx, experiment int64, build string) ([]Search, error) {
	var l []Search
	at := map[int64]int{}
	err := each(tx, `SELECT id, label, repeat, method, metric, trials, seconds, space, ended, coalesce(chosen, -1) FROM searches
		WHERE experiment = ? ORDER BY ordinal`, []any{experiment}, func(row *sql.Rows) error {
		var x Search
		err := row.Scan(&x.ID, &x.Label, &x.Repeat, &x.Method, &x.Metric, &x.Trials, &x.Seconds, &x.Space, &x.Ended, &x.Chosen)
		at[x.ID] = len(l)
		l = append(l, x)
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, tries(tx, build, `s.experiment = ?2`, []any{experiment}, func(search int64, t Tried) {
		x := &l[at[search]]
		t.Ordinal = len(x.Tried)
		x.Tried = append(x.Tried, t)
	})
}

// Tried returns the trial at a place of a search, as a build left it.
func (s *Store) Tried(search int64, place int, build string) (t Tried, err error) {
	err = s.read(func(tx *sql.Tx) error {
		return tries(tx, build, `s.id = ?2 AND x.ordinal = ?3`, []any{search, place}, func(_ int64, found Tried) { t = found })
	})
	return t, err
}

// tries calls do with the trials of some searches, in order.
func tries(tx *sql.Tx, build, where string, args []any, do func(search int64, t Tried)) error {
	query := `SELECT x.search, x.label, x.point, x.share, t.id, t.model, t.variant, t.seed, t.config, t.dataset,
			coalesce(r.id, 0), coalesce(r.state, 'pending'), coalesce(r.error, ''), coalesce(r.shared, 0), coalesce(r.started_at, ''), coalesce(r.ended_at, '')
		FROM searches s JOIN search_trials x ON x.search = s.id JOIN trials t ON t.id = x.trial
		LEFT JOIN runs r ON r.id = CASE WHEN ?1 = '' AND t.run IS NOT NULL THEN t.run ELSE (
			SELECT o.id FROM runs o JOIN environments e ON e.id = o.environment
			WHERE o.trial = t.id AND (?1 = '' OR e.build = ?1) AND (o.state = 'done' OR o.state = 'failed' AND NOT o.retry)
			ORDER BY o.state = 'done' DESC, o.id DESC LIMIT 1) END
		WHERE ` + where + ` ORDER BY s.ordinal, x.ordinal`
	type found struct {
		search int64
		Tried
	}
	var l []found
	err := each(tx, query, append([]any{build}, args...), func(row *sql.Rows) error {
		var f found
		var seed int64
		var began, ended time.Time
		err := row.Scan(&f.search, &f.Label, &f.Point, &f.Share, &f.ID, &f.Model, &f.Variant, &seed, &f.Config, &f.Dataset,
			&f.Run, &f.State, &f.Error, &f.Shared, timeOf(&began), timeOf(&ended))
		f.Seed, f.Seconds = uint64(seed), max(ended.Sub(began).Seconds(), 0)
		l = append(l, f)
		return err
	})
	for i := range l {
		if err == nil {
			err = l[i].read(tx)
		}
		do(l[i].search, l[i].Tried)
	}
	return err
}

// read fetches results and the time that training took.
func (t *Tried) read(tx *sql.Tx) (err error) {
	if t.State != Done {
		return nil
	}
	if t.Results, err = results(tx, t.Run); err != nil {
		return err
	}
	t.Seconds = t.Results["train.seconds"]
	return nil
}

// Choose makes trials the plan of an experiment whose searches have ended, and sets how they stand for a build as SavePlan does.
func (s *Store) Choose(experiment int64, trials []Trial, build string) error {
	return s.write(func(tx *sql.Tx) error {
		if err := exec(tx, `DELETE FROM experiment_trials WHERE experiment = ?`, experiment); err != nil {
			return err
		}
		if err := saveTrials(tx, experiment, trials); err != nil {
			return err
		}
		return stand(tx, experiment, trials, build)
	})
}
