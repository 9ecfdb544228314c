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
)

// A course is a variant's learning: the mean over its seeds and the range that they span, at the points that all have. The
// first seed that stops ends it: the mean of those left would jump.
type course struct {
	*variant
	x, y    []float64
	low, up []float64 // nil where there is one seed
	seconds []float64 // at x, a mean over seeds
	best    float64   // mean over seeds of the best value of each
	early   bool      // some seeds go on after its end
}

// drawLearning shows the main measure on valid against the examples trained on.
func drawLearning(g *group) *drawing {
	return g.learning("Learning curves", "examples trained on", func(v course) course { return v })
}

// drawPace shows the same against the time it took.
func drawPace(g *group) *drawing {
	if g.shared() {
		return nil
	}
	return g.learning("Learning curves by time", "seconds of training", func(v course) course {
		v.x = v.seconds
		return v
	})
}

func (g *group) learning(title, axis string, by func(course) course) *drawing {
	named, others := g.courses()
	points, seeds, early := 0, 1, false
	data := [][]string{{"variant", axis, "mean", "lowest", "highest"}}
	for _, list := range [][]course{named, others} {
		for i := range list {
			v := by(list[i])
			list[i] = v
			points, early = max(points, len(v.x)), early || v.early
			if v.low != nil {
				seeds = 2
			}
			data = append(data, v.rows()...)
		}
	}
	if points < 2 {
		return nil
	}
	text := measureOf("valid."+g.main.Name).String() + ", " + g.direction()
	if seeds > 1 {
		text += " · line: mean of the seeds, band: all of them"
	}
	d := &drawing{
		title: title, subtitle: text, data: data,
		body: vg.Length(max(270, 12*len(named)+foot+10)),
		panels: func(c draw.Canvas) {
			show(c, curves(named, others, axis), margin, labelRoom(named)+margin)
		},
	}
	if len(others) > 0 {
		d.caption = fmt.Sprintf("Named are the %d best; %s more are grey.", len(named), plural(len(others), "variant"))
	}
	if early {
		d.caption += " A line ends where its first seed stops."
	}
	return d
}

// A figure of curves names as many as can be told apart, and draws as many of the others as can be seen.
const (
	mostNamed  = 12
	mostOthers = 100
)

// courses are those of the group's variants, the best first, named and others.
func (g *group) courses() (named, others []course) {
	for _, v := range g.variants {
		switch x := g.course(v, "valid."+g.main.Name); {
		case len(x.x) == 0:
		case len(named) < mostNamed:
			named = append(named, x)
		case len(others) < mostOthers:
			others = append(others, x)
		}
	}
	return named, others
}

// course collects a variant's series of a metric; those of one seed that are not finite end it.
func (g *group) course(v *variant, name string) course {
	type point struct{ y, seconds []float64 }
	at, bests, last := map[int64]point{}, []float64{}, int64(0)
	for _, t := range v.trials {
		s, ok := g.series[seriesKey{t.ID, name}]
		if !ok || len(s.Value) == 0 || t.State != "done" {
			continue
		}
		best := math.NaN()
		for i, y := range s.Value {
			if finite(y) {
				p := at[s.Examples[i]]
				at[s.Examples[i]] = point{append(p.y, y), append(p.seconds, s.Seconds[i])}
				if math.IsNaN(best) || g.better(y, best) {
					best = y
				}
			}
		}
		bests, last = append(bests, best), max(last, s.Examples[len(s.Examples)-1])
	}
	c := course{variant: v, best: stat.Mean(bests)}
	for x, p := range at {
		if len(p.y) == len(bests) {
			c.x = append(c.x, float64(x))
		}
	}
	slices.Sort(c.x)
	for _, x := range c.x {
		p := at[int64(x)]
		c.y, c.seconds = append(c.y, stat.Mean(p.y)), append(c.seconds, stat.Mean(p.seconds))
		if len(bests) > 1 {
			c.low, c.up = append(c.low, slices.Min(p.y)), append(c.up, slices.Max(p.y))
		}
	}
	c.early = len(c.x) > 0 && float64(last) > c.x[len(c.x)-1]
	return c
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// better reports whether a is better than b in the main measure.
func (g *group) better(a, b float64) bool {
	return g.main.Better == metric.Higher && a > b || g.main.Better == metric.Lower && a < b
}

// rows are some forty of a course's points.
func (v course) rows() (out [][]string) {
	every := (len(v.x) + 39) / 40
	for i := len(v.x) - 1; i >= 0; i -= every {
		low, up := math.NaN(), math.NaN()
		if v.low != nil {
			low, up = v.low[i], v.up[i]
		}
		out = append(out, raws(v.label, v.x[i], v.y[i], low, up))
	}
	slices.Reverse(out)
	return out
}

func curves(named, others []course, axis string) *plot.Plot {
	p := axes(even{n: 5, label: func(x float64, _ int) string { return Count(x) }}, even{n: 5})
	p.X.Label.Text = axis
	p.X.Min, p.X.Max = 0, 0
	all := slices.Concat(named, others)
	for _, v := range all {
		p.X.Max = max(p.X.Max, v.x[len(v.x)-1])
	}
	lo, hi := extent(named, 0)
	if low, high := extent(named, p.X.Max/4); high-low < 0.7*(hi-lo) {
		lo, hi = low, high // the first steps would squeeze all that follows
	}
	p.Y.Min, p.Y.Max = padded(lo, hi, 0.05)
	p.Add(
		layer(func(c draw.Canvas, p *plot.Plot) { ghosts(c, p, others) }),
		layer(func(c draw.Canvas, p *plot.Plot) { bands(c, p, named) }),
		layer(func(c draw.Canvas, p *plot.Plot) { strands(c, p, named) }),
		layer(func(c draw.Canvas, p *plot.Plot) { ends(c, p, named) }),
	)
	return p
}

// extent is the range of the means from an x on, with the best.
func extent(all []course, from float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range all {
		for i, x := range v.x {
			if x >= from {
				lo, hi = min(lo, v.y[i]), max(hi, v.y[i])
			}
		}
		if finite(v.best) {
			lo, hi = min(lo, v.best), max(hi, v.best)
		}
	}
	return lo, hi
}

// line is the course's y, low or up on a canvas, as far as it can be seen.
func (v course) line(c draw.Canvas, p *plot.Plot, y []float64) []vg.Point {
	var out []vg.Point
	for i, x := range v.x {
		out = append(out, position(c, p, x, y[i]))
	}
	return thinned(out, 2)
}

// thinned leaves of a line that goes to the right the first, lowest, highest and last point of each stretch of a width.
func thinned(line []vg.Point, width vg.Length) []vg.Point {
	if len(line) < 100 {
		return line
	}
	var out []vg.Point
	for from := 0; from < len(line); {
		to, low, high := from, from, from
		for ; to < len(line) && line[to].X < line[from].X+width; to++ {
			if line[to].Y < line[low].Y {
				low = to
			}
			if line[to].Y > line[high].Y {
				high = to
			}
		}
		keep := []int{from, min(low, high), max(low, high), to - 1}
		for _, i := range slices.Compact(keep) {
			out = append(out, line[i])
		}
		from = to
	}
	return out
}

// bands fills what the seeds of each course span.
func bands(c draw.Canvas, p *plot.Plot, all []course) {
	for _, v := range all {
		if v.low == nil {
			continue
		}
		under := v.line(c, p, v.low)
		slices.Reverse(under)
		alpha := 0.16
		if len(all) > 4 {
			alpha = 0.09
		}
		c.FillPolygon(hue(v.place, alpha), c.ClipPolygonXY(append(v.line(c, p, v.up), under...)))
	}
}

// ghosts draws courses that are not named.
func ghosts(c draw.Canvas, p *plot.Plot, all []course) {
	for _, v := range all {
		c.StrokeLines(draw.LineStyle{Color: ghost, Width: 0.7}, c.ClipLinesXY(v.line(c, p, v.y))...)
	}
}

// strands draws all means, the best over the others.
func strands(c draw.Canvas, p *plot.Plot, all []course) {
	for _, v := range slices.Backward(all) {
		style := draw.LineStyle{Color: hue(v.place, 1), Width: 1.8, Dashes: dashes(v.place)}
		if len(all) > len(hues) {
			style.Width = 1.2
		}
		c.StrokeLines(style, c.ClipLinesXY(v.line(c, p, v.y))...)
		every := (len(v.x) + 11) / 12
		for i := len(v.x) - 1; i >= 0; i -= every {
			if at := position(c, p, v.x[i], v.y[i]); c.Contains(at) {
				tell(c, around(at, 4), fmt.Sprintf("%s: %s at %s", v.label, curt(v.y[i]), Count(v.x[i])))
			}
		}
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
