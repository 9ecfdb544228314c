package bench

import (
	"ctrlab/datasets/batch"
	"ctrlab/models"
	"ctrlab/nn"
)

// Demand is what an example asks of the machine, whoever computes it.
type Demand struct {
	FLOPs float64 `json:"flops"` // as models count a forward pass; training is three of them, without gradients of the features
	Bytes float64 `json:"bytes"` // to and from memory: ids and dense features, rows looked up and updated, a whole line of the cache at least
	Rows  float64 `json:"rows"`  // of tables and of the optimiser's memory, looked up or updated, in no order
	Cold  float64 `json:"cold"`  // share of the rows that cannot be in the last cache, since it is smaller than all tables
}

// passes is how many forward passes a step of training costs: backward multiplies once for the inputs' gradients and
// once for the weights'.
const passes = 3

// line is what memory moves at a time, in bytes.
const line = 64

// demand counts for a model built on a batch. Where several examples look up one row, all read it and one updates it.
func demand(m *models.Model, b *batch.Batch, o nn.Optimizer, train bool, cache float64) Demand {
	d := Demand{FLOPs: m.Spec.Cost().FLOPs, Bytes: float64(4 * len(m.Spec.Schema.Dense))}
	if train {
		d.FLOPs = passes*d.FLOPs - unneeded(m.Spec)
	}
	n, size := float64(b.N), 0.0
	for _, bags := range b.Sparse {
		d.Bytes += 4 * float64(len(bags.IDs)+len(bags.Offsets)) / n
	}
	m.Begin(b)
	for _, l := range m.Lookups {
		ids, _ := l.Rows.Of(b, new([]int32))
		looked, own := float64(len(ids))/n, distinct(ids)/n
		row, read := lines(4*l.Table.D), 4*float64(len(l.Table.Value))
		if !train {
			row, read = lines(int(l.Table.Bytes())/l.Table.Rows), float64(l.Table.Bytes())
		}
		size += read
		d.Rows += looked
		d.Bytes += looked * row
		if !train {
			continue
		}
		d.Rows += own
		d.Bytes += 2 * own * row
		for _, plane := range o.NewRowState(&nn.Table{Rows: 1, D: l.Table.D}) {
			if len(plane) > 0 {
				d.Rows += own
				d.Bytes += 2 * own * lines(4*len(plane))
				size += 4 * float64(l.Table.Rows*len(plane))
			}
		}
	}
	d.Cold = max(1-cache/max(size, 1), 0)
	return d
}

// unneeded is what a product costs that training leaves out: the gradient of the dense features, which nothing learns from.
func unneeded(s models.Spec) (flops float64) {
	for _, g := range s.Groups {
		if g.Dense == models.DenseMLP {
			first := append(append([]int(nil), g.Bottom...), g.Dim)[0]
			flops += float64(2 * len(s.Schema.Dense) * first)
		}
	}
	return flops
}

func lines(bytes int) float64 { return float64((bytes + line - 1) / line * line) }

func distinct(ids []int32) float64 {
	seen := make(map[int32]struct{}, len(ids))
	for _, id := range ids {
		seen[id] = struct{}{}
	}
	return float64(len(seen))
}

// The roofs.
const (
	Compute = "compute"
	Memory  = "memory"
	Rows    = "rows"
)

// Bound returns the examples a second that the machine allows at most, and by which roof: the least of what its
// arithmetic, its memory and its random rows allow, as if each had the machine to itself.
func (d Demand) Bound(l Limits) (rate float64, roof string) {
	seconds := d.FLOPs / l.FLOPs
	roof = Compute
	if s := d.Cold * d.Bytes / l.Bytes; s > seconds {
		seconds, roof = s, Memory
	}
	if s := d.Rows * (d.Cold/l.Rows + (1-d.Cold)/l.Cached); s > seconds {
		seconds, roof = s, Rows
	}
	return 1 / seconds, roof
}
