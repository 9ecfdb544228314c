package report

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// A kernel that became a fifth slower at the sixth check stands in front, marked there; what never moved is shown too.
func TestTrend(t *testing.T) {
	var slow, still Trend
	slow.Label, still.Label = "kernel/mul seconds", "deepfm flops"
	var checks []string
	for i := range 12 {
		checks = append(checks, fmt.Sprintf("%x", 0xabcd00+i))
		v := 100 + float64(i*7%5)/10
		if i >= 6 {
			v *= 1.2
		}
		slow.Check, slow.Value = append(slow.Check, i), append(slow.Value, v)
		if i > 0 {
			still.Check, still.Value = append(still.Check, i), append(still.Value, 5000)
		}
	}
	all := []Trend{still, slow}
	d := drawTrend(checks, all)
	if len(d.data) != 24 || d.data[1][1] != "abcd00" || d.data[1][0] != slow.Label || d.data[7][3] != "true" || d.data[6][3] != "false" || d.data[20][3] != "false" || d.data[13][1] != "abcd01" {
		t.Errorf("the figure's data: %v", d.data)
	}
	dir := t.TempDir()
	if err := WriteTrend(dir, checks, all); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "trend.png"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(text))
	if err != nil || img.Bounds().Dx() < 900 {
		t.Errorf("the image: %v", err)
	}
}
