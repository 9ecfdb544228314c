package models

import (
	"fmt"

	"ctrlab/datasets/batch"
	"ctrlab/nn"
)

// Poly2Options are the options of poly2.
type Poly2Options struct {
	HashRows int `json:"hash_rows"` // weights that all pairs share
}

// Check wants weights.
func (o Poly2Options) Check() error {
	if o.HashRows < 1 || o.HashRows > 1<<30 {
		return fmt.Errorf("hash_rows is %d, want 1 to %d", o.HashRows, 1<<30)
	}
	return nil
}

func poly2(o Poly2Options, s batch.Schema) (Spec, error) {
	if n := len(s.Dense) + len(s.Sparse); n < 2 {
		return Spec{}, fmt.Errorf("it needs two features for a pair, and the data has %d", n)
	}
	return Spec{Init: nn.DefaultInits, Linear: all(s), Products: o.HashRows}, nil
}

// productTerm is Σ_{i<j} w_h(i,j) x_i x_j over the features of a row, but for pairs within one field. A dense feature k has the number k,
// the ids of a field follow those of the field before; x of an id is 1, or its share of a bag that is averaged. Numbers i < j share
// the weight h = ((i+j)(i+j+1)/2 + j) mod rows.
//
// Chang et al., "Training and Testing Low-degree Polynomial Data Mappings via Linear SVM", JMLR 2010; Juan et al., "Field-aware
// Factorization Machines for CTR Prediction", RecSys 2016, §1, whose h it is.
type productTerm struct {
	*products
	table *nn.Table // [rows, 1]
}

// products are the pairs of a batch's rows, of row n those at starts[n]:starts[n+1]. The lanes share them.
type products struct {
	schema   batch.Schema
	most     int // rows of the table
	starts   []int
	rows     []int32   // of the table
	value    []float32 // x_i x_j
	features []feature // of a row; scratch
}

// feature is one that a row has.
type feature struct {
	field  int
	number uint64
	value  float32
}

// products returns nil where there is no such term.
func (s Spec) products() *products {
	if s.Products == 0 {
		return nil
	}
	return &products{schema: s.Schema, most: s.Products}
}

func newProductTerm(b *nn.Builder, s Spec, p *products) *productTerm {
	return &productTerm{p, b.Table("weight", zero, s.Products, 1)}
}

// find lists the pairs of a batch.
func (p *products) find(b *batch.Batch) {
	p.starts, p.rows, p.value = append(p.starts[:0], 0), p.rows[:0], p.value[:0]
	for n := range b.N {
		p.row(b, n)
		for i, x := range p.features {
			for _, y := range p.features[i+1:] {
				if x.field != y.field {
					p.rows, p.value = append(p.rows, hashPair(x.number, y.number, p.most)), append(p.value, x.value*y.value)
				}
			}
		}
		p.starts = append(p.starts, len(p.rows))
	}
}

// row lists the features of row n.
func (p *products) row(b *batch.Batch, n int) {
	p.features = p.features[:0]
	dense := len(p.schema.Dense)
	for k, x := range b.Dense[n*dense:][:dense] {
		if x != 0 {
			p.features = append(p.features, feature{k, uint64(k), x})
		}
	}
	first := uint64(dense)
	for f, of := range p.schema.Sparse {
		bag, x := b.Sparse[f].Bag(n), float32(1)
		if of.MultiHot && of.Pool == batch.Mean {
			x = 1 / float32(len(bag))
		}
		for _, id := range bag {
			p.features = append(p.features, feature{dense + f, first + uint64(id), x})
		}
		first += uint64(of.Rows)
	}
}

func hashPair(i, j uint64, rows int) int32 {
	return int32(((i+j)*(i+j+1)/2 + j) % uint64(rows))
}

// forward adds to z.
func (p *productTerm) forward(z []float32, from int) {
	for n := range z {
		at, to := p.starts[from+n], p.starts[from+n+1]
		sum := float32(0)
		for k, row := range p.rows[at:to] {
			sum += p.table.Value[row] * p.value[at+k]
		}
		z[n] += sum
	}
}

// backward leaves a gradient for every pair of the rows.
func (p *productTerm) backward(dz []float32, from int) {
	for n, d := range dz {
		for k := p.starts[from+n]; k < p.starts[from+n+1]; k++ {
			p.table.Grad.Data[k] = d * p.value[k]
		}
	}
}

// cost counts an id a field.
func (p *productTerm) cost() nn.Cost {
	f := len(p.schema.Dense) + len(p.schema.Sparse)
	n := float64(f * (f - 1) / 2)
	return nn.Cost{FLOPs: 3 * n, Bytes: 16 * n}
}
