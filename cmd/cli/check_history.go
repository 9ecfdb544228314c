package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"ctrlab/internal/store"
	"ctrlab/report"
	"ctrlab/report/check"
)

func checkHistory(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	out := f.String("out", "", "draw trend.png in `DIR`: what was measured over the checks, and where its level changes")
	return func(_ context.Context, a *app, _ []string) error {
		st, err := store.OpenRead(*db)
		if err != nil {
			return err
		}
		defer st.Close()
		all, err := st.Checks()
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return exit{statusEnvironment, fmt.Errorf("%s: no check is in it yet", *db)}
		}
		for _, c := range all {
			against := ""
			if c.Against != "" {
				against = fmt.Sprintf("  against %.12s", c.Against)
			}
			if _, err := fmt.Fprintf(a.stdout, "%4d  %s  %-12s  %.12s%s  %s\n", c.ID, c.At.Format(time.DateTime), c.Verdict, c.Revision, against, c.Baseline); err != nil {
				return environment(err)
			}
		}
		if *out == "" {
			return nil
		}
		slices.Reverse(all)
		checks, trends, err := trends(all)
		if err != nil {
			return err
		}
		if err := report.WriteTrend(*out, checks, trends); err != nil {
			return environment(err)
		}
		_, err = fmt.Fprintf(a.stdout, "\nTrend: %s\n", filepath.Join(*out, "trend.png"))
		return environment(err)
	}
}

// trends are what checks measured, of the machine of the last, by subject and metric; checks are called by their revisions.
func trends(all []store.Check) (checks []string, out []report.Trend, err error) {
	reports := make([]check.Report, len(all))
	for i, c := range all {
		if err := json.Unmarshal([]byte(c.Report), &reports[i]); err != nil {
			return nil, nil, fmt.Errorf("check %d: %w", c.ID, err)
		}
	}
	machine, at := reports[len(reports)-1].Machine, map[string]int{}
	for i, r := range reports {
		if r.Machine.CPU != machine.CPU || r.Machine.Kernels != machine.Kernels {
			continue
		}
		checks = append(checks, cmp.Or(fmt.Sprintf("%.7s", r.Revision), fmt.Sprint(all[i].ID)))
		for _, f := range r.Findings {
			if f.Metric == "" {
				continue
			}
			name := f.Subject + " " + f.Metric
			n, ok := at[name]
			if !ok {
				n = len(out)
				at[name] = n
				out = append(out, report.Trend{Label: name})
			}
			out[n].Value = append(out[n].Value, f.Head)
			out[n].Check = append(out[n].Check, len(checks)-1)
		}
	}
	return checks, out, nil
}
