package prepare

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is a process that builds the job of a folder, where this names one.
const folderKey, limitKey = "PREPARE_TEST_FOLDER", "PREPARE_TEST_FILE_LIMIT"

const processRows = 6000

func TestMain(m *testing.M) {
	dir := os.Getenv(folderKey)
	if dir == "" {
		os.Exit(m.Run())
	}
	if limit, err := strconv.ParseUint(os.Getenv(limitKey), 10, 64); err == nil {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			panic(err)
		}
	}
	j := job(new(testing.T), dir, processRows)
	j.Memory = 1 << 16
	file, err := Build(context.Background(), j)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := file.Close(); err != nil {
		panic(err)
	}
}

func child(dir string, env ...string) (*exec.Cmd, *strings.Builder) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), folderKey+"="+dir), env...)
	out := &strings.Builder{}
	cmd.Stderr = out
	return cmd, out
}

// Processes are killed at random moments of the time that one takes; the next goes on in the same folder, until one is done.
// PREPARE_TEST_KILLS sets how many are killed in all.
func TestKilled(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 5
	}
	if n, err := strconv.Atoi(os.Getenv("PREPARE_TEST_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	start := time.Now()
	if cmd, out := child(dir); cmd.Run() != nil {
		t.Fatal(out)
	}
	whole := time.Since(start)
	want := string(bytesIn(t, dir+"/cache"))
	random := rand.New(rand.NewPCG(1, 2))
	dir = t.TempDir()
	for killed, caches := 0, 0; killed < kills || caches == 0; {
		cmd, out := child(dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if killed < kills {
			time.Sleep(time.Duration(random.Int64N(int64(whole))))
			if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
		}
		err := cmd.Wait()
		if exit := new(exec.ExitError); errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
			killed++
			continue
		}
		if err != nil {
			t.Fatalf("after %d kills: %v: %s", killed, err, out)
		}
		if got := string(bytesIn(t, dir+"/cache")); got != want {
			t.Fatalf("after %d kills the cache is another", killed)
		}
		caches++
		if err := os.RemoveAll(dir + "/cache"); err != nil {
			t.Fatal(err)
		}
	}
}

// A limit of the size of files is what a full disk is to a process: some write fails. What was begun is removed, and with
// room the same cache comes.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	for limit := 1 << 8; ; limit *= 4 {
		cmd, out := child(dir, fmt.Sprint(limitKey, "=", limit))
		err := cmd.Run()
		if err == nil {
			if limit < 1<<16 {
				t.Fatalf("files of %d bytes are enough: nothing was tested", limit)
			}
			break
		}
		if !strings.Contains(out.String(), "file too large") {
			t.Fatalf("with files of %d bytes at most the error is %q, want one that says so", limit, out)
		}
		list, err := os.ReadDir(dir + "/cache")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if e.Name() != "index.json" {
				t.Errorf("with files of %d bytes at most %s is left", limit, e.Name())
			}
		}
	}
	got := string(bytesIn(t, dir+"/cache"))
	j := job(t, t.TempDir(), processRows)
	build(t, j)
	if got != string(bytesIn(t, j.Dir)) {
		t.Error("the cache after errors is another")
	}
}
