package report

import (
	"os"
	"path/filepath"
	"testing"

	"ctrlab/internal/store"
)

// Small figures come out as they were looked at. Letters are measured in fonts that gonum/plot brings, so that they are the same
// everywhere.
func TestGoldenSVG(t *testing.T) {
	for _, c := range []struct {
		file   string
		report *store.Report
	}{
		{"accuracy", ratings().report()},
		{"differences", baseline()},
		{"wins", ratings().report()},
		{"throughput", ratings().report()},
		{"target", ratings().report()},
		{"learning", oneSeed()},
		{"calibration", withParts(ratings().report())},
		{"ranks", fourteen()},
	} {
		s := summarize(c.report)
		x := sole(s, c.file)
		if err := x.render(); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", c.file+".svg")
		if *update {
			if err := os.WriteFile(file, x.svg, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(x.svg) != string(want) {
			t.Errorf("%s is not what it was; look at it, then -update", file)
		}
	}
}

// sole is the figure of a name, of the first group.
func sole(s *summary, name string) *drawn {
	for _, f := range overall {
		if f.name == name {
			return &drawn{file: name, drawing: *f.draw(s)}
		}
	}
	for _, f := range figures {
		if f.name == name {
			return &drawn{file: name, drawing: *f.draw(s, s.groups[0])}
		}
	}
	panic("no such figure: " + name)
}
