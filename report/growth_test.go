package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWriteGrowth draws one curve and many that end at one place.
func TestWriteGrowth(t *testing.T) {
	many := make([]Growth, 12)
	for i := range many {
		many[i] = Growth{"wide_deep embedding_dim=16", []float64{1e3, 1e4, 1e6}, []float64{1e-6, 2e-6 + 1e-9*float64(i), 9e-6}}
	}
	for name, all := range map[string][]Growth{
		"one":  {{"lr", []float64{128, 512}, []float64{1e-6, 2e-7}}},
		"many": many,
	} {
		dir := t.TempDir()
		if keep := os.Getenv("CTRLAB_KEEP"); keep != "" { // to look at
			dir = keep
		}
		if err := WriteGrowth(dir, name, "rows a table", all, "ctr39, train"); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(filepath.Join(dir, "growth-"+name+".png")); err != nil || info.Size() < 5000 {
			t.Errorf("%s: %v", name, err)
		}
		svg, _ := os.ReadFile(filepath.Join(dir, "growth-"+name+".svg"))
		if !bytes.Contains(svg, []byte("<title>"+all[0].Label+": ")) || !bytes.Contains(svg, []byte("ctr39, train")) {
			t.Errorf("%s: the SVG tells nothing of %s", name, all[0].Label)
		}
		data, _ := os.ReadFile(filepath.Join(dir, "growth-"+name+".csv"))
		if rows := strings.Count(string(data), "\n"); rows != 1+len(all)*len(all[0].Size) {
			t.Errorf("%s: the CSV has %d rows", name, rows)
		}
	}
}
