package report

import (
	"math"
	"slices"
)

// The least and the most columns that intervals are drawn in.
const (
	shortBar = 9
	longBar  = 25
)

// bars draws the intervals of the main measure in what room fields leave beside whole labels, none where that is too little: a line from end
// to end with a dot at the mean, an arrow where it is beyond the close-up.
func (t Text) bars(g *group, labels []string, fields []field) []field {
	longest := Width("variant")
	for _, l := range labels {
		longest = max(longest, Width(l))
	}
	n := min(longBar, t.Width-2*gap-across(fields)-longest)
	variants := g.ranked()
	if n < shortBar || !g.tested() {
		return nil
	}
	lo, hi := reach(g, variants)
	if near, far, zoomed := closeup(g, variants, lo, hi, 0.25); zoomed {
		lo, hi = near, far
	}
	f := field{column: column{short: "interval"}}
	for _, v := range g.variants {
		i := v.interval(g.main.name)
		at := func(x float64) int { return int(math.Round((x - lo) / (hi - lo) * float64(n-1))) }
		f.cells = append(f.cells, cell{text: bar(n, at(i.Low()), at(i.Mean), at(i.High()), i.N)})
	}
	return []field{f}
}

// bar is a line from low to high with a dot at the mean, of n columns; count is how many values it rests on.
func bar(n, low, mean, high, count int) string {
	row := slices.Repeat([]rune{' '}, n)
	for k := max(low, 0); count > 1 && k <= min(high, n-1); k++ {
		row[k] = '─'
	}
	switch {
	case count == 0:
	case mean < 0:
		row[0] = '◂'
	case mean >= n:
		row[n-1] = '▸'
	default:
		row[mean] = '●'
	}
	return string(row)
}

// measured reports whether any trial has a result.
func (s *summary) measured() bool {
	return slices.ContainsFunc(s.groups, func(g *group) bool { return len(g.ranked()) > 0 })
}
