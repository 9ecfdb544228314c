package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctrlab/internal/store"
	"ctrlab/internal/strict"
	"ctrlab/report"
)

var runsCommands = []command{
	{"runs show", "ID…", "show all that is known of a run", runsShow, nil},
	{"runs retry", "ID|EXPERIMENT…", "let trials that failed run again", runsRetry, nil},
	{"runs rm", "ID|EXPERIMENT…", "remove runs, with their results and files", runsRemove, nil},
}

// runStates are those of runs, as --state wants them.
var runStates = []string{store.Running, store.Done, store.Failed, store.Cancelled, store.Lost}

// state is a flag of one of runStates, or nothing.
type state string

func (s *state) String() string { return string(*s) }

// Set implements flag.Value.
func (s *state) Set(text string) error {
	if !slices.Contains(runStates, text) {
		return fmt.Errorf("want one of %s", strings.Join(runStates, ", "))
	}
	*s = state(text)
	return nil
}

func runs(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	experiment := f.String("experiment", "", "those of the experiment `NAME` alone")
	var only state
	f.Var(&only, "state", "those in `STATE` alone: "+strings.Join(runStates, ", "))
	asJSON := f.Bool("json", false, "print a JSON object a run")
	return func(_ context.Context, a *app, words []string) error {
		if len(words) > 0 {
			return usage("runs: want flags before %q; see ctrlab help runs", words[0])
		}
		st, err := store.OpenRead(*db)
		if err != nil {
			return err
		}
		defer st.Close()
		all, err := st.Runs()
		if err != nil {
			return err
		}
		if *experiment != "" {
			if all, err = ofExperiment(*db, all, *experiment); err != nil {
				return err
			}
		}
		all = inState(all, string(only))
		if *asJSON {
			out := newLines(a.stdout)
			for _, r := range all {
				out.write(runLineOf(r))
			}
			return environment(out.err)
		}
		return environment(listOf(a, all))
	}
}

// listOf prints a line a run, of 80 columns where the terminal does not say.
func listOf(a *app, all []store.RunInfo) error {
	rows := [][]string{{"RUN", "EXPERIMENT", "VARIANT", "SEED", "STATE", "TRY", "STARTED", "TOOK"}}
	for _, r := range all {
		rows = append(rows, []string{strconv.FormatInt(r.ID, 10), r.Experiment, r.Label, strconv.FormatUint(r.Seed, 10), r.State,
			strconv.Itoa(r.Attempt), r.Started.Local().Format("01-02 15:04"), took(r)})
	}
	_, err := io.WriteString(a.stdout, strings.Join(layout(rows, cmp.Or(columns(a.stdout), 80)), ""))
	return err
}

func took(r store.RunInfo) string {
	if r.Ended.IsZero() {
		return ""
	}
	return report.Rough(r.Ended.Sub(r.Started).Seconds())
}

func inState(all []store.RunInfo, state string) []store.RunInfo {
	return slices.DeleteFunc(all, func(r store.RunInfo) bool { return state != "" && r.State != state })
}

func ofExperiment(db string, all []store.RunInfo, name string) ([]store.RunInfo, error) {
	var names []string
	var out []store.RunInfo
	for _, r := range all {
		if r.Experiment == name {
			out = append(out, r)
		} else if !slices.Contains(names, r.Experiment) {
			names = append(names, r.Experiment)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	if near := strict.Nearest(name, names); near != "" {
		return nil, fmt.Errorf("%s: it has no run of %q; did you mean %s?", db, name, near)
	}
	return nil, fmt.Errorf("%s: it has no run of %q", db, name)
}

// picked are the runs that words name, by id or as an experiment's, the first in front.
func picked(db string, st *store.Store, words []string) ([]store.RunInfo, error) {
	all, err := st.Runs()
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	var out []store.RunInfo
	for _, w := range words {
		of := func() ([]store.RunInfo, error) { return ofExperiment(db, all, w) }
		if id, err := strconv.ParseInt(w, 10, 64); err == nil {
			of = func() ([]store.RunInfo, error) { return byID(st, all, id) }
		}
		some, err := of()
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			if !slices.ContainsFunc(out, func(o store.RunInfo) bool { return o.ID == r.ID }) {
				out = append(out, r)
			}
		}
	}
	return out, nil
}

func byID(st *store.Store, all []store.RunInfo, id int64) ([]store.RunInfo, error) {
	for _, r := range all {
		if r.ID == id {
			return []store.RunInfo{r}, nil
		}
	}
	_, err := st.Run(id)
	return nil, err
}

// called is a run as messages name it.
func called(r store.RunInfo) string {
	return fmt.Sprintf("run %d (%s, seed %d)", r.ID, r.Label, r.Seed)
}

func runsRetry(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	return func(_ context.Context, a *app, words []string) error {
		return changing(*db, func(st *store.Store) error {
			some, err := picked(*db, st, words)
			if err != nil {
				return err
			}
			trials := map[string]bool{}
			for _, r := range some {
				if r.State != store.Failed || r.Retry {
					if slices.Contains(words, strconv.FormatInt(r.ID, 10)) {
						return usage("%s is %s; only what failed for good can be tried again", called(r), standing(r))
					}
					continue
				}
				if !trials[r.Trial] {
					if err := st.Retry(r.ID); err != nil {
						return err
					}
					fmt.Fprintf(a.stdout, "%s of %s is pending again\n", called(r), r.Experiment)
				}
				trials[r.Trial] = true
			}
			if len(trials) == 0 {
				fmt.Fprintln(a.stdout, "nothing has failed for good")
				return nil
			}
			_, err = fmt.Fprintln(a.stdout, "ctrlab run with the same file runs what is pending; one under way takes it up by itself")
			return environment(err)
		})
	}
}

func standing(r store.RunInfo) string {
	if r.State == store.Failed && r.Retry {
		return "failed, and pending again"
	}
	return r.State
}

// changing opens the database that is there for f to change it.
func changing(db string, f func(*store.Store) error) error {
	reader, err := store.OpenRead(db) // which makes none
	if err != nil {
		return err
	}
	reader.Close()
	st, err := store.Open(db)
	if err != nil {
		return err
	}
	if err := f(st); err != nil {
		st.Close()
		return err
	}
	return environment(st.Close())
}

func runsRemove(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	var only state
	f.Var(&only, "state", "those in `STATE` alone: "+strings.Join(runStates, ", "))
	dry := f.Bool("dry-run", false, "say what would be removed, and remove nothing")
	return func(_ context.Context, a *app, words []string) error {
		return changing(*db, func(st *store.Store) error {
			some, err := picked(*db, st, words)
			if err != nil {
				return err
			}
			some = inState(some, string(only))
			n := 0
			for _, r := range some {
				if r.State == store.Running {
					fmt.Fprintf(a.stderr, "ctrlab: %s is under way, by %s; it stays\n", called(r), r.Process())
					continue
				}
				gone, err := st.Remove(r.ID, *dry)
				if err != nil {
					return err
				}
				n++
				fmt.Fprint(a.stdout, obituary(gone))
				if *dry {
					continue
				}
				if err := removeFiles(*db, gone); err != nil {
					return environment(err)
				}
			}
			word := map[bool]string{true: "would be removed", false: "removed"}[*dry]
			_, err = fmt.Fprintf(a.stdout, "%s %s\n", plural(n, "run"), word)
			return environment(err)
		})
	}
}

// obituary names all that goes with a run.
func obituary(r store.Removed) string {
	out := fmt.Sprintf("%s of %s, %s: %s, %s\n", called(r.Run), r.Run.Experiment, r.Run.State, plural(r.Points, "point"), plural(r.Results, "result"))
	for _, f := range r.Artifacts {
		out += fmt.Sprintf("  %s %s, %s\n", f.Kind, f.Path, report.Memory(float64(f.Bytes)))
	}
	return out
}

// runLine is what runs --json prints of a run.
type runLine struct {
	Run         int64      `json:"run"`
	Trial       string     `json:"trial"`
	Experiment  string     `json:"experiment"`
	Label       string     `json:"label"`
	Model       string     `json:"model"`
	Seed        uint64     `json:"seed"`
	State       string     `json:"state"`
	Counts      bool       `json:"counts"`
	Attempt     int        `json:"attempt"`
	Retry       bool       `json:"retry"`
	Error       string     `json:"error"`
	Started     time.Time  `json:"started"`
	Ended       *time.Time `json:"ended"`
	Heartbeat   *time.Time `json:"heartbeat"`
	Process     string     `json:"process"`
	Workers     int        `json:"workers"`
	Shared      bool       `json:"shared"`
	Memory      int64      `json:"memory"` // bytes
	TestReads   int        `json:"test_reads"`
	ResumedFrom *int       `json:"resumed_from"` // step
	FinalDigest string     `json:"final_digest"`
	Build       string     `json:"build"`
}

func runLineOf(r store.RunInfo) runLine {
	l := runLine{
		Run: r.ID, Trial: r.Trial, Experiment: r.Experiment, Label: r.Label, Model: r.Model, Seed: r.Seed, State: r.State, Counts: r.Counts,
		Attempt: r.Attempt, Retry: r.Retry, Error: r.Error, Started: r.Started, Process: r.Process(), Workers: r.Workers, Shared: r.Shared,
		Memory: r.Memory, TestReads: r.TestReads, FinalDigest: r.FinalDigest, Build: r.Build,
	}
	if !r.Ended.IsZero() {
		l.Ended = &r.Ended
	}
	if !r.Heartbeat.IsZero() {
		l.Heartbeat = &r.Heartbeat
	}
	if r.ResumedFrom >= 0 {
		l.ResumedFrom = &r.ResumedFrom
	}
	return l
}
