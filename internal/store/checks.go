package store

import (
	"database/sql"
	"time"
)

// Check is a row of checks: what ctrlab check found.
type Check struct {
	ID       int64
	At       time.Time
	Revision string // of the source that was checked
	Against  string // revision of the baseline
	Baseline string // its name
	Verdict  string
	Report   string // JSON
}

// SaveCheck keeps a check and sets its ID.
func (s *Store) SaveCheck(c *Check) error {
	return s.write(func(tx *sql.Tx) error {
		between()
		return tx.QueryRow(`INSERT INTO checks (at, revision, against, baseline, verdict, report) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
			stamp(c.At), c.Revision, c.Against, c.Baseline, c.Verdict, c.Report).Scan(&c.ID)
	})
}

// Checks returns the checks, the latest in front.
func (s *Store) Checks() (l []Check, err error) {
	err = s.read(func(tx *sql.Tx) error {
		return each(tx, `SELECT id, at, revision, against, baseline, verdict, report FROM checks ORDER BY at DESC, id DESC`, nil, func(row *sql.Rows) error {
			var c Check
			err := row.Scan(&c.ID, timeOf(&c.At), &c.Revision, &c.Against, &c.Baseline, &c.Verdict, &c.Report)
			l = append(l, c)
			return err
		})
	})
	return l, err
}
