package runner

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// stop runs a plan and interrupts it after some progress of its last trial.
func stop(t *testing.T, p *Plan, path string, steps int) {
	t.Helper()
	s := open(t, path)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	seen := 0
	_, _ = Run(ctx, p, s, Options{Build: "b1", Workers: 1, Steps: steps, Event: func(e Event) {
		if e.Kind == Progressed && e.Trial.Ordinal == len(p.Trials)-1 {
			if seen++; seen == 22 {
				interrupt()
			}
		}
	}})
	must(t, s.Close())
}

// goOn runs what is left, and returns what was told.
func goOn(t *testing.T, p *Plan, path, build string) (told []string) {
	t.Helper()
	s := open(t, path)
	_, err := Run(t.Context(), p, s, Options{Build: build, Workers: 2, Keep: 1 << 20, Event: func(e Event) {
		if e.Kind == Told {
			told = append(told, e.Text)
		}
	}})
	must(t, err)
	must(t, s.Close())
	return told
}

func digests(t *testing.T, path string) (all []string) {
	t.Helper()
	s := open(t, path)
	defer s.Close()
	runs, err := s.Runs()
	must(t, err)
	for _, r := range runs {
		if r.State == "done" {
			d, err := s.Run(r.ID)
			must(t, err)
			all = append(all, fmt.Sprint(r.Trial, " ", d.FinalDigest))
		}
	}
	slices.Sort(all)
	return all
}

// Whatever is left of the checkpoints of an interrupted trial, it goes on from what is sound and of this build, says so, ends
// with the digests of an unbroken one, and leaves its model alone.
func TestCheckpoints(t *testing.T) {
	p := planOf(t, small)
	trial := p.Trials[3].ID
	whole := filepath.Join(t.TempDir(), "ctrlab.db")
	goOn(t, p, whole, "b1")
	want := digests(t, whole)
	if len(want) != 4 || strings.HasSuffix(want[0], " ") {
		t.Fatalf("digests %q", want)
	}
	for name, c := range map[string]struct {
		harm  func(dir string, names []string) error
		build string
		told  string
	}{
		"as they are": {func(string, []string) error { return nil }, "b1", "goes on from step 22"},
		"the last cut off": {func(dir string, n []string) error {
			return os.Truncate(filepath.Join(dir, n[1]), 1000)
		}, "b1", "/checkpoint-22.ckpt: damaged|goes on from step 20"},
		"both damaged": {func(dir string, n []string) error {
			for _, name := range n {
				b, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					return err
				}
				b[len(b)/2] ^= 4
				if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
					return err
				}
			}
			return nil
		}, "b1", "/checkpoint-22.ckpt: damaged|/checkpoint-20.ckpt: damaged|begins anew"},
		"half written ones beside": {func(dir string, n []string) error {
			return os.WriteFile(filepath.Join(dir, "checkpoint-30.ckpt.123.part"), []byte("ctrlabCK"), 0o644)
		}, "b1", "goes on from step 22"},
		"of another build": {func(string, []string) error { return nil }, "b2", ""},
	} {
		path := filepath.Join(t.TempDir(), "ctrlab.db")
		stop(t, p, path, 10)
		dir := filepath.Join(Artifacts(path), trial)
		names := entries(t, dir)
		if !reflect.DeepEqual(names, []string{"checkpoint-20.ckpt", "checkpoint-22.ckpt"}) {
			t.Fatalf("%s: after the interruption there are %q", name, names)
		}
		must(t, c.harm(dir, names))
		told := goOn(t, p, path, c.build)
		if c.told == "" != (len(told) == 0) {
			t.Errorf("%s: told %q", name, told)
		}
		for i, text := range strings.Split(c.told, "|") {
			if len(told) <= i && text != "" || text != "" && !strings.Contains(told[i], text) {
				t.Errorf("%s: told %q, want %q", name, told, c.told)
			}
		}
		got := digests(t, path)
		if c.build == "b1" && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: digests %q, want %q", name, got, want)
		}
		if left := entries(t, dir); !reflect.DeepEqual(left, []string{modelName, "scores.bin"}) {
			t.Errorf("%s: left %q", name, left)
		}
	}
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// A disk that is too small for checkpoints and models is told of, and changes nothing else.
func TestNoRoomForCheckpoints(t *testing.T) {
	p := planOf(t, small)
	whole, path := filepath.Join(t.TempDir(), "ctrlab.db"), filepath.Join(t.TempDir(), "ctrlab.db")
	goOn(t, p, whole, "b1")
	dir := Artifacts(path)
	must(t, os.Mkdir(dir, 0o755))
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4k"); err != nil {
		t.Skip("no right to mount a small disk:", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	stop(t, p, path, 10)
	told := goOn(t, p, path, "b1")
	if len(told) == 0 || !strings.HasSuffix(told[0], "no space left on device") {
		t.Errorf("told %q", told)
	}
	if got, want := digests(t, path), digests(t, whole); !reflect.DeepEqual(got, want) {
		t.Errorf("digests %q, want %q", got, want)
	}
	for _, e := range p.Trials {
		if left, _ := os.ReadDir(filepath.Join(dir, e.ID)); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	}
}
