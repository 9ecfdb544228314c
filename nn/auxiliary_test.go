package nn

import (
	"math"
	"testing"
)

// heard is three rows of two voices, whose mean is z.
func heard(z [6]float32) Heard {
	x := Heard{Z: make([]float32, 3), Dz: make([]float32, 3), Label: []float32{1, 0, 1}, Voices: NewMat(3, 2), Dvoices: NewMat(3, 2), Rows: 3}
	copy(x.Voices.Data, z[:])
	for n := range x.Z {
		x.Z[n] = (z[2*n] + z[2*n+1]) / 2
	}
	return x
}

// total is the mean loss of everything, and its gradient by each voice: half of dz comes through the mean.
func total(a Auxiliary, z [6]float32) (float64, [6]float64) {
	bce, _ := FindLoss("bce")
	x := heard(z)
	sum := bce.Grad(x.Dz, x.Z, x.Label, 1.0/3)
	sum = NewVoices(a, bce, bce, 3, 2).Add(&Step{}, sum, x)
	var d [6]float64
	for i := range d {
		d[i] = float64(x.Dvoices.Data[i]) + float64(x.Dz[i/2])/2
	}
	return sum / 3, d
}

// The three-way loss against its formula in float64, and its gradient, weights and all, against finite differences: where one voice is
// worse than the mean, both are, none is.
func TestTriBCE(t *testing.T) {
	tri, _ := FindAuxiliary("tri_bce")
	for name, z := range map[string][6]float32{
		"one is worse": {1, -2, -1.5, 2, 0.5, 0}, "both are": {3, -2, -2, 1, -1, 3}, "none is": {0.25, 0.25, -1, -1, 2, 2},
	} {
		loss := func(z [3]float64) (sum float64) {
			for n, y := range []float64{1, 0, 1} {
				sum += (math.Log1p(math.Exp(-z[n]))*y + math.Log1p(math.Exp(z[n]))*(1-y)) / 3
			}
			return sum
		}
		want := func(z [6]float64) float64 {
			var m, a, b [3]float64
			for n := range m {
				a[n], b[n], m[n] = z[2*n], z[2*n+1], (z[2*n]+z[2*n+1])/2
			}
			l, la, lb := loss(m), loss(a), loss(b)
			return l + max(0, la-l)*la + max(0, lb-l)*lb
		}
		var at [6]float64
		for i, v := range z {
			at[i] = float64(v)
		}
		got, d := total(tri, z)
		if math.Abs(got-want(at)) > 1e-12 {
			t.Errorf("%s: the loss is %v, want %v", name, got, want(at))
		}
		for i := range at {
			up, down := at, at
			up[i] += 1e-5
			down[i] -= 1e-5
			if slope := (want(up) - want(down)) / 2e-5; math.Abs(d[i]-slope) > 1e-6 {
				t.Errorf("%s: the gradient of %d is %v, finite differences say %v", name, i, d[i], slope)
			}
		}
	}
}

// Distillation adds the cross-entropy of each voice with the mean's probability, held fast.
func TestDistillation(t *testing.T) {
	distil, _ := FindAuxiliary("distillation")
	z := [6]float32{1, -2, -1.5, 2, 0.5, 0}
	got, d := total(distil, z)
	none := heard(z)
	want := 0.0
	for n, m := range none.Z {
		q := Sigmoid(float64(m))
		want += math.Log1p(math.Exp(-float64(m))) + float64(m)*(1-float64(none.Label[n]))
		for k := range 2 {
			v := float64(none.Voices.Row(n)[k])
			want += math.Log1p(math.Exp(-v)) + v*(1-q)
			if slope := ((q-float64(none.Label[n]))/2 + Sigmoid(v) - q) / 3; math.Abs(d[2*n+k]-slope) > 1e-7 {
				t.Errorf("the gradient of voice %d in row %d is %v, want %v", k, n, d[2*n+k], slope)
			}
		}
	}
	if math.Abs(got-want/3) > 1e-7 {
		t.Errorf("the loss is %v, want %v", got, want/3)
	}
}
