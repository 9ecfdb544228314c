package runner

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"ctrlab/internal/store"
)

// suite has 60 trials: ten variants, six seeds each.
const suite = `
name = "small"
seeds = 6
[data]
source = "synthetic"
rows = 4000
fields = 4
rows_per_field = 20
[train]
batch_size = 128
epochs = 2
eval_every = 6
[[model]]
name = "lr"
[[model]]
name = "fm"
[[model]]
name = "dcnv2"
top = [8]
[[model]]
name = "deepfm"
top = [8]
[matrix]
"model.embedding_dim" = [2, 3, 4]
`

// tunedSuite has searches instead: in the short form 4 of 3 trials each, with 4 trials of what they choose.
const tunedSuite = `
name = "small"
seeds = 1
[data]
source = "synthetic"
rows = 4000
fields = 4
rows_per_field = 20
[train]
batch_size = 128
eval_every = 6
[[model]]
name = "lr"
[[model]]
name = "fm"
[tune]
method = "tpe"
startup = 2
budget = { trials = 3 }
repeats = 2
[tune.space]
"train.learning_rate" = { log = [1e-3, 1e-1] }
"model.embedding_dim" = { int = [1, 8] }
`

// long says whether the tests are to try all that they can, which takes minutes.
func long() bool { return os.Getenv("CTRLAB_LONG") != "" }

const (
	suitePlace = "CTRLAB_TEST_SUITE"
	suiteTuned = "CTRLAB_TEST_TUNED" // of the suite with searches
)

// TestMain is also the process that the tests below kill, stop and terminate: it runs the suite as ctrlab run does.
func TestMain(m *testing.M) {
	if path := os.Getenv(suitePlace); path != "" {
		os.Exit(runSuite(path))
	}
	os.Exit(m.Run())
}

func runSuite(path string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p, err := suitePlan(ctx)
	lease := suiteLease
	if os.Getenv(suiteTuned) != "" {
		lease = time.Minute // none is stopped, and on a busy machine none is to be taken for that
	}
	if err == nil {
		var s *store.Store
		if s, err = store.Open(path); err == nil {
			_, err = Run(ctx, p, s, Options{Build: "b1", Workers: 1, Lease: lease, Steps: 3, Keep: 1 << 20}) // checkpoints all the time
			s.Close()
		}
	}
	if err != nil && ctx.Err() == nil {
		fmt.Println(err)
	}
	if err != nil {
		return 1
	}
	return 0
}

const suiteLease = 400 * time.Millisecond

// process starts one that runs the suite.
func process(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), suitePlace+"="+path)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	must(t, c.Start())
	return c
}

// A suite whose process is killed again and again ends as one that was left alone: the same digests, the same points, the
// same leaderboard. In the short form 12 trials are killed 5 times; with CTRLAB_LONG=1 60 are, 20 times, ten times over.
func TestSuiteSurvivesKills(t *testing.T) { surviveKills(t) }

// A suite that tunes does too: with the same proposals and the same choices.
func TestTunedSuiteSurvivesKills(t *testing.T) {
	t.Setenv(suiteTuned, "1")
	surviveKills(t)
}

func surviveKills(t *testing.T) {
	t.Helper()
	rounds, kills := 1, 5
	if long() {
		rounds, kills = 10, 20
	}
	want, took := unbroken(t)
	for round := range rounds {
		path := filepath.Join(t.TempDir(), "ctrlab.db")
		r := rand.New(rand.NewPCG(uint64(round), 1))
		killed := 0
		for ended := false; !ended; {
			c := process(t, path)
			if killed == kills {
				ended = c.Wait() == nil
				if !ended {
					t.Fatal("left alone, it does not end")
				}
				break
			}
			time.Sleep(time.Duration(r.Int64N(int64(2*took) / int64(kills))))
			must(t, c.Process.Kill())
			if c.Wait() != nil {
				killed++
			} else {
				ended = true // it was faster
			}
		}
		check(t, path, want)
		t.Logf("round %d: killed %d times", round, killed)
	}
}

// Three processes share a suite, and are killed, stopped for longer than a lease lasts, and terminated; new ones come for
// those that go. No trial is done twice, and the suite ends as one that was left alone.
func TestSuiteSurvivesAll(t *testing.T) {
	events := 12
	if long() {
		events = 300
	}
	want, took := unbroken(t)
	for round := uint64(0); events > 0; round++ {
		path := filepath.Join(t.TempDir(), "ctrlab.db")
		r := rand.New(rand.NewPCG(round, 2))
		var all []*exec.Cmd
		for range 3 {
			all = append(all, process(t, path))
		}
		count := map[string]int{}
		for n := min(events, 30); n > 0; n-- {
			events--
			time.Sleep(time.Duration(r.Int64N(int64(took) / 10)))
			i := r.IntN(len(all))
			c := all[i]
			switch r.IntN(3) {
			case 0:
				count["killed"]++
				_ = c.Process.Kill()
			case 1:
				count["terminated"]++
				_ = c.Process.Signal(syscall.SIGTERM)
			case 2:
				count["stopped"]++
				_ = c.Process.Signal(syscall.SIGSTOP)
				time.AfterFunc(3*suiteLease, func() { _ = c.Process.Signal(syscall.SIGCONT) })
				continue
			}
			_ = c.Wait()
			all[i] = process(t, path)
		}
		for _, c := range all {
			_ = c.Wait()
		}
		must(t, process(t, path).Wait())
		check(t, path, want)
		t.Logf("round %d: %v", round, count)
	}
}

// Three processes tune one database: no trial runs twice, and they choose what one alone does.
func TestTunersShareWork(t *testing.T) {
	t.Setenv(suiteTuned, "1")
	want, _ := unbroken(t)
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	var all []*exec.Cmd
	for range 3 {
		all = append(all, process(t, path))
	}
	for _, c := range all {
		must(t, c.Wait())
	}
	check(t, path, want)
	if got := ask(t, path, `SELECT count(*) - (SELECT count(*) FROM trials) FROM runs`); got != "0" {
		t.Errorf("%s runs more than trials", got)
	}
}

// suitePlan plans the suite, in the short form 12 trials of it.
func suitePlan(ctx context.Context) (*Plan, error) {
	var sets []string
	switch {
	case os.Getenv(suiteTuned) != "" && long():
		return planFrom(ctx, tunedSuite, "tune.budget={trials=8}", "tune.repeats=3", "seeds=3")
	case os.Getenv(suiteTuned) != "":
		return planFrom(ctx, tunedSuite)
	case !long():
		sets = []string{"seeds=3", "model.embedding_dim=4"}
	}
	return planFrom(ctx, suite, sets...)
}

// outcomeOf is what a suite came to.
type outcomeOf struct {
	digests, points, choices, leaderboard string
}

// unbroken is what the suite comes to when it is left alone, and how long that takes.
func unbroken(t *testing.T) (outcomeOf, time.Duration) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "unbroken.db")
	began := time.Now()
	must(t, process(t, path).Wait())
	took := time.Since(began)
	return outcomeAt(t, path), took
}

// check compares a suite that ended with the one that was left alone, and looks for what is torn, lost or doubled.
func check(t *testing.T, path string, want outcomeOf) {
	t.Helper()
	got := outcomeAt(t, path)
	if got.digests != want.digests {
		t.Errorf("digests are\n%s\nwant\n%s", got.digests, want.digests)
	}
	if got.points != want.points {
		t.Error("learning curves differ")
	}
	if got.choices != want.choices {
		t.Errorf("choices are\n%s\nwant\n%s", got.choices, want.choices)
	}
	if got.leaderboard != want.leaderboard {
		t.Errorf("the leaderboard is\n%s\nwant\n%s", got.leaderboard, want.leaderboard)
	}
	for query, want := range map[string]string{
		`PRAGMA integrity_check`:                                                                   "ok",
		`SELECT count(*) FROM pragma_foreign_key_check`:                                            "0",
		`SELECT count(*) FROM runs WHERE state = 'done' AND final_digest = ''`:                     "0",
		`SELECT count(*) FROM trials WHERE state != 'done' OR run IS NULL`:                         "0",
		`SELECT count(*) - count(DISTINCT trial) FROM runs WHERE state = 'done'`:                   "0",
		`SELECT count(*) FROM runs WHERE state IN ('running', 'failed')`:                           "0",
		`SELECT count(*) FROM results WHERE run NOT IN (SELECT id FROM runs WHERE state = 'done')`: "0",
	} {
		if got := ask(t, path, query); got != want {
			t.Errorf("%s is %s, want %s", query, got, want)
		}
	}
	if l, _ := filepath.Glob(path + "-*"); len(l) > 0 {
		t.Error("left behind:", l)
	}
}

func outcomeAt(t *testing.T, path string) outcomeOf {
	t.Helper()
	const quality = `(v.name LIKE 'valid.%' OR v.name LIKE 'test.%' OR v.name LIKE 'oracle.%' OR v.name IN ('epochs', 'best_step', 'params'))`
	return outcomeOf{
		digests: ask(t, path, `SELECT group_concat(line, char(10)) FROM (SELECT substr(t.id, 1, 8) || ' ' || r.final_digest || ' ' ||
			(SELECT group_concat(v.name || '=' || quote(v.value)) FROM results v WHERE v.run = r.id AND `+quality+`) AS line
			FROM trials t JOIN runs r ON r.id = t.run ORDER BY t.id)`),
		points: ask(t, path, `SELECT group_concat(line, char(10)) FROM (SELECT t.id || s.name || s.step || ' ' || s.examples || ' ' || quote(s.value) AS line
			FROM trials t JOIN points s ON s.run = t.run ORDER BY t.id, s.name, s.step)`),
		choices: ask(t, path, `SELECT group_concat(concat_ws(' ', label, repeat, ordinal, point, share, chosen, trial), char(10)) FROM search_results`),
		leaderboard: ask(t, path, `SELECT group_concat(line, char(10)) FROM (SELECT concat_ws(' ', label, seeds, test_auc, test_auc_low,
			test_auc_high, test_logloss, test_attained, valid_auc, valid_logloss, params) AS line FROM leaderboard)`),
	}
}

// ask returns the one value of a query.
func ask(t *testing.T, path, query string) string {
	t.Helper()
	var v sql.NullString
	db := sqlite(t, path)
	must(t, db.QueryRow(query).Scan(&v))
	must(t, db.Close())
	return v.String
}

func sqlite(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	must(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}
