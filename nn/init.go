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

// InitKind is a row of the table of initial values; scale gives its bound, standard deviation or value for a
// parameter of out × in (a table: rows × D).
type InitKind struct {
	Name, About string
	draw        draw
	scale       func(out, in float64) float64
}

// draw is how values are drawn.
type draw int

const (
	uniform draw = iota
	positive
	normal
	constant
	identity
)

// InitKinds is the table of initial values.
var InitKinds = []InitKind{
	{"zero", "0", constant, func(_, _ float64) float64 { return 0 }},
	{"uniform", "uniform in ±scale", uniform, one},
	{"positive", "uniform in 0 … scale", positive, one},
	{"normal", "normal, standard deviation scale", normal, one},
	{"xavier", "uniform in ±√(6/(in+out)); Glorot & Bengio 2010, eq. 16", uniform, func(out, in float64) float64 { return math.Sqrt(6 / (in + out)) }},
	{"xavier_normal", "normal, variance 2/(in+out)", normal, func(out, in float64) float64 { return math.Sqrt(2 / (in + out)) }},
	{"out_normal", "normal, variance 1/out", normal, func(out, _ float64) float64 { return math.Sqrt(1 / out) }},
	{"row_uniform", "uniform in ±1/√rows", uniform, func(out, _ float64) float64 { return 1 / math.Sqrt(out) }},
	{"one", "1", constant, one},
	{"identity", "1 on the diagonal of a square; otherwise in one place of each row, which is drawn", identity, one},
}

func one(_, _ float64) float64 { return 1 }

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
	switch k.draw {
	case uniform:
		for j := range v {
			v[j] = float32(s * (2*r.Float64() - 1))
		}
	case positive:
		for j := range v {
			v[j] = float32(s * r.Float64())
		}
	case normal:
		for j := range v {
			v[j] = float32(s * r.NormFloat64())
		}
	case constant:
		for j := range v {
			v[j] = float32(s)
		}
	case identity:
		clear(v)
		for row := 0; row*in < len(v); row++ {
			at := row
			if out != in {
				at = r.IntN(in)
			}
			v[row*in+at] = float32(s)
		}
	}
}
