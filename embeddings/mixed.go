package embeddings

import (
	"fmt"
	"math"

	"ctrlab/datasets/batch"
)

// MixedOptions are the options of mixed.
type MixedOptions struct {
	Alpha float64 `json:"alpha"` // 0: all rows have d numbers; 1: all tables as many
}

// Check wants a power from 0 to 1.
func (o MixedOptions) Check() error {
	if o.Alpha < 0 || o.Alpha > 1 {
		return fmt.Errorf("alpha is %g, want 0 to 1", o.Alpha)
	}
	return nil
}

// mixed gives a field a width by its number of ids, the fewest having d, as an id of a field of many is the less popular for it.
//
// Ginart et al. 2019, arXiv 1909.11810, with the popularity 1/n_f of DLRM's repository.
func mixed(o MixedOptions, fields []batch.Field, i, d int) (Layout, error) {
	fewest := fields[0].Rows
	for _, f := range fields {
		fewest = min(fewest, f.Rows)
	}
	w := max(int(math.Round(float64(d)*math.Pow(float64(fewest)/float64(fields[i].Rows), o.Alpha))), 1)
	l := own(fields[i], w)
	l.Projected = w < d
	return l, nil
}
