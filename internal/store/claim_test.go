package store

import (
	"errors"
	"os"
	command "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctrlab/internal/metric"
)

// two returns two writers of one database that has a plan, as two processes would have them.
func two(t *testing.T) (a, b *Store) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	a, b = open(t, path), open(t, path)
	must(t, a.SavePlan(experiment("p1", noon), data, plan(), "b1"))
	return a, b
}

const lease = 30 * time.Second

// ask claims at a tick of the asker's clock.
func ask(t *testing.T, s *Store, trial string, tick time.Duration) (*Run, Trial) {
	t.Helper()
	r, standing, err := s.Claim(Start{Trial: trial, Environment: machine, At: noon, Tick: tick, Lease: lease})
	must(t, err)
	return r, standing
}

func refusedState(t *testing.T, s *Store, trial string, tick time.Duration, want string) Trial {
	t.Helper()
	r, standing := ask(t, s, trial, tick)
	if r != nil || standing.State != want {
		t.Errorf("%s at %v: run %v, %s; want none, %s", trial, tick, r, standing.State, want)
	}
	return standing
}

// states are those of all runs, the first in front.
func states(t *testing.T, s *Store) (l []string) {
	t.Helper()
	runs, err := s.Runs()
	must(t, err)
	for _, r := range slices.Backward(runs) {
		l = append(l, r.Trial+" "+r.State)
	}
	return l
}

func TestClaim(t *testing.T) {
	a, b := two(t)
	r, _ := ask(t, a, "t1", 0)
	refusedState(t, b, "t1", 0, Running)
	other, _ := ask(t, b, "t2", 0)
	if r == nil || other == nil || r.Attempt != 1 {
		t.Fatal("what is free cannot be had")
	}
	must(t, r.Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.7}}))
	if got := refusedState(t, b, "t1", 0, Done); got.Run != r.ID || got.Results["test.auc"] != 0.7 {
		t.Errorf("what another has done: %+v", got)
	}
	must(t, other.Finish(Outcome{State: Failed, At: noon, Error: "it diverged"}))
	if got := refusedState(t, a, "t2", 0, Failed); got.Error != "it diverged" {
		t.Errorf("what another has failed at: %+v", got)
	}
	third, _ := ask(t, b, "t3", 0)
	must(t, third.Finish(Outcome{State: Failed, At: noon, Error: "disk full", Retry: true}))
	if again, _ := ask(t, a, "t3", 0); again == nil || again.Attempt != 2 {
		t.Errorf("what may pass is not tried again: %+v", again)
	}
	must(t, a.Retry(other.ID))
	if again, _ := ask(t, b, "t2", 0); again == nil || again.Attempt != 2 {
		t.Errorf("a retry that was asked for is not made: %+v", again)
	}
	if err := a.Retry(r.ID); err == nil || !strings.Contains(err.Error(), "has not failed") {
		t.Error("a retry of a run that is done:", err)
	}
}

// Whoever runs beside another shares the machine, and so does the other.
func TestShared(t *testing.T) {
	a, b := two(t)
	alone, _ := ask(t, a, "t1", 0)
	must(t, alone.Finish(Outcome{State: Done, At: noon}))
	ask(t, a, "t2", 0)
	ask(t, b, "t3", 0)
	runs, err := a.Runs()
	must(t, err)
	if !runs[0].Shared || !runs[1].Shared || runs[2].Shared {
		t.Errorf("shared: %v %v %v; want the last two", runs[2].Shared, runs[1].Shared, runs[0].Shared)
	}
}

// Runs that do not fit together do not start together, whichever process asks.
func TestRoom(t *testing.T) {
	a, b := two(t)
	claim := func(s *Store, trial string, memory int64) *Run {
		r, standing, err := s.Claim(Start{Trial: trial, Environment: machine, At: noon, Memory: memory, Room: 100})
		must(t, err)
		if r == nil && standing.State != Pending {
			t.Errorf("%s is %s", trial, standing.State)
		}
		return r
	}
	first := claim(a, "t1", 60)
	if claim(b, "t2", 41) != nil {
		t.Error("101 of 100 fit")
	}
	if claim(b, "t2", 40) == nil {
		t.Error("100 of 100 do not fit")
	}
	must(t, first.Finish(Outcome{State: Cancelled, At: noon}))
	if claim(a, "t3", 60) == nil {
		t.Error("what has ended keeps its room")
	}
}

// A process that is gone has no lease, however long it would have lasted.
func TestOwnerGone(t *testing.T) {
	a, b := two(t)
	r, _ := ask(t, a, "t1", 0)
	must(t, r.Record(metric.Point{Name: "valid.auc", Step: 1, Seconds: 2, Value: 0.5}))
	must(t, a.owner.file.Close()) // what a kill does to its lock
	if again, _ := ask(t, b, "t1", time.Second); again == nil || again.Attempt != 2 {
		t.Fatalf("it is not taken: %+v", again)
	}
	if got, want := states(t, b), []string{"t1 lost", "t1 running"}; !slices.Equal(got, want) {
		t.Errorf("runs are %q, want %q", got, want)
	}
	files, _ := filepath.Glob(b.home + ownerFile + "*")
	bury(b.home)
	left, _ := filepath.Glob(b.home + ownerFile + "*")
	if len(files) != 2 || len(left) != 1 {
		t.Errorf("%q, then %q", files, left)
	}
	a.owner.file = nil
}

// A process that is silent for as long as a lease lasts loses it, and finds that out whatever it then writes.
func TestSilent(t *testing.T) {
	a, b := two(t)
	r, _ := ask(t, a, "t1", 0)
	for tick := time.Duration(0); tick <= lease; tick += time.Second {
		refusedState(t, b, "t1", tick, Running)
	}
	again, _ := ask(t, b, "t1", lease+time.Second)
	if again == nil {
		t.Fatal("it is not taken")
	}
	for name, write := range map[string]func() error{
		"a heartbeat":  func() error { return r.Beat(noon, "I am late") },
		"a point":      func() error { return r.Record(metric.Point{Name: "valid.auc", Step: 1, Seconds: 2}) },
		"a test read":  r.ReadTest,
		"a resumption": func() error { return r.Resumed(5) },
		"an end": func() error {
			return r.Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 1}})
		},
		"a failure":     func() error { return r.Finish(Outcome{State: Failed, At: noon}) },
		"a cancelation": func() error { return r.Finish(Outcome{State: Cancelled, At: noon}) },
	} {
		if err := write(); !errors.Is(err, ErrLost) {
			t.Errorf("%s of a lost run: %v", name, err)
		}
	}
	d, err := b.Run(r.ID)
	must(t, err)
	if d.State != Lost || d.Log != "" || d.Points != 0 || d.TestReads != 0 || len(d.Results) != 0 || !d.Ended.IsZero() {
		t.Errorf("a lost run wrote: %+v", d)
	}
	must(t, again.Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.7}}))
	if got, want := states(t, b), []string{"t1 lost", "t1 done"}; !slices.Equal(got, want) {
		t.Errorf("runs are %q, want %q", got, want)
	}
}

// Leases go by heartbeats and by the ticks of who watches: the owner's clock may jump as it likes, both ways, or stand still.
func TestClockJumps(t *testing.T) {
	for name, at := range map[string]func(i int) time.Time{
		"forth and back": func(i int) time.Time { return noon.Add(time.Duration(i%3-1) * 24 * time.Hour) },
		"stopped":        func(int) time.Time { return noon },
		"far ahead":      func(int) time.Time { return noon.AddDate(10, 0, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := two(t)
			r, _ := ask(t, a, "t1", 0)
			for i := range 120 {
				if i%20 == 0 {
					must(t, r.Beat(at(i), ""))
				}
				refusedState(t, b, "t1", time.Duration(i)*time.Second, Running) // it lives
			}
			taken := 0
			for i := 120; i < 160; i++ { // it beats no more, and the last was at 100
				if again, _ := ask(t, b, "t1", time.Duration(i)*time.Second); again != nil {
					taken = i
					break
				}
			}
			if taken != 131 {
				t.Errorf("taken at %d s, want 131: a lease after the last heartbeat was seen", taken)
			}
		})
	}
}

// Who could not look for long does not know whether the other could beat: he watches from now on.
func TestWatcherWasAway(t *testing.T) {
	a, b := two(t)
	ask(t, a, "t1", 0)
	refusedState(t, b, "t1", 0, Running)
	refusedState(t, b, "t1", time.Hour, Running)
	for s := range 31 {
		refusedState(t, b, "t1", time.Hour+time.Duration(s)*time.Second, Running)
	}
	if again, _ := ask(t, b, "t1", time.Hour+lease+time.Second); again == nil {
		t.Error("it is not taken after a lease")
	}
}

func TestRemove(t *testing.T) {
	a, _ := two(t)
	b2 := machine
	b2.ID, b2.Build = "m-b2", "b2"
	first := begin(t, a, "t1", machine)
	must(t, first.Record(metric.Point{Name: "valid.auc", Step: 1}))
	must(t, first.Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.7}}))
	second := begin(t, a, "t1", b2)
	must(t, second.Finish(Outcome{State: Done, At: noon, Results: map[string]float64{"test.auc": 0.8}}))
	sqlite(t, a.path, `INSERT INTO artifacts VALUES (1, 'model', 't1/model.ckpt', 'd', 10), (2, 'model', 't1/model.ckpt', 'd', 10),
		(2, 'scores', 't1/scores', 'e', 20)`)
	running := begin(t, a, "t2", machine)

	auc := func() float64 {
		t.Helper()
		r, err := a.Report("quickstart")
		must(t, err)
		v, ok := r.Trials[0].Results["test.auc"]
		if ok != (r.Trials[0].State == Done) {
			t.Errorf("%+v", r.Trials[0])
		}
		return v
	}
	if _, err := a.Remove(second.ID, true); err != nil || auc() != 0.8 {
		t.Error("dry:", err)
	}
	gone, err := a.Remove(second.ID, false)
	must(t, err)
	if len(gone.Artifacts) != 1 || gone.Artifacts[0] != (Artifact{"scores", "t1/scores", "e", 20}) || gone.Last || auc() != 0.7 {
		t.Errorf("%+v, auc %v", gone, auc())
	}
	gone, err = a.Remove(first.ID, false)
	must(t, err)
	if len(gone.Artifacts) != 1 || gone.Points != 1 || gone.Results != 1 || !gone.Last || auc() != 0 {
		t.Errorf("%+v, auc %v", gone, auc())
	}
	if _, err := a.Remove(running.ID, false); err == nil || !strings.Contains(err.Error(), "is under way, by process ") {
		t.Error("a run under way:", err)
	}
	if _, err := a.Remove(99, false); err == nil || err.Error() != a.path+": it has no run 99; ctrlab runs lists those there are" {
		t.Error(err)
	}
}

// Nothing but the database is left beside it when all have closed it.
func TestNothingLeft(t *testing.T) {
	a, b := two(t)
	must(t, a.Close())
	must(t, b.Close())
	must(t, b.Close()) // twice does no harm
	if l, _ := os.ReadDir(filepath.Dir(a.path)); len(l) != 1 {
		t.Error("left behind:", l)
	}
}

// Processes that come at once make one database, and migrate an older one once.
func TestOpenTogether(t *testing.T) {
	for name, path := range map[string]string{"new": filepath.Join(t.TempDir(), "new", "ctrlab.db"), "older": older(t, "1")} {
		if os.Getenv("CTRLAB_TEST_OPEN") != "" { // we are one of them
			path = os.Getenv("CTRLAB_TEST_OPEN")
			must(t, open(t, path).SavePlan(experiment("p2", noon), data, plan(), "b1"))
			return
		}
		var all []*command.Cmd
		for range 8 {
			c := command.Command(os.Args[0], "-test.run=^TestOpenTogether$")
			c.Env = append(os.Environ(), "CTRLAB_TEST_OPEN="+path)
			c.Stderr, c.Stdout = os.Stderr, os.Stderr
			must(t, c.Start())
			all = append(all, c)
		}
		for _, c := range all {
			if err := c.Wait(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		var ok string
		db := sqlite(t, path, `SELECT 1`)
		must(t, db.QueryRow(`PRAGMA integrity_check`).Scan(&ok))
		must(t, db.Close())
		if left, _ := filepath.Glob(path + "-*"); ok != "ok" || len(left) > 0 {
			t.Errorf("%s: %s, left behind %q", name, ok, left)
		}
	}
}
