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
	"strconv"
	"strings"

	"ctrlab/internal/bench"
	"ctrlab/report"
)

// benchFlags are the flags of bench.
type benchFlags struct {
	bench.Options
	batches       string
	sweep         string
	json, gobench bool
	out           string
}

func benchmark(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o benchFlags
	var configs, sweeps []string
	for _, c := range bench.Configs {
		configs = append(configs, c.Name)
	}
	for _, s := range bench.Sweeps {
		sweeps = append(sweeps, s.Name)
	}
	f.StringVar(&o.Config, "config", "ctr39", "`NAME` of data and models: "+strings.Join(configs, ", "))
	f.StringVar(&o.Model, "model", "", "measure one `MODEL` of the configuration, or several, with commas (all)")
	f.StringVar(&o.batches, "batch", "", "`ROWS` a step, or several, with commas (the configuration's)")
	f.StringVar(&o.sweep, "sweep", "", "measure how cost grows with `SIZE`: "+strings.Join(sweeps, ", "))
	f.IntVar(&o.Threads, "threads", runtime.GOMAXPROCS(0), "compute on `N` threads")
	f.StringVar(&o.Optimizer, "optimizer", "", "train with `NAME` (the configuration's: sgd for the two dlrm, else adagrad)")
	f.StringVar(&o.Phase, "phase", bench.Train, "measure `PHASE`: train or infer")
	f.IntVar(&o.Rounds, "rounds", 7, "measure everything `N` times, in turn")
	f.BoolVar(&o.json, "json", false, "print a JSON object a model")
	f.BoolVar(&o.gobench, "gobench", false, "print a line a round in the format of Go benchmarks, for benchstat")
	f.StringVar(&o.out, "out", "", "write the figures to `DIR`")
	return func(ctx context.Context, a *app, args []string) error {
		if len(args) > 0 {
			return usage("bench: %s is no flag; see ctrlab help bench", args[0])
		}
		return o.run(ctx, a)
	}
}

func (o *benchFlags) run(ctx context.Context, a *app) error {
	if o.Threads < 1 {
		return usage("bench: threads wants 1 or more")
	}
	o.Progress = o.progress(a.stderr)
	points, err := o.points()
	if err != nil {
		return usage("bench: %w", err)
	}
	for _, p := range points { // before anything is measured
		if err := p.Check(); err != nil {
			return usage("bench: %w", err)
		}
	}
	if o.out != "" {
		if err := writable(o.out); err != nil {
			return environment(err)
		}
	}
	var all []bench.Result
	for i, p := range points {
		results, err := bench.Run(ctx, p)
		clearLine(a.stderr)
		if err != nil {
			return failure(err)
		}
		if err := o.print(a, results, i == 0); err != nil {
			return environment(err)
		}
		all = append(all, results...)
	}
	return environment(o.finish(a, all))
}

// points are what to measure, one after the other: a batch size each, or all of a sweep.
func (o *benchFlags) points() ([]bench.Options, error) {
	if o.sweep == "" {
		return o.sizes()
	}
	if o.batches != "" && o.sweep == "batch" {
		return nil, errors.New("--sweep batch has its own sizes; --batch is of no use with it")
	}
	s, err := bench.FindSweep(o.sweep)
	if err != nil {
		return nil, err
	}
	fixed, err := o.sizes()
	if err != nil {
		return nil, err
	}
	if len(fixed) > 1 {
		return nil, errors.New("--sweep wants one --batch")
	}
	return s.Options(fixed[0])
}

// finish prints a sweep's table, and writes the figures where they are wanted.
func (o *benchFlags) finish(a *app, all []bench.Result) error {
	if o.sweep != "" {
		s, _ := bench.FindSweep(o.sweep)
		if !o.json && !o.gobench {
			if err := sweepTable(a.stdout, s, all); err != nil {
				return err
			}
		}
		if o.out == "" {
			return nil
		}
		return report.WriteGrowth(o.out, s.Name, s.Unit, growths(all), sweepSubject(all[0]))
	}
	if o.out == "" {
		return nil
	}
	several := slices.ContainsFunc(all, func(r bench.Result) bool { return r.Batch != all[0].Batch })
	return report.WriteSpeeds(o.out, speeds(all, several), machine(all), subject(all[0], several))
}

// sizes reads --batch: the options with each size; without, the configuration's.
func (o *benchFlags) sizes() ([]bench.Options, error) {
	if o.batches == "" {
		return []bench.Options{o.Options}, nil
	}
	var all []bench.Options
	for word := range strings.SplitSeq(o.batches, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("--batch is %q, want numbers from 1 on, with commas", o.batches)
		}
		one := o.Options
		one.Batch = n
		all = append(all, one)
	}
	return all, nil
}

// failure is an error of measuring, unless it is an interruption.
func failure(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return exit{statusFailed, err}
}

// progress tells on a terminal what is being measured.
func (o *benchFlags) progress(w io.Writer) func(string, int) {
	if !terminal(w) {
		return nil
	}
	return func(model string, round int) {
		if round == 0 {
			fmt.Fprintf(w, "\r\x1b[Kbuilding %s", model)
			return
		}
		fmt.Fprintf(w, "\r\x1b[Kround %d of %d: %s", round, o.Rounds, model)
	}
}

func clearLine(w io.Writer) {
	if terminal(w) {
		fmt.Fprint(w, "\r\x1b[K")
	}
}

func (o *benchFlags) print(a *app, all []bench.Result, first bool) error {
	switch {
	case o.json:
		out := newLines(a.stdout)
		for _, r := range all {
			out.write(r)
		}
		return out.err
	case o.gobench:
		return gobench(a.stdout, all, first)
	case o.sweep != "":
		return nil // a table at the end
	}
	if !first {
		fmt.Fprintln(a.stdout)
	}
	return benchTable(a.stdout, all)
}

// gobench writes a line a round, so that benchstat has a sample.
func gobench(w io.Writer, all []bench.Result, first bool) error {
	var b strings.Builder
	if first {
		fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: ctrlab/internal/bench\n", runtime.GOOS, runtime.GOARCH)
	}
	for _, r := range all {
		swept := ""
		if r.Sweep != "" && r.Sweep != "batch" && r.Sweep != "threads" {
			swept = fmt.Sprintf("/%s=%d", r.Sweep, r.Value)
		}
		name := fmt.Sprintf("Benchmark%s/config=%s/model=%s/batch=%d%s/optimizer=%s-%d",
			strings.ToUpper(r.Phase[:1])+r.Phase[1:], r.Config, r.Model, r.Batch, swept, r.Optimizer, r.Threads)
		for _, rate := range r.Rounds {
			fmt.Fprintf(&b, "%s\t%d\t%.0f ns/op\t%.0f examples/s\t%.3f GFLOP/s\n",
				name, r.Steps, 1e9*float64(r.Batch)/rate, rate, r.Demand.FLOPs*rate/1e9)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// speeds are results as figures take them. Their labels have the batch where batches differ.
func speeds(all []bench.Result, batches bool) []report.Speed {
	var out []report.Speed
	for _, r := range all {
		s := report.Speed{Label: r.Model, Rate: r.ExamplesPerSecond, FLOPs: r.Demand.FLOPs, Bytes: r.Demand.Bytes}
		if batches {
			s.Label += " " + strconv.Itoa(r.Batch)
		}
		for _, name := range bench.PhaseNames {
			s.Phases = append(s.Phases, report.Phase{Name: name, Seconds: r.Phases[name]})
		}
		out = append(out, s)
	}
	return out
}

// machine is the limits of all results: those of the batch that saw the machine at its median.
func machine(all []bench.Result) report.Machine {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b bench.Result) int { return cmp.Compare(a.Machine.FLOPs, b.Machine.FLOPs) })
	l := sorted[len(sorted)/2].Machine
	return report.Machine{FLOPs: l.FLOPs, Bytes: l.Bytes, Rows: l.Rows}
}

// subject says what was measured.
func subject(r bench.Result, batches bool) string {
	words := []string{r.Config, r.Phase}
	if !batches {
		words = append(words, "batch "+strconv.Itoa(r.Batch))
	}
	threads := "threads"
	if r.Threads == 1 {
		threads = "thread"
	}
	words = append(words, fmt.Sprintf("%d %s", r.Threads, threads))
	if r.Phase == bench.Train {
		words = append(words, r.Optimizer)
	}
	return strings.Join(words, ", ")
}
