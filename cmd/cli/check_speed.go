package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ctrlab/internal/bench"
	"ctrlab/report/check"
)

// speedFlags are those of check for wall time.
type speedFlags struct {
	against, base, head string
	subjects, looks     string
	margin, seconds     float64

	sizes    []int
	progress io.Writer
}

func (o *speedFlags) declare(f *flag.FlagSet) {
	f.StringVar(&o.against, "against", "", "compare the speed of this source with that of revision `REV`, which is built beside it")
	f.StringVar(&o.base, "base", "", "compare with the program `FILE` instead of building a revision")
	f.StringVar(&o.head, "head", "", "compare the program `FILE` instead of building this source")
	f.StringVar(&o.subjects, "subjects", "", "time `NAMES`, with commas, as kernel/mul,train/dlrm (all)")
	f.StringVar(&o.looks, "rounds", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(check.Looks)), ","), "[]"), "look at the rounds after so `MANY`, with commas")
	f.Float64Var(&o.margin, "margin", 0.05, "a `SHARE` that it may be slower by")
	f.Float64Var(&o.seconds, "seconds", 0.2, "time each subject for `N` seconds a process")
}

func (o *speedFlags) wanted() bool { return o.against != "" || o.base != "" }

func (o *speedFlags) check() error {
	if o.against != "" && o.base != "" {
		return errors.New("--against and --base both say what to compare with")
	}
	if !(o.margin > 0) || !(o.seconds > 0) {
		return errors.New("--margin and --seconds want more than 0")
	}
	for word := range strings.SplitSeq(o.looks, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 2 || len(o.sizes) > 0 && n <= o.sizes[len(o.sizes)-1] {
			return fmt.Errorf("--rounds is %q, want growing numbers from 2 on, with commas", o.looks)
		}
		o.sizes = append(o.sizes, n)
	}
	return nil
}

// run times the two programs in turn and adds what it finds.
func (o *speedFlags) run(ctx context.Context, a *app, shortcuts bool, r *check.Report) error {
	dir, err := os.MkdirTemp("", "ctrlab-check-*")
	if err != nil {
		return environment(err)
	}
	defer os.RemoveAll(dir)
	if terminal(a.stderr) {
		o.progress = a.stderr
	}
	r.Against = o.against
	if err := o.programs(ctx, dir, r); err != nil {
		return cmp.Or(ctx.Err(), error(exit{statusEnvironment, err}))
	}
	same, err := equal(o.base, o.head)
	if err != nil {
		return environment(err)
	}
	if same && shortcuts {
		r.Add(check.Finding{Subject: "program", Tier: check.ByBinary, Verdict: check.Pass})
		return nil
	}
	err = o.time(ctx, r)
	clearLine(a.stderr)
	if err != nil {
		return cmp.Or(ctx.Err(), error(exit{statusEnvironment, err}))
	}
	return nil
}

// programs builds what is not given.
func (o *speedFlags) programs(ctx context.Context, dir string, r *check.Report) error {
	if o.head == "" {
		top, err := git(ctx, "rev-parse", "--show-toplevel")
		if err != nil {
			return err
		}
		o.head = filepath.Join(dir, "head")
		if err := build(ctx, top, o.head); err != nil {
			return err
		}
	}
	if o.base != "" {
		r.Against = filepath.Base(o.base)
		return nil
	}
	o.base = filepath.Join(dir, "base")
	at, err := git(ctx, "rev-parse", "--verify", "--end-of-options", o.against+"^{commit}")
	if err != nil {
		return err
	}
	r.Against = at
	return buildAt(ctx, dir, at, o.base)
}

func equal(a, b string) (bool, error) {
	x, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	y, err := os.ReadFile(b)
	return bytes.Equal(x, y), err
}

// time takes rounds until all is decided, and fresh ones of what has regressed.
func (o *speedFlags) time(ctx context.Context, r *check.Report) error {
	subjects, err := o.common(ctx, r)
	if err != nil {
		return err
	}
	t, err := o.rounds(ctx, subjects)
	if err != nil {
		return err
	}
	r.Rounds = &check.Rounds{First: t.Rounds}
	var fresh *check.Timing
	if again := t.Regressed(); len(again) > 0 {
		if fresh, err = o.rounds(ctx, again); err != nil {
			return err
		}
		r.Rounds.Confirm = fresh.Rounds
	}
	r.Add(t.Findings(fresh)...)
	return nil
}

// common are the subjects that both programs have, of those that are wanted.
func (o *speedFlags) common(ctx context.Context, r *check.Report) (all []string, err error) {
	var wanted []string
	if o.subjects != "" {
		wanted = strings.Split(o.subjects, ",")
	}
	base, err := o.visit(ctx, o.base, wanted, 1e-6)
	if err != nil {
		return nil, err
	}
	head, err := o.visit(ctx, o.head, wanted, 1e-6)
	if err != nil {
		return nil, err
	}
	for name := range head {
		if _, ok := base[name]; ok {
			all = append(all, name)
		} else {
			r.Notes = append(r.Notes, name+" is new: nothing to compare with")
		}
	}
	for name := range base {
		if _, ok := head[name]; !ok {
			r.Notes = append(r.Notes, name+" is gone")
		}
	}
	slices.Sort(all)
	slices.Sort(r.Notes)
	if len(all) == 0 {
		return nil, errors.New("the programs have no subject in common")
	}
	return all, nil
}

func (o *speedFlags) rounds(ctx context.Context, subjects []string) (*check.Timing, error) {
	t := check.NewTiming(subjects, o.margin, o.sizes)
	for t.Wants() > 0 {
		for open := t.Open(); len(t.Rounds) < t.Wants(); {
			if o.progress != nil {
				fmt.Fprintf(o.progress, "\r\x1b[Kround %d of %d: %s", len(t.Rounds)+1, t.Wants(), plural(len(open), "subject"))
			}
			round, err := o.round(ctx, open)
			if err != nil {
				return nil, err
			}
			t.Rounds = append(t.Rounds, round)
		}
		t.Look()
	}
	return t, nil
}

// round measures both programs in turn, each time in a process of its own.
func (o *speedFlags) round(ctx context.Context, subjects []string) (r check.Round, err error) {
	for _, one := range []struct {
		program string
		to      *check.Visit
	}{
		{o.base, &r.Base[0]}, {o.head, &r.Head[0]}, {o.head, &r.Head[1]}, {o.base, &r.Base[1]},
		{o.base, &r.Again[0]}, {o.base, &r.Again[1]}, {o.base, &r.Base[2]},
	} {
		if *one.to, err = o.visit(ctx, one.program, subjects, o.seconds); err != nil {
			return r, err
		}
	}
	return r, nil
}

// visit runs check time of a program.
func (o *speedFlags) visit(ctx context.Context, program string, subjects []string, seconds float64) (check.Visit, error) {
	args := []string{"check", "time", "--seconds", strconv.FormatFloat(seconds, 'g', -1, 64), "--subjects", strings.Join(subjects, ",")}
	cmd := child(ctx, program, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	out, err := cmd.Output()
	var bad *exec.ExitError
	if errors.As(err, &bad) {
		return nil, fmt.Errorf("%s check time: %w: %s", filepath.Base(program), err, strings.TrimSpace(string(bad.Stderr)))
	}
	if err != nil {
		return nil, err
	}
	v := check.Visit{}
	if err := json.Unmarshal(out, &v); err != nil {
		return nil, fmt.Errorf("%s check time: %w", filepath.Base(program), err)
	}
	for name, x := range v {
		if !(x > 0) {
			return nil, fmt.Errorf("%s check time: %s took %v seconds", filepath.Base(program), name, x)
		}
	}
	return v, nil
}

// checkTime is what a process of a check measures.
func checkTime(f *flag.FlagSet) func(context.Context, *app, []string) error {
	names := f.String("subjects", "", "time `NAMES`, with commas; those that are none are left out (all: "+strings.Join(bench.Subjects(), ", ")+")")
	seconds := f.Float64("seconds", 0.2, "time each for `N` seconds")
	return func(ctx context.Context, a *app, _ []string) error {
		subjects := bench.Subjects()
		if *names != "" {
			wanted := strings.Split(*names, ",")
			subjects = slices.DeleteFunc(subjects, func(s string) bool { return !slices.Contains(wanted, s) })
		}
		times, err := bench.Visit(ctx, subjects, *seconds)
		if err != nil {
			return failure(err)
		}
		out := newLines(a.stdout)
		out.write(times)
		return environment(out.err)
	}
}
