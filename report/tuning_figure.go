package report

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/stat"
)

// A path is a tuning's best on valid against its budget: thin a repeat each, thick their mean.
type path struct {
	*tuning
	thin [][2][]float64
	x, y []float64
}

// drawTuning shows the best on valid against what was spent, in trials and in seconds.
func drawTuning(g *group) *drawing {
	trials, seconds := g.paths(func(c climb) []float64 { return c.trials }), g.paths(func(c climb) []float64 { return c.seconds })
	if len(trials) == 0 {
		return nil
	}
	d := &drawing{
		title:    "Tuning: best on valid against budget",
		subtitle: trials[0].String() + ", " + way(trials[0].measure) + " · thick: mean of the repeats, thin: each",
		caption:  "Left each full training counts one, right each second of training: equal trials favour small spaces, equal seconds fast kernels.",
		body:     vg.Length(max(250, 12*len(trials)+foot+10)),
	}
	d.data = [][]string{{"variant", "full trainings", "best", "seconds", "best"}}
	for i, a := range trials {
		for k := 9; k < len(a.x); k += 10 { // of 200
			d.data = append(d.data, raws(a.label, a.x[k], a.y[k], seconds[i].x[k], seconds[i].y[k]))
		}
	}
	d.panels = func(c draw.Canvas) {
		right := widest(letters(small, ink), pathNames(trials)) + 27 + margin
		middle := margin + (breadth-margin-right)*0.5
		lo, hi := span(slices.Concat(trials, seconds))
		show(c, climbs(trials, lo, hi, "full trainings", false), margin, breadth-middle+10)
		show(c, climbs(seconds, lo, hi, "seconds of training", true), middle+10, right)
	}
	return d
}

// drawExpected shows the expected best of k trials, where they were drawn independently.
func drawExpected(g *group) *drawing {
	var all []path
	for _, t := range g.tunings {
		if t.searches[0].Method != "random" {
			return nil
		}
		p := path{tuning: t}
		for k := 1; ; k++ {
			y := t.expected(k)
			if math.IsNaN(y) {
				break
			}
			p.x, p.y = append(p.x, float64(k)), append(p.y, y)
		}
		if len(p.x) > 1 {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	data := [][]string{{"variant", "trials", "expected best"}}
	for _, p := range all {
		for i := range p.x {
			data = append(data, raws(p.label, p.x[i], p.y[i]))
		}
	}
	return &drawing{
		data:     data,
		title:    "Expected best of k random trials",
		subtitle: all[0].String() + ", " + way(all[0].measure) + " · by the trials of all repeats",
		caption:  "Dodge et al. 2019; a trial that failed counts as the worst.",
		body:     vg.Length(max(220, 12*len(all)+foot+10)),
		panels: func(c draw.Canvas) {
			lo, hi := span(all)
			show(c, climbs(all, lo, hi, "trials", true), margin, widest(letters(small, ink), pathNames(all))+27+margin)
		},
	}
}

// paths are those of the group's tunings against some measure of what was spent.
func (g *group) paths(by func(climb) []float64) (out []path) {
	const grid = 200
	for _, t := range g.tunings {
		p, end := path{tuning: t}, math.Inf(1)
		for _, s := range t.searches {
			c := t.climb(s)
			if n := len(c.best); n > 0 {
				p.thin, end = append(p.thin, [2][]float64{by(c), c.best}), min(end, by(c)[n-1])
			}
		}
		for i := 1; i <= grid && p.thin != nil; i++ {
			x := end * float64(i) / grid
			var all []float64
			for _, c := range p.thin {
				all = append(all, at(c[0], c[1], x))
			}
			if y := stat.Mean(all); !math.IsNaN(y) {
				p.x, p.y = append(p.x, x), append(p.y, y)
			}
		}
		if len(p.x) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// span is the range of the means but for the first sixth, which would squeeze all that follows.
func span(all []path) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, p := range all {
		for i, x := range p.x {
			if x >= p.x[len(p.x)-1]/6 {
				lo, hi = min(lo, p.y[i]), max(hi, p.y[i])
			}
		}
	}
	return padded(lo, hi, 0.08)
}

func climbs(all []path, lo, hi float64, title string, named bool) *plot.Plot {
	p := axes(even{n: 4, label: func(x float64, _ int) string { return Count(x) }}, even{n: 5})
	p.X.Label.Text = title
	p.Y.Min, p.Y.Max = lo, hi
	for _, a := range all {
		p.X.Max = max(p.X.Max, a.x[len(a.x)-1])
		for _, c := range a.thin {
			p.X.Max = max(p.X.Max, c[0][len(c[0])-1])
		}
	}
	p.X.Min = 0
	p.Add(layer(func(c draw.Canvas, p *plot.Plot) {
		for _, a := range all {
			a.strokes(c, p)
		}
		if named {
			name(c, p, all)
		}
	}))
	return p
}

func (a path) strokes(c draw.Canvas, p *plot.Plot) {
	for _, t := range a.thin {
		var line []vg.Point
		for i, x := range t[0] {
			if i > 0 && !math.IsNaN(t[1][i-1]) {
				line = append(line, position(c, p, x, t[1][i-1]))
			}
			if !math.IsNaN(t[1][i]) {
				line = append(line, position(c, p, x, t[1][i]))
			}
		}
		c.StrokeLines(draw.LineStyle{Color: hue(a.place, 0.3), Width: 0.7}, c.ClipLinesXY(line)...)
	}
	var line []vg.Point
	for i, x := range a.x {
		line = append(line, position(c, p, x, a.y[i]))
	}
	c.StrokeLines(draw.LineStyle{Color: hue(a.place, 1), Width: 1.8, Dashes: dashes(a.place)}, c.ClipLinesXY(line)...)
}

// name writes the variants' names at the right, at the height of their ends.
func name(c draw.Canvas, p *plot.Plot, all []path) {
	var heights []vg.Length
	for _, a := range all {
		y := c.Y(p.Y.Norm(a.y[len(a.y)-1]))
		heights = append(heights, min(max(y, c.Min.Y), c.Max.Y))
	}
	style, names := letters(small, ink), pathNames(all)
	for i, y := range spread(heights, 12, c.Min.Y, c.Max.Y) {
		a, end := all[i], vg.Point{X: c.X(p.X.Norm(all[i].x[len(all[i].x)-1])), Y: heights[i]}
		c.StrokeLine2(draw.LineStyle{Color: hue(a.place, 0.8), Width: 0.6, Dashes: []vg.Length{0.8, 2.4}}, end.X, end.Y, c.Max.X+4, end.Y)
		leader := draw.LineStyle{Color: hue(a.place, 0.6), Width: 0.6}
		c.StrokeLines(leader, []vg.Point{{X: c.Max.X + 4, Y: end.Y}, {X: c.Max.X + 20, Y: y}, {X: c.Max.X + 23, Y: y}})
		dot(c, a.place, 2.6, end)
		tell(c, around(end, 6), a.label+": "+digits3(a.y[len(a.y)-1]))
		write(c, style, vg.Point{X: c.Max.X + 26, Y: y}, names[i])
	}
}

func pathNames(all []path) []string {
	var names []string
	for _, a := range all {
		names = append(names, a.label)
	}
	return fitAll(names, letters(small, ink), nameRoom)
}
