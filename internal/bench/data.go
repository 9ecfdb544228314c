package bench

import (
	"math/rand/v2"

	"ctrlab/datasets/batch"
)

// leastRows is how many rows the batches have together: with fewer, small batches would find all they look up in the
// nearest cache.
const leastRows = 1024

// data generates batches of random ids, uniform, with dense features in [0, 1) and labels of a coin.
func (c Config) data(rows int) []*batch.Batch {
	r := rand.New(rand.NewPCG(1, 1))
	all := make([]*batch.Batch, max(c.batches, (leastRows+rows-1)/rows))
	for i := range all {
		b := &batch.Batch{N: rows, Dense: make([]float32, rows*len(c.schema.Dense)), Label: make([]float32, rows)}
		for j := range b.Dense {
			b.Dense[j] = r.Float32()
		}
		for j := range b.Label {
			b.Label[j] = float32(r.IntN(2))
		}
		for _, f := range c.schema.Sparse {
			b.Sparse = append(b.Sparse, c.column(r, f, rows))
		}
		all[i] = b
	}
	return all
}

func (c Config) column(r *rand.Rand, f batch.Field, rows int) batch.Bags {
	var x batch.Bags
	n := rows
	if f.MultiHot {
		x.Offsets = make([]int32, rows+1)
		for i := range rows {
			x.Offsets[i+1] = x.Offsets[i] + 1 + r.Int32N(int32(c.lookups))
		}
		n = int(x.Offsets[rows])
	}
	x.IDs = make([]int32, n)
	for i := range x.IDs {
		x.IDs[i] = r.Int32N(int32(f.Rows))
	}
	return x
}
