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
	Check []int // number of each
	Value []float64
}

// WriteTrend makes dir, where it is missing, and in it trend.png: a row a trend, with its changes of level marked. It describes, and judges nothing.
func WriteTrend(dir string, all []Trend) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	d := drawn{file: "trend", drawing: *drawTrend(all)}
	return d.save(dir)
}

// most rows of a figure of trends, and the height of one.
const (
	mostTrends = 30
	trendRow   = 24
)

// drawTrend shows the trends whose level changes, then those that move most.
func drawTrend(all []Trend) *drawing {
	shown := slices.Clone(all)
	slices.SortStableFunc(shown, func(a, b Trend) int {
		return cmp.Or(cmp.Compare(len(stat.Changes(b.Value)), len(stat.Changes(a.Value))), cmp.Compare(b.motion(), a.motion()))
	})
	shown = shown[:min(len(shown), mostTrends)]
	d := &drawing{
		title:    "What checks measured",
		subtitle: fmt.Sprintf("%s of %d, oldest check at the left, each on its own scale · lines: the level changes (Wilcoxon, 95 %%)", count(len(shown), "row", "rows"), len(all)),
		body:     vg.Length(trendRow*len(shown) + 12),
		data:     [][]string{{"what", "check", "value", "change"}},
	}
	for _, t := range shown {
		changes := stat.Changes(t.Value)
		for i, v := range t.Value {
			d.data = append(d.data, []string{t.Label, fmt.Sprint(t.Check[i]), fmt.Sprint(v), fmt.Sprint(slices.Contains(changes, i))})
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
			t.draw(c, c.Min.X+left, c.Max.X-margin-100, y)
		}
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

// draw draws a row around y: the values, a line before each change, and at the right the last value and what it is to the level before.
func (t Trend) draw(c draw.Canvas, from, to, y vg.Length) {
	lo, hi := slices.Min(t.Value), slices.Max(t.Value)
	at := func(i int, v float64) vg.Point {
		x, up := 0.5, 0.5
		if len(t.Value) > 1 {
			x = float64(i) / float64(len(t.Value)-1)
		}
		if hi > lo {
			up = (v - lo) / (hi - lo)
		}
		return vg.Point{X: from + vg.Length(x)*(to-from), Y: y + vg.Length(up-0.5)*(trendRow-9)}
	}
	changes := stat.Changes(t.Value)
	for _, i := range changes {
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
	if n := len(changes); n > 0 {
		before := 0
		if n > 1 {
			before = changes[n-2]
		}
		old, now := stat.Median(t.Value[before:changes[n-1]]), stat.Median(t.Value[changes[n-1]:])
		if old != 0 {
			words += fmt.Sprintf("  %+.1f %%", 100*(now/old-1))
		}
	}
	write(c, letters(small, muted), vg.Point{X: to + 10, Y: y}, words)
}
