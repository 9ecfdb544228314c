package tune

import "testing"

// Origin: scipy 1.17.1, qmc.Sobol(21, scramble=False), which takes Joe & Kuo's numbers too: rows 0 to 7 of some dimensions,
// and all of row 1000.
func TestSobol(t *testing.T) {
	dims := []int{0, 1, 2, 5, 12, 20}
	for i, want := range [][]float64{
		{0, 0, 0, 0, 0, 0},
		{0.5, 0.5, 0.5, 0.5, 0.5, 0.5},
		{0.75, 0.25, 0.25, 0.75, 0.25, 0.25},
		{0.25, 0.75, 0.75, 0.25, 0.75, 0.75},
		{0.375, 0.375, 0.625, 0.125, 0.375, 0.125},
		{0.875, 0.875, 0.125, 0.625, 0.875, 0.625},
		{0.625, 0.125, 0.875, 0.875, 0.125, 0.375},
		{0.125, 0.625, 0.375, 0.375, 0.625, 0.875},
	} {
		for k, dim := range dims {
			check(t, dim, i, want[k])
		}
	}
	for dim, want := range []float64{
		0.2197265625, 0.0966796875, 0.5185546875, 0.6767578125, 0.2802734375, 0.9072265625, 0.0458984375, 0.8994140625, 0.5009765625,
		0.0693359375, 0.0849609375, 0.2548828125, 0.1611328125, 0.3837890625, 0.1435546875, 0.3701171875, 0.7197265625, 0.3447265625,
		0.9912109375, 0.7255859375, 0.5224609375,
	} {
		check(t, dim, 1000, want)
	}
}

func check(t *testing.T, dim, row int, want float64) {
	t.Helper()
	v := directions(dim)
	if got := float64(sobolAt(&v, uint32(row))) / (1 << 32); got != want {
		t.Errorf("row %d, dimension %d: %v, want %v", row, dim, got, want)
	}
}

// The first sixteen points have one in each sixteenth of every dimension, however they are shifted.
func TestStratified(t *testing.T) {
	s := search(t, "[tune]\nmethod = 'sobol'\nbudget = { trials = 16 }\n[tune.space]\n'train.a' = { range = [0, 16] }\n'train.b' = { range = [0, 16] }\n")
	for dim := range 2 {
		seen := map[int]bool{}
		for _, x := range play(s, func(Proposal) float64 { return 0 }) {
			seen[int(x.Point[dim])] = true
		}
		if len(seen) != 16 {
			t.Errorf("dimension %d: points in %d of 16 parts", dim, len(seen))
		}
	}
}
