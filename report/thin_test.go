package report

import (
	"fmt"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// A flat line with one spike keeps the spike and its ends.
func TestLargestTriangles(t *testing.T) {
	var line []vg.Point
	for i := range 1000 {
		line = append(line, vg.Point{X: vg.Length(i)})
	}
	line[617].Y = 5
	kept := largestTriangles(line, 10)
	if len(kept) != 10 || kept[0] != line[0] || kept[9] != line[999] {
		t.Errorf("kept %v", kept)
	}
	for i, p := range kept {
		if p.Y == 5 {
			return
		}
		if i > 0 && p.X <= kept[i-1].X {
			t.Errorf("%v is behind %v", p, kept[i-1])
		}
	}
	t.Error("the spike is lost")
}

// Steps are of rounded places: 0.04 a point would round to none, and 400 points would end where they began.
func TestThinnedDoesNotDrift(t *testing.T) {
	var d strings.Builder
	d.WriteString("M0,0")
	for i := range 400 {
		fmt.Fprintf(&d, "L%.4g,0", 0.04*float64(i+1))
	}
	got := thinned(`<path d="` + d.String() + `" />`)
	var x float64
	for _, w := range strings.Fields(strings.Split(strings.Split(got, "l")[1], `"`)[0]) {
		var dx float64
		fmt.Sscanf(w, "%g,", &dx)
		x += dx
	}
	if x < 15.99 || x > 16.01 {
		t.Errorf("it ends at %g, want 16: %s", x, got)
	}
}

func TestThinnedLeavesTheRest(t *testing.T) {
	long := "M0,0" + strings.Repeat("L1,2", 500)
	for _, path := range []string{"M1,2L3,4", "M1,2A3,3 0 0 0 4,5Z", long + "M5,5L6,6"} {
		svg := `<path d="` + path + `" />`
		if got := thinned(svg); got != svg {
			t.Errorf("%.40s became %.40s", svg, got)
		}
	}
	if got := thinned(`<path d="` + long + `Z" />`); !strings.HasSuffix(got, `Z" />`) || len(got) > 3000 {
		t.Errorf("a long shape became %s", got)
	}
}
