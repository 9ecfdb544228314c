package report

import (
	"strings"
	"testing"
)

// Every figure has its data, whole rows under a header, and says what its marks are.
func TestFiguresHaveData(t *testing.T) {
	for _, f := range fixtures {
		all, err := draft(summarize(f.report()), inTurn)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			if len(d.data) < 2 {
				t.Errorf("%s: %s has no data", f.name, d.file)
			}
			for _, row := range d.data {
				if len(row) != len(d.data[0]) {
					t.Errorf("%s: %s: row %q under %q", f.name, d.file, row, d.data[0])
					break
				}
			}
			if !strings.Contains(string(d.svg), "<title>") {
				t.Errorf("%s: %s has no hints", f.name, d.file)
			}
		}
	}
}
