package embeddings

import "ctrlab/datasets/batch"

// HybridOptions are the options of hybrid.
type HybridOptions struct {
	Frequent int `json:"frequent"` // K: ids with rows of their own
	Rows     int `json:"rows"`     // of each hash of the others; fields with no more ids than both together have a row for each
}

// Check wants rows that float32 can number.
func (o HybridOptions) Check() error {
	if err := within("frequent", o.Frequent, 1, 1<<24-1); err != nil {
		return err
	}
	return within("rows", o.Rows, 1, most)
}

// hybrid lays two halves side by side, so that a frequent id's row is whole and an infrequent one's is found by two hashes.
func hybrid(o HybridOptions, fields []batch.Field, i, d int) (Layout, error) {
	f := fields[i]
	if f.Rows <= o.Frequent+o.Rows {
		return own(f, d), nil
	}
	side := Operation{"concat"}
	w, err := side.width(d)
	half := func(name string) Part {
		return Part{Name: name, Rows: o.Frequent + o.Rows, D: w, Ranked: o.Frequent, Index: newMixer(o.Rows, name)}
	}
	return side.of(half("first"), half("second")), err
}
