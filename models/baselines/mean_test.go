package baselines

import "testing"

// By hand: the mean of all seven is 3, user 1's 4 of two, item 3's 2 of two, weighed against two at 3 each 3½ and 2½; id 0 is not met.
func TestMean(t *testing.T) {
	for _, c := range []struct {
		o    MeanOptions
		want []float32 // of user 1 and item 3, and of user 0 and item 0
	}{
		{MeanOptions{"global", 0}, []float32{3, 3}},
		{MeanOptions{"user", 0}, []float32{4, 3}},
		{MeanOptions{"item", 0}, []float32{2, 3}},
		{MeanOptions{"user", 2}, []float32{3.5, 3}},
		{MeanOptions{"item", 2}, []float32{2.5, 3}},
	} {
		m := NewMean(schemaOf(4), c.o)
		fitted(t, m, few[:3], few[3:])
		if got := predicted(m, [3]float32{1, 3}, [3]float32{0, 0}); !near(got, c.want, 1e-6) {
			t.Errorf("%+v: %v, want %v", c.o, got, c.want)
		}
	}
}
