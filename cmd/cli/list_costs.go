package cli

import (
	"fmt"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/interactions"
	"ctrlab/internal/strict"
	"ctrlab/models"
)

// listInteractions has what each costs an example of the given fields; one that cannot work on those says why.
func listInteractions(o listFlags) (listing, error) {
	l := listing{columns: []string{"name", "params", "flops", "width", "source", "formula"}, below: 1}
	for _, v := range interactions.Table() {
		row := []any{v.Name, nil, nil, nil, v.Source, v.Formula}
		width, c, err := models.Use{Name: v.Name, Options: v.Options}.Cost(o.fields, o.dim)
		if err != nil {
			row[5] = fmt.Sprintf("%s (%v)", v.Formula, err)
		} else {
			row[1], row[2], row[3] = float64(c.Params), c.FLOPs, float64(width)
		}
		l.add(v.Options, row...)
	}
	return l, nil
}

// listModels has the dense parameters and the operations of each; of a baseline, which has no layers, neither.
func listModels(o listFlags) (listing, error) {
	l := listing{columns: []string{"name", "params", "flops", "source", "formula", "sized"}, below: 2}
	for _, p := range models.Presets {
		row := []any{p.Name, nil, nil, p.Source, p.Formula, sized(p)}
		s, err := preset(p, o.fields, o.dim)
		switch {
		case err != nil:
			row[4] = fmt.Sprintf("%s (%v)", p.Formula, err)
		case s.Baseline == nil:
			c := s.Cost()
			row[1], row[2] = float64(c.Params-c.Tables), c.FLOPs
		}
		l.add(p.Options, row...)
	}
	return l, nil
}

// sized names the keys that a budget scales.
func sized(p models.Preset) any {
	var keys []string
	for _, w := range (models.Config{Name: p.Name, Options: p.Options}).Widths() {
		keys = append(keys, w.Key)
	}
	if keys == nil {
		return nil
	}
	return strings.Join(keys, " ")
}

// preset puts a preset together, with vectors of dim numbers, for as many one-hot fields and labels of every kind.
func preset(p models.Preset, fields, dim int) (models.Spec, error) {
	text := fmt.Sprintf("name = %q\n", p.Name)
	if strict.HasKey(p.Options, "embedding_dim") {
		text += fmt.Sprintf("embedding_dim = %d\n", dim)
	}
	t, err := strict.TOML("", []byte(text))
	if err != nil {
		panic("cli: a preset's name is no TOML")
	}
	c, err := models.Decode(t)
	if err != nil {
		return models.Spec{}, err
	}
	schema := batch.Schema{Rating: &batch.Range{Min: 1, Max: 5}, Lists: true}
	for f := range fields {
		schema.Sparse = append(schema.Sparse, batch.Field{Name: fmt.Sprint("f", f), Rows: 1000})
	}
	return c.Spec(schema)
}
