package report

import (
	"cmp"
	"fmt"
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
	specks       []spot // behind: beyond the best mostSpots, and not on the front
	lo, hi       float64
	write        func(x float64) string // of the other measure
	factor       float64                // of that on its axis; 0 is 1
	few          int                    // of the front have names; 0: a figure's worth of all
}

// mostSpots is how many variants a figure of spots shows as themselves: beside its front the best. The others are specks.
const mostSpots = 50

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
	far := g.frame(&s, measureOf(name).Better == metric.Higher)
	s.write = writer(name)
	d := &drawing{
		data:     sheet(s.variants(), g.main.name, name),
		title:    g.virtue() + " against " + title,
		subtitle: g.main.String() + ", " + g.direction() + " · the broken line joins those that no other beats in both",
		caption:  "Bars are 95 % intervals over seeds.",
		body:     vg.Length(290 + 7*max(0, len(s.spots)-10)),
		panels:   func(c draw.Canvas) { show(c, s.plot(breadth-2*margin-30), margin, margin) },
	}
	if far {
		d.caption += " Those too far off to show their distance stand at the edge with their value."
	}
	if n := len(s.spots) + len(s.specks) - len(s.named()); n > 0 {
		d.caption += fmt.Sprintf(" Named are the broken line's and the best; %d more are not.", n)
	}
	return d
}

// variants are those of all spots.
func (s *scatter) variants() (out []*variant) {
	for _, x := range slices.Concat(s.spots, s.specks) {
		out = append(out, x.variant)
	}
	return out
}

func speck(c draw.Canvas, at vg.Point) {
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: ghost, Radius: 1.5, Shape: draw.CircleGlyph{}}, at)
}

// frame finds the front and the range of accuracies; far says that it leaves some out.
func (g *group) frame(s *scatter, more bool) (far bool) {
	s.front = pareto(s.spots, more, g.main.Better == metric.Higher)
	ranked := g.ranked()
	s.lo, s.hi = reach(g, ranked)
	lo, hi, far := closeup(g, ranked, s.lo, s.hi, 0.45)
	if far {
		s.lo, s.hi = lo, hi
	}
	all := s.spots
	s.spots = nil
	for i, x := range all {
		if i < mostSpots || s.leading(x) {
			s.spots = append(s.spots, x)
		} else {
			s.specks = append(s.specks, x)
		}
	}
	return far
}

// leading reports whether a spot is on the front.
func (s *scatter) leading(x spot) bool {
	return slices.ContainsFunc(s.front, func(f spot) bool { return f.variant == x.variant })
}

// named are the places of the spots that have names: all of a few, else the front's and the best.
func (s *scatter) named() (at []int) {
	most := 16
	if s.few > 0 {
		most = s.few
	} else if len(s.spots) <= most {
		for i := range s.spots {
			at = append(at, i)
		}
		return at
	}
	for _, front := range []bool{true, false} {
		for i, x := range s.spots {
			if s.leading(x) == front && len(at) < most && (front || s.few == 0) {
				at = append(at, i)
			}
		}
	}
	return at
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

func (s *scatter) plot(room vg.Length) *plot.Plot {
	p := axes(nil, even{n: 5})
	p.X.Scale = plot.LogScale{}
	p.X.Min, p.X.Max = math.Inf(1), 0
	p.X.Label.Text = s.label
	for _, x := range slices.Concat(s.spots, s.specks) {
		p.X.Min, p.X.Max = min(p.X.Min, x.x), max(p.X.Max, x.x)
	}
	lo, hi := padded(math.Log(p.X.Min), math.Log(p.X.Max), 0.08+0.004*float64(len(s.spots)))
	p.X.Min, p.X.Max = math.Exp(lo), math.Exp(hi)
	ticks := decades{n: 7, factor: s.factor}
	p.X.Tick.Marker = ticks.within(p.X.Min, p.X.Max, room)
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
	for _, x := range s.specks {
		at, _ := s.at(c, p, x)
		speck(c, at)
	}
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
	at := s.named()
	var names []string
	for _, i := range at {
		names = append(names, s.spots[i].label)
	}
	room, radius := vg.Length(140), vg.Length(4)
	if s.few > 0 {
		room, radius = 104, 3
	}
	names = fitAll(names, style, room)
	tags := make([]tag, len(at))
	for k, i := range at {
		mark, inside := s.at(c, p, s.spots[i])
		if !inside {
			names[k] += " " + s.spots[i].text
		}
		tags[k] = tag{mark: mark, radius: radius, size: vg.Point{X: style.Width(names[k]) + 4, Y: 12}}
	}
	stairs, bars := s.segments(c, p)
	settle(c.Rectangle, tags, append(stairs, bars...))
	for k, t := range tags {
		if distance(t.mark, t.box) > 10 {
			l := t.leader(t.box)
			c.StrokeLines(draw.LineStyle{Color: hue(s.spots[at[k]].place, 0.7), Width: 0.6}, l[:])
		}
	}
	for _, x := range slices.Backward(s.spots) {
		mark, inside := s.at(c, p, x)
		if inside {
			dot(c, x.place, radius, mark)
		} else {
			edge(c, x.place, mark)
		}
		tell(c, around(mark, radius+2), x.label+": "+x.text+", "+s.write(x.x))
	}
	for i, t := range tags {
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
