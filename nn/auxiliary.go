package nn

import "ctrlab/internal/vec"

// Auxiliary is a row of the table of losses over a model's voices, the logits z_k that its own logit z is the mean of. L is the loss
// of z and L_k that of z_k, means over the batch.
type Auxiliary struct {
	Name, Formula string
	Reduces       bool // it wants the losses of the whole batch: see Step.Reduce
	add           func(v *Voices, s *Step, sum float64, x Heard) float64
}

// Auxiliaries is the table of them; what names none has the first.
var Auxiliaries = []Auxiliary{
	{"none", "L", false, nil},
	// Li et al. 2024, eq. 14; the weights have gradients too, as in the authors' code.
	{"tri_bce", "L + Σ_k max(0, L_k − L) L_k", true, (*Voices).tri},
	// Zhu et al. 2023, §3.3.
	{"distillation", "L + Σ_k loss(z_k, σ(z)), with σ(z) for a label that has no gradient", false, (*Voices).distil},
}

// FindAuxiliary returns the row with a name.
func FindAuxiliary(name string) (Auxiliary, bool) {
	for _, a := range Auxiliaries {
		if a.Name == name {
			return a, true
		}
	}
	return Auxiliary{}, false
}

// Heard is a shard of what an Auxiliary looks at.
type Heard struct {
	Z, Dz, Label []float32 // [N], logits with the gradient of L, which may be changed, and labels
	Voices       Mat       // [N, voices]
	Dvoices      Mat       // is overwritten: their gradients beside what comes through the mean
	Rows         int       // of the batch
}

// Voices is a lane's memory of an Auxiliary.
type Voices struct {
	Auxiliary
	plain, loss   Loss
	z, dz, target []float32 // [rows], of one voice
	sums          []float64 // of the logit's loss and of each voice's
}

// NewVoices makes room for n voices of shards of at most rows. loss is that of training, plain the same before an Objective's changes.
func NewVoices(a Auxiliary, plain, loss Loss, rows, n int) *Voices {
	return &Voices{a, plain, loss, make([]float32, rows), make([]float32, rows), make([]float32, rows), make([]float64, 1+n)}
}

// Add takes a shard's Σ loss of its logits and returns that of everything.
func (v *Voices) Add(s *Step, sum float64, x Heard) float64 { return v.add(v, s, sum, x) }

// one writes the gradient of voice k, and returns its Σ loss against labels.
func (v *Voices) one(k int, loss Loss, label []float32, x Heard) float64 {
	z, dz := v.z[:x.Voices.N], v.dz[:x.Voices.N]
	for n := range z {
		z[n] = x.Voices.Row(n)[k]
	}
	sum := loss.Grad(dz, z, label, 1/float64(x.Rows))
	for n, d := range dz {
		x.Dvoices.Row(n)[k] = d
	}
	return sum
}

func (v *Voices) tri(s *Step, sum float64, x Heard) float64 {
	v.sums[0] = sum
	for k := range x.Voices.C {
		v.sums[1+k] = v.one(k, v.loss, x.Label, x)
	}
	s.Reduce(v.sums)
	mean := v.sums[0] / float64(x.Rows)
	more, own := 0.0, 1.0 // what is added to L, and the whole's derivative by L
	for k := range x.Voices.C {
		voice, of := v.sums[1+k]/float64(x.Rows), 0.0
		if w := voice - mean; w > 0 {
			more += w * voice
			own -= voice
			of = w + voice
		}
		for n := range x.Dvoices.N {
			x.Dvoices.Row(n)[k] *= float32(of)
		}
	}
	vec.Scale(x.Dz, float32(own))
	return sum + more*float64(len(x.Z))
}

func (v *Voices) distil(_ *Step, sum float64, x Heard) float64 {
	target := v.target[:len(x.Z)]
	copy(target, x.Z)
	if !v.plain.Rating {
		for n, z := range x.Z {
			target[n] = float32(Sigmoid(float64(z)))
		}
	}
	for k := range x.Voices.C {
		sum += v.one(k, v.plain, target, x)
	}
	return sum
}
