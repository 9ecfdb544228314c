package embeddings

import "ctrlab/datasets/batch"

// DoubleHashedOptions are the options of double_hashed.
type DoubleHashedOptions struct {
	Rows int `json:"rows"` // of each of the two tables; fields with no more ids have one, with a row for each
	Operation
}

// Check wants rows.
func (o DoubleHashedOptions) Check() error { return within("rows", o.Rows, 1, most) }

func doubleHashed(o DoubleHashedOptions, fields []batch.Field, i, d int) (Layout, error) {
	f := fields[i]
	if f.Rows <= o.Rows {
		return own(f, d), nil
	}
	w, err := o.width(d)
	return o.of(
		Part{Name: "first", Rows: o.Rows, D: w, Index: newMixer(o.Rows, "first")},
		Part{Name: "second", Rows: o.Rows, D: w, Index: newMixer(o.Rows, "second")}), err
}

// of is the layout of two parts. The second one of a product begins at 1, and so the product as the first: that of two small
// numbers would be too small to learn from.
func (o Operation) of(first, second Part) Layout {
	if o.Operation == "product" {
		second.Init.Kind = "one"
	}
	return Layout{Parts: []Part{first, second}, Operation: o.Operation}
}
