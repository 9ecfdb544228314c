package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// A disk that fills up ends the suite; what was done stays, and with more room the rest is run.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=512k"); err != nil {
		t.Skip("no right to mount a small disk:", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	path := filepath.Join(dir, "ctrlab.db")
	s := open(t, path)
	p := planOf(t, small)
	chatty := mock(func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
		for i := 0; trial.Ordinal == 2 && ctx.Err() == nil; i++ {
			record(metric.Point{Name: "valid.auc", Step: i})
		}
		return fine(ctx, trial, record)
	})
	got, err := Run(t.Context(), p, s, Options{Build: "b1", Executor: chatty, Patience: time.Millisecond})
	if want := (Summary{Done: 2, Cancelled: 2}); got != want || !errors.Is(err, store.ErrEnvironment) {
		t.Errorf("%+v, %v", got, err)
	}
	must(t, s.Close())

	must(t, syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT, "size=4m"))
	s = open(t, path)
	got, err = Run(t.Context(), p, s, Options{Build: "b1", Executor: fine})
	must(t, err)
	if want := (Summary{Done: 2, Skipped: 2}); got != want {
		t.Errorf("with room: %+v, want %+v", got, want)
	}
	must(t, s.Close())
}

// A process that is killed loses the trial under way and nothing else.
func TestKilled(t *testing.T) {
	const place = "CTRLAB_TEST_KILLED"
	if path := os.Getenv(place); path != "" { // we are the process to be killed
		Run(t.Context(), planOf(t, small), open(t, path), Options{Build: "b1", Executor: mock(
			func(ctx context.Context, trial *Trial, record func(metric.Point)) (map[string]float64, error) {
				if trial.Ordinal == 2 {
					fmt.Println("here")
					select {}
				}
				return fine(ctx, trial, record)
			})})
		return
	}
	path := filepath.Join(t.TempDir(), "ctrlab.db")
	c := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	c.Env = append(os.Environ(), place+"="+path)
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	_, err = out.Read(make([]byte, 4))
	must(t, err)
	must(t, c.Process.Kill())
	c.Wait()

	s := open(t, path)
	if trials := report(t, s).Trials; trials[1].State != store.Done || trials[2].State != store.Pending {
		t.Errorf("trials are %s, %s; want done, pending", trials[1].State, trials[2].State)
	}
	got, err := Run(t.Context(), planOf(t, small), s, Options{Build: "b1", Executor: fine})
	must(t, err)
	if want := (Summary{Done: 2, Skipped: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
