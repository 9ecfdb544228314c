package report

import (
	"encoding/csv"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
)

// csvHead are the columns of CSV.
var csvHead = []string{"experiment", "dataset", "label", "model", "seed", "repeat", "trial", "run", "state", "shared", "metric", "unit", "value"}

// CSV writes a row a trial and metric, in base units; a trial without results has one row without a metric. A value that is not finite is empty.
func CSV(w io.Writer, reports ...*store.Report) error {
	out := csv.NewWriter(w)
	_ = out.Write(csvHead) // Error has it
	for _, r := range reports {
		for _, t := range r.Trials {
			repeat := ""
			if t.Repeat > 0 {
				repeat = strconv.Itoa(t.Repeat)
			}
			run := ""
			if t.Run > 0 {
				run = strconv.FormatInt(t.Run, 10)
			}
			row := []string{r.Experiment.Name, t.Dataset, t.Label, t.Model, strconv.FormatUint(t.Seed, 10), repeat, t.ID, run, t.State, strconv.FormatBool(t.Shared)}
			if len(t.Results) == 0 {
				_ = out.Write(append(row, "", "", ""))
			}
			for _, name := range slices.Sorted(maps.Keys(t.Results)) {
				m, _ := metric.Find(name)
				_ = out.Write(append(row[:10:10], name, m.Unit, exact(t.Results[name])))
			}
		}
	}
	out.Flush()
	return out.Error()
}

// exact writes a number for a program, and nothing for one that is not finite.
func exact(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
