package report

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A tone is a colour by its role: light on a PNG and a light page, dark on a dark one.
type tone struct{ name, light, dark string }

// tones are all colours of figures and page. The page's variables and the SVGs' come from here.
var tones = []tone{
	{"paper", "#FFFFFF", "#15181C"},
	{"ink", "#1C2127", "#E6E9ED"},
	{"muted", "#5D6670", "#9BA5B0"},
	{"line", "#E3E6EA", "#2C3239"},
	{"good", "#0F7A4F", "#3FC98C"},
	{"bad", "#B3261E", "#FF8A7E"},
}

// hues are the variants' colours, by the place of their label in the plan. Any two are told apart by people who lack
// one kind of cone: at least 0.09 apart in OKLab after Machado's simulation, on paper that they stand out from 3 to 1.
var hues = []tone{
	{"hue0", "#2E59AE", "#5087CD"}, {"hue1", "#C05604", "#FE7900"},
	{"hue2", "#0A8B6B", "#13B96F"}, {"hue3", "#E558A9", "#FF91B3"},
	{"hue4", "#B98F00", "#E8C63C"}, {"hue5", "#2A9BE1", "#8AD4FF"},
	{"hue6", "#3B2784", "#9D9EFF"}, {"hue7", "#7A1233", "#C5486A"},
}

// heats are the colours of a share or a rank from 0 to 1, a tenth each: lightness alone tells them apart, whatever cones an
// eye lacks. The first half carries ink, the second paper, each at a contrast of 4.5 or more.
var heats = []tone{
	{"heat0", "#F9F5DA", "#1C253F"}, {"heat1", "#D3E9BB", "#1D3559"},
	{"heat2", "#9EDBB2", "#194870"}, {"heat3", "#67C7B5", "#0F5B7F"},
	{"heat4", "#3BABB7", "#0A6E88"}, {"heat5", "#0E7DA8", "#1F9996"},
	{"heat6", "#026BA8", "#47B096"}, {"heat7", "#085AA2", "#6EC595"},
	{"heat8", "#0E4896", "#9CD490"}, {"heat9", "#123884", "#C9E28F"},
}

// heat is the colour of a share, and that of what is written on it.
func heat(share float64) (fill, on color.Color) {
	i := min(int(max(share, 0)*float64(len(heats))), len(heats)-1)
	if i < len(heats)/2 {
		return heats[i].at(1), ink
	}
	return heats[i].at(1), paper
}

// palette is every tone there is.
func palette() []tone { return slices.Concat(tones, hues, heats) }

var paper, ink, muted, faint = named("paper"), named("ink"), named("muted"), named("line")

// ghost is the colour of variants that are not named.
var ghost = tones[2].at(0.35)

// ghostly is that of a band behind marks.
var ghostly = tones[2].at(0.12)

func named(name string) color.Color {
	for _, t := range tones {
		if t.name == name {
			return t.at(1)
		}
	}
	panic("report: no such tone")
}

// at is the tone on light paper with an opacity.
func (t tone) at(alpha float64) color.Color {
	var r, g, b uint8
	if _, err := fmt.Sscanf(t.light, "#%02X%02X%02X", &r, &g, &b); err != nil {
		panic("report: a tone is no colour")
	}
	return shade{r, g, b, uint8(255*alpha + 0.5)}
}

// shade is a colour whose premultiplied channels are rounded up: vgsvg divides by alpha and truncates, and its hex must
// come out as it went in for the page to know it.
type shade struct{ r, g, b, a uint8 }

func (s shade) RGBA() (r, g, b, a uint32) {
	up := func(c uint8) uint32 { return (uint32(c)*uint32(s.a)*257 + 254) / 255 }
	return up(s.r), up(s.g), up(s.b), uint32(s.a) * 257
}

// hue is the colour of the i-th variant of a plan.
func hue(i int, alpha float64) color.Color { return hues[i%len(hues)].at(alpha) }

// glyph is the mark of the i-th variant: colours come round after len(hues), and the shape changes.
func glyph(i int) draw.GlyphDrawer {
	shapes := []draw.GlyphDrawer{draw.CircleGlyph{}, diamond{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}
	return shapes[i/len(hues)%len(shapes)]
}

// dashes are those of the i-th variant's lines.
func dashes(i int) []vg.Length {
	styles := [][]vg.Length{nil, {5, 2}, {1.5, 1.5}, {6, 2, 1.5, 2}}
	return styles[i/len(hues)%len(styles)]
}

type diamond struct{}

func (diamond) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, p vg.Point) {
	r := s.Radius * 1.15
	c.FillPolygon(s.Color, []vg.Point{{X: p.X - r, Y: p.Y}, {X: p.X, Y: p.Y + r}, {X: p.X + r, Y: p.Y}, {X: p.X, Y: p.Y - r}})
}

// Sizes of letters, in points.
const (
	small  = 9.5
	normal = 10.5
	large  = 12.5
)

// letters is a style of text in Liberation Sans.
func letters(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		YAlign:  draw.YCenter,
		Handler: layout,
	}
}

// write puts the middle of the capitals at a point: a line's box has more room under its letters than above.
func write(c draw.Canvas, s text.Style, at vg.Point, words string) {
	at.Y += 0.11 * s.Font.Size
	c.FillText(s, at, words)
}

func bold(s text.Style) text.Style { s.Font.Weight = xfont.WeightBold; return s }

func right(s text.Style) text.Style { s.XAlign = draw.XRight; return s }

func centred(s text.Style) text.Style { s.XAlign = draw.XCenter; return s }

// axes returns an empty plot in our theme: no frame, tick labels without ticks, light lines across at the ticks.
func axes(xticks, yticks plot.Ticker) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle.Width, a.Tick.LineStyle.Width, a.Tick.Length, a.Padding = 0, 0, 0, 4
		x, y := a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = letters(small, muted)
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = x, y
	}
	p.X.Label.TextStyle = centred(letters(small, muted))
	p.X.Label.TextStyle.YAlign, p.X.Label.TextStyle.Handler = draw.YBottom, slender{layout}
	p.X.Label.Padding = 3
	p.X.Tick.Marker, p.Y.Tick.Marker = xticks, yticks
	p.Add(layer(grid))
	return p
}

// slender lays text out as if it had no width: a plot looks for the middle of a logarithmic axis far at its right, and would make room there for
// its label's right half.
type slender struct{ text.Handler }

// Box implements text.Handler.
func (h slender) Box(words string, f font.Font) (width, height, depth vg.Length) {
	_, height, depth = h.Handler.Box(words, f)
	return 0, height, depth
}

// A layer draws on a plot's data area, and beside it where it wants.
type layer func(c draw.Canvas, p *plot.Plot)

// Plot implements plot.Plotter.
func (l layer) Plot(c draw.Canvas, p *plot.Plot) { l(c, p) }

func grid(c draw.Canvas, p *plot.Plot) {
	style := draw.LineStyle{Color: faint, Width: 0.75}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if x := c.X(p.X.Norm(t.Value)); !t.IsMinor() && c.ContainsX(x) {
			c.StrokeLine2(style, x, c.Min.Y, x, c.Max.Y)
		}
	}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if y := c.Y(p.Y.Norm(t.Value)); !t.IsMinor() && c.ContainsY(y) {
			c.StrokeLine2(style, c.Min.X, y, c.Max.X, y)
		}
	}
}

// position is where a value lies on a canvas.
func position(c draw.Canvas, p *plot.Plot, x, y float64) vg.Point {
	return vg.Point{X: c.X(p.X.Norm(x)), Y: c.Y(p.Y.Norm(y))}
}

// dot draws a variant's mark with a rim of paper, so that marks that overlap stay apart.
func dot(c draw.Canvas, place int, radius vg.Length, at vg.Point) {
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: paper, Radius: radius + 1, Shape: glyph(place)}, at)
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: hue(place, 1), Radius: radius, Shape: glyph(place)}, at)
}

// variables are the tones as CSS.
func variables(dark bool) string {
	var b strings.Builder
	for _, t := range palette() {
		value := t.light
		if dark {
			value = t.dark
		}
		fmt.Fprintf(&b, "--%s:%s;", t.name, value)
	}
	return b.String()
}
