package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"ctrlab/report/check"
)

// bisectFlags are those of bisect.
type bisectFlags struct {
	names, dir, changed string
	speed               bool
	subjects            string
	margin              string
	rounds              string
}

func bisect(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o bisectFlags
	f.StringVar(&o.names, "baseline", "", "hold every revision against baselines of `NAMES`, with commas (all)")
	f.StringVar(&o.dir, "dir", defaultBaselines, "baselines, as they are now, are in `DIR`")
	f.StringVar(&o.changed, "changed", "fail", "what another rule of training that is no worse counts as: pass or `fail`")
	f.BoolVar(&o.speed, "speed", false, "compare each revision's speed with that of GOOD instead")
	f.StringVar(&o.subjects, "subjects", "", "with --speed: of `NAMES`, with commas (all)")
	f.StringVar(&o.margin, "margin", "", "with --speed: a `SHARE` that it may be slower by (0.05)")
	f.StringVar(&o.rounds, "rounds", "", "with --speed: look after so `MANY` rounds, with commas")
	return o.run
}

// search is a bisection under way.
type search struct {
	bisectFlags
	folder    string // for what is built
	revisions []string
	good      string // program of GOOD, where speed is compared
	self      string // this program
	to        io.Writer
}

func (o *bisectFlags) run(ctx context.Context, a *app, names []string) error {
	if len(names) > 2 {
		return usage("bisect: got %d revisions, want GOOD and BAD", len(names))
	}
	bad := "HEAD"
	if len(names) == 2 {
		bad = names[1]
	}
	dir, err := os.MkdirTemp("", "ctrlab-bisect-*")
	if err != nil {
		return environment(err)
	}
	defer os.RemoveAll(dir)
	s := &search{bisectFlags: *o, folder: dir, to: a.stdout}
	if err := s.prepare(ctx, names[0], bad); err != nil {
		return err
	}
	last := len(s.revisions) - 1
	if outcome, err := s.test(ctx, last); err != nil || outcome != check.Bad {
		return errors.Join(err, exit{statusInconclusive, fmt.Errorf("bisect: %s does not fail: there is nothing to find", bad)})
	}
	first, last, err := check.Bisect(len(s.revisions), func(i int) (check.Outcome, error) { return s.test(ctx, i) })
	if err != nil {
		return err
	}
	return s.show(ctx, first, last)
}

// prepare lists the revisions behind good up to bad: merges, and not what they merge.
func (s *search) prepare(ctx context.Context, good, bad string) (err error) {
	list, err := git(ctx, "rev-list", "--reverse", "--first-parent", "--end-of-options", good+".."+bad)
	if err != nil {
		return usage("bisect: %w", err)
	}
	if s.revisions = strings.Fields(list); len(s.revisions) == 0 {
		return usage("bisect: there is no revision behind %s up to %s", good, bad)
	}
	if s.dir, err = filepath.Abs(s.dir); err != nil {
		return environment(err)
	}
	if !s.speed {
		_, err = baselines(s.dir, s.names)
		return err
	}
	if s.self, err = os.Executable(); err != nil {
		return environment(err)
	}
	s.good = filepath.Join(s.folder, "good")
	if err := buildAt(ctx, s.folder, good, s.good); err != nil {
		return cmp.Or(ctx.Err(), error(exit{statusEnvironment, err}))
	}
	return nil
}

// test builds a revision and checks it.
func (s *search) test(ctx context.Context, i int) (check.Outcome, error) {
	rev := s.revisions[i]
	tree, program := filepath.Join(s.folder, "tree"), filepath.Join(s.folder, "program")
	done, err := worktree(ctx, tree, rev)
	if err != nil {
		return check.Unknown, err
	}
	defer done()
	outcome := check.Unknown
	if err = build(ctx, tree, program); err == nil {
		outcome = s.check(ctx, tree, program)
	}
	if ctx.Err() != nil {
		return check.Unknown, ctx.Err()
	}
	words := map[check.Outcome]string{check.Good: "good", check.Bad: "bad", check.Unknown: "cannot be told"}
	_, err = fmt.Fprintf(s.to, "%.12s  %s\n", rev, words[outcome])
	return outcome, environment(err)
}

func (s *search) check(ctx context.Context, tree, program string) check.Outcome {
	args, run := []string{"check", "--db", "", "--inconclusive", ""}, program
	if s.speed {
		run = s.self
		args = append(args, "--base", s.good, "--head", program)
		for _, f := range [][2]string{{"--subjects", s.subjects}, {"--margin", s.margin}, {"--rounds", s.rounds}} {
			if f[1] != "" {
				args = append(args, f[:]...)
			}
		}
	} else {
		args = append(args, "--dir", s.dir, "--baseline", s.names, "--changed", s.changed)
	}
	cmd := child(ctx, run, args...)
	cmd.Dir, cmd.Env = tree, append(os.Environ(), "TMPDIR="+s.folder) // what it leaves where it is killed goes away too
	err := cmd.Run()
	var bad *exec.ExitError
	switch {
	case err == nil:
		return check.Good
	case errors.As(err, &bad) && bad.ExitCode() == statusFailed:
		return check.Bad
	}
	return check.Unknown
}

// show names what was found.
func (s *search) show(ctx context.Context, first, last int) error {
	text := "\nThe first that fails is one of these; what lies between cannot be told:\n"
	if first == last {
		text = "\nThe first that fails:\n"
	}
	for _, rev := range slices.Clone(s.revisions[first : last+1]) {
		line, err := git(ctx, "log", "-1", "--format=%h %ad %an: %s", "--date=short", rev)
		if err != nil {
			return err
		}
		text += line + "\n"
	}
	_, err := io.WriteString(s.to, text)
	return environment(err)
}
