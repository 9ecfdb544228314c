package store

import (
	"database/sql"

	"ctrlab/internal/metric"
)

func savePairs(tx *sql.Tx, run int64, pairs []metric.Pair) error {
	if pairs == nil {
		return nil
	}
	insert, err := tx.Prepare(`INSERT INTO pairs (run, ordinal, first, second, learned, planted) VALUES (?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, p := range pairs {
		if _, err := insert.Exec(run, i, p.Fields[0], p.Fields[1], finite(p.Learned), finite(p.Planted)); err != nil {
			return err
		}
	}
	return nil
}

// fillPairs gives trials the pairs of the runs that count.
func fillPairs(tx *sql.Tx, trials []Trial) error {
	const query = `SELECT c.key, s.first, s.second, s.learned, s.planted FROM json_each(?) c CROSS JOIN pairs s ON s.run = c.value`
	return each(tx, query, []any{counting(trials)}, func(row *sql.Rows) error {
		var at int
		var p metric.Pair
		var learned, planted sql.NullFloat64
		err := row.Scan(&at, &p.Fields[0], &p.Fields[1], &learned, &planted)
		p.Learned, p.Planted = number(learned), number(planted)
		if err == nil {
			trials[at].Pairs = append(trials[at].Pairs, p)
		}
		return err
	})
}
