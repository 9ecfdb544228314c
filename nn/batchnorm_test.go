package nn

import (
	"math"
	"testing"
)

// x = (1, 2, 3, 6): mean 3, variance 14/4, unbiased 14/3. Running statistics after one batch: 0.1·3, 0.9 + 0.1·14/3.
func TestBatchNorm(t *testing.T) {
	l := NewBatchNorm(NewBuilder(4, 1, true, DefaultInits), 1)
	l.weight.Value[0], l.bias.Value[0] = 2, 1
	in := []float32{1, 2, 3, 6}
	x := Mat{N: 4, C: 1, Stride: 1, Data: append([]float32(nil), in...)}
	l.Forward(&Step{Train: true}, x)
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s is %g, want %g", what, got, want)
		}
	}
	for i, v := range in {
		near("y", float64(x.Data[i]), 2*(float64(v)-3)/math.Sqrt(3.5+1e-5)+1)
	}
	near("running_mean", float64(l.mean.Value[0]), 0.3)
	near("running_var", float64(l.variance.Value[0]), 0.9+1.4/3)
	copy(x.Data, in)
	l.Forward(&Step{}, x)
	for i, v := range in {
		near("prediction", float64(x.Data[i]), 2*(float64(v)-0.3)/math.Sqrt(0.9+1.4/3+1e-5)+1)
	}
	near("running_mean after a prediction", float64(l.mean.Value[0]), 0.3)
}

// A mean a thousand times the deviation costs no accuracy: sums are in float64.
func TestBatchNormFarFromZero(t *testing.T) {
	const n = 1000
	l := NewBatchNorm(NewBuilder(n, 1, true, DefaultInits), 1)
	x := NewMat(n, 1)
	for i := range x.Data {
		x.Data[i] = 1024 + float32(i%3-1) // exact: variance 2/3, but for one row more of −1
	}
	l.Forward(&Step{Train: true}, x)
	mean := -1.0 / n
	variance := (667.0)/n - mean*mean
	for i := range 3 {
		want := (float64(i-1) - mean) / math.Sqrt(variance+1e-5)
		if math.Abs(float64(x.Data[i])-want) > 2e-4 { // 1024 ± 1 less a mean of 24 bits
			t.Errorf("row %d is %g, want %g", i, x.Data[i], want)
		}
	}
}
