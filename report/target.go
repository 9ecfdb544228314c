package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/internal/stat"
)

// An arrival is what a variant spent until its seeds reached the target.
type arrival struct {
	*variant
	seeds             int       // that have a course
	examples, seconds []float64 // of the seeds that reached it
}

// drawTarget shows what each variant spends until it is as good on valid as the median variant ever is.
func drawTarget(g *group) *drawing {
	target, n := g.target()
	if n < 2 {
		return nil
	}
	all := g.arrivals(target)
	valid := measureOf("valid." + g.main.Name)
	d := &drawing{
		title:    fmt.Sprintf("What it takes to reach %s %s", valid, fixed(target, 4)),
		subtitle: "the target is the best of the median variant · mean and range of the seeds (logarithmic)",
		caption:  "Between two points of a curve a seed is taken to improve evenly.",
		data:     [][]string{{"variant", "seeds", "reached by", "examples", "seconds"}},
	}
	late := 0
	for i, a := range all {
		if a.examples == nil && late == 0 && len(all)-i > 3 {
			late = len(all) - i
		}
		d.data = append(d.data, raws(a.label, float64(a.seeds), float64(len(a.examples)), stat.Mean(a.examples), stat.Mean(a.seconds)))
	}
	if late > 0 {
		all = all[:len(all)-late]
		d.caption += fmt.Sprintf(" %d variants did not reach it.", late)
	}
	if len(all) == 0 {
		return nil
	}
	if n := len(all) - mostRows; n > 0 {
		all = all[:mostRows]
		d.caption += fmt.Sprintf(" The %d fastest; %s more are in the data.", mostRows, plural(n, "variant"))
	}
	if i := slices.IndexFunc(all, func(a arrival) bool { return 0 < len(a.examples) && len(a.examples) < a.seeds }); i >= 0 {
		d.caption += fmt.Sprintf(" (%d of %d): so many seeds reached it, and mean and range are theirs.", len(all[i].examples), all[i].seeds)
	}
	d.body = vg.Length(len(all))*pitch + foot
	d.panels = func(c draw.Canvas) { arrivals(c, all, g.shared()) }
	return d
}

// target is the best mean on valid of the median variant, of n; of an even number the better of the middle two.
func (g *group) target() (best float64, n int) {
	var all []float64
	for _, v := range g.variants {
		if x := g.course(v, "valid."+g.main.Name); len(x.y) > 1 {
			best := x.y[0]
			for _, y := range x.y {
				if g.better(y, best) {
					best = y
				}
			}
			all = append(all, best)
		}
	}
	slices.SortFunc(all, func(a, b float64) int { return indicator(g.better(b, a)) - indicator(g.better(a, b)) })
	if len(all) == 0 {
		return math.NaN(), 0
	}
	return all[(len(all)-1)/2], len(all)
}

// arrivals are those of all variants with a course, the fastest first, then those that did not arrive.
func (g *group) arrivals(target float64) []arrival {
	var out []arrival
	for _, v := range g.variants {
		a := arrival{variant: v}
		for _, t := range v.trials {
			s, ok := g.series[seriesKey{t.ID, "valid." + g.main.Name}]
			if !ok || len(s.Value) == 0 || t.State != "done" {
				continue
			}
			a.seeds++
			if examples, seconds, ok := g.reach(s.Value, s.Examples, s.Seconds, target); ok {
				a.examples, a.seconds = append(a.examples, examples), append(a.seconds, seconds)
			}
		}
		if a.seeds > 0 {
			out = append(out, a)
		}
	}
	spent := func(a arrival) []float64 { return a.seconds }
	if g.shared() {
		spent = func(a arrival) []float64 { return a.examples }
	}
	first := func(a arrival) float64 {
		if spent(a) == nil {
			return math.Inf(1)
		}
		return stat.Mean(spent(a))
	}
	slices.SortStableFunc(out, func(a, b arrival) int { return indicator(first(a) > first(b)) - indicator(first(a) < first(b)) })
	return out
}

// reach is where values first are as good as the target.
func (g *group) reach(y []float64, examples []int64, seconds []float64, target float64) (float64, float64, bool) {
	for i := range y {
		if !finite(y[i]) || g.better(target, y[i]) || examples[i] == 0 || seconds[i] <= 0 { // an axis of logarithms has no 0
			continue
		}
		if i == 0 || !finite(y[i-1]) || !g.better(target, y[i-1]) {
			return float64(examples[i]), seconds[i], true
		}
		t := (target - y[i-1]) / (y[i] - y[i-1])
		return float64(examples[i-1]) + t*float64(examples[i]-examples[i-1]), seconds[i-1] + t*(seconds[i]-seconds[i-1]), true
	}
	return 0, 0, false
}

// arrivals draws the examples at the left and the seconds at the right; these not where trials ran beside others.
func arrivals(c draw.Canvas, all []arrival, shared bool) {
	var labels []string
	for _, a := range all {
		labels = append(labels, a.label)
	}
	labels = fitAll(labels, letters(normal, ink), 150)
	left := widest(letters(normal, ink), labels) + margin + 10
	var words []string
	for _, a := range all {
		words = append(words, a.said(a.examples, scaled), a.said(a.seconds, duration))
	}
	numbers := widest(letters(small, muted), words) + 12
	names := layer(func(c draw.Canvas, p *plot.Plot) {
		for i, l := range labels {
			write(c, right(letters(normal, ink)), vg.Point{X: c.Min.X - 10, Y: c.Y(p.Y.Norm(-float64(i)))}, l)
		}
	})
	examples, seconds := func(a arrival) []float64 { return a.examples }, func(a arrival) []float64 { return a.seconds }
	if shared {
		show(c, spent(all, breadth-left-numbers, examples, "examples", scaled, names), left, numbers)
		return
	}
	middle := left + (breadth-left)/2
	room := (breadth-left)/2 - numbers
	show(c, spent(all, room, examples, "examples", scaled, names), left, breadth-middle+numbers)
	show(c, spent(all, room-10, seconds, "seconds of training", duration), middle+10, numbers)
}

// spent is a panel of one of the two.
func spent(all []arrival, room vg.Length, of func(arrival) []float64, axis string, text func(float64) string, beside ...layer) *plot.Plot {
	lo, hi := math.Inf(1), 0.0
	for _, a := range all {
		for _, x := range of(a) {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	if hi == 0 {
		lo, hi = 1, 10
	}
	p := axes(decades{n: 4}.within(lo/1.15, hi*1.15, room), plot.ConstantTicks(nil))
	p.X.Scale = plot.LogScale{}
	if letters(small, muted).Width(axis) > room {
		axis, _, _ = strings.Cut(axis, " ")
	}
	p.X.Label.Text = axis
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = lo/1.15, hi*1.15, 0.5-float64(len(all)), 0.5
	p.Add(layer(func(c draw.Canvas, p *plot.Plot) {
		for i, a := range all {
			a.row(c, p, -float64(i), of(a), text)
		}
	}))
	for _, l := range beside {
		p.Add(l)
	}
	return p
}

// said is what was spent in words.
func (a arrival) said(x []float64, text func(float64) string) string {
	switch {
	case len(x) == 0:
		return "not reached"
	case len(x) < a.seeds:
		return fmt.Sprintf("%s (%d of %d)", text(stat.Mean(x)), len(x), a.seeds)
	}
	return text(stat.Mean(x))
}

func (a arrival) row(c draw.Canvas, p *plot.Plot, y float64, x []float64, text func(float64) string) {
	at := c.Y(p.Y.Norm(y))
	c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, c.Min.X, at, c.Max.X, at)
	words := a.said(x, text)
	write(c, letters(small, muted), vg.Point{X: c.Max.X + 6, Y: at}, words)
	tell(c, vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: at - pitch/2}, Max: vg.Point{X: c.Max.X, Y: at + pitch/2}}, a.label+": "+words)
	if len(x) == 0 {
		return
	}
	c.StrokeLine2(draw.LineStyle{Color: hue(a.place, 0.55), Width: 2.5}, position(c, p, slices.Min(x), y).X, at, position(c, p, slices.Max(x), y).X, at)
	dot(c, a.place, 3.6, position(c, p, stat.Mean(x), y))
}
