package report

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// roofline shows operations a second against operations a byte, under what the machine's arithmetic, its memory and
// rows in no order allow. Without limits, or with nothing that computes, there is nothing to show.
func (s speeds) roofline() *drawing {
	r := roofline{machine: s.machine}
	for _, x := range s.all {
		if x.FLOPs > 0 && x.Bytes > 0 {
			r.all = append(r.all, x)
		}
	}
	if len(r.all) == 0 || s.machine.FLOPs <= 0 || s.machine.Bytes <= 0 {
		return nil
	}
	data := [][]string{{"variant", "operations a byte", "operations a second"}}
	for _, x := range r.all {
		data = append(data, raws(x.Label, x.intensity(), x.power()))
	}
	caption := "Both axes are logarithmic. Limits were measured in the same run; training counts as three forward passes."
	if len(r.all) > mostTagged {
		caption += fmt.Sprintf(" Named are the first %d, where there is room.", mostTagged)
	}
	if n := len(r.all) - mostSpots; n > 0 {
		caption += fmt.Sprintf(" The first %d have colours; %s more are grey.", mostSpots, plural(n, "variant"))
	}
	return &drawing{
		data:     data,
		title:    "Roofline",
		subtitle: "operations a second against operations a byte moved · lines: what the machine allows",
		caption:  caption,
		body:     vg.Length(290 + 7*min(max(0, len(r.all)-10), mostSpots)),
		panels:   func(c draw.Canvas) { show(c, r.plot(), margin, margin) },
	}
}

// mostTagged is how many variants of a roofline have their names beside them.
const mostTagged = 40

// A roof is a line of the figure: operations a second are at most slope × operations a byte, and at most flat.
type roof struct {
	label  string
	slope  float64 // bytes a second
	dashes []vg.Length
}

type roofline struct {
	machine Machine
	all     []placed
}

func (s Speed) intensity() float64 { return s.FLOPs / s.Bytes }

func (s Speed) power() float64 { return s.FLOPs * s.Rate }

func (r roofline) roofs() []roof {
	all := []roof{{label: "memory " + Count(r.machine.Bytes/1e9) + " GB/s", slope: r.machine.Bytes}}
	if r.machine.Rows > 0 {
		const row = 64
		all = append(all, roof{"random rows " + Count(r.machine.Rows) + "/s", r.machine.Rows * row, []vg.Length{3, 2}})
	}
	return all
}

func (r roofline) plot() *plot.Plot {
	p := axes(decades{n: 7}, decades{n: 7})
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Label.Text = "operations a byte"
	ridge := r.machine.FLOPs / r.machine.Bytes
	p.X.Min, p.X.Max = ridge/4, ridge*8
	p.Y.Min, p.Y.Max = r.machine.FLOPs/10, r.machine.FLOPs*1.7
	for _, x := range r.all {
		p.X.Min, p.X.Max = min(p.X.Min, x.intensity()/2), max(p.X.Max, x.intensity()*2)
		p.Y.Min, p.Y.Max = min(p.Y.Min, x.power()/2), max(p.Y.Max, x.power()*1.7)
	}
	p.Add(layer(r.lines), layer(r.marks))
	return p
}

// segments are the roofs: each slope up to where it meets the flat one, and that from the first meeting on.
func (r roofline) segments(c draw.Canvas, p *plot.Plot) [][2]vg.Point {
	roofs, flat := r.roofs(), r.machine.FLOPs
	out := [][2]vg.Point{{position(c, p, min(flat/roofs[0].slope, p.X.Max), flat), position(c, p, p.X.Max, flat)}}
	for _, f := range roofs {
		from := max(p.X.Min, p.Y.Min/f.slope)
		to := min(flat/f.slope, p.X.Max)
		out = append(out, [2]vg.Point{position(c, p, from, from*f.slope), position(c, p, to, to*f.slope)})
	}
	return out
}

func (r roofline) lines(c draw.Canvas, p *plot.Plot) {
	for i, l := range r.segments(c, p) {
		style := draw.LineStyle{Color: muted, Width: 1.5}
		if i > 0 {
			style.Dashes = r.roofs()[i-1].dashes
		}
		c.StrokeLines(style, c.ClipLinesXY(l[:])...)
	}
}

// names writes each roof's name along it, the slopes' turned as they are, where no mark is. It returns lines under
// the names, which labels keep off.
func (r roofline) names(c draw.Canvas, p *plot.Plot) (taken [][2]vg.Point) {
	style := letters(small, muted)
	segments := r.segments(c, p)
	flat := segments[0]
	text, at := "arithmetic "+Count(r.machine.FLOPs/1e9)+" GFLOP/s", vg.Point{X: flat[1].X, Y: flat[1].Y + 8}
	write(c, right(style), at, text)
	taken = append(taken, [2]vg.Point{{X: at.X - style.Width(text), Y: at.Y}, at})
	for i, l := range segments[1:] {
		name, side := r.roofs()[i].label, vg.Length(7) // above the first, under the other
		if i > 0 {
			side = -7
		}
		if under, ok := r.along(c, p, l, style.Width(name), side); ok {
			turned, way := centred(style), under[1].Sub(under[0])
			turned.Rotation = math.Atan2(float64(way.Y), float64(way.X))
			c.FillText(turned, under[0].Add(way.Scale(0.5)), name)
			taken = append(taken, under)
		}
	}
	return taken
}

// along finds a place for a name of a width beside a line, off all marks if it can.
func (r roofline) along(c draw.Canvas, p *plot.Plot, l [2]vg.Point, width, side vg.Length) (under [2]vg.Point, ok bool) {
	way := l[1].Sub(l[0])
	length := vg.Length(math.Hypot(float64(way.X), float64(way.Y)))
	if length < width+32 {
		return under, false
	}
	way = way.Scale(1 / length)
	off := vg.Point{X: -side * way.Y, Y: side * way.X}
	fewest := math.MaxInt
	for at := vg.Length(16); at+width+16 <= length; at += 10 {
		from := l[0].Add(way.Scale(at)).Add(off)
		hit := 0
		for _, x := range r.all {
			m := position(c, p, x.intensity(), x.power()).Sub(from)
			if t, n := m.X*way.X+m.Y*way.Y, m.Y*way.X-m.X*way.Y; t > -10 && t < width+10 && n > -12 && n < 12 {
				hit++
			}
		}
		if hit < fewest {
			fewest, under = hit, [2]vg.Point{from, from.Add(way.Scale(width))}
		}
	}
	return under, true
}

// marks draws the variants with their names beside them.
func (r roofline) marks(c draw.Canvas, p *plot.Plot) {
	style := letters(small, ink)
	var names []string
	for _, x := range r.all {
		names = append(names, x.Label)
	}
	names = fitAll(names[:min(len(names), mostTagged)], style, 140)
	tags := make([]tag, len(names))
	for i, x := range r.all[:len(tags)] {
		tags[i] = tag{mark: position(c, p, x.intensity(), x.power()), radius: 4, size: vg.Point{X: style.Width(names[i]) + 4, Y: 12}}
	}
	roofs := r.names(c, p)
	settle(c.Rectangle, tags, append(r.segments(c, p), roofs...))
	tags = apart(tags, roofs)
	for i, t := range tags {
		if !t.hidden && distance(t.mark, t.box) > 10 {
			l := t.leader(t.box)
			c.StrokeLines(draw.LineStyle{Color: hue(r.all[i].place, 0.7), Width: 0.6}, l[:])
		}
	}
	for i := len(r.all) - 1; i >= 0; i-- {
		x := r.all[i]
		at := position(c, p, x.intensity(), x.power())
		if i >= mostSpots {
			speck(c, at)
			continue
		}
		dot(c, x.place, 4, at)
		tell(c, around(at, 6), x.Label+": "+digits3(x.power()/1e9)+" GFLOP/s at "+digits3(x.intensity())+" operations a byte")
	}
	for i, t := range tags {
		if !t.hidden {
			write(c, style, vg.Point{X: t.box.Min.X + 2, Y: (t.box.Min.Y + t.box.Max.Y) / 2}, names[i])
		}
	}
}
