package store

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// version1 is a database as the first version made it, with a plan.
func version1(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	text, err := os.ReadFile("testdata/version1.sql")
	must(t, err)
	sqlite(t, path, string(text)+`;
		INSERT INTO datasets VALUES ('d1', 'criteo', '{}', '{}', 8, 1, 1, 0, '["one"]');
		INSERT INTO experiments VALUES (1, 'quickstart', '', 'p1', '', '[]', '2026-01-02T12:00:00.000Z', '2026-01-02T12:00:00.000Z');
		INSERT INTO trials VALUES ('t1', 'v1', 'fm', 1, 'd1', '{}', 'pending', NULL);
		INSERT INTO experiment_trials VALUES (1, 0, 't1', 'FM');`).Close()
	return path
}

// An older database is read as it is, and brought up to date by the one that writes.
func TestMigrate(t *testing.T) {
	path := version1(t)
	want := []Dataset{{ID: "d1", Source: "criteo", Options: "{}", Schema: "{}", Rows: [3]int{8, 1, 1}, Warnings: []string{"one"}}}
	check := func(version int) {
		t.Helper()
		s, err := OpenRead(path)
		must(t, err)
		defer s.Close()
		r, err := s.Report("quickstart")
		must(t, err)
		if !reflect.DeepEqual(r.Datasets, want) || s.version != version {
			t.Errorf("version %d has %+v, want version %d, %+v", s.version, r.Datasets, version, want)
		}
	}
	check(1)
	must(t, open(t, path).Close())
	check(version)

	s := open(t, path)
	must(t, s.SavePlan(experiment("p1", noon), []Dataset{{ID: "d2", Digests: [3]string{"a", "b", "c"}}}, nil, "b1"))
	must(t, s.Close())

	// What is migrated and what is new are one schema, but for the place of the column.
	fresh := filepath.Join(t.TempDir(), "fresh.db")
	must(t, open(t, fresh).Close())
	if a, b := columnsOf(t, path), columnsOf(t, fresh); !reflect.DeepEqual(a, b) {
		t.Errorf("columns are\n%v\nand of a new database\n%v", a, b)
	}
}

func columnsOf(t *testing.T, path string) (all []string) {
	t.Helper()
	rows, err := sqlite(t, path, `SELECT 1`).Query(`SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || coalesce(c.dflt_value, '')
		FROM sqlite_master m, pragma_table_info(m.name) c ORDER BY 1`)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var s string
		must(t, rows.Scan(&s))
		all = append(all, s)
	}
	must(t, rows.Err())
	return all
}
