package report

import (
	"math"
	"os"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Growth is how long an example takes a model as one size grows.
type Growth struct {
	Label         string
	Size, Seconds []float64 // seconds an example, at each size
}

// WriteGrowth makes dir, where it is missing, and in it growth-SIZE.png, .svg and .csv: a curve a model over the size that
// unit names. what says what was measured.
func WriteGrowth(dir, size, unit string, all []Growth, what string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	x := drawn{file: "growth-" + size, of: what, drawing: *growth(all, unit)}
	return x.keep(dir)
}

func growth(all []Growth, unit string) *drawing {
	var curves []course
	data := [][]string{{"model", unit, "seconds an example"}}
	for i, g := range all {
		c := course{variant: &variant{label: g.Label, place: i}, x: g.Size}
		for k, s := range g.Seconds {
			c.y = append(c.y, s*1e6)
			data = append(data, raws(g.Label, g.Size[k], s))
		}
		curves = append(curves, c)
	}
	return &drawing{
		data:     data,
		title:    "Cost by " + unit,
		subtitle: "microseconds an example, lower is better · both axes are logarithmic",
		body:     vg.Length(max(270, 12*len(all)+foot+10)),
		panels:   func(c draw.Canvas) { show(c, growing(curves, unit), margin, labelRoom(curves)+margin) },
	}
}

func growing(all []course, unit string) *plot.Plot {
	var sizes []plot.Tick
	least, most := all[0].x[0], 0.0
	for _, v := range all {
		for _, x := range v.x {
			least, most = min(least, x), max(most, x)
			if !slices.ContainsFunc(sizes, func(t plot.Tick) bool { return t.Value == x }) {
				sizes = append(sizes, plot.Tick{Value: x, Label: size(x)})
			}
		}
	}
	p := axes(plot.ConstantTicks(sizes), decades{n: 7})
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Label.Text = unit
	p.X.Min, p.X.Max = least, most
	p.Y.Min, p.Y.Max = all[0].y[0], all[0].y[0]
	for _, c := range all {
		for _, y := range c.y {
			p.Y.Min, p.Y.Max = min(p.Y.Min, y), max(p.Y.Max, y)
		}
	}
	p.Y.Min, p.Y.Max = p.Y.Min/1.3, p.Y.Max*1.3
	p.Add(
		layer(func(c draw.Canvas, p *plot.Plot) { strands(c, p, all) }),
		layer(func(c draw.Canvas, p *plot.Plot) { knots(c, p, all) }),
		layer(func(c draw.Canvas, p *plot.Plot) { ends(c, p, all) }),
	)
	return p
}

// size writes a size: those that are powers of two are known by all their digits.
func size(x float64) string {
	if x < 100_000 && x == math.Trunc(x) {
		return thousands(int64(x))
	}
	return Count(x)
}

// knots marks the sizes that were measured.
func knots(c draw.Canvas, p *plot.Plot, all []course) {
	for _, v := range all {
		for i, x := range v.x {
			dot(c, v.place, 2.2, position(c, p, x, v.y[i]))
		}
	}
}
