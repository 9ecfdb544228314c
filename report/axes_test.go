package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		ticker plot.Ticker
		lo, hi float64
		want   string
	}{
		{even{n: 4}, 0.7, 0.78, "0.70 0.72 0.74 0.76 0.78"},
		{even{n: 4}, 0.7312, 0.7788, "0.74 0.75 0.76 0.77"},
		{even{n: 4}, 0.9245, 0.9340, "0.926 0.928 0.930 0.932 0.934"},
		{even{n: 5}, 0, 160000, "0 50000 100000 150000"},
		{even{n: 4}, -0.2, 1, "0.0 0.5 1.0"},
		{decades{n: 7}, 9e4, 2.6e6, "100k 200k 500k 1M 2M"},
		{decades{n: 7}, 4.1e5, 3.4e6, "500k 700k 1M 1.5M 2M 3M"},
		{decades{n: 7}, 2.2e6, 4.7e6, "2.5M 3M 3.5M 4M 4.5M"},
		{decades{n: 1}, 0.004, 0.011, "0.01"}, // 0.005 and 0.01 do not stand beside each other
		{decades{n: 7}, 10, 1e7, "10 100 1k 10k 100k 1M 10M"},
	} {
		var got []string
		for _, x := range c.ticker.Ticks(c.lo, c.hi) {
			got = append(got, x.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v from %v to %v: %s, want %s", c.ticker, c.lo, c.hi, s, c.want)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct{ at, want []vg.Length }{
		{nil, []vg.Length{}},
		{[]vg.Length{50}, []vg.Length{50}},
		{[]vg.Length{50, 80}, []vg.Length{50, 80}},
		{[]vg.Length{50, 50}, []vg.Length{45, 55}},
		{[]vg.Length{80, 50, 52}, []vg.Length{80, 46, 56}},
		{[]vg.Length{1, 2}, []vg.Length{5, 15}},
		{[]vg.Length{99, 99, 98}, []vg.Length{85, 95, 75}},
	} {
		if got := spread(c.at, 10, 0, 100); !slices.Equal(got, c.want) {
			t.Errorf("spread(%v) = %v, want %v", c.at, got, c.want)
		}
	}
}

// Twelve names near one another find places that cover neither each other nor any mark.
func TestSettle(t *testing.T) {
	frame := vg.Rectangle{Max: vg.Point{X: 400, Y: 300}}
	rng := rand.New(rand.NewPCG(1, 2))
	tags := make([]tag, 12)
	for i := range tags {
		tags[i] = tag{mark: vg.Point{X: 160 + vg.Length(80*rng.Float64()), Y: 110 + vg.Length(80*rng.Float64())}, radius: 4, size: vg.Point{X: 60, Y: 12}}
	}
	settle(frame, tags, nil)
	for i, a := range tags {
		if a.box.Min.X < 0 || a.box.Min.Y < 0 || a.box.Max.X > 400 || a.box.Max.Y > 300 {
			t.Errorf("tag %d leaves the frame: %v", i, a.box)
		}
		for j, b := range tags {
			if i != j && overlap(a.box, b.box) {
				t.Errorf("tags %d and %d overlap", i, j)
			}
			if d := distance(b.mark, a.box); d < b.radius {
				t.Errorf("tag %d covers mark %d", i, j)
			}
		}
	}
}

// Of names that do not all fit, those that are shown stand apart from each other and from what is taken.
func TestApart(t *testing.T) {
	frame, taken := vg.Rectangle{Max: vg.Point{X: 200, Y: 100}}, [][2]vg.Point{{{X: 0, Y: 90}, {X: 200, Y: 90}}}
	tags := make([]tag, 40)
	for i := range tags {
		tags[i] = tag{mark: vg.Point{X: 100, Y: 50}, radius: 4, size: vg.Point{X: 60, Y: 12}}
	}
	settle(frame, tags, taken)
	shown := 0
	for i, a := range apart(tags, taken) {
		if a.hidden {
			continue
		}
		shown++
		if a.box.Max.Y > 90 && a.box.Min.Y < 90 {
			t.Errorf("tag %d stands on the line", i)
		}
		for j, b := range tags[:i] {
			if !b.hidden && overlap(a.box, b.box) {
				t.Errorf("tags %d and %d overlap", i, j)
			}
		}
	}
	if tags[0].hidden || shown < 5 || shown > 26 { // 200·100 points have room for 27 boxes of 60·12
		t.Errorf("%d of 40 are shown", shown)
	}
}

// machado are the simulations of severity 1 of Machado, Oliveira and Fernandes, IEEE TVCG 15(6), 2009, for linear RGB.
var machado = map[string][3][3]float64{
	"full vision":  {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func linear(hex string) [3]float64 {
	r, g, b, _ := tone{light: hex}.at(1).RGBA()
	var out [3]float64
	for i, c := range []uint32{r, g, b} {
		if out[i] = float64(c) / 65535; out[i] <= 0.04045 {
			out[i] /= 12.92
		} else {
			out[i] = math.Pow((out[i]+0.055)/1.055, 2.4)
		}
	}
	return out
}

func times(m [3][3]float64, v [3]float64) (out [3]float64) {
	for i := range m {
		for j := range v {
			out[i] += m[i][j] * v[j]
		}
	}
	return out
}

// oklab is Ottosson's, 2020.
func oklab(rgb [3]float64) [3]float64 {
	for i := range rgb {
		rgb[i] = min(max(rgb[i], 0), 1)
	}
	lms := times([3][3]float64{{0.4122214708, 0.5363325363, 0.0514459929}, {0.2119034982, 0.6806995451, 0.1073969566}, {0.0883024619, 0.2817188376, 0.6299787005}}, rgb)
	for i := range lms {
		lms[i] = math.Cbrt(lms[i])
	}
	return times([3][3]float64{{0.2104542553, 0.7936177850, -0.0040720468}, {1.9779984951, -2.4285922050, 0.4505937099}, {0.0259040371, 0.7827717662, -0.8086757660}}, lms)
}

// luminance is WCAG 2's.
func luminance(hex string) float64 {
	v := linear(hex)
	return 0.2126*v[0] + 0.7152*v[1] + 0.0722*v[2]
}

// contrasted is WCAG 2's contrast.
func contrasted(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// mixed is a share of one colour over another, as browsers mix in sRGB.
func mixed(a, b string, share float64) string {
	out := "#"
	for i := 1; i < 7; i += 2 {
		x, _ := strconv.ParseUint(a[i:i+2], 16, 8)
		y, _ := strconv.ParseUint(b[i:i+2], 16, 8)
		out += fmt.Sprintf("%02X", int(math.Round(share*float64(x)+(1-share)*float64(y))))
	}
	return out
}

// All text of pages and figures has WCAG's AA contrast, 4.5, to what it stands on, and what outlines the focus 3.
func TestTextContrast(t *testing.T) {
	for theme, hex := range map[string]func(tone) string{"light": func(t tone) string { return t.light }, "dark": func(t tone) string { return t.dark }} {
		paper, ink, muted, line, good, bad, hue0 := hex(tones[0]), hex(tones[1]), hex(tones[2]), hex(tones[3]), hex(tones[4]), hex(tones[5]), hex(hues[0])
		soft := mixed(line, paper, 0.45) // --soft of page.css
		for _, c := range []struct {
			what, letter, ground string
			want                 float64
		}{
			{"text", ink, paper, 4.5}, {"quiet text", muted, paper, 4.5}, {"better", good, paper, 4.5}, {"worse", bad, paper, 4.5},
			{"text under the pointer", ink, soft, 4.5}, {"quiet text under it", muted, soft, 4.5}, {"better under it", good, soft, 4.5}, {"worse under it", bad, soft, 4.5},
			{"a number on its bar", ink, mixed(hue0, paper, 0.22), 4.5}, {"that under the pointer", ink, mixed(hue0, soft, 0.22), 4.5},
			{"a win", ink, mixed(good, paper, 0.5), 4.5}, {"a loss", ink, mixed(bad, paper, 0.5), 4.5}, {"a tie", muted, line, 4.5},
			{"the focus", hue0, paper, 3},
		} {
			if got := contrasted(c.letter, c.ground); got < c.want {
				t.Errorf("%s, %s: %s on %s is %.2f, want %v", theme, c.what, c.letter, c.ground, got, c.want)
			}
		}
	}
}

func TestHuesForColourBlind(t *testing.T) {
	for theme, hex := range map[string]func(tone) string{"light": func(t tone) string { return t.light }, "dark": func(t tone) string { return t.dark }} {
		for i, a := range hues {
			if c := contrasted(hex(a), hex(tones[0])); c < 3 {
				t.Errorf("%s %s: contrast to paper is %.2f, want 3", theme, hex(a), c)
			}
			for _, b := range hues[:i] {
				for eye, m := range machado {
					p, q := oklab(times(m, linear(hex(a)))), oklab(times(m, linear(hex(b))))
					if d := math.Hypot(math.Hypot(p[0]-q[0], p[1]-q[1]), p[2]-q[2]); d < 0.09 {
						t.Errorf("%s, %s: %s and %s are %.3f apart, want 0.09", theme, eye, hex(a), hex(b), d)
					}
				}
			}
		}
	}
}

// What is written on a heat is readable, and lightness falls, or rises on dark paper, from each to the next for every eye.
func TestHeatsForColourBlind(t *testing.T) {
	for theme, hex := range map[string]func(tone) string{"light": func(t tone) string { return t.light }, "dark": func(t tone) string { return t.dark }} {
		for i, a := range heats {
			on := map[bool]tone{true: tones[1], false: tones[0]}[i < len(heats)/2]
			if c := contrasted(hex(a), hex(on)); c < 4.5 {
				t.Errorf("%s: contrast of what is on %s is %.2f, want 4.5", theme, hex(a), c)
			}
			for eye, m := range machado {
				if i == 0 {
					continue
				}
				step := oklab(times(m, linear(hex(a))))[0] - oklab(times(m, linear(hex(heats[i-1]))))[0]
				if theme == "light" {
					step = -step
				}
				if step < 0.03 {
					t.Errorf("%s, %s: %s is %.3f from the one before, want 0.03", theme, eye, hex(a), step)
				}
			}
		}
	}
}

// The labels of a narrow panel stay apart: 0.8075 0.8100 0.8125 0.8150 were printed over each other on 94 points.
func TestTicksWithin(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		room   vg.Length
		want   string
	}{
		{0.8056, 0.8162, 260, "0.8075 0.8100 0.8125 0.8150"},
		{0.8056, 0.8162, 110, "0.810 0.815"},
		{0.8056, 0.8162, 20, "0.81"},
		{0.48, 0.9, 110, "0.5 0.6 0.7 0.8 0.9"},
	} {
		var got []string
		for _, x := range (even{n: 4}).within(c.lo, c.hi, c.room).Ticks(c.lo, c.hi) {
			got = append(got, x.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("from %v to %v on %v: %s, want %s", c.lo, c.hi, c.room, s, c.want)
		}
	}
}

// A mean that leaves the axis for good is marked where it does, one that ends on it at its end.
func TestExit(t *testing.T) {
	p := plot.New()
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 4, 0, 1
	c := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: 40, Y: 10}}}
	for _, k := range []struct {
		y    []float64
		want vg.Point
	}{
		{[]float64{0, 0.5, 0.5}, vg.Point{X: 20, Y: 5}},
		{[]float64{0.5, 1.5, 3}, vg.Point{X: 5, Y: 10}},
		{[]float64{2, 0.5, -0.5}, vg.Point{X: 15, Y: 0}},
		{[]float64{2, 2, 2}, vg.Point{X: 0, Y: 10}},
	} {
		if got := (course{x: []float64{0, 1, 2}, y: k.y}).exit(c, p); got != k.want {
			t.Errorf("%v leaves at %v, want %v", k.y, got, k.want)
		}
	}
}
