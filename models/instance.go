package models

import (
	"math"

	"ctrlab/datasets/batch"
	"ctrlab/nn"
	"ctrlab/nn/onnx"
)

// instance is instance-wise normalisation, libffm's: the vectors of a row are divided by ‖x‖, the norm of its feature values. A
// categorical value is 1, one of a bag that is averaged 1 over its length; a row without features stays as it is.
//
// Juan et al., "Field-aware Factorization Machines for CTR Prediction", RecSys 2016, §3.3.
type instance struct {
	schema batch.Schema
	fields int
	dense  bool      // their values count
	factor []float32 // [rows], kept for backward
}

func newInstance(b *nn.Builder, s Group, schema batch.Schema) *instance {
	return &instance{schema, s.Fields, s.Dense == DenseScale && s.dense(schema) > 0, make([]float32, b.Rows)}
}

// forward scales the rows of a batch from one on, which x holds.
func (i *instance) forward(x nn.Mat, b *batch.Batch, from int) {
	width := len(i.schema.Dense)
	for n := range x.N {
		sum := 0.0
		for f, field := range i.schema.Sparse[:i.fields] {
			k := len(b.Sparse[f].Bag(from + n))
			if field.Pool == batch.Mean && k > 0 {
				sum += 1 / float64(k)
			} else {
				sum += float64(k)
			}
		}
		if i.dense {
			for _, v := range b.Dense[(from+n)*width:][:width] {
				sum += float64(v) * float64(v)
			}
		}
		i.factor[n] = 1
		if sum > 0 {
			i.factor[n] = float32(1 / math.Sqrt(sum))
		}
	}
	i.scale(x)
}

// scale multiplies the rows of the last forward by their factors: for gradients too.
func (i *instance) scale(x nn.Mat) {
	for n := range x.N {
		row := x.Row(n)
		for c := range row {
			row[c] *= i.factor[n]
		}
	}
}

// onnx scales the block x [N, F, D].
func (i *instance) onnx(e *exporter, x onnx.Value) onnx.Value {
	var terms []onnx.Value
	ones := 0
	for f, field := range i.schema.Sparse[:i.fields] {
		if !field.MultiHot {
			ones++
			continue
		}
		there := e.Op("Where", e.Op("Less", e.ids[f], e.Ints(0)), e.Scalar(0), e.Scalar(1))
		k := e.Total(there) // [N, 1]
		if field.Pool == batch.Mean {
			k = e.Div(k, e.Op("Max", e.Mul(k, k), e.Scalar(1)))
		}
		terms = append(terms, k)
	}
	if i.dense {
		terms = append(terms, e.Total(e.Mul(e.dense, e.dense)))
	}
	sum := e.Scalar(float32(ones))
	for _, t := range terms {
		sum = e.Add(sum, t)
	}
	if len(terms) > 0 {
		sum = e.Reshape(sum, -1, 1, 1)
	}
	none := e.Op("Equal", sum, e.Scalar(0))
	return e.Div(x, e.Op("Sqrt", e.Op("Where", none, e.Scalar(1), sum)))
}
