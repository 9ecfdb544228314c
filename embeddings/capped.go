package embeddings

import (
	"cmp"
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// CappedOptions are the options of capped.
type CappedOptions struct {
	Rows int `json:"rows"` // K: ids with rows of their own; the others of a field share one
}

// Check wants rows that float32 can number.
func (o CappedOptions) Check() error { return within("rows", o.Rows, 1, 1<<24-1) }

func capped(o CappedOptions, fields []batch.Field, i, d int) (Layout, error) {
	f := fields[i]
	if f.Rows <= o.Rows+1 {
		return own(f, d), nil
	}
	return Layout{Parts: []Part{{Rows: o.Rows + 1, D: d, Ranked: o.Rows}}}, nil
}

// Ranking is the rows that a field's ids have by their counts.
type Ranking struct {
	Field int
	own   int // ids with rows of their own
	rows  *nn.Running
}

// unranked gives the first ids rows of their own, as long as there are no counts.
func (r Ranking) unranked() {
	for id := range r.rows.Value {
		r.rows.Value[id] = float32(min(id, r.own))
	}
}

// Rank gives rows by counts, of ids with one count the smallest first.
func (r Ranking) Rank(counts []int64) {
	ids := make([]int32, len(r.rows.Value))
	for id := range ids {
		ids[id] = int32(id)
	}
	slices.SortStableFunc(ids, func(a, b int32) int { return cmp.Compare(counts[b], counts[a]) })
	for at, id := range ids {
		r.rows.Value[id] = float32(min(at, r.own))
	}
}
