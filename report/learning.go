package report

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
	"ctrlab/internal/store"
)

// A course is a variant's learning: a series a seed, and their mean where all seeds have a point. One that stops early
// ends it: the mean of those left would jump.
type course struct {
	*variant
	seeds  []store.Series
	x, y   []float64
	higher bool // is better
}

// drawLearning shows the main measure on valid against the examples trained on.
func drawLearning(g *group) *drawing {
	valid := measureOf("valid." + g.main.Name)
	var all []course
	points := 0
	for _, v := range g.variants {
		if x := g.course(v, valid.name); len(x.x) > 0 {
			all = append(all, x)
			points = max(points, len(x.x))
		}
	}
	if points < 2 {
		return nil
	}
	data := [][]string{{"variant", "examples", "mean"}}
	for _, v := range all {
		every := max(1, len(v.x)/100)
		for i := every - 1; i < len(v.x); i += every {
			data = append(data, raws(v.label, v.x[i], v.y[i]))
		}
	}
	return &drawing{
		data:     data,
		title:    "Learning curves",
		subtitle: valid.String() + ", " + g.direction() + " · " + strokes(all),
		body:     vg.Length(max(270, 12*len(all)+foot+10)),
		panels: func(c draw.Canvas) {
			p := curves(all)
			show(c, p, margin, labelRoom(all)+margin)
		},
	}
}

// strandsAtMost is how many thin lines a figure can show; beyond it each variant has those of its first seeds alone.
const strandsAtMost = 600

// shown are the seeds of a course, one of several, whose lines are drawn.
func (v course) shown(of int) []store.Series {
	return v.seeds[:min(len(v.seeds), max(1, strandsAtMost/of))]
}

// strokes says what the lines are.
func strokes(all []course) string {
	for _, v := range all {
		if n := len(v.shown(len(all))); n < len(v.seeds) {
			return fmt.Sprintf("thick: mean of the seeds, thin: the first %s", plural(n, "seed"))
		}
	}
	for _, v := range all {
		for _, s := range v.seeds {
			if float64(s.Examples[len(s.Examples)-1]) > v.x[len(v.x)-1] {
				return "thick: mean until the first seed stops, thin: each seed"
			}
		}
	}
	return "thick: mean of the seeds, thin: each seed"
}

// course collects a variant's series of a metric; those of one seed that are not finite end it.
func (g *group) course(v *variant, name string) course {
	c := course{variant: v, higher: g.main.Better == metric.Higher}
	at := map[int64][]float64{}
	for _, t := range v.trials {
		s, ok := g.series[seriesKey{t.ID, name}]
		if !ok || len(s.Value) == 0 || t.State != "done" {
			continue
		}
		c.seeds = append(c.seeds, s)
		for i, y := range s.Value {
			if !math.IsNaN(y) && !math.IsInf(y, 0) {
				at[s.Examples[i]] = append(at[s.Examples[i]], y)
			}
		}
	}
	for x, y := range at {
		if len(y) == len(c.seeds) {
			c.x = append(c.x, float64(x))
		}
	}
	slices.Sort(c.x)
	for _, x := range c.x {
		c.y = append(c.y, stat.Mean(at[int64(x)]))
	}
	return c
}

func curves(all []course) *plot.Plot {
	p := axes(even{n: 5, label: func(x float64, _ int) string { return Count(x) }}, even{n: 5})
	p.X.Label.Text = "examples trained on"
	p.X.Min = 0
	for _, v := range all {
		for _, s := range v.seeds {
			p.X.Max = max(p.X.Max, float64(s.Examples[len(s.Examples)-1]))
		}
	}
	lo, hi := extent(all, 0)
	if low, high := extent(all, p.X.Max/4); high-low < 0.7*(hi-lo) {
		lo, hi = low, high // the first steps would squeeze all that follows
	}
	p.Y.Min, p.Y.Max = padded(lo, hi, 0.05)
	p.Add(
		layer(func(c draw.Canvas, p *plot.Plot) { strands(c, p, all) }),
		layer(func(c draw.Canvas, p *plot.Plot) { ends(c, p, all) }),
	)
	return p
}

// extent is the range of the means from a number of examples on, with the best of each seed.
func extent(all []course, from float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range all {
		for i, x := range v.x {
			if x >= from {
				lo, hi = min(lo, v.y[i]), max(hi, v.y[i])
			}
		}
		for _, s := range v.seeds {
			best := v.best(s.Value)
			lo, hi = min(lo, best), max(hi, best)
		}
	}
	return lo, hi
}

// best is the value of a seed's series that its state was kept at; the first mean of the course where none is finite.
func (v course) best(values []float64) float64 {
	best := v.y[0]
	for _, y := range values {
		if v.higher && y > best || !v.higher && y < best {
			best = y
		}
	}
	return best
}

// strands draws all seeds thin, then all means thick, over them.
func strands(c draw.Canvas, p *plot.Plot, all []course) {
	for _, v := range all {
		for _, s := range v.shown(len(all)) {
			var line []vg.Point
			for i, y := range s.Value {
				line = append(line, position(c, p, float64(s.Examples[i]), y))
			}
			c.StrokeLines(draw.LineStyle{Color: hue(v.place, 0.3), Width: 0.7}, c.ClipLinesXY(line)...)
		}
	}
	for _, v := range slices.Backward(all) {
		var line []vg.Point
		for i, x := range v.x {
			line = append(line, position(c, p, x, v.y[i]))
		}
		style := draw.LineStyle{Color: hue(v.place, 1), Width: 1.8, Dashes: dashes(v.place)}
		if len(all) > len(hues) {
			style.Width = 1.2
		}
		c.StrokeLines(style, c.ClipLinesXY(line)...)
	}
}

// ends names each curve at the right. Dots, which no one takes for its course, lead from its end there, or from where it
// leaves the axis.
func ends(c draw.Canvas, p *plot.Plot, all []course) {
	var marks []vg.Point
	var at []vg.Length
	for _, v := range all {
		end := v.exit(c, p)
		marks, at = append(marks, end), append(at, end.Y)
	}
	style, names := letters(small, ink), courseNames(all)
	for i, y := range spread(at, 12, c.Min.Y, c.Max.Y) {
		v, end := all[i], marks[i]
		c.StrokeLine2(draw.LineStyle{Color: hue(v.place, 0.8), Width: 0.6, Dashes: []vg.Length{0.8, 2.4}}, end.X, end.Y, c.Max.X+4, end.Y)
		leader := draw.LineStyle{Color: hue(v.place, 0.6), Width: 0.6}
		c.StrokeLines(leader, []vg.Point{{X: c.Max.X + 4, Y: end.Y}, {X: c.Max.X + 20, Y: y}, {X: c.Max.X + 23, Y: y}})
		switch last := c.Y(p.Y.Norm(v.y[len(v.y)-1])); {
		case last > c.Max.Y:
			leaving(c, v.place, end, 1)
		case last < c.Min.Y:
			leaving(c, v.place, end, -1)
		default:
			dot(c, v.place, 2.6, end)
		}
		tell(c, around(end, 6), v.label+": "+digits3(v.y[len(v.y)-1]))
		write(c, style, vg.Point{X: c.Max.X + 26, Y: y}, names[i])
	}
}

// leaving is the mark of a curve that goes on above (1) or below (-1).
func leaving(c draw.Canvas, place int, at vg.Point, way vg.Length) {
	c.FillPolygon(hue(place, 1), []vg.Point{{X: at.X, Y: at.Y + 2*way}, {X: at.X - 4, Y: at.Y - 5*way}, {X: at.X + 4, Y: at.Y - 5*way}})
}

// exit is where the mean ends, or where it leaves the axis for good.
func (v course) exit(c draw.Canvas, p *plot.Plot) vg.Point {
	k := len(v.x) - 1
	at := position(c, p, v.x[k], v.y[k])
	edge := min(max(at.Y, c.Min.Y), c.Max.Y)
	for beyond := at.Y - edge; beyond != 0 && k > 0; k-- {
		before := position(c, p, v.x[k-1], v.y[k-1])
		if d := before.Y - edge; d*beyond < 0 || d == 0 { // between these two it crosses
			at.X = before.X + (at.X-before.X)*(edge-before.Y)/(at.Y-before.Y)
			break
		}
		at = before
	}
	return vg.Point{X: at.X, Y: edge}
}

// nameRoom is the most that a name beside a curve may take.
const nameRoom = 130

func labelRoom(all []course) vg.Length {
	return widest(letters(small, ink), courseNames(all)) + 27
}

func courseNames(all []course) []string {
	var names []string
	for _, v := range all {
		names = append(names, v.label)
	}
	return fitAll(names, letters(small, ink), nameRoom)
}
