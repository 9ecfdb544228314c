package embeddings

import "ctrlab/datasets/batch"

// SharedOptions are the options of shared.
type SharedOptions struct {
	Rows int `json:"rows"` // of the table
}

// Check wants rows.
func (o SharedOptions) Check() error { return within("rows", o.Rows, 1, most) }

// shared hashes the ids of every field in a way of its own.
//
// Coleman et al. 2023, "Unified embedding", arXiv 2305.12102, with one row an id.
func shared(o SharedOptions, fields []batch.Field, i, d int) (Layout, error) {
	index := newMixer(o.Rows, fields[i].Name)
	return Layout{Parts: []Part{{Name: "shared", Shared: true, Rows: o.Rows, D: d, Index: index}}}, nil
}
