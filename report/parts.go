package report

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
)

// A cutting is a slice of test with each variant's number in each part.
type cutting struct {
	name  string
	parts []string
	value [][]float64 // by variant, then by part; means over seeds, NaN where there is none
}

const (
	mostCuttings = 6 // panels
	mostCut      = 8 // variants with a colour
)

// drawParts shows how good the best variants are on parts of test: by how often an id was seen, and by time.
func drawParts(g *group) *drawing {
	variants := g.ranked()
	variants = variants[:min(mostCut, len(variants))]
	what, of := "AUC", func(p metric.Part) float64 { return p.AUC }
	if g.ratings() {
		what, of = "mean prediction less mean rating", func(p metric.Part) float64 { return p.Predicted - p.Observed }
	}
	all := g.cuttings(variants, of)
	if len(all) == 0 {
		return nil
	}
	d := &drawing{title: "Parts of test", subtitle: what + " of each part, mean of the seeds", data: [][]string{{"slice", "part", "variant", what}}}
	for _, x := range all {
		for i, v := range variants {
			for k, part := range x.parts {
				d.data = append(d.data, append([]string{x.name, part}, raws(v.label, x.value[i][k])...))
			}
		}
	}
	if n := len(all) - mostCuttings; n > 0 {
		d.caption = fmt.Sprintf("The first %d slices; %d more are in the data.", mostCuttings, n)
		all = all[:mostCuttings]
	}
	if n := len(g.ranked()) - len(variants); n > 0 {
		d.caption = strings.TrimSpace(fmt.Sprintf("The %d best of %d variants. %s", len(variants), len(variants)+n, d.caption))
	}
	labels := legend(variants)
	const tall = 150
	lines := (len(all) + 1) / 2
	foot := vg.Length(labels.lines)*14 + 10
	d.body = vg.Length(lines*tall) + foot
	d.panels = func(c draw.Canvas) {
		for i, x := range all {
			const half = breadth / 2
			panel := draw.Crop(c, vg.Length(i%2)*half+margin, -half*vg.Length(1-i%2)-margin, c.Max.Y-c.Min.Y-vg.Length((i/2+1)*tall)+8, -vg.Length(i/2*tall))
			x.paint(panel, variants)
		}
		labels.paint(c, c.Min.Y+foot-10)
	}
	return d
}

// cuttings are the slices that two parts of have a number, time last; calibration has its own figure.
func (g *group) cuttings(variants []*variant, of func(metric.Part) float64) []cutting {
	var names []string
	for _, v := range variants {
		for _, t := range v.trials {
			for _, s := range t.Slices {
				if s.Name != metric.Calibration && !slices.Contains(names, s.Name) {
					names = append(names, s.Name)
				}
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return indicator(a == metric.Time) - indicator(b == metric.Time) })
	var out []cutting
	for _, name := range names {
		x, known := cutting{name: name}, 0
		for _, v := range variants {
			var row []float64
			parts := v.parts(name)
			for k, seeds := range parts {
				var values []float64
				for _, p := range seeds {
					if y := of(p); finite(y) {
						values = append(values, y)
					}
				}
				row = append(row, stat.Mean(values))
				known += indicator(len(values) > 0)
				if len(x.parts) == k {
					x.parts = append(x.parts, seeds[0].Name)
				}
			}
			x.value = append(x.value, row)
		}
		whole := !slices.ContainsFunc(x.value, func(row []float64) bool { return len(row) != len(x.parts) })
		if known > len(variants) && whole {
			out = append(out, x)
		}
	}
	return out
}

func (x cutting) paint(c draw.Canvas, variants []*variant) {
	var ticks []plot.Tick
	for k, name := range x.parts {
		ticks = append(ticks, plot.Tick{Value: float64(k), Label: name})
	}
	p := axes(plot.ConstantTicks(ticks), even{n: 4})
	p.X.Min, p.X.Max = -0.3, float64(len(x.parts))-0.7
	first := true
	for _, row := range x.value {
		for _, y := range row {
			if finite(y) {
				if first {
					p.Y.Min, p.Y.Max, first = y, y, false
				}
				p.Y.Min, p.Y.Max = min(p.Y.Min, y), max(p.Y.Max, y)
			}
		}
	}
	p.Y.Min, p.Y.Max = padded(p.Y.Min, p.Y.Max, 0.08)
	p.Add(layer(func(c draw.Canvas, p *plot.Plot) {
		for i, row := range slices.Backward(x.value) {
			var line []vg.Point
			for k, y := range row {
				if finite(y) {
					line = append(line, position(c, p, float64(k), y))
				}
			}
			c.StrokeLines(draw.LineStyle{Color: hue(variants[i].place, 0.8), Width: 1.3, Dashes: dashes(variants[i].place)}, line)
			for k, y := range row {
				if finite(y) {
					at := position(c, p, float64(k), y)
					dot(c, variants[i].place, 2.2, at)
					tell(c, around(at, 5), fmt.Sprintf("%s, %s %s: %s", variants[i].label, x.name, x.parts[k], fixed(y, 4)))
				}
			}
		}
	}))
	style := letters(small, ink)
	write(c, style, vg.Point{X: c.Min.X, Y: c.Max.Y - 6}, fit(x.name, style, c.Max.X-c.Min.X))
	p.Draw(draw.Crop(c, 0, 0, 0, -18))
}

// A names is variants with their marks, in rows.
type names struct {
	variants []*variant
	text     []string
	x        []vg.Length
	line     []int
	lines    int
}

// legend lays names out over the breadth of a figure.
func legend(variants []*variant) names {
	n := names{variants: variants, lines: 1}
	style := letters(small, ink)
	for _, v := range variants {
		n.text = append(n.text, v.label)
	}
	n.text = fitAll(n.text, style, 200)
	at := vg.Length(margin)
	for _, s := range n.text {
		wide := 12 + style.Width(s) + 14
		if at+wide > breadth-margin && at > margin {
			at, n.lines = margin, n.lines+1
		}
		n.x, n.line = append(n.x, at), append(n.line, n.lines-1)
		at += wide
	}
	return n
}

func (n names) paint(c draw.Canvas, top vg.Length) {
	for i, s := range n.text {
		y := top - vg.Length(n.line[i])*14
		dot(c, n.variants[i].place, 3.2, vg.Point{X: c.Min.X + n.x[i] + 4, Y: y})
		write(c, letters(small, ink), vg.Point{X: c.Min.X + n.x[i] + 12, Y: y}, s)
	}
}
