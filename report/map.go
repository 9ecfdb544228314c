package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Spot is an id on a map of embeddings.
type Spot struct {
	Label string // "" for a point alone
	X, Y  float64
}

// WriteMap makes dir, where it is missing, and in it embeddings-FIELD.png, .svg and .csv: spots on the first two principal components of a field's
// embeddings, which have those shares of the variance. what says whose embeddings they are.
func WriteMap(dir, field string, spots []Spot, shares [2]float64, what string) (file string, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	data := [][]string{{"name", "first", "second"}}
	for _, s := range spots {
		data = append(data, raws(s.Label, s.X, s.Y))
	}
	x := drawn{file: "embeddings-" + field, of: what, drawing: drawing{
		data:     data,
		title:    "Embeddings of " + field,
		subtitle: fmt.Sprintf("%d of them, on the two directions in which they differ most: %s and %s of the variance", len(spots), percent(shares[0]), percent(shares[1])),
		body:     460,
		panels:   func(c draw.Canvas) { show(c, scattered(spots), margin, margin) },
	}}
	return filepath.Join(dir, x.file+".png"), x.keep(dir)
}

// scattered is the map's plot: one scale both ways.
func scattered(spots []Spot) *plot.Plot {
	none := plot.ConstantTicks(nil)
	p := axes(none, none)
	most := 0.0
	for _, s := range spots {
		most = max(most, s.X, -s.X, s.Y, -s.Y)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -most, most, -most, most
	p.Add(layer(func(c draw.Canvas, p *plot.Plot) { place(c, p, spots) }))
	return p
}

// place draws all points, and names beside those that have one.
func place(c draw.Canvas, p *plot.Plot, spots []Spot) {
	style := letters(8, ink)
	var tags []tag
	var words, names []string
	for _, s := range spots {
		at := position(c, p, s.X, s.Y)
		if s.Label == "" {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: hues[0].at(0.25), Radius: 1.5, Shape: draw.CircleGlyph{}}, at)
			continue
		}
		text := fit(s.Label, style, 110)
		tags = append(tags, tag{mark: at, radius: 2.5, size: vg.Point{X: style.Width(text), Y: 9}})
		words, names = append(words, text), append(names, s.Label)
	}
	settle(c.Rectangle, tags, nil)
	for i, t := range tags {
		tell(c, around(t.mark, 4), names[i])
		if slices.ContainsFunc(tags[:i], func(before tag) bool { return overlap(before.box, t.box) }) {
			dot(c, 1, 2.5, t.mark) // there is no room for its name
			continue
		}
		line := t.leader(t.box)
		c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.75}, line[0].X, line[0].Y, line[1].X, line[1].Y)
		dot(c, 1, 2.5, t.mark)
		write(c, style, vg.Point{X: t.box.Min.X, Y: (t.box.Min.Y + t.box.Max.Y) / 2}, words[i])
	}
}
