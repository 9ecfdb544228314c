package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/describe"
)

// described is a set of many fields with long and hostile names, one split of them empty.
func described(fields int) DataSet {
	d := &describe.Description{Rows: [batch.Splits]int{90_000, 10_000, 0}}
	d.Label.Mean = [batch.Splits]float64{0.2, 0.25}
	d.Label.Parts = [batch.Splits][]float64{{0.1, 0.2, 0.3, 0.2}, {0.25}, nil}
	drift := 0.3
	for i := range fields {
		f := describe.Field{Name: fmt.Sprintf("advertiser_category_%d <b>", i), Rows: 1000 * (i + 1), Lookups: [batch.Splits]int64{90_000, 10_000, 0}}
		f.Distinct[batch.Train] = f.Rows
		f.Top = []describe.Share{{IDs: 1, Share: 0.01}, {IDs: 10, Share: 0.1 + 0.01*float64(i)}, {IDs: f.Rows, Share: 1}}
		f.Drift[batch.Valid] = &drift
		d.Fields = append(d.Fields, f)
	}
	d.Dense = []describe.Dense{{Name: "price", Mean: 1e6, SD: 3.5, Max: 1e9, Drift: [batch.Splits]*float64{nil, &drift, nil}}}
	return DataSet{Name: "csv", Options: `{"path":["a"],"split":{"kind":"time"}}`, Identity: "0123", Warnings: []string{"<script>rows</script> repeat"}, Description: d}
}

func TestWriteData(t *testing.T) {
	for name, d := range map[string]DataSet{"many": described(40), "few": described(1), "none": described(0)} {
		dir := t.TempDir()
		if keep := os.Getenv("CTRLAB_KEEP"); keep != "" { // to look at
			dir = filepath.Join(keep, name)
		}
		if err := WriteData(dir, d); err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(filepath.Join(dir, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		text := string(page)
		for _, want := range []string{thousands(90_000), "0.2500", "&lt;script&gt;rows", "split.kind", "price"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not on the page", name, want)
			}
		}
		if strings.Contains(text, "<script>rows") || strings.Contains(text, "http") && strings.Contains(text, "src=") {
			t.Errorf("%s: the page takes a name for markup, or fetches", name)
		}
		checkStructure(t, page)
		figures, _ := filepath.Glob(filepath.Join(dir, "*.png"))
		if want := map[string]int{"many": 3, "few": 3, "none": 2}[name]; len(figures) != want || strings.Count(text, `type="application/json"`) != want {
			t.Errorf("%s: %d figures, want %d", name, len(figures), want)
		}
	}
}
