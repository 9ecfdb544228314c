package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"ctrlab/internal/store"
	"ctrlab/report"
)

func diff(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	asJSON := f.Bool("json", false, "print a JSON object")
	return func(_ context.Context, a *app, names []string) error {
		if len(names) != 2 {
			return usage("diff: got %s, want two: see ctrlab help diff", plural(len(names), "name"))
		}
		st, err := store.OpenRead(*db)
		if err != nil {
			return err
		}
		defer st.Close()
		var sides [2][]store.Found
		for i, name := range names {
			if sides[i], err = st.Find(name); err != nil {
				return err
			}
		}
		d := report.NewDiff(sides[0], sides[1])
		if *asJSON {
			lines := newLines(a.stdout)
			lines.write(d)
			return environment(lines.err)
		}
		return environment(writeDiff(a.stdout, d, sides))
	}
}

// writeDiff writes tables that columns of a terminal hold.
func writeDiff(w io.Writer, d *report.Diff, sides [2][]store.Found) error {
	text := ""
	for i, side := range sides {
		for _, run := range side {
			text += fmt.Sprintf("%c  %s\n", 'A'+i, run.Name())
		}
	}
	for _, s := range d.Sections() {
		text += "\n"
		if s.Table == nil {
			text += s.Sentence + "\n"
		}
		text += strings.Join(layout(s.Table, cmp.Or(columns(w), 80)), "")
	}
	_, err := io.WriteString(w, text)
	return err
}
