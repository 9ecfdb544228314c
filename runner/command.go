package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unicode"
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
	if c.ProcessState != nil && c.ProcessState.Success() { // what it started may still hold its output
		return peakOf(c.ProcessState), nil, nil
	}
	lines = out.lines()
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		return 0, nil, errors.New("it did not start: " + err.Error()) // which no second try mends, whatever file is not there
	}
	if len(lines) > 0 {
		return 0, lines, fmt.Errorf("%s: %w: %s", filepath.Base(args[0]), err, lines[len(lines)-1])
	}
	return 0, nil, fmt.Errorf("%s: %w", filepath.Base(args[0]), err)
}

// peakOf is the memory that a program had at most.
func peakOf(p *os.ProcessState) float64 {
	if u, ok := p.SysUsage().(*syscall.Rusage); ok && runtime.GOOS == "linux" {
		return float64(u.Maxrss) * 1024 // of getrusage(2)
	}
	return 0
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
		if text := shown(strings.ToValidUTF8(string(line), "�")); text != "" {
			lines = append(lines, text)
		}
	}
	return lines[max(0, len(lines)-tailLines):]
}

// sequences are those of ECMA-48 that a terminal obeys: CSI, and OSC to its end.
var sequences = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(\x07|\x1b\\\\)?")

// shown is what a terminal would have left of a line: what was written over is gone, and nothing in it commands a terminal.
func shown(line string) string {
	line = sequences.ReplaceAllString(strings.TrimRight(line, "\r\n"), "")
	line = line[strings.LastIndexByte(line, '\r')+1:]
	return strings.TrimRight(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\t' || unicode.Is(unicode.Bidi_Control, c) {
			return -1
		}
		return c
	}, line), " ")
}
