package report

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
)

// A spot is a variant in a figure of accuracy against another measure.
type spot struct {
	*variant
	stat.Interval         // of the main measure
	x             float64 // mean of the other
	text          string  // the main one's mean as the table has it
}

// A scatter is the figure: its spots, best first, the range of accuracies it shows, and the front.
type scatter struct {
	label        string // of the other measure
	spots, front []spot
	lo, hi       float64
	write        func(x float64) string // of the other measure
}

// drawThroughput shows accuracy against training speed.
func drawThroughput(g *group) *drawing {
	return g.against("train.examples_per_second", "throughput", "training speed, examples a second (logarithmic)")
}

// against shows accuracy against another measure, and the front that no variant is better than in both.
func (g *group) against(name, title, label string) *drawing {
	s := scatter{label: label}
	cells := g.field(columns[0], g.main).cells
	for i, v := range g.variants {
		other := v.interval(name).Mean
		if x := cells[i].Interval; x.N > 0 && other > 0 {
			s.spots = append(s.spots, spot{v, x, other, cells[i].text})
		}
	}
	if len(s.spots) < 2 {
		return nil
	}
	s.front = pareto(s.spots, measureOf(name).Better == metric.Higher, g.main.Better == metric.Higher)
	var shown []*variant
	for _, x := range s.spots {
		shown = append(shown, x.variant)
	}
	s.write = writer(name)
	d := &drawing{
		data:     sheet(shown, g.main.name, name),
		title:    g.virtue() + " against " + title,
		subtitle: g.main.String() + ", " + g.direction() + " · the broken line joins those that no other beats in both",
		caption:  "Bars are 95 % intervals over seeds.",
		body:     vg.Length(290 + 7*max(0, len(s.spots)-10)),
		panels:   func(c draw.Canvas) { show(c, s.plot(), margin, margin) },
	}
	ranked := g.ranked()
	s.lo, s.hi = reach(g, ranked)
	if near, far, ok := closeup(g, ranked, s.lo, s.hi, 0.45); ok {
		s.lo, s.hi = near, far
		d.caption += " Those too far off to show their distance stand at the edge with their value."
	}
	return d
}

// pareto returns the spots that no other beats in x and in the main measure both, the best in x first. more and higher say
// whether more of them is better.
func pareto(all []spot, more, higher bool) []spot {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b spot) int {
		if more {
			a, b = b, a
		}
		return cmp.Compare(a.x, b.x)
	})
	var front []spot
	for _, x := range sorted {
		if n := len(front); n == 0 || higher && x.Mean > front[n-1].Mean || !higher && x.Mean < front[n-1].Mean {
			front = append(front, x)
		}
	}
	return front
}

func (s *scatter) plot() *plot.Plot {
	p := axes(decades{7}, even{n: 5})
	p.X.Scale = plot.LogScale{}
	p.X.Label.Text = s.label
	for _, x := range s.spots {
		p.X.Min, p.X.Max = min(p.X.Min, x.x), max(p.X.Max, x.x)
	}
	lo, hi := padded(math.Log(p.X.Min), math.Log(p.X.Max), 0.08+0.004*float64(len(s.spots)))
	p.X.Min, p.X.Max = math.Exp(lo), math.Exp(hi)
	p.Y.Min, p.Y.Max = padded(s.lo, s.hi, 0.04)
	p.Add(layer(s.lines), layer(s.marks))
	return p
}

// at is where a spot's mark stands: at its value, or at the edge that is nearest to it.
func (s *scatter) at(c draw.Canvas, p *plot.Plot, x spot) (at vg.Point, inside bool) {
	at = position(c, p, x.x, x.Mean)
	inside = c.ContainsY(at.Y)
	at.Y = min(max(at.Y, c.Min.Y), c.Max.Y)
	return at, inside
}

// segments are the front's stairs, along x before each step in accuracy, and the intervals' bars.
func (s *scatter) segments(c draw.Canvas, p *plot.Plot) (stairs, bars [][2]vg.Point) {
	var from vg.Point
	for i, x := range s.front {
		to, _ := s.at(c, p, x)
		corner := vg.Point{X: to.X, Y: from.Y}
		if i > 0 {
			stairs = append(stairs, [2]vg.Point{from, corner}, [2]vg.Point{corner, to})
		}
		from = to
	}
	for _, x := range s.spots {
		at, inside := s.at(c, p, x)
		bar := [2]vg.Point{at, at}
		if inside && x.Known() {
			bar[0].Y = max(position(c, p, x.x, x.Low()).Y, c.Min.Y)
			bar[1].Y = min(position(c, p, x.x, x.High()).Y, c.Max.Y)
		}
		bars = append(bars, bar)
	}
	return stairs, bars
}

func (s *scatter) lines(c draw.Canvas, p *plot.Plot) {
	stairs, bars := s.segments(c, p)
	for _, l := range stairs {
		c.StrokeLines(draw.LineStyle{Color: muted, Width: 1, Dashes: []vg.Length{3, 2}}, l[:])
	}
	for i, l := range bars {
		c.StrokeLines(draw.LineStyle{Color: hue(s.spots[i].place, 0.5), Width: 2}, l[:])
	}
}

// marks draws the spots with their names beside them.
func (s *scatter) marks(c draw.Canvas, p *plot.Plot) {
	style := letters(small, ink)
	var names []string
	for _, x := range s.spots {
		names = append(names, x.label)
	}
	names = fitAll(names, style, 140)
	tags := make([]tag, len(s.spots))
	for i, x := range s.spots {
		at, inside := s.at(c, p, x)
		if !inside {
			names[i] += " " + x.text
		}
		tags[i] = tag{mark: at, radius: 4, size: vg.Point{X: style.Width(names[i]) + 4, Y: 12}}
	}
	stairs, bars := s.segments(c, p)
	settle(c.Rectangle, tags, append(stairs, bars...))
	for i, t := range tags {
		if distance(t.mark, t.box) > 10 {
			l := t.leader(t.box)
			c.StrokeLines(draw.LineStyle{Color: hue(s.spots[i].place, 0.7), Width: 0.6}, l[:])
		}
	}
	for i, t := range tags {
		if _, inside := s.at(c, p, s.spots[i]); inside {
			dot(c, s.spots[i].place, 4, t.mark)
		} else {
			edge(c, s.spots[i].place, t.mark)
		}
		tell(c, around(t.mark, 6), s.spots[i].label+": "+s.spots[i].text+", "+s.write(s.spots[i].x))
		write(c, style, vg.Point{X: t.box.Min.X + 2, Y: (t.box.Min.Y + t.box.Max.Y) / 2}, names[i])
	}
}

// edge points out of the frame, up or down, at a mark beyond it.
func edge(c draw.Canvas, place int, at vg.Point) {
	way := vg.Length(1)
	if at.Y > (c.Min.Y+c.Max.Y)/2 {
		way = -1
	}
	c.FillPolygon(hue(place, 1), []vg.Point{{X: at.X, Y: at.Y}, {X: at.X - 4, Y: at.Y + 7*way}, {X: at.X + 4, Y: at.Y + 7*way}})
}
