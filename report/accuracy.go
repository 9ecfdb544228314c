package report

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// pitch is the height of a variant's row, and foot that of an axis with its title.
const (
	pitch = 19
	foot  = 40
)

// drawAccuracy shows each variant's mean with its interval, and its seeds as small marks.
func drawAccuracy(g *group) *drawing {
	variants, caption := topmost(g.ranked())
	if len(variants) == 0 {
		return nil
	}
	d := &drawing{
		caption:  caption,
		title:    g.virtue() + ": " + g.main.String(),
		subtitle: fmt.Sprintf("%s · mean with its 95 %% interval, dots under it are seeds", g.direction()),
		body:     vg.Length(len(variants))*pitch + foot,
		data:     sheet(g.ranked(), g.main.name),
	}
	if _, most := g.seeds(); most == 1 {
		d.subtitle = g.direction() + " · one seed: no interval"
	} else if g.tested() {
		d.caption = strings.TrimSpace("Names in full ink cannot be told from the best. " + d.caption)
	}
	lo, hi := reach(g, variants)
	near, far, zoomed := closeup(g, variants, lo, hi, 0.25) // beside the whole range, it has half the width
	rows := g.rows(variants)
	d.panels = func(c draw.Canvas) {
		left, right := rows.margins()
		if !zoomed {
			show(c, rows.plot(lo, hi, breadth-left-right, rows.labels, rows.numbers), left, right)
			return
		}
		middle := left + (breadth-left-right)*0.42
		all := rows.plot(lo, hi, middle-8-left, rows.labels)
		all.X.Label.Text = "all"
		best := rows.plot(near, far, breadth-middle-8-right, rows.numbers)
		best.X.Label.Text = "close-up of the best"
		show(c, all, left, breadth-middle+8)
		show(c, best, middle+8, right)
	}
	return d
}

// reach is the range of seeds and intervals; an interval counts for at most as far again as the seeds reach.
func reach(g *group, variants []*variant) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range variants {
		for _, x := range v.values(g.main.name) {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	span, low, high := hi-lo, lo, hi
	for _, v := range variants {
		if i := v.interval(g.main.name); i.Known() {
			lo, hi = min(lo, max(i.Low(), low-span)), max(hi, min(i.High(), high+span))
		}
	}
	return padded(lo, hi, 0.04)
}

// closeup returns the range of the better half of the variants and those near them, where the others would squeeze it
// into less than a share of theirs.
func closeup(g *group, variants []*variant, lo, hi, squeezed float64) (near, far float64, ok bool) {
	if len(variants) < 4 {
		return 0, 0, false
	}
	half := (len(variants) + 1) / 2
	n := half + sort.Search(len(variants)-half, func(i int) bool { // more of them never span less
		near, far := reach(g, variants[:half+i])
		return far-near > squeezed*(hi-lo)
	})
	near, far = reach(g, variants[:max(half, n-1)])
	return near, far, far-near < squeezed*(hi-lo)
}

// rows are variants one under the other, the best on top.
type rows struct {
	g        *group
	variants []*variant
	names    []string
	text     []cell // one a variant
}

func (g *group) rows(variants []*variant) rows {
	var labels []string
	for _, v := range variants {
		labels = append(labels, v.label)
	}
	r := rows{g: g, variants: variants, names: fitAll(labels, letters(normal, ink), 190)}
	f := g.field(columns[0], g.main)
	for i, v := range g.variants {
		if v.interval(g.main.name).N > 0 {
			r.text = append(r.text, f.cells[i])
		}
	}
	return r
}

// margins are the room for names at the left and numbers at the right.
func (r rows) margins() (left, right vg.Length) {
	var numbers []string
	for i := range r.variants {
		numbers = append(numbers, r.text[i].text+" "+r.text[i].half)
	}
	return widest(letters(normal, ink), r.names) + margin + 10, widest(letters(small, ink), numbers) + margin + 10
}

// plot is the rows over a range of the main measure, in a panel of a width.
func (r rows) plot(lo, hi float64, room vg.Length, beside ...layer) *plot.Plot {
	p := axes(even{n: 4}.within(lo, hi, room), plot.ConstantTicks(nil))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = lo, hi, -float64(len(r.variants))+0.5, 0.5
	p.Add(layer(r.stripes), layer(r.marks))
	for _, l := range beside {
		p.Add(l)
	}
	return p
}

// stripes lead the eye from a name to its marks.
func (r rows) stripes(c draw.Canvas, p *plot.Plot) {
	for i := range r.variants {
		y := c.Y(p.Y.Norm(-float64(i)))
		c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, c.Min.X, y, c.Max.X, y)
	}
}

func (r rows) marks(c draw.Canvas, p *plot.Plot) {
	for i, v := range r.variants {
		y, mean := -float64(i), r.text[i].Interval
		if mean.Known() {
			line := []vg.Point{position(c, p, mean.Low(), y), position(c, p, mean.High(), y)}
			c.StrokeLines(draw.LineStyle{Color: hue(v.place, 0.55), Width: 2.5}, c.ClipLinesX(line)...)
			for _, x := range v.values(r.g.main.name) {
				at := position(c, p, x, y).Sub(vg.Point{Y: 6})
				c.DrawGlyph(draw.GlyphStyle{Color: hue(v.place, 0.75), Radius: 1.3, Shape: draw.CircleGlyph{}}, at)
			}
		}
		row := around(vg.Point{Y: c.Y(p.Y.Norm(y))}, pitch/2)
		row.Min.X, row.Max.X = c.Min.X, c.Max.X
		tell(c, row, r.text[i].said(v.label))
		if at := position(c, p, mean.Mean, y); c.ContainsX(at.X) {
			dot(c, v.place, 3.6, at)
		} else {
			beyond(c, v.place, at)
		}
	}
}

// beyond points from the edge to a mark outside.
func beyond(c draw.Canvas, place int, at vg.Point) {
	x, way := c.Min.X, vg.Length(1)
	if at.X > c.Max.X {
		x, way = c.Max.X, -1
	}
	c.FillPolygon(hue(place, 0.6), []vg.Point{{X: x, Y: at.Y}, {X: x + 6*way, Y: at.Y + 3}, {X: x + 6*way, Y: at.Y - 3}})
}

func (r rows) labels(c draw.Canvas, p *plot.Plot) {
	for i, v := range r.variants {
		color := muted
		if r.g.leads(v) || !r.g.tested() {
			color = ink
		}
		write(c, right(letters(normal, color)), vg.Point{X: c.Min.X - 10, Y: c.Y(p.Y.Norm(-float64(i)))}, r.names[i])
	}
}

func (r rows) numbers(c draw.Canvas, p *plot.Plot) {
	style := letters(small, muted)
	for i := range r.variants {
		text := r.text[i].text
		if r.text[i].half != "" {
			text += " " + r.text[i].half
		}
		write(c, style, vg.Point{X: c.Max.X + 10, Y: c.Y(p.Y.Norm(-float64(i)))}, text)
	}
}
