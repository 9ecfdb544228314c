package datasets

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ctrlab/internal/strict"
)

// Truth is one planted term of the true logit: a kind of the table Truths, and its options.
type Truth struct {
	Kind    string
	Options TruthOptions
}

// TruthOptions are the keys of one kind of truth: LinearTruth, FMTruth, …
type TruthOptions interface {
	strength() float64
	fit(c columnNames) error // refuses what does not fit the columns
	plant(p *planter) term
}

// Terms are the terms of a truth: in a file a list of tables, or the name of a row of NamedTruths.
type Terms []Truth

// DecodeValue accepts either.
func (t *Terms) DecodeValue(v any, at strict.Place) error {
	name, ok := v.(string)
	if !ok {
		return at.Decode(v, (*[]Truth)(t))
	}
	var names []string
	for _, n := range NamedTruths {
		if names = append(names, n.Name); n.Name == name {
			*t = slices.Clone(n.Terms)
			return nil
		}
	}
	hint := ""
	if near := strict.Nearest(name, names); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return at.Errorf("is %q, want tables or one of %s%s", name, strings.Join(names, ", "), hint)
}

// TruthKind is a row of the table of truths.
type TruthKind struct {
	Name     string // as kind spells it
	About    string // the term
	Defaults TruthOptions
	decode   func(t *strict.Table) (TruthOptions, error)
}

// Truths is the table of kinds of truth.
var Truths = []TruthKind{
	plants("linear", "Σ_f w_f, and Σ_k w_k·x_k of the dense features", LinearTruth{Strength: 2}),
	plants("fm", "Σ_{i<j} v_i·v_j", FMTruth{Strength: 2, Dim: 4}),
	plants("pairs", "v_i·v_j over some pairs of fields only", ProductTruth{Strength: 2, Dim: 4, Count: 3, Order: 2}),
	plants("order3", "Σ_d v_id·v_jd·v_kd over some triples of fields", ProductTruth{Strength: 2, Dim: 4, Count: 3, Order: 3}),
	plants("order4", "the same over four fields at a time", ProductTruth{Strength: 2, Dim: 4, Count: 3, Order: 4}),
	plants("parity", "∏ ±1: the XOR of a hidden bit of each of some fields", ParityTruth{Strength: 2, Order: 2, Count: 1}),
	plants("bilinear", "Σ_{i<j} v_iᵀ·M_ij·v_j with full-rank matrices", BilinearTruth{Strength: 2, Dim: 4}),
	plants("mlp", "a random tanh network on the fields' latent vectors", MLPTruth{Strength: 2, Dim: 4, Hidden: []int{16}}),
}

func plants[O TruthOptions](name, about string, defaults O) TruthKind {
	return TruthKind{name, about, defaults, func(t *strict.Table) (TruthOptions, error) {
		o := defaults
		err := t.Decode(&o, "kind")
		return o, err
	}}
}

// DecodeValue reads the table's kind and then the kind's own keys.
func (t *Truth) DecodeValue(v any, at strict.Place) error {
	table, ok := v.(*strict.Table)
	if !ok {
		return at.Errorf("is no table, want { kind, strength, … }")
	}
	raw, given := table.Get("kind")
	if !given {
		return table.Errorf("kind", "is missing, want one of %s", strings.Join(truthNames(), ", "))
	}
	name, _ := raw.(string)
	i := slices.Index(truthNames(), name)
	if i < 0 {
		hint := ""
		if near := strict.Nearest(name, truthNames()); near != "" {
			hint = "; did you mean " + near + "?"
		}
		return table.Errorf("kind", "is %#v, want one of %s%s", raw, strings.Join(truthNames(), ", "), hint)
	}
	options, err := Truths[i].decode(table)
	*t = Truth{name, options}
	return err
}

// MarshalJSON writes what DecodeValue reads: the kind among its options.
func (t Truth) MarshalJSON() ([]byte, error) {
	options, err := json.Marshal(t.Options)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"kind":%q,%s`, t.Kind, options[1:]), nil
}

func truthNames() []string {
	names := make([]string, len(Truths))
	for i, k := range Truths {
		names[i] = k.Name
	}
	return names
}
