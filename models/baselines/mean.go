package baselines

import (
	"fmt"
	"slices"

	"ctrlab/datasets/batch"
)

// MeanOptions are the options of mean.
type MeanOptions struct {
	By        string  `json:"by"`        // global, user or item
	Shrinkage float64 `json:"shrinkage"` // ratings at the mean of all that a user's or item's own are weighed against
}

// Check wants a known side.
func (o MeanOptions) Check() error {
	if !slices.Contains([]string{"global", "user", "item"}, o.By) {
		return fmt.Errorf("by is %q, want global, user or item", o.By)
	}
	return atLeast("shrinkage", o.Shrinkage, 0)
}

// Uses leaves shrinkage alone where there is one mean.
func (o MeanOptions) Uses(key string) bool { return key != "shrinkage" || o.By != "global" }

// Mean predicts the mean μ of all ratings, or (Σ r + λ μ) / (n + λ) of a user's or an item's n: the first half of Koren's
// baselines (TKDD 2010, §2.1), without the other side.
type Mean struct {
	MeanOptions
	field int       // whose ids have means
	all   float64   // the mean of all
	of    []float64 // of each id; nil for one of all
}

// NewMean makes one for a schema whose first fields are user and item.
func NewMean(s batch.Schema, o MeanOptions) *Mean {
	m := &Mean{MeanOptions: o}
	switch users, items := sides(s); o.By {
	case "user":
		m.field, m.of = user, make([]float64, users)
	case "item":
		m.field, m.of = item, make([]float64, items)
	}
	return m
}

// Fit adds up.
func (m *Mean) Fit(rows Batches) error {
	sum, n, count := 0.0, 0.0, make([]float64, len(m.of))
	for b, err := range rows {
		if err != nil {
			return err
		}
		for i, r := range b.Label {
			sum, n = sum+float64(r), n+1
			if m.of != nil {
				id := b.Sparse[m.field].IDs[i]
				m.of[id] += float64(r)
				count[id]++
			}
		}
	}
	m.all = sum / max(n, 1)
	for id, c := range count {
		if c == 0 {
			m.of[id] = m.all
			continue
		}
		m.of[id] = (m.of[id] + m.Shrinkage*m.all) / (c + m.Shrinkage)
	}
	return nil
}

// Predict writes ratings.
func (m *Mean) Predict(dst []float32, b *batch.Batch) {
	for n := range b.N {
		dst[n] = float32(m.all)
		if m.of != nil {
			dst[n] = float32(m.of[b.Sparse[m.field].IDs[n]])
		}
	}
}

// Params are the means.
func (m *Mean) Params() int64 { return int64(len(m.of) + 1) }
