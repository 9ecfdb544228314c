package report

import (
	"image/color"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Letters that Liberation Sans lacks take a square each, what joins or combines them nothing, and all others what they always took.
func TestForeignWidth(t *testing.T) {
	style := letters(10, ink)
	for _, c := range []struct {
		words string
		want  vg.Length
	}{
		{"因子", 20},
		{"🚀\uFE0F", 10},
		{"👩\u200D🚀", 20},
		{"a因b", style.Width("a") + 10 + style.Width("b")},
	} {
		if got := style.Width(c.words); got != c.want {
			t.Errorf("%q is %v wide, want %v", c.words, got, c.want)
		}
	}
}

// In a PNG two words of foreign letters differ: each letter is a frame with its number.
func TestForeignLetters(t *testing.T) {
	inked := func(words string) map[[2]int]bool {
		p, out := newPlate(100, 20), map[[2]int]bool{}
		write(draw.New(p), right(letters(10, color.Black)), vg.Point{X: 90, Y: 10}, words)
		for y := range p.Image().Bounds().Dy() {
			for x := range p.Image().Bounds().Dx() {
				if r, _, _, _ := p.Image().At(x, y).RGBA(); r < 0x8000 {
					out[[2]int{x, y}] = true
				}
			}
		}
		return out
	}
	one, other, differ := inked("因子"), inked("因孑"), 0
	for at := range one {
		if !other[at] {
			differ++
		}
		if float64(at[0]) < vg.Length(70).Dots(dpi) {
			t.Fatalf("ink at %v, left of where 20 points end at 90", at)
		}
	}
	if len(one) < 200 || differ == 0 {
		t.Errorf("%d dots of ink, %d of them others than those of another word", len(one), differ)
	}
}
