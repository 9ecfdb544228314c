package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"ctrlab/internal/stat"
)

// tuning writes the searches: the best on valid after some trials, what they spent, and what they chose.
func (t Text) tuning(out io.Writer, all []*tuning) {
	fmt.Fprintln(out)
	t.wrap(out, "", "Tuned by "+budget(all), t.bold)
	var labels []string
	for _, x := range all {
		labels = append(labels, x.label)
	}
	t.rows(out, "best "+all[0].String()+" of", labels, t.searched(all), func(int) bool { return false })
	if all[0].searches[0].Method == "random" {
		t.wrap(out, "  ", "Columns are the expected best of so many trials (Dodge et al. 2019), by all repeats.", t.dim)
	} else {
		t.wrap(out, "  ", "Columns are the best after so many trials, a mean over repeats.", t.dim)
	}
	for _, x := range all {
		var chosen []string
		for _, s := range x.searches {
			if s.Chosen >= 0 {
				chosen = append(chosen, point(s.Tried[s.Chosen]))
			}
		}
		if chosen != nil {
			t.wrap(out, "  ", x.label+" chose "+strings.Join(chosen, "; ")+".", t.dim)
		}
	}
}

// searched are the fields that fit: stages, the whole budget first to stay, then trials, seconds and failures.
func (t Text) searched(all []*tuning) (fields []field) {
	steps := stages(all)
	for _, k := range steps {
		f := field{column: column{short: strconv.Itoa(k)}}
		for _, x := range all {
			f.cells = append(f.cells, cell{text: fixed(x.after(k), 4)})
		}
		fields = append(fields, f)
	}
	trials, seconds, failed := field{column: column{short: "trials"}}, field{column: column{short: "time"}}, field{column: column{short: "failed"}}
	some := false
	for _, x := range all {
		a, b, c := x.spent()
		some = some || c > 0
		trials.cells = append(trials.cells, cell{text: short(a), Interval: stat.Interval{}})
		seconds.cells = append(seconds.cells, cell{text: duration(b)})
		failed.cells = append(failed.cells, cell{text: short(c)})
	}
	tail := []field{trials, seconds}
	if some {
		tail = append(tail, failed)
	}
	for len(fields) > 1 && across(fields)+across(tail) > t.Width-gap-shortest {
		fields = fields[1:]
	}
	return append(fields, tail...)
}
