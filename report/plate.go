package report

import (
	"image"
	"image/color"
	"math"

	xfont "golang.org/x/image/font"
	fixedpoint "golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// A plate is the canvas of a PNG. Text that stands upright it writes itself: the canvas under it makes a face for every
// string and resamples each of its letters.
type plate struct {
	*vgimg.Canvas
	tall   vg.Length
	colors []color.Color // those of Push, and the present one
	turned int           // how many of them are under a rotation; such text is left to the canvas
	faces  map[font.Font]xfont.Face
}

func newPlate(wide, tall vg.Length) *plate {
	c := vgimg.NewWith(vgimg.UseWH(wide, tall), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(paper))
	return &plate{Canvas: c, tall: tall, colors: []color.Color{color.Black}, faces: map[font.Font]xfont.Face{}}
}

// SetColor implements vg.Canvas.
func (p *plate) SetColor(c color.Color) {
	p.colors[len(p.colors)-1] = c
	p.Canvas.SetColor(c)
}

// Rotate implements vg.Canvas.
func (p *plate) Rotate(angle float64) {
	p.turned = max(p.turned, 1)
	p.Canvas.Rotate(angle)
}

// Push implements vg.Canvas.
func (p *plate) Push() {
	p.colors = append(p.colors, p.colors[len(p.colors)-1])
	if p.turned > 0 {
		p.turned++
	}
	p.Canvas.Push()
}

// Pop implements vg.Canvas.
func (p *plate) Pop() {
	p.colors = p.colors[:len(p.colors)-1]
	p.turned = max(p.turned-1, 0)
	p.Canvas.Pop()
}

// FillString implements vg.Canvas.
func (p *plate) FillString(f font.Face, at vg.Point, text string) {
	c := p.colors[len(p.colors)-1]
	if p.turned > 0 || c == nil {
		p.Canvas.FillString(f, at, text)
		return
	}
	ink := image.NewUniform(c)
	if !foreign(f, text) {
		p.letters(f, at, text, ink)
		return
	}
	for _, part := range pieces(f, text) {
		if part.lacks {
			p.number(f, at, part.words, ink)
		} else {
			p.letters(f, at, part.words, ink)
		}
		at.X += part.width
	}
}

// dots is a length in parts of a dot.
func dots(x vg.Length) fixedpoint.Int26_6 { return fixedpoint.Int26_6(math.Round(64 * x.Dots(dpi))) }
