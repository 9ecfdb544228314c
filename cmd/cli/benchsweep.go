package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ctrlab/internal/bench"
	"ctrlab/report"
)

// growths are a sweep's results as its figure takes them: a curve a model, in the order of the results.
func growths(all []bench.Result) []report.Growth {
	var out []report.Growth
	for _, r := range all {
		i := slices.IndexFunc(out, func(g report.Growth) bool { return g.Label == r.Model })
		if i < 0 {
			i = len(out)
			out = append(out, report.Growth{Label: r.Model})
		}
		out[i].Size = append(out[i].Size, float64(r.Value))
		out[i].Seconds = append(out[i].Seconds, 1/r.ExamplesPerSecond)
	}
	return out
}

// sweepTable writes the examples a second of each model at each size, within 80 columns.
func sweepTable(w io.Writer, s bench.Sweep, all []bench.Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s kernels\nexamples/s by %s\n\n%-10s", sweepSubject(all[0]), all[0].Kernels, s.Unit, "MODEL")
	for _, v := range s.Values {
		fmt.Fprintf(&b, "%9s", report.Count(float64(v)))
	}
	disturbed := 0
	for i, r := range all {
		if i%len(s.Values) == 0 {
			fmt.Fprintf(&b, "\n%-10s", r.Model)
		}
		mark := ""
		if r.Disturbed {
			mark = "*"
			disturbed++
		}
		fmt.Fprintf(&b, "%9s", report.Count(r.ExamplesPerSecond)+mark)
	}
	b.WriteString("\n")
	if disturbed > 0 {
		b.WriteString("\n* the machine was disturbed\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sweepSubject says what was swept and what stayed as it was.
func sweepSubject(r bench.Result) string {
	words := []string{r.Config, r.Phase}
	if r.Sweep != "batch" {
		words = append(words, fmt.Sprintf("batch %d", r.Batch))
	}
	if r.Sweep != "threads" {
		words = append(words, plural(r.Threads, "thread"))
	}
	if r.Phase == bench.Train {
		words = append(words, r.Optimizer)
	}
	return strings.Join(words, ", ")
}
