package report

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawAttained shows the share of the attainable gain in log loss as bars between the base rate and the truth.
func drawAttained(g *group) *drawing {
	const name = "test.attained"
	if !g.has(name) {
		return nil
	}
	variants, caption := topmost(g.ranked())
	r := g.rows(variants)
	f := g.field(column{write: percent}, measureOf(name))
	lo, hi := 0.0, 1.0
	for _, v := range variants {
		for _, x := range v.values(name) {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	r.text = f.cells // those of variants come first
	lo = max(lo, -0.5)
	return &drawing{
		data:     sheet(g.ranked(), name),
		caption:  caption,
		title:    "Share of the attainable",
		subtitle: "gain in test log loss: 0 % is the base rate, 100 % the truth the labels were drawn from",
		body:     vg.Length(len(r.variants))*pitch + foot - 12,
		panels: func(c draw.Canvas) {
			p := axes(even{n: 5, label: func(x float64, _ int) string { return fixed(100*x, 0) + " %" }}, plot.ConstantTicks(nil))
			p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = lo, hi, -float64(len(r.variants))+0.5, 0.5
			p.Add(layer(r.bars), layer(r.labels), layer(r.numbers))
			left, right := r.margins()
			show(c, p, left, right)
		},
	}
}

func (r rows) bars(c draw.Canvas, p *plot.Plot) {
	zero := c.X(p.X.Norm(0))
	for i, v := range r.variants {
		x := r.text[i].Interval
		if math.IsNaN(x.Mean) {
			continue
		}
		y := c.Y(p.Y.Norm(-float64(i)))
		tell(c, vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: y - pitch/2}, Max: vg.Point{X: c.Max.X, Y: y + pitch/2}}, r.text[i].said(v.label))
		end := min(max(c.X(p.X.Norm(x.Mean)), c.Min.X), c.Max.X)
		c.FillPolygon(hue(v.place, 1), []vg.Point{{X: zero, Y: y - 5}, {X: end, Y: y - 5}, {X: end, Y: y + 5}, {X: zero, Y: y + 5}})
		if x.Known() {
			line := []vg.Point{{X: c.X(p.X.Norm(x.Low())), Y: y}, {X: c.X(p.X.Norm(x.High())), Y: y}}
			c.StrokeLines(draw.LineStyle{Color: ink, Width: 1.25}, c.ClipLinesX(line)...)
		}
	}
}
