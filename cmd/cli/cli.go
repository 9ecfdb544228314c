// Package cli is ctrlab's command line, one file a subcommand. Main is public so that a program of its own can add
// interactions to the table and have all commands with them.
package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"ctrlab/interactions"
	"ctrlab/internal/store"
	"ctrlab/internal/strict"
	"ctrlab/runner"
)

// Exit statuses.
const (
	statusDone         = 0
	statusFailed       = 1   // a trial failed, a comparison or a check did
	statusInput        = 2   // usage, configuration, input that is missing or malformed
	statusEnvironment  = 3   // nothing was measured, or the machine failed: full disk, read-only folder, locked database
	statusInconclusive = 4   // what was found decides nothing
	statusInterrupted  = 130 // Ctrl-C
)

// defaultDB is where results are kept unless --db says otherwise.
const defaultDB = "results/ctrlab.db"

// command is a subcommand: prepare declares its flags and returns what runs it, or it has commands of its own in sub, whose
// names begin with its name, or both, and then no operands.
type command struct {
	name, args, about string
	prepare           func(f *flag.FlagSet) func(ctx context.Context, a *app, args []string) error
	sub               []command
}

var commands = []command{
	{"run", "FILE…", "plan, train, evaluate, record; then print the leaderboard and write the report", run, nil},
	{"tune", "FILE…", "run the searches of [tune], and show what they choose; run does that too, and runs what was chosen", tuning, nil},
	{"unseal", "NAME", "let the test scores of a tuned experiment be seen, once nothing is left to choose", unseal, nil},
	{"plan", "FILE…", "show the trials that run would run, and what they cost", plan, nil},
	{"report", "[NAME…]", "print and write the tables and figures again, from the database alone", reports, nil},
	{"serve", "", "show the experiments in a browser while they run; nothing is written", serving, nil},
	{"reproduce", "[NAME…]", "run what papers claim and hold it against what they published; alone, list the claims with what was found", reproduce, nil},
	{"diff", "A B", "show in what two runs, trials or variants differ, and their results", diff, nil},
	{"compare", "EXPERIMENT [A B]|A B", "say which variants are better, worse or alike, in accuracy, speed and memory", comparing, nil},
	{"rerun", "RUN", "repeat a stored run from the database alone, and compare to the bit", rerun, nil},
	{"predict", "RUN|FILE", "score rows of the model's data, or of new files, with a stored model", predict, nil},
	{"embeddings", "RUN|FILE", "show which ids of a field a stored model has near each other, and a map of them", showEmbeddings, nil},
	{"export", "RUN|FILE", "write a stored model as ONNX or for NumPy", export, nil},
	{"verify", "TRACE…", "replay traces of another framework and compare every number", verify, nil},
	{"bench", "", "measure the throughput of models on generated data, and what this machine can do", benchmark, nil},
	{"check", "", "hold this build against baselines, or its speed against another revision's: the gate of continuous integration", checks, checkCommands},
	{"baseline", "WHAT", "set and list what ctrlab check holds a build against", nil, baselineCommands},
	{"bisect", "GOOD [BAD]", "find the revision with which ctrlab check began to fail", bisect, nil},
	{"runs", "", "list runs; show, retry or remove some", runs, runsCommands},
	{"data", "WHAT", dataNames() + " data", nil, dataCommands},
	{"list", "WHAT", "list " + strings.Join(listNames(), ", "), list, nil},
}

// app is where a command writes.
type app struct {
	stdout, stderr io.Writer
}

// exit is an error with its status; without text where all has been said.
type exit struct {
	status int
	err    error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}
func (e exit) Unwrap() error { return e.err }

func usage(format string, args ...any) error { return exit{statusInput, fmt.Errorf(format, args...)} }

// environment marks an error of the machine; one of an interruption stays that.
func environment(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return exit{statusEnvironment, err}
}

// Main runs a command line without the program's name and returns the exit status. extra are interactions beside
// those of the table.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer, extra ...interactions.Variant) int {
	err := interactions.SetExtra(extra...)
	if err == nil {
		err = dispatch(ctx, &app{stdout, stderr}, args)
	}
	if errors.Is(err, context.Canceled) {
		err = exit{statusInterrupted, errors.New("interrupted")}
	}
	if err != nil && err.Error() != "" {
		fmt.Fprintln(stderr, "ctrlab:", err)
	}
	return status(err)
}

func status(err error) int {
	var e exit
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &e):
		return e.status
	case errors.Is(err, store.ErrEnvironment):
		return statusEnvironment
	}
	return statusInput
}

func dispatch(ctx context.Context, a *app, args []string) error {
	if len(args) == 0 {
		writeHelp(a.stderr, commands)
		return exit{status: statusInput}
	}
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		if len(args) == 1 {
			writeHelp(a.stdout, commands)
			return nil
		}
		args = append(args[1:], "--help")
	}
	if slices.Contains([]string{"version", "-version", "--version"}, args[0]) {
		return a.version()
	}
	return choose(ctx, a, commands, "", args)
}

// version tells which build this is: by its first digits trials name it.
func (a *app) version() error {
	build, err := runner.Build()
	if err == nil {
		_, err = fmt.Fprintf(a.stdout, "ctrlab %s, build %.12s, %s, %s/%s\n", cmp.Or(version(), "(no version)"), build, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	}
	return environment(err)
}

// choose runs the command that args begins with, after prefix.
func choose(ctx context.Context, a *app, commands []command, prefix string, args []string) error {
	var names []string
	for _, c := range commands {
		if c.name == prefix+args[0] {
			return c.run(ctx, a, args[1:])
		}
		names = append(names, strings.TrimPrefix(c.name, prefix))
	}
	name := prefix + args[0]
	if near := strict.Nearest(args[0], names); near != "" {
		return usage("%s is no command; did you mean %s?", name, prefix+near)
	}
	return usage("%s is no command; want one of %s", name, strings.Join(names, ", "))
}

func (c command) run(ctx context.Context, a *app, args []string) error {
	if c.sub != nil && (c.prepare == nil || len(args) > 0 && !strings.HasPrefix(args[0], "-")) {
		return c.runSub(ctx, a, args)
	}
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	do := c.prepare(f)
	operands, err := parse(f, args)
	if errors.Is(err, flag.ErrHelp) {
		c.writeHelp(a.stdout, f)
		return nil
	}
	if err != nil {
		return c.misuse(f, err)
	}
	if len(operands) == 0 && c.args != "" && !strings.HasPrefix(c.args, "[") {
		return usage("%s: want %s; see ctrlab help %s", c.name, c.args, c.name)
	}
	return do(ctx, a, operands)
}

func (c command) runSub(ctx context.Context, a *app, args []string) error {
	if len(args) == 0 {
		writeHelp(a.stderr, c.sub)
		return exit{status: statusInput}
	}
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		writeHelp(a.stdout, c.sub)
		return nil
	}
	return choose(ctx, a, c.sub, c.name+" ", args)
}
