package report

import (
	"bytes"
	"flag"
	"image"
	stddraw "image/draw"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"golang.org/x/image/draw"

	"ctrlab/internal/store"
)

var (
	contact = flag.String("contact", "", "file for a PNG of all figures of the fixtures, to look at")
	only    = flag.String("only", "", "expression that fixtures on it match, as FIXTURE/FIGURE")
)

// The contact sheet has the figures of each fixture, of several data sets those of the first: go test ./report -run Contact -contact FILE.
func TestContact(t *testing.T) {
	if *contact == "" {
		t.Skip("-contact FILE makes the sheet")
	}
	const column, columns = breadth * 4 / 3, 4
	sheet := image.NewRGBA(image.Rect(0, 0, column*columns, 0))
	top, bottom, n := 0, 0, 0
	large := []fixture{{name: "fourteen data sets", report: fourteen}, {name: "40 variants", report: func() *store.Report { return many(40).report() }}}
	for _, f := range append(large, fixtures...) {
		all, err := draft(summarize(f.report()), inTurn)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			if d.group > 0 || !regexp.MustCompile(*only).MatchString(f.name+"/"+d.file) {
				continue
			}
			dir := t.TempDir()
			if err := d.save(dir); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(dir, d.file+".png"))
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if n%columns == 0 {
				top = bottom
			}
			size := img.Bounds().Size().Mul(column).Div(img.Bounds().Dx())
			at := image.Rectangle{Max: size}.Add(image.Pt(n%columns*column, top+8))
			if at.Max.Y+8 > sheet.Rect.Max.Y {
				sheet = taller(sheet, at.Max.Y+8)
			}
			draw.ApproxBiLinear.Scale(sheet, at, img, img.Bounds(), draw.Src, nil)
			bottom, n = max(bottom, at.Max.Y+8), n+1
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, sheet); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*contact, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// taller is a picture with as much white under it as makes it so high.
func taller(m *image.RGBA, height int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, m.Rect.Dx(), height))
	stddraw.Draw(out, out.Rect, image.White, image.Point{}, stddraw.Src)
	stddraw.Draw(out, m.Rect, m, image.Point{}, stddraw.Src)
	return out
}
