package experiments

import (
	"slices"
	"strings"

	"ctrlab/runner/tune"
)

// Tuning is the [tune] table of an experiment, with what it is to tune.
type Tuning struct {
	tune.Options
	Variants []Tunable // by model, then by the matrix's combinations
}

// Tunable is a variant whose configuration is to be chosen.
type Tunable struct {
	Trial            // as the file has it, without a seed
	Space tune.Space // those keys of [tune.space] that the variant has; none: it is not tuned
	at    func(tune.Space, tune.Point) (variant, error)
}

// At is the variant at a point of its space; its label says which.
func (t Tunable) At(p tune.Point) (Trial, error) {
	v, err := t.at(t.Space, p)
	return v.Trial, err
}

// block is how many seeds each repeat has of its own: the search trains with the first, and what it chose with seeds that no
// search has seen.
const block = 1_000_000

// SearchSeed is that of all trials of a search.
func (t *Tuning) SearchSeed(repeat int) uint64 { return block * uint64(repeat) }

// Seed is that of one of the experiment's seeds for what a search chose.
func (t *Tuning) Seed(repeat int, seed uint64) uint64 { return t.SearchSeed(repeat) + seed }

// tuning reads [tune], nil where there is none.
func (d *document) tuning(variants []variant, h head) (*Tuning, error) {
	table, err := d.root.Table("tune")
	if table == nil || err != nil {
		return nil, err
	}
	if h.Match != "" {
		return nil, d.root.Errorf("match", "sizes what [tune] would choose; want one of them")
	}
	for _, s := range h.Seeds {
		if s < 1 || s >= block {
			return nil, d.root.Errorf("seeds", "has %d, want 1 to %d where something is tuned: every search has a million of its own", s, block-1)
		}
	}
	o, err := tune.Decode(table)
	if err != nil {
		return nil, err
	}
	for _, dim := range o.Space {
		if err := d.tunable(dim); err != nil {
			return nil, err
		}
	}
	t := &Tuning{Options: o}
	for _, v := range variants {
		x, err := d.tune(v, o.Space)
		if err != nil {
			return nil, err
		}
		t.Variants = append(t.Variants, x)
	}
	return t, nil
}

// tunable refuses keys that no search may choose.
func (d *document) tunable(dim tune.Dimension) error {
	a := axisOf(dim)
	switch {
	case a.section() != "train" && a.section() != "model":
		return a.at.Errorf("is no key to tune, want one of train or model, like train.learning_rate")
	case dim.Key == "train.select":
		return a.at.Errorf("is what configurations are chosen by, and is not tuned")
	case slices.ContainsFunc(d.axes, func(b axis) bool { return b.key == a.key }):
		return a.at.Errorf("is a key of the matrix too; want it in one of them")
	}
	return d.usable(a)
}

// axisOf is a dimension as if its ends, or its choices, stood in a matrix.
func axisOf(dim tune.Dimension) axis {
	a := axis{key: dim.Key, at: dim.At}
	for _, p := range (tune.Space{dim}).Ends() {
		a.values = append(a.values, (tune.Space{dim}).Values(p)...)
	}
	return a
}

// tune gives a variant those dimensions that it has, and makes sure of their ends.
func (d *document) tune(v variant, all tune.Space) (Tunable, error) {
	t := Tunable{Trial: v.Trial, at: func(s tune.Space, p tune.Point) (variant, error) { return d.point(v, s, p) }}
	for _, dim := range all {
		if axisOf(dim).isFor(d.models[v.model]) {
			t.Space = append(t.Space, dim)
		}
	}
	if len(t.Space) == 0 {
		return t, nil
	}
	for _, p := range t.Space.Ends() {
		if _, err := t.At(p); err != nil {
			return t, err
		}
	}
	return t, nil
}

// point resolves a variant with the values of a point in the place of its own.
func (d *document) point(v variant, s tune.Space, p tune.Point) (variant, error) {
	axes, combo := slices.Clone(v.axes), slices.Clone(v.combo)
	var own []axis
	var cells []cell
	for i, value := range s.Values(p) {
		own, cells = append(own, axisOf(s[i])), append(cells, cell{s[i].Key, value})
	}
	out, err := d.resolve(v.model, append(axes, own...), append(combo, cells...))
	if err != nil {
		return out, err
	}
	out.Label = strings.Join(append([]string{v.Label}, varying(own, cells)...), " ")
	return out, nil
}
