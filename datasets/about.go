package datasets

import (
	"context"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/describe"
)

// Describe walks an opened source and adds what preparing its files has told: what was empty, unknown or collided.
func Describe(ctx context.Context, s Source, progress func(done, total int64)) (*describe.Description, error) {
	d, err := describe.Of(ctx, s, progress)
	if c, ok := s.(*cached); ok && err == nil {
		c.complete(d)
	}
	return d, err
}

// complete fills in what only the notes know. Dense columns that became fields are among the fields there.
func (c *cached) complete(d *describe.Description) {
	for _, n := range c.notes.Dense {
		for i := range d.Dense {
			if d.Dense[i].Name == n.Name {
				d.Dense[i].Missing = ratio(n.Missing[batch.Train], int64(d.Rows[batch.Train]))
			}
		}
	}
	for i, n := range c.notes.Fields {
		f := &d.Fields[i]
		f.Missing = ratio(n.Missing[batch.Train], int64(d.Rows[batch.Train]))
		if n.Step.HashRows > 0 {
			f.Collide = ratio(n.Collide, n.Values)
			continue
		}
		for s := range batch.Splits {
			f.Unseen[s] = 0
			if u := ratio(n.Unseen[s], n.Lookups[s]); u != nil && s != batch.Train {
				f.Unseen[s] = *u
			}
			f.Unknown[s] = ratio(n.Unknown[s], n.Lookups[s])
		}
	}
}

// ratio is a share, or nil of nothing.
func ratio(part, all int64) *float64 {
	if all == 0 {
		return nil
	}
	x := float64(part) / float64(all)
	return &x
}
