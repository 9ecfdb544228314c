package models

import (
	"fmt"

	"ctrlab/datasets/batch"
	"ctrlab/embeddings"
	"ctrlab/internal/strict"
)

// Tables is a variant of embeddings chosen and resolved: in a file its name, or a table of its kind and options.
type Tables struct {
	Kind    string
	Options any // of the variant's options type
}

func fullTables() Tables { return Tables{"full", struct{}{}} }

// DecodeValue takes the name of a variant, or a table of its kind and options.
func (t *Tables) DecodeValue(v any, at strict.Place) error {
	switch v := v.(type) {
	case string:
		row, ok := embeddings.Find(v)
		if !ok {
			return at.Errorf("%s", unknown("kind of embeddings", v, embeddingNames()))
		}
		*t = Tables{v, row.Options}
		return nil
	case *strict.Table:
		kind, options, err := choose(v, "kind", func(kind string) (any, bool) { r, ok := embeddings.Find(kind); return r.Options, ok }, embeddingNames, "kind of embeddings", nil)
		*t = Tables{kind, options}
		return err
	default:
		return at.Errorf("is neither a kind of embeddings nor a table with kind and options")
	}
}

// MarshalJSON gives one object: kind, and the options beside it.
func (t Tables) MarshalJSON() ([]byte, error) {
	return named(t.Options, map[string]string{"kind": t.Kind})
}

func embeddingNames() (names []string) {
	for _, v := range embeddings.All {
		names = append(names, v.Name)
	}
	return names
}

// layouts says of which tables the vectors of the group's fields are made.
func (g Group) layouts(s batch.Schema) ([]embeddings.Layout, error) {
	t := g.Embeddings
	if t.Kind == "" {
		t = fullTables()
	}
	v, ok := embeddings.Find(t.Kind)
	if !ok {
		panic("models: embeddings that are not in the table")
	}
	fields := s.Sparse[:g.Fields]
	var all []embeddings.Layout
	for i, f := range fields {
		l, err := v.Layout(t.Options, fields, i, g.Dim)
		if err != nil {
			return nil, fmt.Errorf("embeddings of %s: %w", f.Name, err)
		}
		all = append(all, l)
	}
	return all, nil
}
