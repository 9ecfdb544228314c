package report

import (
	"encoding/csv"
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A hint is what a reader who points at a part of a figure is told.
type hint struct {
	box  vg.Rectangle
	text string
}

// A slate is an SVG canvas that takes hints too.
type slate struct {
	*vgsvg.Canvas
	hints []hint
}

// tell gives a part of a figure a hint. Only an SVG shows them.
func tell(c draw.Canvas, box vg.Rectangle, text string) {
	switch under := c.Canvas.(type) {
	case draw.Canvas: // of which c is a part
		tell(under, box, text)
	case *slate:
		under.hints = append(under.hints, hint{box, text})
	}
}

// around is the box whose sides are a radius away from a point.
func around(at vg.Point, radius vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: at.Sub(vg.Point{X: radius, Y: radius}), Max: at.Add(vg.Point{X: radius, Y: radius})}
}

// layer are the hints as elements over a drawing of a height: nothing to see, and a title each.
func (s *slate) layer(height vg.Length) string {
	if len(s.hints) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<g class="hints" fill="none" pointer-events="all">` + "\n")
	for _, h := range s.hints {
		size := h.box.Size()
		fmt.Fprintf(&b, "<rect x=\"%.4g\" y=\"%.4g\" width=\"%.4g\" height=\"%.4g\"><title>%s</title></rect>\n",
			h.box.Min.X.Points(), (height - h.box.Max.Y).Points(), size.X.Points(), size.Y.Points(), html.EscapeString(h.text))
	}
	b.WriteString("</g>\n")
	return b.String()
}

// CSV is the data behind a figure as a file; empty where it has none.
func (d *drawing) CSV() []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(d.data); err != nil {
		panic("report: a builder of strings has no errors")
	}
	return []byte(b.String())
}

// raw writes a number for machines, with seven digits; nothing where there is none.
func raw(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', 7, 64)
}

// raws is a row of data: a label and numbers.
func raws(label string, numbers ...float64) []string {
	row := []string{label}
	for _, x := range numbers {
		row = append(row, raw(x))
	}
	return row
}

// sheet is data of variants: each measure's mean, the ends of its interval, and on how many seeds it rests.
func sheet(variants []*variant, names ...string) [][]string {
	head := []string{"variant", "seeds"}
	for _, name := range names {
		head = append(head, name, name+" low", name+" high")
	}
	out := [][]string{head}
	for _, v := range variants {
		row := []string{v.label, strconv.Itoa(v.interval(names[0]).N)}
		for _, name := range names {
			x := v.interval(name)
			row = append(row, raw(x.Mean), raw(x.Low()), raw(x.High()))
		}
		out = append(out, row)
	}
	return out
}
