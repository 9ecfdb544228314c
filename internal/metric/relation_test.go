package metric

import (
	"math"
	"testing"
)

func TestAgreement(t *testing.T) {
	for _, c := range []struct {
		x, truth []float64
		want     float64
	}{
		{[]float64{1, 2, 3}, []float64{10, 20, 400}, 1},
		{[]float64{1, 2, 3}, []float64{3, 2, 1}, -1},
		{[]float64{1, 3, 2, 4}, []float64{1, 2, 3, 4}, 4.0 / 6}, // five of six couples in order, one not
		{[]float64{0.3, 0.1, 0.2, 5}, []float64{0, 0, 0, 1}, 1}, // equals in truth may come in any order
		{[]float64{1, 1, 2}, []float64{0, 1, 2}, 2.0 / 3},       // a couple that x has equal counts for nothing
	} {
		if got := Agreement(c.x, c.truth); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v given %v: %v, want %v", c.x, c.truth, got, c.want)
		}
	}
	if got := Agreement([]float64{1, 2}, []float64{1, 1}); !math.IsNaN(got) {
		t.Errorf("of a truth that is the same throughout: %v", got)
	}
}

func TestProcrustes(t *testing.T) {
	v := []float64{1, 0, -1, 0, 0, 2, 0, -2} // rows (±1, 0), (0, ±2)
	for name, c := range map[string]struct {
		x    []float64
		want float64
	}{
		"itself":                   {v, 1},
		"turned by 90°, scaled":    {[]float64{0, 3, 0, -3, -6, 0, 6, 0}, 1},
		"mirrored":                 {[]float64{-1, 0, 1, 0, 0, 2, 0, -2}, 1},
		"in three dimensions":      {[]float64{0, 0, 1, 0, 0, -1, 2, 0, 0, -2, 0, 0}, 1},
		"of its second alone":      {[]float64{0, 0, 2, -2}, 0.8}, // 8²/(8·10)
		"of rows that are another": {[]float64{0, 0, 0, 0, 1, 0, 1, 0}, 0},
	} {
		if got := Procrustes(c.x, v, 4); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Points on a line through (1, 1, 0), and around it in the third column a fourth as far.
func TestPlane(t *testing.T) {
	xy, shares := Plane([]float64{2, 2, 5, -2, -2, 5, 0, 0, 5 + 1, 0, 0, 5 - 1}, 4)
	want := [][2]float64{{math.Sqrt(8), 0}, {-math.Sqrt(8), 0}, {0, 1}, {0, -1}}
	for i, p := range xy {
		if math.Abs(p[0]-want[i][0])+math.Abs(p[1]-want[i][1]) > 1e-12 {
			t.Errorf("point %d is %v, want %v", i, p, want[i])
		}
	}
	if math.Abs(shares[0]-16.0/18)+math.Abs(shares[1]-2.0/18) > 1e-12 {
		t.Errorf("shares are %v, want 16/18 and 2/18", shares)
	}
	if xy, shares := Plane([]float64{1, 3}, 2); xy[0] != [2]float64{-1, 0} || shares != [2]float64{1, 0} {
		t.Errorf("of one column: %v, %v", xy, shares)
	}
}
