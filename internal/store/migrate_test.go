package store

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// older is a database as an earlier version made it, with a plan and two runs, one of them killed.
func older(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	text, err := os.ReadFile("testdata/version" + version + ".sql")
	must(t, err)
	attempts := ""
	if version >= "3" {
		attempts = "; UPDATE runs SET attempt = id"
	}
	if version >= "5" {
		attempts += "; INSERT INTO unseals (experiment, at, why) VALUES (1, '2026-01-02T12:00:00.000Z', '" + Untuned + "')"
	}
	sqlite(t, path, string(text)+`;
		INSERT INTO datasets (id, source, options, schema, train, valid, test, bad_rows, warnings) VALUES ('d1', 'criteo', '{}', '{}', 8, 1, 1, 0, '["one"]');
		INSERT INTO experiments (id, name, question, plan, file, overrides, created_at, planned_at) VALUES (1, 'quickstart', '', 'p1', '', '[]', '2026-01-02T12:00:00.000Z', '2026-01-02T12:00:00.000Z');
		INSERT INTO trials VALUES ('t1', 'v1', 'fm', 1, 'd1', '{}', 'running', NULL);
		INSERT INTO experiment_trials (experiment, ordinal, trial, label) VALUES (1, 0, 't1', 'FM');
		INSERT INTO environments VALUES ('m', 'b1', '', '', '', '', '', '', '', 1, 1);
		INSERT INTO runs (trial, environment, workers, shared, started_at, state, test_reads)
			VALUES ('t1', 'm', 1, 0, '2026-01-02T12:00:00.000Z', 'failed', 1), ('t1', 'm', 1, 0, '2026-01-02T13:00:00.000Z', 'running', 0);
		PRAGMA journal_mode = WAL`+attempts).Close()
	return path
}

// An older database is read as it is, and brought up to date by the one that writes.
func TestMigrate(t *testing.T) {
	for _, from := range []string{"1", "2", "3", "4", "5"} {
		t.Run(from, func(t *testing.T) {
			path := older(t, from)
			check := func() {
				t.Helper()
				s, err := OpenRead(path)
				must(t, err)
				defer s.Close()
				r, err := s.Report("quickstart")
				must(t, err)
				want := []Dataset{{ID: "d1", Source: "criteo", Options: "{}", Schema: "{}", Rows: [3]int{8, 1, 1}, Warnings: []string{"one"}}}
				if !reflect.DeepEqual(r.Datasets, want) || r.Trials[0].TestRead != 1 {
					t.Errorf("data %+v, want %+v; trial %+v", r.Datasets, want, r.Trials[0])
				}
				if len(r.Unseals) != 1 || r.Unseals[0].Why != Untuned {
					t.Errorf("what could be seen is sealed: %+v", r.Unseals)
				}
				if e := r.Experiment; e.Compare != "{}" || e.Reference != "[]" {
					t.Errorf("experiment %+v", e)
				}
				runs, err := s.Runs()
				must(t, err)
				if runs[0].Attempt != 2 || runs[1].Attempt != 1 || runs[0].State != Lost || runs[0].ResumedFrom != -1 {
					t.Errorf("runs %+v", runs)
				}
			}
			before, err := os.ReadFile(path)
			must(t, err)
			check()
			if after, _ := os.ReadFile(path); !slices.Equal(before, after) {
				t.Error("reading changed the file")
			}
			must(t, open(t, path).Close())
			check()

			// What is migrated and what is new are one schema, but for the places of columns.
			fresh := filepath.Join(t.TempDir(), "fresh.db")
			must(t, open(t, fresh).Close())
			if a, b := schemaOf(t, path), schemaOf(t, fresh); !slices.Equal(a, b) {
				t.Errorf("the schema is\n%s\nand of a new database\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
			}
		})
	}
}

// schemaOf is a line a column, an index, a view and a version.
func schemaOf(t *testing.T, path string) (all []string) {
	t.Helper()
	rows, err := sqlite(t, path, `SELECT 1`).Query(`
		SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || coalesce(c.dflt_value, '') || ' ' || (c.pk > 0)
			FROM sqlite_master m, pragma_table_info(m.name) c
		UNION ALL SELECT type || ' ' || name || ' ' || replace(replace(coalesce(sql, ''), char(10), ' '), '  ', ' ') FROM sqlite_master WHERE type != 'table'
		UNION ALL SELECT 'version ' || user_version FROM pragma_user_version ORDER BY 1`)
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
