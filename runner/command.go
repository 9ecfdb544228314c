package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// execute runs a program to its end; what it prints is kept, the last lines of it. It and all that it started are killed when ctx ends. peak is the
// memory that it had at most, in bytes, 0 where nobody knows.
func execute(ctx context.Context, args []string, env ...string) (peak float64, lines []string, err error) {
	out := &tail{}
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Env = append(c.Environ(), env...)
	c.Stdout, c.Stderr = out, out
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its children have its number as their group
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = time.Second
	err = c.Run()
	if ctx.Err() != nil {
		return 0, nil, ctx.Err()
	}
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok && runtime.GOOS == "linux" {
		peak = float64(u.Maxrss) * 1024 // of getrusage(2)
	}
	if err == nil {
		return peak, nil, nil
	}
	lines = out.lines()
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		return 0, lines, err // it did not start
	}
	if len(lines) > 0 {
		return 0, lines, fmt.Errorf("%s: %w: %s", filepath.Base(args[0]), err, lines[len(lines)-1])
	}
	return 0, nil, fmt.Errorf("%s: %w", filepath.Base(args[0]), err)
}

// tail keeps the last of what is written to it.
type tail struct{ kept []byte }

const (
	tailBytes = 8192
	tailLines = journalLines
)

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	t.kept = t.kept[max(0, len(t.kept)-tailBytes):]
	return len(p), nil
}

// lines are the last that are not empty.
func (t *tail) lines() (lines []string) {
	for line := range bytes.Lines(t.kept) {
		if text := strings.TrimRight(strings.ToValidUTF8(string(line), "�"), " \r\n"); text != "" {
			lines = append(lines, text)
		}
	}
	return lines[max(0, len(lines)-tailLines):]
}
