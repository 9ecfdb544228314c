package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/datasets/describe"
	"ctrlab/report"
)

// describeFlags are those of data describe.
type describeFlags struct {
	dataFlags
	out string
}

func dataDescribe(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o describeFlags
	o.declare(f)
	f.StringVar(&o.out, "out", "", "write the page to `DIR` (results/data/SOURCE)")
	return func(ctx context.Context, a *app, files []string) error {
		list, err := o.chosen(files)
		if err != nil {
			return err
		}
		out := newLines(a.stdout)
		for i, c := range list {
			d, err := o.describe(ctx, a, c)
			if err != nil {
				return err
			}
			dir := o.dir(c.Source, i, len(list))
			if err := report.WriteData(dir, d); err != nil {
				return environment(err)
			}
			if o.json {
				out.write(describedLine{c.Source, d.Identity, d.Warnings, d.Description})
			} else if err := describeTable(a.stdout, d, filepath.Join(dir, "index.html")); err != nil {
				return environment(err)
			}
		}
		return environment(out.err)
	}
}

// describedLine is what data describe --json prints of a source.
type describedLine struct {
	Source   string   `json:"source"`
	Identity string   `json:"identity"`
	Warnings []string `json:"warnings"`
	*describe.Description
}

// dir is where the page of the i-th of n sources goes.
func (o *describeFlags) dir(source string, i, n int) string {
	dir := o.out
	if dir == "" {
		dir = filepath.Join("results", "data", source)
	}
	if n > 1 {
		dir = fmt.Sprintf("%s-%d", dir, i+1)
	}
	return dir
}

func (o *describeFlags) describe(ctx context.Context, a *app, c datasets.Config) (report.DataSet, error) {
	s, err := o.open(ctx, a, c)
	if err != nil {
		return report.DataSet{}, err
	}
	d, err := datasets.Describe(ctx, s, func(done, total int64) {
		if terminal(a.stderr) && !o.quiet {
			fmt.Fprintf(a.stderr, "\r\x1b[Kdescribing: %s of %s rows", report.Count(float64(done)), report.Count(float64(total)))
		}
	})
	clearLine(a.stderr)
	if err != nil {
		return report.DataSet{}, err
	}
	options, err := json.Marshal(c.Options)
	if err != nil {
		return report.DataSet{}, err
	}
	about := s.About()
	return report.DataSet{
		Name: c.Source, Options: string(options), Identity: s.Identity(), Cache: about.Cache, Warnings: append([]string{}, about.Warnings...), Description: d,
	}, nil
}

// describeTable writes what matters within 80 columns; the page has all.
func describeTable(w io.Writer, d report.DataSet, page string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%-8s %12s %10s\n", d.Name, "SPLIT", "ROWS", map[bool]string{true: "RATING", false: "LABEL RATE"}[d.Rating != nil])
	for s := range batch.Splits {
		if d.Rows[s] > 0 {
			fmt.Fprintf(&b, "%-8v %12s %10.4f\n", s, report.Count(float64(d.Rows[s])), d.Label.Mean[s])
		}
	}
	other := batch.Test
	if d.Rows[other] == 0 {
		other = batch.Valid
	}
	if len(d.Dense) > 0 {
		fmt.Fprintf(&b, "\n%-16s %8s %7s %9s %9s %9s %9s %6s\n", "DENSE", "MISSING", "ZERO", "MEAN", "SD", "MEDIAN", "MAX", "DRIFT")
	}
	for _, c := range d.Dense {
		fmt.Fprintf(&b, "%-16.16s %8s %7s %9.4g %9.4g %9.4g %9.4g %6s\n", c.Name, shareText(c.Missing), percent(c.Zero), c.Mean, c.SD, c.Quartile[1], c.Max, distance(c.Drift[other]))
	}
	if len(d.Fields) > 0 {
		fmt.Fprintf(&b, "\n%-15s %7s %8s %6s %7s %8s %8s %7s %6s\n", "FIELD", "TABLE", "IN TRAIN", "ONCE", "TOP 10", "MISSING", "UNKNOWN", "UNSEEN", "DRIFT")
	}
	for _, f := range d.Fields {
		once := float64(f.Once) / float64(max(f.Distinct[batch.Train], 1))
		fmt.Fprintf(&b, "%-15.15s %7s %8s %6s %7s %8s %8s %7s %6s\n", f.Name, report.Count(float64(f.Rows)), report.Count(float64(f.Distinct[batch.Train])),
			percent(once), percent(f.HeadShare(10)), shareText(f.Missing), shareText(f.Unknown[batch.Train]), percent(f.Unseen[other]), distance(f.Drift[other]))
	}
	fmt.Fprintf(&b, "\nunseen: %v's lookups of ids that train lacks; drift: %v's distance to train\n", other, other)
	if len(d.Fields) > 0 {
		fmt.Fprintf(&b, "tables of width 16 + 1: %s; with Adagrad %s, with Adam %s\n",
			report.Memory(d.TableBytes(16, 0)), report.Memory(d.TableBytes(16, 1)), report.Memory(d.TableBytes(16, 2)))
	}
	for _, x := range d.Warnings {
		fmt.Fprintln(&b, strings.Join(wrap("warning: "+x, lineWidth), "\n"))
	}
	fmt.Fprintf(&b, "page: %s\n", page)
	_, err := io.WriteString(w, b.String())
	return err
}

func shareText(x *float64) string {
	if x == nil {
		return "–"
	}
	return percent(*x)
}

func distance(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.3f", *x)
}
