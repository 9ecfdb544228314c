package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// phases shows where the time of an example goes, a bar a variant, in shares.
func (s speeds) phases() *drawing {
	s.all = slices.DeleteFunc(slices.Clone(s.all), func(x placed) bool { return !(x.total() > 0) })
	if len(s.all) == 0 {
		return nil
	}
	names := s.taken()
	if len(names) == 0 {
		return nil
	}
	data := [][]string{append([]string{"variant"}, names...)}
	for _, x := range s.all {
		row := []string{x.Label}
		for _, name := range names {
			row = append(row, raw(x.phase(name)))
		}
		data = append(data, row)
	}
	caption := "Shares of a hundred; a phase of less than four is not labelled."
	if n := len(s.all) - mostRows; n > 0 {
		s.all = s.all[:mostRows]
		caption += fmt.Sprintf(" The first %d; %s more are in the data.", mostRows, plural(n, "variant"))
	}
	return &drawing{
		data:     data,
		title:    "Where the time goes",
		subtitle: "share of the time that an example takes · at the right: all of it",
		caption:  caption,
		body:     vg.Length(len(s.all))*pitch + 34,
		panels:   func(c draw.Canvas) { s.bars(c, names) },
	}
}

func (s speeds) bars(c draw.Canvas, names []string) {
	style := letters(small, ink)
	var labels, times []string
	for _, x := range s.all {
		labels = append(labels, x.Label)
		times = append(times, brisk(x.total()))
	}
	labels = fitAll(labels, style, 140)
	left := c.Min.X + margin + widest(style, labels) + 10
	wide := c.Max.X - margin - widest(style, times) - 10 - left
	top := c.Max.Y - 14
	key(c, names, left, top)
	for i, x := range s.all {
		y := top - 10 - pitch*(vg.Length(i)+0.5)
		write(c, right(style), vg.Point{X: left - 8, Y: y}, labels[i])
		write(c, right(letters(small, muted)), vg.Point{X: c.Max.X - margin, Y: y}, times[i])
		at := left
		for k, name := range names {
			share := x.phase(name) / x.total()
			part := vg.Length(share) * wide
			fill, on := heat(step(k, len(names)))
			if gap := vg.Length(1); part > gap {
				c.FillPolygon(fill, box(at, y-7, at+part-gap, y+7))
			}
			tell(c, vg.Rectangle{Min: vg.Point{X: at, Y: y - 7}, Max: vg.Point{X: at + part, Y: y + 7}}, x.Label+", "+name+": "+brisk(x.phase(name)))
			if text := fixed(100*share, 0); share >= 0.04 {
				number := centred(letters(small, on))
				write(c, number, vg.Point{X: at + part/2, Y: y}, text)
			}
			at += part
		}
	}
}

// step is where on the scale of colours the k-th of n phases stands: in order, from light to dark.
func step(k, n int) float64 { return 0.1 + 0.9*(float64(k)+0.5)/float64(n) }

// key names the colours in a row.
func key(c draw.Canvas, names []string, x, y vg.Length) {
	style := letters(small, muted)
	for k, name := range names {
		fill, _ := heat(step(k, len(names)))
		c.FillPolygon(fill, box(x, y-4.5, x+9, y+4.5))
		write(c, style, vg.Point{X: x + 13, Y: y}, name)
		x += 13 + style.Width(name) + 12
	}
}

func box(x0, y0, x1, y1 vg.Length) []vg.Point {
	return []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}

// brisk writes short seconds: "12.3 µs".
func brisk(x float64) string {
	switch {
	case x < 1e-6:
		return digits3(1e9*x) + " ns"
	case x < 1e-3:
		return digits3(1e6*x) + " µs"
	}
	return duration(x)
}
