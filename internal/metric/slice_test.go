package metric

import (
	"math"
	"testing"
)

// Six rows in two parts and a third that is empty, by hand: in "new" scores 0, 0 and ln 3 of labels 0, 1 and 1.
func TestSlices(t *testing.T) {
	z := float32(math.Log(3)) // probability 3/4
	e := Eval{Score: []float32{0, -z, 0, z, -z, z}, Label: []float32{0, 0, 1, 1, 1, 1}, Binary: true}
	cut := Cut{"age", []string{"new", "never", "old"}, []int32{0, 2, 0, 0, 2, 2}}
	s := Slices(e, []Cut{cut})
	if len(s) != 2 || s[0].Name != Calibration || s[1].Name != "age" || len(s[1].Parts) != 2 {
		t.Fatalf("%+v", s)
	}
	near := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-7 { // scores are float32
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	p := s[1].Parts[0]
	if p.Name != "new" || p.Examples != 3 || s[1].Parts[1].Name != "old" {
		t.Errorf("%+v", s[1].Parts)
	}
	near("predicted", p.Predicted, (0.5+0.5+0.75)/3)
	near("observed", p.Observed, 2./3)
	near("log loss", p.LogLoss, (2*math.Ln2+math.Log(4./3))/3)
	near("AUC", p.AUC, 0.75) // one of two pairs is a tie

	bins := s[0].Parts // three predictions, and equal ones stay together
	if len(bins) != 3 || bins[0].Name != "1" || bins[0].Examples != 2 || bins[2].Examples != 2 {
		t.Fatalf("%+v", bins)
	}
	near("first bin", bins[0].Predicted, 0.25)
	near("first bin's labels", bins[0].Observed, 0.5)
	near("last bin's labels", bins[2].Observed, 1)
}

func TestSlicesOfOthers(t *testing.T) {
	of := []Cut{{"all", []string{"all"}, []int32{0, 0}}}
	ratings := Slices(Eval{Score: []float32{1, 7}, Label: []float32{2, 4}, Rating: &[2]float64{1, 5}}, of)
	if p := ratings[1].Parts[0]; p.Predicted != 3 || p.Observed != 3 || !math.IsNaN(p.AUC) || !math.IsNaN(p.LogLoss) {
		t.Errorf("ratings, clipped to 5: %+v", p)
	}
	margins := Slices(Eval{Score: []float32{-1, 7}, Label: []float32{0, 1}, Binary: true, Margin: true}, of)
	if p := margins[0].Parts[0]; len(margins) != 1 || !math.IsNaN(p.Predicted) || p.AUC != 1 {
		t.Errorf("margins: %+v", margins)
	}
}
