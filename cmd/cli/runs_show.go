package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctrlab/internal/store"
	"ctrlab/report"
	"ctrlab/runner"
)

func runsShow(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	asJSON := f.Bool("json", false, "print a JSON object a run")
	return func(_ context.Context, a *app, ids []string) error {
		st, err := store.OpenRead(*db)
		if err != nil {
			return err
		}
		defer st.Close()
		out := newLines(a.stdout)
		for i, word := range ids {
			id, err := strconv.ParseInt(word, 10, 64)
			if err != nil {
				return usage("runs show: %q is no run; want a number of ctrlab runs", word)
			}
			r, err := st.Run(id)
			if err != nil {
				return err
			}
			if *asJSON {
				out.write(detailOf(r))
				continue
			}
			if i > 0 {
				fmt.Fprintln(a.stdout)
			}
			if err := show(a, r); err != nil {
				return environment(err)
			}
		}
		return environment(out.err)
	}
}

// detail is what runs show --json prints of a run.
type detail struct {
	runLine
	Stack   string            `json:"stack"`
	Log     string            `json:"log"`
	Points  int               `json:"points"`
	Config  json.RawMessage   `json:"config"`
	Machine machineLine       `json:"machine"`
	Metrics map[string]number `json:"metrics"`
	Files   []file            `json:"files"`
}

type machineLine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Memory  int64  `json:"memory"` // bytes
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Kernels string `json:"kernels"`
	Go      string `json:"go"`
	Version string `json:"version"`
}

type file struct {
	Kind   string `json:"kind"`
	Path   string `json:"path"`
	Digest string `json:"digest"`
	Bytes  int64  `json:"bytes"`
}

func detailOf(r *store.RunDetail) detail {
	e := r.Environment
	d := detail{runLineOf(r.RunInfo), r.Stack, r.Log, r.Points, json.RawMessage(r.Config),
		machineLine{e.CPU, e.Cores, e.Memory, e.OS, e.Arch, e.Kernels, e.Go, e.Version}, numbers(r.Results), []file{}}
	for _, f := range r.Artifacts {
		d.Files = append(d.Files, file(f))
	}
	return d
}

// show prints a run: its facts, then what it left.
func show(a *app, r *store.RunDetail) error {
	width := cmp.Or(columns(a.stdout), 80)
	var b strings.Builder
	b.WriteString(strings.Join(wrap(fmt.Sprintf("%s of %s: %s", called(r.RunInfo), r.Experiment, r.State), width), "\n") + "\n")
	b.WriteString(indented(layout(facts(r), width-2)))
	section := func(title string, rows [][]string) {
		if len(rows) > 0 {
			fmt.Fprintf(&b, "\n%s\n%s", title, indented(layout(rows, width-2)))
		}
	}
	var results, files [][]string
	for _, name := range slices.Sorted(maps.Keys(r.Results)) {
		results = append(results, []string{name, strconv.FormatFloat(r.Results[name], 'g', 6, 64)})
	}
	for _, f := range r.Artifacts {
		files = append(files, []string{f.Kind, f.Path, report.Memory(float64(f.Bytes))})
	}
	section("results", results)
	section("files", files)
	section("log", linesOf(r.Log))
	section("stack", linesOf(r.Stack))
	_, err := io.WriteString(a.stdout, b.String())
	return err
}

// facts are a run's, those that say something.
func facts(r *store.RunDetail) (rows [][]string) {
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{name, value})
		}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Local().Format(time.DateTime)
	}
	add("error", r.Error)
	if r.Retry {
		add("", "which settles nothing: the trial was to run again")
	}
	add("trial", r.Trial)
	add("attempt", strconv.Itoa(r.Attempt))
	add("started", at(r.Started))
	add("ended", at(r.Ended))
	add("took", took(r.RunInfo))
	add("by", r.Process())
	add("heartbeat", at(r.Heartbeat))
	if r.ResumedFrom >= 0 {
		add("went on from", fmt.Sprintf("step %d", r.ResumedFrom))
	}
	add("points", strconv.Itoa(r.Points))
	add("test read", plural(r.TestReads, "time"))
	add("threads", strconv.Itoa(r.Workers)+map[bool]string{true: ", beside other trials"}[r.Shared])
	if r.Memory > 0 {
		add("memory", report.Memory(float64(r.Memory))+" planned")
	}
	e := r.Environment
	add("machine", fmt.Sprintf("%s, %s, %s/%s, kernels %s", e.CPU, plural(e.Cores, "core"), e.OS, e.Arch, e.Kernels))
	add("build", r.Build)
	add("digest", r.FinalDigest)
	return rows
}

func linesOf(text string) (rows [][]string) {
	for line := range strings.Lines(text) {
		rows = append(rows, []string{strings.TrimRight(strings.ReplaceAll(line, "\t", "    "), "\n")})
	}
	return rows
}

func indented(texts []string) string {
	var b strings.Builder
	for _, text := range texts {
		for line := range strings.Lines(text) {
			b.WriteString("  " + line)
		}
	}
	return b.String()
}

// removeFiles removes what a run left beside the database, and its trial's folder with its last run.
func removeFiles(db string, gone store.Removed) error {
	folder := runner.Artifacts(db)
	for _, f := range gone.Artifacts {
		if err := os.Remove(filepath.Join(folder, f.Path)); err != nil && !os.IsNotExist(err) {
			return err
		}
		_ = os.Remove(filepath.Dir(filepath.Join(folder, f.Path))) // where that was all
	}
	if !gone.Last {
		return nil
	}
	err := os.RemoveAll(filepath.Join(folder, gone.Run.Trial))
	_ = os.Remove(folder) // where that was all
	return err
}
