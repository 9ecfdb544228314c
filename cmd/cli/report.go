package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime/debug"

	"ctrlab/internal/store"
)

func reports(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	out := f.String("out", "", "write the report to `DIR` (results/NAME)")
	asJSON := f.Bool("json", false, "print a JSON object a trial")
	var forms exportFlags
	forms.declare(f)
	return func(_ context.Context, a *app, names []string) error {
		instead, err := forms.check(*asJSON)
		if err != nil {
			return err
		}
		st, err := store.OpenRead(*db)
		if err != nil {
			return err
		}
		defer st.Close()
		if len(names) == 0 {
			if names, err = everyName(st); err != nil {
				return err
			}
		}
		if instead {
			return forms.of(a, st, *db, names)
		}
		debug.SetGCPercent(400) // of 10,000 trials a report makes 100 MB that stay, and collecting all the rest is a tenth of its time
		measured := false
		for i, name := range names {
			r, err := st.Report(name)
			if err != nil {
				return err
			}
			if i > 0 && !*asJSON {
				fmt.Fprintln(a.stdout)
			}
			lines := newLines(a.stdout)
			for _, l := range searchLines(name, r.Searches) {
				measured = measured || l.State == store.Done
				if *asJSON {
					lines.write(l)
				}
			}
			for _, t := range r.Trials {
				measured = measured || t.State == store.Done
				if *asJSON {
					lines.write(storedLine(name, t))
				}
			}
			if err := errors.Join(environment(lines.err), publish(a, r, *db, reportDir(*out, name, len(names)), *asJSON)); err != nil {
				return err
			}
		}
		if !measured {
			return exit{statusEnvironment, fmt.Errorf("%s: no trial is done yet", *db)}
		}
		return nil
	}
}

func everyName(st *store.Store) ([]string, error) {
	all, err := st.Experiments()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name)
	}
	return names, nil
}
