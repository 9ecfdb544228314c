package store

import (
	"database/sql"
	"slices"
)

// Replica is a result of a trial that is done, by what it is a replica of.
type Replica struct {
	Dataset string
	Variant string
	Seed    uint64
	Name    string // of the metric
	Value   float64
}

// Replicas returns what metrics came to on data sets, in whatever experiment: the noise that is known of them. Speeds of trials that ran beside
// others are left out, and what is sealed.
func (s *Store) Replicas(datasets, metrics []string) ([]Replica, error) {
	var l []Replica
	err := s.read(func(tx *sql.Tx) error {
		for _, d := range datasets {
			const query = `SELECT t.dataset, t.variant, t.seed, r.name, r.value FROM trials t JOIN runs u ON u.id = t.run JOIN results r ON r.run = u.id
				WHERE t.dataset = ? AND t.state = 'done' AND NOT u.shared AND r.value IS NOT NULL ORDER BY t.variant, t.seed, r.name`
			err := each(tx, query, []any{d}, func(row *sql.Rows) error {
				var x Replica
				var seed int64
				err := row.Scan(&x.Dataset, &x.Variant, &seed, &x.Name, &x.Value)
				if x.Seed = uint64(seed); slices.Contains(metrics, x.Name) {
					l = append(l, x)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return l, err
}
