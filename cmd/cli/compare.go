package cli

import (
	"cmp"
	"context"
	"flag"
	"io"
	"strings"

	"ctrlab/internal/store"
	"ctrlab/report"
)

func comparing(f *flag.FlagSet) func(context.Context, *app, []string) error {
	db := f.String("db", defaultDB, "the database's `FILE`")
	baseline := f.String("baseline", "", "compare all variants of the experiment with that of a `LABEL`")
	asJSON := f.Bool("json", false, "print a JSON object")
	return func(_ context.Context, a *app, names []string) error {
		if len(names) == 0 || len(names) > 3 || *baseline != "" && len(names) != 1 {
			return usage("compare: want EXPERIMENT, with two of its labels or --baseline LABEL, or two runs or variants: see ctrlab help compare")
		}
		st, err := store.OpenRead(*db)
		if err != nil {
			return err
		}
		defer st.Close()
		c, err := compared(st, scoresBeside(*db), names, *baseline)
		if err != nil {
			return err
		}
		switch {
		case *asJSON:
			lines := newLines(a.stdout)
			lines.write(c)
			err = lines.err
		default:
			err = writeComparison(a.stdout, c)
		}
		if err == nil && !c.Tested() {
			return exit{statusInconclusive, nil}
		}
		return environment(err)
	}
}

// compared is what the operands ask for.
func compared(st *store.Store, read report.Scores, names []string, baseline string) (*report.Comparison, error) {
	if len(names) == 2 {
		return comparedRuns(st, read, names)
	}
	r, err := st.Report(names[0])
	if err != nil {
		return nil, err
	}
	if len(names) == 3 {
		return report.ComparePair(r, names[1], names[2], read)
	}
	report.Draw(r, baseline, read)
	return report.Compare(r, baseline)
}

// comparedRuns compares what two names mean; of one experiment as that does.
func comparedRuns(st *store.Store, read report.Scores, names []string) (*report.Comparison, error) {
	var sides [2][]store.Found
	for i, name := range names {
		var err error
		if sides[i], err = variantOf(st, name); err != nil {
			return nil, err
		}
	}
	a, b := sides[0][0], sides[1][0]
	if a.Experiment != b.Experiment {
		return report.Between(sides[0], sides[1], read)
	}
	if a.Trial.Label == b.Trial.Label {
		return nil, usage("compare: %s and %s are one variant, %s of %s, whose seeds are its replicas", names[0], names[1], a.Trial.Label, a.Experiment)
	}
	r, err := st.Report(a.Experiment)
	if err != nil {
		return nil, err
	}
	return report.ComparePair(r, a.Trial.Label, b.Trial.Label, read)
}

// variantOf returns the runs of a variant: of that which a run is of, of EXPERIMENT/LABEL, or of a label alone, in the experiment asked for last
// that has it.
func variantOf(st *store.Store, name string) ([]store.Found, error) {
	found, err := st.Find(name)
	if err != nil {
		all, other := st.Experiments()
		if other != nil {
			return nil, other
		}
		for _, e := range all {
			if of, err := st.Find(e.Name + "/" + name); err == nil {
				return of, nil
			}
		}
		return nil, err
	}
	if f := found[0]; len(found) == 1 && f.Experiment != "" && f.Trial.Label != "" {
		return st.Find(f.Experiment + "/" + f.Trial.Label)
	}
	return found, nil
}

// writeComparison writes tables that columns of a terminal hold; verdicts have colours.
func writeComparison(w io.Writer, c *report.Comparison) error {
	width, text := cmp.Or(columns(w), 80), ""
	for i, s := range c.Sections() {
		if s.Table == nil {
			text += strings.Join(wrap(s.Sentence, width), "\n") + "\n"
			continue
		}
		if i > 0 {
			text += "\n"
		}
		for _, row := range layout(s.Table, width) {
			text += verdictColour(row, colour(w))
		}
	}
	_, err := io.WriteString(w, text)
	return err
}

// tints are the colours of verdicts, the longest words first; what is negligible is pale.
var tints = strings.NewReplacer("better, but negligible", "\x1b[2mbetter, but negligible\x1b[0m", "worse, but negligible", "\x1b[2mworse, but negligible\x1b[0m",
	"better", "\x1b[32mbetter\x1b[0m", "worse", "\x1b[31mworse\x1b[0m", "equivalent", "\x1b[36mequivalent\x1b[0m")

// verdictColour paints the verdicts of a row, which its label is not part of.
func verdictColour(row string, on bool) string {
	label, rest, ok := strings.Cut(row, "  ")
	if !on || !ok {
		return row
	}
	return label + "  " + tints.Replace(rest)
}
