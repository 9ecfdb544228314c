package nn

import (
	"math"
	"testing"
)

// Values by hand at z = 0.5, p = σ(0.5) = 0.6224593312018546: −ln p = 0.4740769841801067, −ln(1−p) = 0.9740769841801067.
func TestObjective(t *testing.T) {
	const p, a, b = 0.6224593312018546, 0.4740769841801067, 0.9740769841801067
	bce, _ := FindLoss("bce")
	for _, c := range []struct {
		o     Objective
		label float32
		want  float64
	}{
		{Objective{0, 2, 0}, 1, 2 * a},
		{Objective{0, 2, 0}, 0, b},
		{Objective{0.1, 1, 0}, 1, 0.95*a + 0.05*b},
		{Objective{0.1, 1, 0}, 0, 0.05*a + 0.95*b},
		{Objective{0, 1, 2}, 1, (1 - p) * (1 - p) * a},
		{Objective{0, 1, 2}, 0, p * p * b},
		{Objective{0.2, 3, 0.5}, 1, 0.9*3*math.Sqrt(1-p)*a + 0.1*math.Sqrt(p)*b},
	} {
		l := c.o.Of(bce)
		at := func(z float32) (float64, float64) {
			dz := make([]float32, 1)
			v := l.Grad(dz, []float32{z}, []float32{c.label}, 0.5)
			return v, float64(dz[0])
		}
		got, slope := at(0.5)
		if math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v at label %g is %v, want %v", c.o, c.label, got, c.want)
		}
		up, _ := at(0.5 + 1.0/1024)
		down, _ := at(0.5 - 1.0/1024)
		if want := 0.5 * (up - down) * 512; math.Abs(slope-want) > 1e-6 {
			t.Errorf("%+v at label %g has slope %v, finite differences say %v", c.o, c.label, slope, want)
		}
		for _, z := range []float32{300, -300} {
			if v, d := at(z); math.IsNaN(v+d) || math.IsInf(v+d, 0) {
				t.Errorf("%+v at %g is %v with slope %v", c.o, z, v, d)
			}
		}
	}
}

// An objective that is plain but for nothing that counts is bce.
func TestObjectiveIsBCE(t *testing.T) {
	bce, _ := FindLoss("bce")
	z, label := []float32{-3, 0.25, 2, 40}, []float32{1, 0, 1, 0}
	want, got := make([]float32, 4), make([]float32, 4)
	loss := bce.Grad(want, z, label, 0.25)
	other := Objective{0, 1, 1e-300}.Of(bce).Grad(got, z, label, 0.25)
	if math.Abs(loss-other) > 1e-12*loss {
		t.Errorf("the loss is %v, want %v", other, loss)
	}
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > 1e-7 {
			t.Errorf("gradient %d is %g, want %g", i, got[i], want[i])
		}
	}
}
