package cli

import (
	"fmt"
	"io"
	"strings"

	"ctrlab/internal/bench"
	"ctrlab/report"
)

// A benchColumn is a column of bench's table; width is negative where it stands at the left.
type benchColumn struct {
	title string
	width int
	cell  func(r bench.Result) string
}

// phaseWidth is that of a phase's column, which stands one space from the last.
const phaseWidth = 3

// Columns of all tables, of those without latency and of those with it.
var (
	commonColumns = []benchColumn{
		{"model", -9, func(r bench.Result) string { return r.Model }},
		{"examples/s", 10, func(r bench.Result) string { return report.Count(r.ExamplesPerSecond) }},
		{"±", 4, func(r bench.Result) string {
			return percent(max(r.Interval[1]-r.ExamplesPerSecond, r.ExamplesPerSecond-r.Interval[0]) / r.ExamplesPerSecond)
		}},
		{"roof", -7, func(r bench.Result) string { return r.Bound }},
		{"share", 5, func(r bench.Result) string { return percent(r.RooflineShare) }},
	}
	rateColumns = []benchColumn{
		{"GFLOP/s", 7, func(r bench.Result) string { return short(r.GFLOPs) }},
		{"GB/s", 5, func(r bench.Result) string { return short(r.GBytes) }},
	}
	latencyColumns = []benchColumn{
		{"p50", 6, func(r bench.Result) string { return latency(r, func(l bench.Latency) float64 { return l.P50 }) }},
		{"p95", 6, func(r bench.Result) string { return latency(r, func(l bench.Latency) float64 { return l.P95 }) }},
		{"p99", 6, func(r bench.Result) string { return latency(r, func(l bench.Latency) float64 { return l.P99 }) }},
	}
	phaseColumns = []benchColumn{
		{"gat", phaseWidth, phase("gather")}, {"fwd", phaseWidth, phase("forward")}, {"int", phaseWidth, phase("interaction")},
		{"bwd", phaseWidth, phase("backward")}, {"upd", phaseWidth, phase("update")},
	}
)

// benchTable writes results of one batch size within 80 columns.
func benchTable(w io.Writer, all []bench.Result) error {
	columns, shown := commonColumns, phaseColumns
	extra, timed := rateColumns, false
	for _, r := range all {
		timed = timed || r.Latency != nil
	}
	if timed {
		extra = latencyColumns
	}
	if all[0].Phase == bench.Infer {
		shown = phaseColumns[:3]
	}
	columns = append(append(append([]benchColumn(nil), columns...), extra...), shown...)

	var b strings.Builder
	l := all[0].Machine
	fmt.Fprintf(&b, "%s, %s kernels\n", subject(all[0], false), all[0].Kernels)
	fmt.Fprintf(&b, "machine: %s GFLOP/s (%s on 1 thread), %s GB/s, %s rows/s of 64 bytes\n\n",
		short(l.FLOPs/1e9), short(l.Single/1e9), short(l.Bytes/1e9), report.Count(l.Rows))
	row(&b, columns, func(c benchColumn) string { return strings.ToUpper(c.title) })
	for _, r := range all {
		row(&b, columns, func(c benchColumn) string { return c.cell(r) })
	}
	fmt.Fprintf(&b, "\n± is of the median of the rounds (%d), share of what the roof allows,\n%s of the time, in %%.\n",
		len(all[0].Rounds), strings.Join(titles(shown), ", "))
	for _, r := range all {
		if r.Disturbed {
			fmt.Fprintf(&b, "disturbed: %s: %s\n", r.Model, strings.Join(r.Disturbances, "; "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func row(b *strings.Builder, columns []benchColumn, cell func(benchColumn) string) {
	var line strings.Builder
	for i, c := range columns {
		switch {
		case i == 0:
		case c.width == phaseWidth:
			line.WriteString(" ")
		default:
			line.WriteString("  ")
		}
		fmt.Fprintf(&line, "%*s", c.width, cell(c))
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

func titles(columns []benchColumn) (out []string) {
	for _, c := range columns {
		out = append(out, c.title)
	}
	return out
}

// phase writes a phase's share of the time.
func phase(name string) func(bench.Result) string {
	return func(r bench.Result) string {
		all := 0.0
		for _, s := range r.Phases {
			all += s
		}
		return fmt.Sprintf("%.0f", 100*r.Phases[name]/all)
	}
}

func percent(x float64) string { return fmt.Sprintf("%.0f%%", 100*x) }

// short writes a number to two or three digits.
func short(x float64) string {
	switch {
	case x >= 99.5:
		return fmt.Sprintf("%.0f", x)
	case x >= 9.95:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

func latency(r bench.Result, of func(bench.Latency) float64) string {
	if r.Latency == nil {
		return "–"
	}
	x, unit := of(*r.Latency), "s"
	switch {
	case x < 0.9995e-3:
		x, unit = 1e6*x, "µs"
	case x < 0.9995:
		x, unit = 1e3*x, "ms"
	}
	for digits, most := range []float64{99.95, 9.995} {
		if x >= most {
			return fmt.Sprintf("%.*f%s", digits, x, unit)
		}
	}
	return fmt.Sprintf("%.2f%s", x, unit)
}
