package report

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/metric"
	"ctrlab/internal/stat"
)

// A reliability is a variant's predictions beside what came of them, a bin each.
type reliability struct {
	*variant
	bins []bin
}

// A bin is a part of test by prediction, its numbers means over seeds; the observed share or rating lies between low and high.
type bin struct{ predicted, observed, low, high, examples float64 }

// mostReliabilities is how many variants the figure has panels for.
const mostReliabilities = 12

// drawCalibration shows what was observed against what was predicted, in bins of equal counts, a panel a variant.
func drawCalibration(g *group) *drawing {
	var all []reliability
	left := 0
	data := [][]string{{"variant", "predicted", "observed", "low", "high", "examples"}}
	for _, v := range g.ranked() {
		r := reliability{v, v.bins(g.ratings())}
		switch {
		case r.bins == nil:
			continue
		case len(all) == mostReliabilities:
			left++
			continue
		}
		all = append(all, r)
		for _, b := range r.bins {
			data = append(data, raws(v.label, b.predicted, b.observed, b.low, b.high, b.examples))
		}
	}
	if len(all) == 0 {
		return nil
	}
	columns := min(4, max(len(all), 2))
	side := (breadth-2*margin-24)/vg.Length(columns) - 10
	lines := (len(all) + columns - 1) / columns
	d := &drawing{
		title:    "Calibration",
		subtitle: "test: observed against mean prediction, in bins of equal counts · on the broken line they agree",
		caption:  "Bars are 95 % intervals of what is observed, by Wilson's formula for the examples of a bin.",
		body:     vg.Length(lines)*(side+36) + 8,
		data:     data,
	}
	if g.ratings() {
		d.caption = "Bars are 95 % intervals over seeds."
	}
	if left > 0 {
		d.caption += fmt.Sprintf(" The %d best; %s more are not shown.", mostReliabilities, plural(left, "variant"))
	}
	lo, hi := reached(all)
	d.panels = func(c draw.Canvas) {
		for i, r := range all {
			x, y := margin+24+vg.Length(i%columns)*(side+10), vg.Length(i/columns)*(side+36)
			panel := draw.Crop(c, x, -(c.Max.X - c.Min.X - x - side), c.Max.Y-c.Min.Y-y-side-28, -y)
			r.paint(panel, lo, hi, i%columns == 0)
		}
	}
	return d
}

// ratings reports whether labels are ratings.
func (g *group) ratings() bool { return g.main.Name == "rmse" || g.main.Name == "mae" }

// bins are the variant's means over its seeds; nil where nothing is known of them.
func (v *variant) bins(rating bool) []bin {
	parts := v.parts(metric.Calibration)
	var out []bin
	for _, seeds := range parts {
		var predicted, observed []float64
		examples := 0
		for _, p := range seeds {
			predicted, observed, examples = append(predicted, p.Predicted), append(observed, p.Observed), p.Examples
		}
		b := bin{predicted: stat.Mean(predicted), observed: stat.Mean(observed), examples: float64(examples)}
		if i := stat.MeanInterval(observed); rating && i.Known() {
			b.low, b.high = i.Low(), i.High()
		} else if rating {
			b.low, b.high = b.observed, b.observed
		} else {
			b.low, b.high = wilson(b.observed, b.examples)
		}
		out = append(out, b)
	}
	return out
}

// wilson is the score interval of a share of n at 95 %. Wilson, JASA 22, 1927.
func wilson(share, n float64) (low, high float64) {
	const z = 1.959964
	middle := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return middle - half, middle + half
}

// parts are those of a slice, of each the variant's done trials; nil where trials have none, or not the same.
func (v *variant) parts(slice string) [][]metric.Part {
	var out [][]metric.Part
	for _, t := range v.trials {
		for _, s := range t.Slices {
			if s.Name != slice || t.State != "done" {
				continue
			}
			if out == nil {
				out = make([][]metric.Part, len(s.Parts))
			}
			if len(out) != len(s.Parts) {
				return nil
			}
			for i, p := range s.Parts {
				out[i] = append(out[i], p)
			}
		}
	}
	return out
}

// reached is the range of both axes.
func reached(all []reliability) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, r := range all {
		for _, b := range r.bins {
			lo, hi = min(lo, b.predicted, b.observed), max(hi, b.predicted, b.observed)
		}
	}
	if lo > 0 && lo < 0.2*hi {
		lo = 0
	}
	lo, hi = padded(lo, hi, 0.04)
	return lo, hi
}

func (r reliability) paint(c draw.Canvas, lo, hi float64, first bool) {
	style := letters(small, ink)
	write(c, style, vg.Point{X: c.Min.X, Y: c.Max.Y - 6}, fit(r.label, style, c.Max.X-c.Min.X))
	ticks := even{n: 3}.within(lo, hi, c.Max.X-c.Min.X)
	p := axes(ticks, ticks)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = lo, hi, lo, hi
	p.X.Padding, p.Y.Padding = 0, 0
	p.Y.Tick.Label.Color = nil
	p.Add(layer(func(c draw.Canvas, p *plot.Plot) {
		c.StrokeLines(draw.LineStyle{Color: muted, Width: 0.8, Dashes: []vg.Length{3, 2}}, []vg.Point{position(c, p, lo, lo), position(c, p, hi, hi)})
		r.marks(c, p)
		if first {
			for _, t := range ticks.Ticks(lo, hi) {
				write(c, right(letters(8, muted)), vg.Point{X: c.Min.X - 4, Y: c.Y(p.Y.Norm(t.Value))}, t.Label)
			}
		}
		for _, t := range ticks.Ticks(lo, hi) {
			write(c, centred(letters(8, muted)), vg.Point{X: c.X(p.X.Norm(t.Value)), Y: c.Min.Y - 7}, t.Label)
		}
	}))
	p.HideAxes()
	p.Draw(draw.Crop(c, 0, 0, 14, -14))
}

func (r reliability) marks(c draw.Canvas, p *plot.Plot) {
	var line []vg.Point
	for _, b := range r.bins {
		at := position(c, p, b.predicted, b.observed)
		line = append(line, at)
		bar := []vg.Point{position(c, p, b.predicted, b.low), position(c, p, b.predicted, b.high)}
		c.StrokeLines(draw.LineStyle{Color: hue(r.place, 0.5), Width: 1.5}, c.ClipLinesY(bar)...)
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: hue(r.place, 1), Radius: 1.7, Shape: draw.CircleGlyph{}}, at)
		tell(c, around(at, 4), fmt.Sprintf("%s: predicted %s, observed %s (%s to %s)", r.label, fixed(b.predicted, 3), fixed(b.observed, 3), fixed(b.low, 3), fixed(b.high, 3)))
	}
	c.StrokeLines(draw.LineStyle{Color: hue(r.place, 0.8), Width: 0.9}, line)
}
