package models

import (
	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// linear is the first-order term of a lane: tables of width 1, a weight a dense feature, a bias.
type linear struct {
	schema batch.Schema
	fields int
	dense  int
	tables []*nn.Table
	weight *nn.Param // [n_d]; nil without dense features
	bias   *nn.Param // [1]
}

var zero = nn.Init{Kind: "zero"}

func newLinear(b *nn.Builder, s Spec) *linear {
	l := &linear{schema: s.Schema, fields: s.Linear.Fields}
	for _, f := range s.Schema.Sparse[:l.fields] {
		l.tables = append(l.tables, b.Table(f.Name, zero, f.Rows, 1))
	}
	if l.dense = len(s.Schema.Dense); l.dense > 0 && s.Linear.Dense {
		l.weight = b.Param("dense", zero, l.dense)
		l.weight.Embedding = true
	}
	l.bias = b.Param("bias", zero, 1)
	return l
}

// forward adds to z.
func (l *linear) forward(z []float32, b *batch.Batch, from, to int) {
	for n := range z {
		sum := l.bias.Value[0]
		if l.weight != nil {
			x := b.Dense[(from+n)*l.dense:][:l.dense]
			for k, w := range l.weight.Value {
				sum += w * x[k]
			}
		}
		z[n] += sum
	}
	l.look(nn.Mat{N: len(z), C: 1, Stride: 1, Data: z}, b, from, to)
}

// look adds the weights of ids to y [N, 1].
func (l *linear) look(y nn.Mat, b *batch.Batch, from, to int) {
	for f, t := range l.tables {
		if bags := b.Sparse[f]; bags.Offsets == nil {
			t.Gather(y, bags.IDs[from:to], nil, false, true)
		} else {
			t.Gather(y, bags.IDs, bags.Offsets[from:to+1], l.schema.Sparse[f].Pool == batch.Mean, true)
		}
	}
}

func (l *linear) backward(dz []float32, b *batch.Batch, from int) {
	for n, d := range dz {
		l.bias.Grad[0] += d
		if l.weight != nil {
			for k, x := range b.Dense[(from+n)*l.dense:][:l.dense] {
				l.weight.Grad[k] += d * x
			}
		}
	}
}
