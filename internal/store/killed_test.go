package store

import (
	"fmt"
	"os"
	command "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ctrlab/internal/metric"
)

// A suite is killed between any two of its writes, in any transaction: what had been finished stays, what was under way
// has left nothing that is torn, and the next process ends the suite as one that was left alone.
//
// In the short form every fifth place is tried, with CTRLAB_LONG=1 every one.
func TestKilledBetweenWrites(t *testing.T) {
	if path := os.Getenv("CTRLAB_TEST_SUITE"); path != "" { // we are the process to be killed
		at, err := strconv.Atoi(os.Getenv("CTRLAB_TEST_PLACE"))
		must(t, err)
		suite(t, path, at)
		return
	}
	want := filepath.Join(t.TempDir(), "unbroken.db")
	places := suite(t, want, -1)
	stride := 5
	if os.Getenv("CTRLAB_LONG") != "" {
		stride = 1
	}
	if places < 60 {
		t.Fatalf("%d places, want those of some transactions", places)
	}
	for at := 1; at <= places; at += stride {
		path := filepath.Join(t.TempDir(), "ctrlab.db")
		c := command.Command(os.Args[0], "-test.run=^TestKilledBetweenWrites$")
		c.Env = append(os.Environ(), "CTRLAB_TEST_SUITE="+path, fmt.Sprintf("CTRLAB_TEST_PLACE=%d", at))
		out, _ := c.CombinedOutput()
		if c.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("at place %d it was not killed:\n%s", at, out)
		}
		if _, err := os.Stat(path); err == nil {
			sound(t, path)
		}
		suite(t, path, -1)
		sound(t, path)
		if got, want := suiteOf(t, path), suiteOf(t, want); got != want {
			t.Errorf("killed at place %d of %d, the suite ends as\n%s\nwant\n%s", at, places, got, want)
		}
	}
	t.Logf("killed at %d of %d places", (places+stride-1)/stride, places)
}

// suite does what a runner does with the trials that are left, and kills the process at a place where it writes; it returns how
// many places it went by.
func suite(t *testing.T, path string, kill int) (places int) {
	defer func(f func()) { between = f }(between)
	between = func() {
		if places++; places == kill {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	}
	s, err := Open(path)
	must(t, err)
	trials := plan()
	must(t, s.SavePlan(experiment("p1", noon), data, trials, "b1"))
	for i, trial := range trials {
		if trial.State != Pending {
			continue
		}
		r := begin(t, s, trial.ID, machine)
		for step := range 3 {
			must(t, r.Record(metric.Point{Name: "valid.auc", Step: step, Seconds: float64(2 * step), Value: float64(10*i + step)}))
		}
		must(t, r.Beat(noon, "step 2"))
		must(t, r.ReadTest())
		o := Outcome{State: Done, At: noon, Digest: "d" + trial.ID, Results: map[string]float64{"test.auc": float64(i), "test.logloss": 0.5, "params": 7}}
		if i == 1 {
			o = Outcome{State: Failed, At: noon, Error: "it diverged"}
		}
		must(t, r.Finish(o))
	}
	must(t, s.Close())
	return places
}

// sound checks what no kill may break.
func sound(t *testing.T, path string) {
	t.Helper()
	db := sqlite(t, path, `SELECT 1`)
	for query, want := range map[string]string{
		`PRAGMA integrity_check`:                        "ok",
		`SELECT count(*) FROM pragma_foreign_key_check`: "0",
		`SELECT count(*) FROM runs WHERE state = 'done' AND 3 != (SELECT count(*) FROM results WHERE run = runs.id)`: "0",
		`SELECT count(*) FROM runs WHERE state = 'done' AND 3 != (SELECT count(*) FROM points WHERE run = runs.id)`:  "0",
		`SELECT count(*) FROM runs WHERE state = 'done' AND (final_digest = '' OR test_reads != 1)`:                  "0",
		`SELECT count(*) FROM results WHERE run NOT IN (SELECT id FROM runs WHERE state = 'done')`:                   "0",
		`SELECT count(*) FROM trials WHERE (state = 'done') != (run IS NOT NULL)`:                                    "0",
		`SELECT count(*) - count(DISTINCT trial) FROM runs WHERE state IN ('done', 'failed')`:                        "0",
		`SELECT count(*) FROM experiments WHERE 3 != (SELECT count(*) FROM experiment_trials WHERE experiment = id)`: "0",
	} {
		var got string
		if err := db.QueryRow(query).Scan(&got); err != nil {
			if !strings.Contains(err.Error(), "no such table") { // killed before there were any
				t.Errorf("%s: %v", query, err)
			}
		} else if got != want {
			t.Errorf("%s is %s, want %s", query, got, want)
		}
	}
	must(t, db.Close())
}

// suiteOf is all that a suite comes to, without the runs that were lost on the way.
func suiteOf(t *testing.T, path string) string {
	t.Helper()
	db := sqlite(t, path, `SELECT 1`)
	defer db.Close()
	var got string
	must(t, db.QueryRow(`SELECT group_concat(line, char(10)) FROM (
		SELECT t.id || ' ' || t.state || ' ' || r.state || ' ' || r.error || ' ' || r.final_digest || ' ' ||
			coalesce((SELECT group_concat(name || '=' || value) FROM results WHERE run = r.id), '') || ' ' ||
			(SELECT group_concat(name || ' ' || step || ' ' || value) FROM points WHERE run = r.id) AS line
		FROM trials t JOIN runs r ON r.trial = t.id AND r.state IN ('done', 'failed') ORDER BY t.id)`).Scan(&got))
	return got
}
