package report

import (
	"fmt"
	"image"
	"math"
	"strings"
	"unicode"

	xfont "golang.org/x/image/font"
	fixedpoint "golang.org/x/image/math/fixed"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// scripts lays out text of any script. Letters that Liberation Sans lacks take a square each, and signs that combine with the one before
// nothing: a browser draws an SVG's in fonts that we do not have, a plate writes their numbers.
type scripts struct{ text.Handler }

// Box implements text.Handler.
func (h scripts) Box(words string, f font.Font) (width, height, depth vg.Length) {
	width, height, depth = h.Handler.Box(words, f)
	if face := h.Cache().Lookup(f, f.Size); foreign(face, words) {
		width = 0
		for _, part := range pieces(face, words) {
			width += part.width
		}
	}
	return width, height, depth
}

// Draw implements text.Handler.
func (h scripts) Draw(c vg.Canvas, words string, s text.Style, at vg.Point) {
	if foreign(h.Cache().Lookup(s.Font, s.Font.Size), words) {
		shift := vg.Length(s.XAlign) * s.Width(words)
		sin, cos := math.Sincos(s.Rotation)
		at, s.XAlign = at.Add(vg.Point{X: shift * vg.Length(cos), Y: shift * vg.Length(sin)}), 0
	}
	h.Handler.Draw(c, words, s, at)
}

var layout = scripts{plot.DefaultTextHandler}

// foreign reports whether words have letters that a font lacks.
func foreign(f font.Face, words string) bool {
	return strings.ContainsFunc(words, func(c rune) bool { return c >= 0x80 && lacks(f, c) })
}

func lacks(f font.Face, c rune) bool {
	i, err := f.Face.GlyphIndex(nil, c)
	return i == 0 || err != nil
}

// A piece is a stretch of letters that a font has, or one that it lacks.
type piece struct {
	words string
	width vg.Length
	lacks bool
}

// pieces are in their order; what a font lacks and has no width of its own is in none.
func pieces(f font.Face, words string) (out []piece) {
	known := ""
	flush := func() {
		if known != "" {
			out = append(out, piece{words: known, width: f.Width(known)})
		}
		known = ""
	}
	for _, c := range words {
		switch {
		case !lacks(f, c):
			known += string(c)
		case !unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf, unicode.Variation_Selector):
			flush()
			out = append(out, piece{words: string(c), width: f.Font.Size, lacks: true})
		}
	}
	flush()
	return out
}

// number draws what stands for a letter of no font: its Unicode number, in hexadecimal, in two lines in a frame.
func (p *plate) number(f font.Face, at vg.Point, letter string, ink image.Image) {
	digits := fmt.Sprintf("%04X", []rune(letter)[0])
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	size := f.Font.Size
	tiny := plot.DefaultTextHandler.Cache().Lookup(font.Font{Typeface: "Liberation", Variant: "Sans", Size: size * 1.5 / vg.Length(len(digits))}, size*1.5/vg.Length(len(digits)))
	for i, line := range []string{digits[:len(digits)/2], digits[len(digits)/2:]} {
		x := at.X + (size-tiny.Width(line))/2
		p.letters(tiny, vg.Point{X: x, Y: at.Y + (0.42-0.46*vg.Length(i))*size}, line, ink)
	}
	x0, x1 := dots(at.X+0.05*size).Round(), dots(at.X+0.95*size).Round()
	y0, y1 := dots(p.tall-at.Y-0.83*size).Round(), dots(p.tall-at.Y+0.13*size).Round()
	for x := x0; x <= x1; x++ {
		for _, y := range []int{y0, y1} {
			p.Image().Set(x, y, ink.At(0, 0))
		}
	}
	for y := y0; y <= y1; y++ {
		for _, x := range []int{x0, x1} {
			p.Image().Set(x, y, ink.At(0, 0))
		}
	}
}

// letters writes what a font has.
func (p *plate) letters(f font.Face, at vg.Point, words string, ink image.Image) {
	face := p.faces[f.Font]
	if face == nil {
		face = f.FontFace(dpi)
		p.faces[f.Font] = face
	}
	d := xfont.Drawer{Dst: p.Image(), Src: ink, Face: face, Dot: fixedpoint.Point26_6{X: dots(at.X), Y: dots(p.tall - at.Y)}}
	d.DrawString(words)
}
