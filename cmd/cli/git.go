package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// child is a process that is interrupted, so that it tidies up, when ctx ends, and killed where that takes it long.
func child(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// git runs git in the present folder and returns what it prints.
func git(ctx context.Context, args ...string) (string, error) {
	cmd := child(ctx, "git", args...)
	out, err := cmd.Output()
	var bad *exec.ExitError
	if errors.As(err, &bad) {
		return "", fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(string(bad.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}

// revision is that of the present folder, with + behind it where it was changed since, but for the baselines in dir: setting one does not make the
// next one's build another. It is "" outside of git.
func revision(ctx context.Context, dir string) (string, error) {
	at, err := git(ctx, "rev-parse", "HEAD")
	if err != nil {
		return "", ctx.Err()
	}
	status := []string{"status", "--porcelain", "--untracked-files=no"}
	changed, err := git(ctx, append(status, "--", ":/", ":(exclude,glob)"+filepath.ToSlash(filepath.Join(dir, "*.json")))...)
	if err != nil { // dir is outside of the repository
		changed, err = git(ctx, status...)
	}
	if err == nil && changed != "" {
		at += "+"
	}
	return at, ctx.Err()
}

// worktree checks a revision out into a folder, which done removes.
func worktree(ctx context.Context, dir, rev string) (done func(), err error) {
	if rev, err = git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}"); err != nil {
		return nil, fmt.Errorf("there is no revision that %s names", rev)
	}
	done = func() { _, _ = git(context.WithoutCancel(ctx), "worktree", "remove", "--force", dir) }
	if _, err := git(ctx, "worktree", "add", "--detach", dir, rev); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// build compiles the program of a source tree. What does not depend on the source stays out of it, so that equal sources give equal files.
func build(ctx context.Context, dir, file string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	cmd := child(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", file, "./cmd/ctrlab")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build in %s: %w\n%s", dir, err, out)
	}
	return nil
}

// buildAt compiles the program as it was at a revision.
func buildAt(ctx context.Context, dir, rev, file string) error {
	tree := filepath.Join(dir, "tree")
	done, err := worktree(ctx, tree, rev)
	if err != nil {
		return err
	}
	defer done()
	return build(ctx, tree, file)
}
