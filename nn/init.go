package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Init chooses initial values. Scale multiplies the kind's own scale; 0 stands for 1.
type Init struct {
	Kind  string  `json:"kind"`
	Scale float64 `json:"scale"`
}

// Inits are the initial values of a house: of embedding tables, of weights, of biases.
type Inits struct {
	Embedding Init `json:"embedding"`
	Weight    Init `json:"weight"`
	Bias      Init `json:"bias"`
}

// InitKind is a row of the table of initial values; scale gives its bound or standard deviation for a
// parameter of out × in (a table: rows × D).
type InitKind struct {
	Name, About string
	normal      bool
	scale       func(out, in float64) float64
}

// InitKinds is the table of initial values.
var InitKinds = []InitKind{
	{"zero", "0", false, func(_, _ float64) float64 { return 0 }},
	{"uniform", "uniform in ±scale", false, func(_, _ float64) float64 { return 1 }},
	{"normal", "normal, standard deviation scale", true, func(_, _ float64) float64 { return 1 }},
	{"xavier", "uniform in ±√(6/(in+out)); Glorot & Bengio 2010, eq. 16", false, func(out, in float64) float64 { return math.Sqrt(6 / (in + out)) }},
	{"xavier_normal", "normal, variance 2/(in+out)", true, func(out, in float64) float64 { return math.Sqrt(2 / (in + out)) }},
	{"out_normal", "normal, variance 1/out", true, func(out, _ float64) float64 { return math.Sqrt(1 / out) }},
	{"row_uniform", "uniform in ±1/√rows", false, func(out, _ float64) float64 { return 1 / math.Sqrt(out) }},
}

// DLRMInits are those of the DLRM repository; DefaultInits those of every other model.
var (
	DLRMInits    = Inits{Init{"row_uniform", 1}, Init{"xavier_normal", 1}, Init{"out_normal", 1}}
	DefaultInits = Inits{Init{"normal", 0.01}, Init{"xavier", 1}, Init{"zero", 1}}
)

func (i Init) find() (InitKind, bool) {
	for _, k := range InitKinds {
		if k.Name == i.Kind {
			return k, true
		}
	}
	return InitKind{}, false
}

// Check refuses an unknown kind or a negative scale.
func (i Init) Check() error {
	if _, ok := i.find(); !ok {
		var names []string
		for _, k := range InitKinds {
			names = append(names, k.Name)
		}
		return fmt.Errorf("kind is %q, want one of %s", i.Kind, strings.Join(names, ", "))
	}
	if i.Scale < 0 {
		return fmt.Errorf("scale is %g, want at least 0", i.Scale)
	}
	return nil
}

// fill draws the values of a parameter of out × in.
func (i Init) fill(v []float32, out, in int, r *rand.Rand) {
	k, ok := i.find()
	if !ok {
		panic("nn: unknown kind of initial values")
	}
	s := k.scale(float64(out), float64(in))
	if i.Scale != 0 {
		s *= i.Scale
	}
	switch {
	case s == 0:
		clear(v)
	case k.normal:
		for j := range v {
			v[j] = float32(s * r.NormFloat64())
		}
	default:
		for j := range v {
			v[j] = float32(s * (2*r.Float64() - 1))
		}
	}
}
