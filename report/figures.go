package report

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"image/png"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A figure is a row of the table of figures. draw returns nil where the group has nothing for it to show.
type figure struct {
	name string // of its file
	draw func(s *summary, g *group) *drawing
}

// own is the drawing of a figure that needs nothing but its group.
func own(draw func(*group) *drawing) func(*summary, *group) *drawing {
	return func(_ *summary, g *group) *drawing { return draw(g) }
}

// figures are those of a report, in its order.
var figures = []figure{
	{"accuracy", own(drawAccuracy)},
	{"differences", drawForest},
	{"wins", drawWins},
	{"attained", own(drawAttained)},
	{"throughput", own(drawThroughput)},
	{"costs", own(drawCosts)},
	{"tables", own(drawTables)},
	{"tuning", own(drawTuning)},
	{"expected", own(drawExpected)},
	{"learning", own(drawLearning)},
	{"pace", own(drawPace)},
	{"target", own(drawTarget)},
	{"calibration", own(drawCalibration)},
	{"parts", own(drawParts)},
	{"scaling", own(drawScaling)},
	{"pairs", own(drawPairs)},
	{"phases", own(drawPhases)},
	{"roofline", own(drawRoofline)},
}

// A drawing is a figure of one group before it becomes an image.
type drawing struct {
	title, subtitle string
	caption         string              // under it on the page
	body            vg.Length           // height of what is under the titles
	panels          func(c draw.Canvas) // may be called while others are
	data            [][]string          // what it shows, as CSV: names of columns, then a row a mark
}

// A drawn figure is a drawing as the page has it.
type drawn struct {
	group int    // its place among the groups; -1 for that of all
	file  string // without its extension
	of    string // the data set, where there are several
	drawing
	svg []byte
}

// breadth of every figure, the height of its titles, and the dots an inch of its PNG.
const (
	breadth = 480
	titles  = 46
	dpi     = 192
)

// overall are the figures of all groups together.
var overall = []struct {
	name string
	draw func(s *summary) *drawing
}{
	{"overview", drawOverview},
	{"ranks", drawRanks},
	{"wins-over", drawWinsOver},
}

// draft makes all figures of a report, those of all groups first.
func draft(s *summary, hands Hands) ([]drawn, error) {
	var all []drawn
	var draws []func() *drawing
	for _, f := range overall {
		all = append(all, drawn{group: -1, file: f.name})
		draws = append(draws, func() *drawing { return f.draw(s) })
	}
	for i, g := range s.groups {
		for _, f := range figures {
			x := drawn{group: i, file: f.name, of: g.name}
			if len(s.groups) > 1 {
				x.file = fmt.Sprintf("%s-%d", f.name, i+1)
			}
			all = append(all, x)
			draws = append(draws, func() *drawing { return f.draw(s, g) })
		}
	}
	err := hands(len(all), func(i int) error {
		d := draws[i]()
		if d == nil {
			return nil
		}
		all[i].drawing = *d
		return all[i].render()
	})
	return slices.DeleteFunc(all, func(d drawn) bool { return d.svg == nil }), err
}

// render draws the figure as the page shows it.
func (d *drawn) render() error {
	svg, err := d.vector("")
	d.svg = themed(svg, d.title)
	return err
}

// vector draws the figure as an SVG, with hints over its parts and the data set in its title.
func (d *drawn) vector(data string) (string, error) {
	height := d.body + titles
	var b bytes.Buffer
	svg := &slate{Canvas: vgsvg.New(breadth, height)}
	d.paint(draw.New(svg), data)
	_, err := svg.WriteTo(&b)
	return strings.Replace(b.String(), "</svg>", svg.layer(height)+"</svg>", 1), err
}

// keep writes a figure that is on no page into dir: as a PNG, as an SVG that tells its parts to who points at them, and its data as CSV.
func (d *drawn) keep(dir string) error {
	svg, err := d.vector(d.of)
	if err != nil {
		return err
	}
	head := prologue.FindString(svg)
	alone := head + `<rect width="100%" height="100%" fill="` + tones[0].light + `"/>` + svg[len(head):]
	name := filepath.Join(dir, d.file)
	return errors.Join(d.save(dir), replace(name+".svg", []byte(alone)), replace(name+".csv", d.CSV()))
}

// save writes the figure into dir as a PNG. The data set stands in its title: it may be shown alone.
func (d *drawn) save(dir string) error {
	plate := newPlate(breadth, d.body+titles)
	d.paint(draw.New(plate), d.of)
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, plate.Image()); err != nil {
		return err
	}
	return replace(filepath.Join(dir, d.file+".png"), b.Bytes())
}

func (d *drawn) paint(c draw.Canvas, data string) {
	title, left, top := d.title, c.Min.X+margin, c.Max.Y-13
	if data != "" {
		title += " · " + data
	}
	head, sub := bold(letters(large, ink)), letters(small, muted)
	write(c, head, vg.Point{X: left, Y: top}, fit(title, head, breadth-2*margin))
	write(c, sub, vg.Point{X: left, Y: top - 16}, fit(d.subtitle, sub, breadth-2*margin))
	d.panels(draw.Crop(c, 0, 0, 0, -titles))
}

// mostRows is how many variants a figure has a row for: the best.
const mostRows = 60

// topmost are the variants that a figure has a row for, and a caption of those that it has not.
func topmost(ranked []*variant) (shown []*variant, caption string) {
	n := len(ranked) - mostRows
	if n <= 0 {
		return ranked, ""
	}
	return ranked[:mostRows], fmt.Sprintf("The %d best; %s more are in the table.", mostRows, plural(n, "variant"))
}

// margin is what figures keep free at their left and right.
const margin = 12

// fit clips text to a width.
func fit(s string, style textStyle, room vg.Length) string {
	return fitAll([]string{s}, style, room)[0]
}

// fitAll clips labels to a line of a width, all in the same way.
func fitAll(labels []string, style textStyle, room vg.Length) []string {
	lines := each(labels, func(l string) string { return strings.Join(strings.Fields(l), " ") })
	return brief(lines, func(s string) bool { return style.Width(s) <= room })
}

type textStyle interface{ Width(string) vg.Length }

var (
	prologue = regexp.MustCompile(`(?s)^.*?<svg[^>]*>`)
	plain    = regexp.MustCompile(`font-family:[^;]*;font-variant:normal;(font-weight:normal;)?font-style:normal;`)
)

// themed makes an SVG part of a page: its size and font are the page's, its colours the page's variables.
func themed(svg, title string) []byte {
	var pairs []string
	for _, t := range palette() {
		pairs = append(pairs, t.light, "var(--"+t.name+")")
	}
	box := regexp.MustCompile(`viewBox="[^"]*"`).FindString(svg)
	svg = prologue.ReplaceAllString(svg, "")
	svg = plain.ReplaceAllString(svg, "")
	svg = strings.NewReplacer(pairs...).Replace(svg)
	return []byte(`<svg ` + box + ` role="img" aria-label="` + html.EscapeString(title) + `">` + svg)
}

// show draws a plot between margins for what stands beside its data.
func show(c draw.Canvas, p *plot.Plot, left, right vg.Length) {
	p.Draw(draw.Crop(c, left, -right, 8, 0))
}

// widest returns the width of the widest of some texts.
func widest(style textStyle, texts []string) vg.Length {
	var w vg.Length
	for _, t := range texts {
		w = max(w, style.Width(t))
	}
	return w
}

// padded widens a range by a share of itself on both sides.
func padded(lo, hi, share float64) (float64, float64) {
	d := (hi - lo) * share
	if d == 0 {
		d = max(0.001, 0.05*max(hi, -hi))
	}
	return lo - d, hi + d
}
