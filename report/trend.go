package report

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/stat"
)

// Trend is one thing that checks measured, the first check in front.
type Trend struct {
	Label string
	Check []int // its place among all checks
	Value []float64

	changes []int // places in Value
}

// WriteTrend makes dir, where it is missing, and in it trend.png: a row a trend over the checks, which are called by their revisions, with changes of level
// marked. It describes, and judges nothing.
func WriteTrend(dir string, checks []string, all []Trend) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	d := drawn{file: "trend", drawing: *drawTrend(checks, all)}
	return d.save(dir)
}

// most rows of a figure of trends, the height of one, and what stands right of it.
const (
	mostTrends = 30
	trendRow   = 24
	trendRight = 116
)

// drawTrend shows the trends whose level changes, then those that move most.
func drawTrend(checks []string, all []Trend) *drawing {
	shown := slices.Clone(all)
	for i := range shown {
		shown[i].changes = stat.Changes(shown[i].Value)
	}
	slices.SortStableFunc(shown, func(a, b Trend) int {
		return cmp.Or(cmp.Compare(len(b.changes), len(a.changes)), cmp.Compare(b.motion(), a.motion()))
	})
	shown = shown[:min(len(shown), mostTrends)]
	d := &drawing{
		title:    "What checks measured",
		subtitle: fmt.Sprintf("%s of %d, oldest check at the left, each on its own scale · lines: the level changes (Wilcoxon, 95 %%)", count(len(shown), "row", "rows"), len(all)),
		body:     vg.Length(trendRow*(len(shown)+1) + 12),
		data:     [][]string{{"what", "revision", "value", "change"}},
	}
	for _, t := range shown {
		for i, v := range t.Value {
			d.data = append(d.data, []string{t.Label, checks[t.Check[i]], fmt.Sprint(v), fmt.Sprint(slices.Contains(t.changes, i))})
		}
	}
	d.panels = func(c draw.Canvas) {
		labels := make([]string, len(shown))
		for i, t := range shown {
			labels[i] = t.Label
		}
		labels = fitAll(labels, letters(small, ink), breadth*2/5)
		left := widest(letters(small, ink), labels) + margin + 10
		for i, t := range shown {
			y := c.Max.Y - vg.Length(trendRow*i) - trendRow/2
			write(c, letters(small, ink), vg.Point{X: c.Min.X + margin, Y: y}, labels[i])
			t.draw(c, len(checks), c.Min.X+left, c.Max.X-trendRight, y)
		}
		revisions(c, checks, c.Min.X+left, c.Max.X-trendRight, c.Max.Y-vg.Length(trendRow*len(shown))-trendRow/2)
	}
	return d
}

// motion is how far the values reach beside their middle.
func (t Trend) motion() float64 {
	m := math.Abs(stat.Median(t.Value))
	if m == 0 {
		m = 1
	}
	return (slices.Max(t.Value) - slices.Min(t.Value)) / m
}

// checkAt is where a check stands among all of them, between from and to.
func checkAt(check, checks int, from, to vg.Length) vg.Length {
	if checks < 2 {
		return (from + to) / 2
	}
	return from + (to-from)*vg.Length(check)/vg.Length(checks-1)
}

// revisions writes the checks' names below the rows, as many as there is room for, the last among them.
func revisions(c draw.Canvas, checks []string, from, to, y vg.Length) {
	style := centred(letters(small, muted))
	next := vg.Length(math.Inf(1))
	for i := len(checks) - 1; i >= 0; i-- {
		x, half := checkAt(i, len(checks), from, to), style.Width(checks[i])/2
		if x+half < next {
			write(c, style, vg.Point{X: x, Y: y}, checks[i])
			next = x - half - style.Width("00")
		}
	}
}

// draw draws a row around y: the values, a line before each change, and at the right the last value and what it is to the level before.
func (t Trend) draw(c draw.Canvas, checks int, from, to, y vg.Length) {
	lo, hi := slices.Min(t.Value), slices.Max(t.Value)
	at := func(i int, v float64) vg.Point {
		up := 0.5
		if hi > lo {
			up = (v - lo) / (hi - lo)
		}
		return vg.Point{X: checkAt(t.Check[i], checks, from, to), Y: y + vg.Length(up-0.5)*(trendRow-9)}
	}
	for _, i := range t.changes {
		x := (at(i-1, lo).X + at(i, lo).X) / 2
		c.StrokeLine2(draw.LineStyle{Color: named("bad"), Width: 1}, x, y-trendRow/2+2, x, y+trendRow/2-2)
	}
	var line []vg.Point
	for i, v := range t.Value {
		line = append(line, at(i, v))
	}
	c.StrokeLines(draw.LineStyle{Color: hue(0, 1), Width: 1.2}, line)
	last := len(t.Value) - 1
	dot(c, 0, 2, at(last, t.Value[last]))
	words := fmt.Sprintf("%.5g", t.Value[last])
	if n := len(t.changes); n > 0 {
		before := 0
		if n > 1 {
			before = t.changes[n-2]
		}
		old, now := stat.Median(t.Value[before:t.changes[n-1]]), stat.Median(t.Value[t.changes[n-1]:])
		if old != 0 {
			words += fmt.Sprintf("  %+.1f %%", 100*(now/old-1))
		}
	}
	write(c, letters(small, muted), vg.Point{X: to + 10, Y: y}, words)
}
