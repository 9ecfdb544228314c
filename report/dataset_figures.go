package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/describe"
)

// dataFigures are the figures of a data set that have something to show.
func dataFigures(d DataSet) []drawn {
	var all []drawn
	for _, f := range []struct {
		file string
		draw func(DataSet) *drawing
	}{{"labels", drawLabels}, {"head", drawHead}, {"drift", drawDrift}} {
		if x := f.draw(d); x != nil {
			all = append(all, drawn{file: f.file, drawing: *x})
		}
	}
	return all
}

// drawLabels shows the mean label along the rows, split after split.
func drawLabels(d DataSet) *drawing {
	unit := "label rate"
	if d.Rating != nil {
		unit = "mean rating"
	}
	parts := 0
	for s := range batch.Splits {
		parts += len(d.Label.Parts[s])
	}
	if parts < 3 {
		return nil
	}
	data := [][]string{{"split", "from row", "to row", unit}}
	from := 0
	for s := range batch.Splits {
		n := len(d.Label.Parts[s])
		for i, y := range d.Label.Parts[s] {
			data = append(data, raws(s.String(), float64(from+d.Rows[s]*i/n), float64(from+d.Rows[s]*(i+1)/n), y))
		}
		from += d.Rows[s]
	}
	return &drawing{
		data:     data,
		title:    "Labels along the rows",
		subtitle: unit + " of equal parts of each split, in the order of the rows",
		caption:  "Where rows are in the order of time, this is its course.",
		body:     250,
		panels:   func(c draw.Canvas) { show(c, labelPlot(d), margin, margin+8) },
	}
}

func labelPlot(d DataSet) *plot.Plot {
	p := axes(even{n: 5, label: func(x float64, _ int) string { return Count(x) }}, even{n: 4})
	p.X.Label.Text = "row"
	p.X.Min, p.X.Max = 0, 0
	for s := range batch.Splits {
		p.X.Max += float64(d.Rows[s])
		for _, y := range d.Label.Parts[s] {
			p.Y.Min, p.Y.Max = min(p.Y.Min, y), max(p.Y.Max, y)
		}
	}
	p.Y.Min, p.Y.Max = padded(p.Y.Min, p.Y.Max, 0.15)
	p.Add(layer(func(c draw.Canvas, p *plot.Plot) { labelCourse(c, p, d) }))
	return p
}

// labelCourse draws each split's course with its name above, and a line between splits.
func labelCourse(c draw.Canvas, p *plot.Plot, d DataSet) {
	from := 0.0
	for s := range batch.Splits {
		n := float64(d.Rows[s])
		if n == 0 {
			continue
		}
		if from > 0 {
			x := c.X(p.X.Norm(from))
			c.StrokeLine2(draw.LineStyle{Color: muted, Width: 0.6, Dashes: []vg.Length{2, 2}}, x, c.Min.Y, x, c.Max.Y)
		}
		var line []vg.Point
		parts := d.Label.Parts[s]
		for i, y := range parts {
			line = append(line, position(c, p, from+n*(float64(i)+0.5)/float64(len(parts)), y))
		}
		c.StrokeLines(draw.LineStyle{Color: hue(int(s), 1), Width: 1.6}, line)
		for i, at := range line {
			tell(c, around(at, 5), fmt.Sprintf("%s, part %d of %d: %s", s, i+1, len(parts), digits3(parts[i])))
			if len(line) < 2 {
				dot(c, int(s), 2.6, at)
			}
		}
		name, style := s.String(), letters(small, ink)
		if left, room := c.X(p.X.Norm(from)), c.X(p.X.Norm(from+n))-c.X(p.X.Norm(from)); room > style.Width(name)+6 {
			write(c, style, vg.Point{X: left + 4, Y: c.Max.Y - 7}, name)
		}
		from += n
	}
}

// mostHeads is how many fields the figure of heads has: more curves than that tell nothing.
const mostHeads = 8

// drawHead shows what the most frequent ids of each field take of the lookups.
func drawHead(d DataSet) *drawing {
	fields := slices.Clone(d.Description.Fields)
	fields = slices.DeleteFunc(fields, func(f describe.Field) bool { return len(f.Top) < 3 })
	if len(fields) == 0 {
		return nil
	}
	caption := "Near the left: few ids take most of the lookups. A curve that rises late has a long tail."
	if len(fields) > mostHeads {
		slices.SortStableFunc(fields, func(a, b describe.Field) int { return cmp.Compare(b.Distinct[batch.Train], a.Distinct[batch.Train]) })
		fields = fields[:mostHeads]
		caption += " The fields of the most ids."
	}
	var all []course
	data := [][]string{{"field", "most frequent ids", "share of lookups"}}
	for i, f := range fields {
		c := course{variant: &variant{label: f.Name, place: i}}
		for _, t := range f.Top {
			c.x, c.y = append(c.x, float64(t.IDs)), append(c.y, 100*t.Share)
			data = append(data, raws(f.Name, float64(t.IDs), t.Share))
		}
		all = append(all, c)
	}
	return &drawing{
		data:     data,
		title:    "Heads and tails",
		subtitle: "share of a field's lookups in train that its most frequent ids take, %",
		caption:  caption,
		body:     vg.Length(max(270, 12*len(all)+foot+10)),
		panels:   func(c draw.Canvas) { show(c, headPlot(all), margin, margin) },
	}
}

func headPlot(all []course) *plot.Plot {
	p := axes(decades{n: 6}, even{n: 5})
	p.X.Scale = plot.LogScale{}
	p.X.Label.Text = "most frequent ids"
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 1, 10, 0, 105
	for _, c := range all {
		p.X.Max = max(p.X.Max, c.x[len(c.x)-1])
	}
	p.Add(
		layer(func(c draw.Canvas, p *plot.Plot) { strands(c, p, all) }),
		layer(func(c draw.Canvas, p *plot.Plot) { headNames(c, p, all) }),
	)
	return p
}

// headNames puts each name where its curve has room: the curves all end at the ceiling.
func headNames(c draw.Canvas, p *plot.Plot, all []course) {
	style := letters(small, ink)
	var names []string
	for _, v := range all {
		names = append(names, v.label)
	}
	names = fitAll(names, style, 90)
	tags, lines := make([]tag, len(all)), [][2]vg.Point{}
	for i, v := range all {
		mark := position(c, p, v.x[0], v.y[0])
		for k := range v.x {
			at := position(c, p, v.x[k], v.y[k])
			if k > 0 {
				lines = append(lines, [2]vg.Point{position(c, p, v.x[k-1], v.y[k-1]), at})
			}
			if share := 25 + 50*float64(i)/float64(len(all)); v.y[k] <= share {
				mark = at
			}
		}
		tags[i] = tag{mark: mark, radius: 2, size: vg.Point{X: style.Width(names[i]) + 4, Y: 11}}
	}
	settle(c.Rectangle, tags, lines)
	for i, t := range tags {
		l := t.leader(t.box)
		c.StrokeLines(draw.LineStyle{Color: hue(all[i].place, 0.7), Width: 0.6}, l[:])
		dot(c, all[i].place, 2.4, t.mark)
		write(c, style, vg.Point{X: t.box.Min.X + 2, Y: (t.box.Min.Y + t.box.Max.Y) / 2}, names[i])
	}
}

// A drifting column has distances to train.
type drifting struct {
	name  string
	drift [batch.Splits]*float64
}

// drawDrift shows how far valid and test are from train, column by column, the farthest first.
func drawDrift(d DataSet) *drawing {
	var all []drifting
	for _, c := range d.Description.Dense {
		all = append(all, drifting{c.Name, c.Drift})
	}
	for _, f := range d.Description.Fields {
		all = append(all, drifting{f.Name, f.Drift})
	}
	all = slices.DeleteFunc(all, func(x drifting) bool { return x.most() < 0 })
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b drifting) int { return cmp.Compare(b.most(), a.most()) })
	const rows = 30
	caption := "Fields: total variation distance of their ids. Dense features: Kolmogorov–Smirnov distance. 0 is the same, 1 apart; fields of many rare ids are never near 0."
	if len(all) > rows {
		all, caption = all[:rows], caption+" The farthest only."
	}
	data := [][]string{{"column", "valid", "test"}}
	for _, x := range all {
		data = append(data, raws(x.name, x.to(batch.Valid), x.to(batch.Test)))
	}
	return &drawing{
		data:     data,
		title:    "Drift",
		subtitle: "distance to train · circle: valid, diamond: test",
		caption:  caption,
		body:     vg.Length(14*len(all) + foot + 12),
		panels:   func(c draw.Canvas) { driftRows(c, all) },
	}
}

func (x drifting) most() float64 {
	most := -1.0
	for _, v := range x.drift {
		if v != nil {
			most = max(most, *v)
		}
	}
	return most
}

// to is a split's distance, NaN where it has none.
func (x drifting) to(s batch.Split) float64 {
	if x.drift[s] == nil {
		return math.NaN()
	}
	return *x.drift[s]
}

func driftRows(c draw.Canvas, all []drifting) {
	style := letters(small, ink)
	var names []string
	for _, x := range all {
		names = append(names, x.name)
	}
	names = fitAll(names, style, 150)
	p := axes(even{n: 5}, plot.ConstantTicks(nil))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, max(1.05*all[0].most(), 0.01), 0.5-float64(len(all)), 0.5
	p.Add(layer(func(c draw.Canvas, p *plot.Plot) {
		for i, x := range all {
			y := c.Y(p.Y.Norm(-float64(i)))
			c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, c.Min.X, y, c.Max.X, y)
			write(c, right(style), vg.Point{X: c.Min.X - 8, Y: y}, names[i])
			row := vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: y - 7}, Max: vg.Point{X: c.Max.X, Y: y + 7}}
			tell(c, row, fmt.Sprintf("%s: valid %s, test %s", x.name, digits3(x.to(batch.Valid)), digits3(x.to(batch.Test))))
			for s, v := range x.drift {
				if v != nil {
					dot(c, (s-int(batch.Valid))*len(hues), 3, position(c, p, *v, -float64(i)))
				}
			}
		}
	}))
	show(c, p, widest(style, names)+margin+8, margin+8)
}
