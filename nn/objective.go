package nn

import (
	"fmt"
	"math"
)

// Objective is what training does to the loss bce: the keys that go beside loss. Metrics know nothing of it.
type Objective struct {
	// LabelSmoothing ε makes a label y(1−ε) + ε/2.
	LabelSmoothing float64 `json:"label_smoothing"`
	// PositiveWeight multiplies the part of the positive class; negatives have 1.
	PositiveWeight float64 `json:"positive_weight"`
	// FocalGamma γ multiplies the class's part by (1−p)^γ, p the probability that the model gives it (Lin et al. 2017, eq. 4).
	FocalGamma float64 `json:"focal_gamma"`
}

// PlainObjective changes nothing.
var PlainObjective = Objective{PositiveWeight: 1}

// Fits wants what is plain where the loss is not bce.
func (o Objective) Fits(l Loss) error {
	switch {
	case o != PlainObjective && l.Name != "bce":
		return fmt.Errorf("loss is %q, and label_smoothing, positive_weight and focal_gamma are for bce", l.Name)
	case o.LabelSmoothing < 0 || o.LabelSmoothing >= 1:
		return fmt.Errorf("label_smoothing is %g, want at least 0 and less than 1", o.LabelSmoothing)
	case o.PositiveWeight <= 0 || o.PositiveWeight > 1e9:
		return fmt.Errorf("positive_weight is %g, want more than 0 and at most 1e9", o.PositiveWeight)
	case o.FocalGamma < 0 || o.FocalGamma > 100:
		return fmt.Errorf("focal_gamma is %g, want 0 to 100", o.FocalGamma)
	}
	return nil
}

// Of returns the loss with the objective's changes:
// −w y (1−p)^γ ln p − (1−y) p^γ ln(1−p), p = σ(z), y smoothed, w the positive weight.
func (o Objective) Of(l Loss) Loss {
	if o == PlainObjective {
		return l
	}
	l.Grad = func(dz, z, label []float32, scale float64) float64 {
		sum := 0.0
		for n := range z {
			y := float64(label[n])*(1-o.LabelSmoothing) + o.LabelSmoothing/2
			up, dup := o.part(float64(z[n]))
			down, ddown := o.part(-float64(z[n]))
			sum += o.PositiveWeight*y*up + (1-y)*down
			dz[n] = float32(scale * (o.PositiveWeight*y*dup - (1-y)*ddown))
		}
		return sum
	}
	return l
}

// part is −(1−p)^γ ln p with p = σ(z), and its derivative by z: (1−p)^γ (γ p ln p − (1−p)).
func (o Objective) part(z float64) (v, slope float64) {
	p, q := Sigmoid(z), Sigmoid(-z)
	ln := min(z, 0) - math.Log1p(math.Exp(-math.Abs(z)))
	f := 1.0
	if o.FocalGamma != 0 {
		f = math.Pow(q, o.FocalGamma)
	}
	return -f * ln, f * (o.FocalGamma*p*ln - q)
}
