package store

import (
	"database/sql"

	"ctrlab/internal/metric"
)

func saveSlices(tx *sql.Tx, run int64, slices []metric.Slice) error {
	if slices == nil {
		return nil
	}
	insert, err := tx.Prepare(`INSERT INTO slices (run, slice, ordinal, part, examples, predicted, observed, logloss, auc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, s := range slices {
		for i, p := range s.Parts {
			_, err := insert.Exec(run, s.Name, i, p.Name, p.Examples, finite(p.Predicted), finite(p.Observed), finite(p.LogLoss), finite(p.AUC))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// planSlices gives the trials of a plan, by ordinal, the slices of the runs that count, but of those whose results on test are sealed.
func planSlices(tx *sql.Tx, experiment int64, trials []Trial) error {
	const query = `SELECT p.ordinal, s.slice, s.part, s.examples, s.predicted, s.observed, s.logloss, s.auc
		FROM experiment_trials p JOIN trials t ON t.id = p.trial JOIN slices s ON s.run = t.run
		WHERE p.experiment = ? AND NOT EXISTS (SELECT 1 FROM sealed WHERE run = t.run) ORDER BY p.ordinal, s.slice, s.ordinal`
	return each(tx, query, []any{experiment}, func(row *sql.Rows) error {
		var at int
		var name string
		var p metric.Part
		var predicted, observed, logloss, auc sql.NullFloat64
		if err := row.Scan(&at, &name, &p.Name, &p.Examples, &predicted, &observed, &logloss, &auc); err != nil {
			return err
		}
		p.Predicted, p.Observed, p.LogLoss, p.AUC = number(predicted), number(observed), number(logloss), number(auc)
		l := trials[at].Slices
		if n := len(l); n == 0 || l[n-1].Name != name {
			l = append(l, metric.Slice{Name: name})
		}
		s := &l[len(l)-1]
		s.Parts = append(s.Parts, p)
		trials[at].Slices = l
		return nil
	})
}
