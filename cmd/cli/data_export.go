package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"ctrlab/datasets/batch"
	tables "ctrlab/datasets/export"
)

func dataExport(f *flag.FlagSet) func(context.Context, *app, []string) error {
	var o dataFlags
	o.declare(f)
	out := f.String("out", "", "write the tables to `DIR`")
	hide := f.Bool("hide-test", false, "leave out the labels of test")
	return func(ctx context.Context, a *app, files []string) error {
		if *out == "" {
			return usage("data export: want --out DIR")
		}
		list, err := o.chosen(files)
		if err != nil {
			return err
		}
		if len(list) > 1 {
			return usage("data export: there are %d different data in these files, want one; --set data.… chooses", len(list))
		}
		s, err := o.open(ctx, a, list[0])
		if err != nil {
			return err
		}
		d, err := tables.Write(ctx, *out, s, *hide)
		if errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			return environment(err)
		}
		if o.json {
			lines := newLines(a.stdout)
			lines.write(d)
			return environment(lines.err)
		}
		for sp := range batch.Splits {
			if one, ok := d.Splits[sp.String()]; ok {
				if _, err := fmt.Fprintf(a.stdout, "%s/%s: %s\n", *out, one.File, plural(one.Rows, "row")); err != nil {
					return environment(err)
				}
			}
		}
		return nil
	}
}
