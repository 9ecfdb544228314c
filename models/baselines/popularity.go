package baselines

import "ctrlab/datasets/batch"

// Popularity scores an item by how often it is the item of a positive row: the ItemPop of He et al. 2017.
type Popularity struct {
	field int
	count []float32 // whole numbers, exact up to 2²⁴
}

// NewPopularity makes one for the items that a categorical field has.
func NewPopularity(s batch.Schema, field int) *Popularity {
	return &Popularity{field, make([]float32, s.Sparse[field].Rows)}
}

// Fit counts.
func (p *Popularity) Fit(rows Batches) error {
	for b, err := range rows {
		if err != nil {
			return err
		}
		for i, item := range b.Sparse[p.field].IDs {
			p.count[item] += b.Label[i]
		}
	}
	return nil
}

// Predict writes the counts.
func (p *Popularity) Predict(dst []float32, b *batch.Batch) {
	for i, item := range b.Sparse[p.field].IDs {
		dst[i] = p.count[item]
	}
}

// Params is a number an item.
func (p *Popularity) Params() int64 { return int64(len(p.count)) }
