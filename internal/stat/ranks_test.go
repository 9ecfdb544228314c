package stat

import (
	"reflect"
	"testing"
)

// Origin: scipy 1.17.1, stats.wilcoxon(method="exact"); the first are Darwin's maize plants. Ties and zeros by counting on paper.
func TestSignedRank(t *testing.T) {
	for _, c := range []struct {
		d    []float64
		want float64
	}{
		{[]float64{6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75}, 0.041259765625},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8}, 0.0078125},
		{[]float64{1, 2, 3, 4, 5}, 0.0625}, // five never reject
		{[]float64{1, 1, -1}, 1},           // ranks 2, 2, 2: half of all signs have a sum this far or further
		{[]float64{0, 3}, 1}, {nil, 1},
	} {
		near(t, "p", SignedRank(c.d), c.want)
	}
}

func TestRanks(t *testing.T) {
	x := []float64{0.7, 0.9, 0.7, 0.1}
	if got := Ranks(x, false); !reflect.DeepEqual(got, []float64{2.5, 4, 2.5, 1}) {
		t.Errorf("%v", got)
	}
	if got := Ranks(x, true); !reflect.DeepEqual(got, []float64{2.5, 1, 2.5, 4}) {
		t.Errorf("higher: %v", got)
	}
}

// Origin: ranks and F by scipy 1.17.1 (rankdata, f.sf) from AUCs of four trees on fourteen data sets, much as in Demšar 2006, table 6; the critical
// difference is the one stated there, 1.25 for four on fourteen.
func TestRankOver(t *testing.T) {
	r := RankOver([][]float64{
		{0.763, 0.768, 0.771, 0.798}, {0.599, 0.591, 0.590, 0.569}, {0.954, 0.971, 0.968, 0.967}, {0.628, 0.661, 0.654, 0.657},
		{0.882, 0.888, 0.886, 0.898}, {0.936, 0.931, 0.916, 0.931}, {0.661, 0.668, 0.609, 0.685}, {0.583, 0.583, 0.563, 0.625},
		{0.775, 0.838, 0.866, 0.875}, {1, 1, 1, 1}, {0.940, 0.962, 0.965, 0.962}, {0.619, 0.666, 0.614, 0.669},
		{0.972, 0.981, 0.975, 0.975}, {0.957, 0.978, 0.946, 0.970},
	}, true)
	for i, want := range []float64{44.0 / 14, 2, 41.0 / 14, 27.0 / 14} {
		near(t, "mean rank", r.Mean[i], want)
	}
	near(t, "p", r.P, 0.01435244621602403)
	if r.Critical < 1.245 || r.Critical > 1.255 {
		t.Errorf("critical difference %v, want 1.25", r.Critical)
	}
	if one := RankOver([][]float64{{1, 2}}, true); one.P != 1 {
		t.Errorf("of one data set p is %v", one.P)
	}
}

func TestGroups(t *testing.T) {
	x := []float64{9, 8.5, 8, 7.9, 5}
	got := Groups(len(x), func(i, j int) bool { return x[i]-x[j] <= 1 })
	if want := [][2]int{{0, 3}, {1, 4}, {4, 5}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if Groups(0, nil) != nil {
		t.Error("groups of none")
	}
}
