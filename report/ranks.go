package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawRanks is the critical-difference diagram: mean ranks over data sets, and bars that join variants that are not told apart.
//
// Demšar, "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR 7, 2006, fig. 1.
func drawRanks(s *summary) *drawing {
	o := s.over()
	if o == nil || len(o.Variants) < 3 {
		return nil
	}
	d := &drawing{
		title:    fmt.Sprintf("Mean ranks over %d data sets", len(o.Data)),
		subtitle: "1 is best · bars join those whose ranks are not told apart (Friedman, then Nemenyi)",
		caption: fmt.Sprintf("Friedman's test that all are alike has p %s; ranks that are %s apart would be told apart.",
			tail(float64(o.P)), fixed(float64(o.Critical), 2)),
		data: [][]string{{"variant", "mean rank"}},
	}
	for i, l := range o.Variants {
		d.data = append(d.data, raws(l, o.Rank[i]))
	}
	bars := o.bars()
	const most = 24
	if n := len(o.Variants) - most; n > 0 {
		d.caption += fmt.Sprintf(" Named are the %d best; %d more are not.", most, n)
	}
	named := min(len(o.Variants), most)
	d.body = 52 + 7*vg.Length(len(bars)) + 15*vg.Length((named+1)/2) + margin
	d.panels = func(c draw.Canvas) { o.paint(c, bars, named) }
	return d
}

// bars are the groups of two and more, as places of their first and last.
func (o *Over) bars() (out [][2]int) {
	for _, names := range o.Alike {
		if len(names) > 1 {
			out = append(out, [2]int{slices.Index(o.Variants, names[0]), slices.Index(o.Variants, names[len(names)-1])})
		}
	}
	return out
}

func (o *Over) paint(c draw.Canvas, bars [][2]int, named int) {
	style := letters(small, ink)
	labels := fitAll(o.Variants[:named], style, 110)
	half := (named + 1) / 2
	left, right := c.Min.X+margin+widest(style, labels[:half])+44, c.Max.X-margin-widest(style, labels[half:])-44
	k := float64(len(o.Variants))
	x := func(rank float64) vg.Length { return left + (right-left)*vg.Length((rank-1)/(k-1)) }
	axis := c.Max.Y - 34
	c.StrokeLine2(draw.LineStyle{Color: muted, Width: 1}, left, axis, right, axis)
	for _, t := range (even{n: 8}).Ticks(1, k) {
		c.StrokeLine2(draw.LineStyle{Color: muted, Width: 1}, x(t.Value), axis, x(t.Value), axis+4)
		write(c, centred(letters(small, muted)), vg.Point{X: x(t.Value), Y: axis + 11}, t.Label)
	}
	o.ruler(c, left, x(1+float64(o.Critical)), right, c.Max.Y-8)
	low := axis - 12 - 7*vg.Length(len(bars))
	for i := range labels {
		o.name(c, i, half, labels[i], x(o.Rank[i]), axis, low, left, right)
	}
	for i, b := range bars {
		y := axis - 9 - 7*vg.Length(i)
		c.StrokeLine2(draw.LineStyle{Color: ink, Width: 3}, x(o.Rank[b[0]])-3, y, x(o.Rank[b[1]])+3, y)
	}
}

// ruler is the critical difference as a length of the axis, as far as it fits.
func (o *Over) ruler(c draw.Canvas, from, to, most, y vg.Length) {
	style := draw.LineStyle{Color: muted, Width: 1}
	if to > most {
		write(c, letters(small, muted), vg.Point{X: from, Y: y}, "critical difference "+fixed(float64(o.Critical), 2)+", more than the axis has")
		return
	}
	c.StrokeLine2(style, from, y, to, y)
	c.StrokeLine2(style, from, y-3, from, y+3)
	c.StrokeLine2(style, to, y-3, to, y+3)
	write(c, letters(small, muted), vg.Point{X: to + 6, Y: y}, "critical difference "+fixed(float64(o.Critical), 2))
}

// name leads from a rank down and out to the name: the better half at the left, the worse at the right, so that no lines cross.
func (o *Over) name(c draw.Canvas, i, half int, label string, x, axis, low, left, end vg.Length) {
	style, line := letters(small, ink), draw.LineStyle{Color: muted, Width: 0.75}
	rank := fixed(o.Rank[i], 2)
	if i < half {
		y := low - 15*(vg.Length(i)+0.5)
		c.StrokeLines(line, []vg.Point{{X: x, Y: axis}, {X: x, Y: y}, {X: left - 6, Y: y}})
		write(c, right(letters(8, muted)), vg.Point{X: left - 10, Y: y}, rank)
		write(c, right(style), vg.Point{X: left - 34, Y: y}, label)
		tell(c, vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: y - 7}, Max: vg.Point{X: left, Y: y + 7}}, o.Variants[i]+": mean rank "+rank)
		return
	}
	y := low - 15*(vg.Length(len(o.Variants)-1-i)+0.5)
	if n := len(o.Variants); n > 24 {
		y = low - 15*(vg.Length(23-i)+0.5)
	}
	c.StrokeLines(line, []vg.Point{{X: x, Y: axis}, {X: x, Y: y}, {X: end + 6, Y: y}})
	write(c, letters(8, muted), vg.Point{X: end + 10, Y: y}, rank)
	write(c, style, vg.Point{X: end + 34, Y: y}, label)
	tell(c, vg.Rectangle{Min: vg.Point{X: end, Y: y - 7}, Max: vg.Point{X: c.Max.X, Y: y + 7}}, o.Variants[i]+": mean rank "+rank)
}
