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

// A forest is the contrasts of all variants with one, the baseline or the best.
type forest struct {
	*Aspect
	to       Placed
	all      []Contrast // of others with it, in the order of their means
	rows     []Contrast // the first mostRows of these
	places   []int      // of these in the plan
	least    float64    // of the axis
	most     float64
	verdicts []string
	digits   int // after the point
}

// drawForest shows paired differences with simultaneous intervals, the margin that does not matter, and the verdicts.
func drawForest(s *summary, g *group) *drawing {
	f := s.forest(g)
	if f == nil {
		return nil
	}
	d := &drawing{
		title:    "Differences to " + f.to.Label,
		subtitle: f.measure.String() + ", " + g.direction() + " · paired, with 95 % intervals that hold together",
		body:     vg.Length(len(f.rows))*pitch + foot,
		data:     [][]string{{"variant", "less", "seeds", "difference", "low", "high", "p", "verdict"}},
		panels:   f.paint,
	}
	if f.family == stat.AllPairs {
		d.title = "Differences to the best, " + f.to.Label
	}
	if f.Margin > 0 {
		d.caption = fmt.Sprintf("The band is the margin of ±%g within which differences do not matter.", f.Margin)
	}
	if n := len(f.all) - len(f.rows); n > 0 {
		d.caption = strings.TrimSpace(fmt.Sprintf("%s The %d best; %s more are in the table.", d.caption, len(f.rows), plural(n, "variant")))
	}
	if slices.ContainsFunc(f.rows, func(c Contrast) bool { return c.diff.Known() && (float64(c.Low) < f.least || float64(c.High) > f.most) }) {
		d.caption = strings.TrimSpace(d.caption + " Triangles at the edge: the interval goes on.")
	}
	if of := f.examples(); of != "" {
		d.data[0] = append(d.data[0], "low with other examples", "high with other examples", "verdict with other examples")
		d.caption = strings.TrimSpace(d.caption + " Thick: what other seeds may change; thin: what other seeds and, in place of these " + of + " of test, others like them may change.")
	}
	for _, c := range f.all {
		row := append([]string{c.A, c.B}, raws(fmt.Sprint(c.Seeds), float64(c.Value), float64(c.Low), float64(c.High), float64(c.P))...)
		row = append(row, c.Verdict.String())
		if o := c.Others; o != nil {
			row = append(row, raw(float64(o.Low)), raw(float64(o.High)), o.Verdict.String())
		}
		d.data = append(d.data, row)
	}
	return d
}

// forest is nil where nothing was tested.
func (s *summary) forest(g *group) *forest {
	if len(g.ranked()) < 2 {
		return nil
	}
	f := &forest{Aspect: s.aspect(g, g.main.name)}
	if !f.tested() || f.k > mostContrasted {
		return nil
	}
	f.to = f.Variants[0]
	if b := s.base(g); b != nil && f.family == stat.WithBaseline {
		f.to = f.Variants[slices.IndexFunc(f.Variants, func(p Placed) bool { return p.v == b })]
	}
	var halves, means []float64
	for _, p := range f.Variants {
		c, ok := f.between(p.Label, f.to.Label)
		if !ok {
			continue
		}
		f.all, f.places, f.verdicts = append(f.all, c), append(f.places, p.v.place), append(f.verdicts, c.Verdict.String())
		means = append(means, float64(c.Value))
		if c.diff.Known() {
			halves = append(halves, c.diff.Half)
		}
	}
	f.digits = decimals(halves)
	f.rows = f.all[:min(len(f.all), mostRows)]
	f.spans(means[:len(f.rows)], halves)
	return f
}

// spans is the axis: from the farthest mean to 0 and the margin on the other side; intervals much wider than most are cut.
func (f *forest) spans(means, halves []float64) {
	wide := 3 * median(slices.Clone(halves))
	for _, c := range f.rows {
		if finite(float64(c.Value)) {
			half := 0.0
			if c.diff.Known() {
				half = min(wide, c.diff.Half)
			}
			f.least, f.most = min(f.least, float64(c.Value)-half), max(f.most, float64(c.Value)+half)
		}
	}
	// Those far behind would squeeze what is near the best: beyond six times the median they stand at the edge.
	sizes := []float64{}
	for _, m := range means {
		sizes = append(sizes, math.Abs(m))
	}
	if far := 6*median(sizes) + wide; far > 0 && len(sizes) > 3 {
		f.least, f.most = max(f.least, -far), min(f.most, far)
	}
	f.least, f.most = min(f.least, -f.Margin), max(f.most, f.Margin)
	f.least, f.most = padded(f.least, f.most, 0.05)
}

func (f *forest) paint(c draw.Canvas) {
	var labels, numbers []string
	for i, r := range f.rows {
		labels = append(labels, r.A)
		numbers = append(numbers, f.size(r)+"  "+f.verdicts[i])
	}
	labels = fitAll(labels, letters(normal, ink), 150)
	left := widest(letters(normal, ink), labels) + margin + 10
	right := widest(letters(small, ink), numbers) + margin + 10
	p := axes(even{n: 4, label: signed}.within(f.least, f.most, breadth-left-right), plot.ConstantTicks(nil))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = f.least, f.most, 0.5-float64(len(f.rows)), 0.5
	p.Add(layer(func(c draw.Canvas, p *plot.Plot) {
		zero := c.X(p.X.Norm(0))
		if f.Margin > 0 {
			c.FillPolygon(ghostly, box(c.X(p.X.Norm(-f.Margin)), c.Min.Y, c.X(p.X.Norm(f.Margin)), c.Max.Y))
		}
		c.StrokeLine2(draw.LineStyle{Color: muted, Width: 1}, zero, c.Min.Y, zero, c.Max.Y)
		for i := range f.rows {
			f.row(c, p, i, labels[i], numbers[i])
		}
	}))
	show(c, p, left, right)
}

// signed writes a tick of differences.
func signed(x float64, decimals int) string {
	if x > 0 {
		return "+" + fixed(x, decimals)
	}
	return fixed(x, decimals)
}

// size is a difference with the decimals that intervals know.
func (f *forest) size(c Contrast) string { return signed(float64(c.Value), f.digits) }

func (f *forest) row(c draw.Canvas, p *plot.Plot, i int, label, number string) {
	r, place := f.rows[i], f.places[i]
	at := position(c, p, float64(r.Value), -float64(i))
	color := muted
	if !r.Verdict.Told() {
		color = ink
	}
	write(c, right(letters(normal, color)), vg.Point{X: c.Min.X - 10, Y: at.Y}, label)
	write(c, letters(small, muted), vg.Point{X: c.Max.X + 10, Y: at.Y}, number)
	words := label + ": " + number
	if r.diff.Known() {
		words += fmt.Sprintf(", from %s to %s, p %s", signed(float64(r.Low), 5), signed(float64(r.High), 5), tail(float64(r.P)))
		line := []vg.Point{position(c, p, float64(r.Low), -float64(i)), position(c, p, float64(r.High), -float64(i))}
		if o := r.Others; o != nil {
			words += fmt.Sprintf("; with other examples from %s to %s, %s", signed(float64(o.Low), 5), signed(float64(o.High), 5), o.Verdict)
			line := []vg.Point{position(c, p, float64(o.Low), -float64(i)), position(c, p, float64(o.High), -float64(i))}
			c.StrokeLines(draw.LineStyle{Color: hue(place, 0.55), Width: 0.75}, c.ClipLinesX(line)...)
		}
		c.StrokeLines(draw.LineStyle{Color: hue(place, 0.55), Width: 2.5}, c.ClipLinesX(line)...)
		for _, end := range line {
			if !c.ContainsX(end.X) && c.ContainsX(at.X) {
				beyond(c, place, end)
			}
		}
	}
	tell(c, vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: at.Y - pitch/2}, Max: vg.Point{X: c.Max.X, Y: at.Y + pitch/2}}, words)
	if c.ContainsX(at.X) {
		dot(c, place, 3.6, at)
	} else {
		beyond(c, place, at)
	}
}
