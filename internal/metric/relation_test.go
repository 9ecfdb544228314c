package metric

import (
	"math"
	"testing"
)

func TestRankCorrelation(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 3}, []float64{10, 20, 400}, 1},
		{[]float64{1, 2, 3}, []float64{3, 2, 1}, -1},
		{[]float64{1, 2, 3, 4}, []float64{1, 3, 2, 4}, 0.8}, // 1 − 6·Σd²/(n(n²−1)) = 1 − 6·2/60
		// Ranks 0.5 0.5 2 against 0 1 2: 1.5/√(1.5·2).
		{[]float64{5, 5, 7}, []float64{1, 2, 3}, math.Sqrt(3) / 2},
	} {
		if got := RankCorrelation(c.a, c.b); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v and %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
	if got := RankCorrelation([]float64{1, 1}, []float64{1, 2}); !math.IsNaN(got) {
		t.Errorf("of values that are all the same: %v", got)
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
