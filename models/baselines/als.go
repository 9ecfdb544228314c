package baselines

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"ctrlab/datasets/batch"
)

// ALSOptions are the options of als.
type ALSOptions struct {
	EmbeddingDim int     `json:"embedding_dim"`
	L2           float64 `json:"l2"` // times an id's ratings
	Passes       int     `json:"passes"`
	Biases       bool    `json:"biases"` // factors of what bias leaves; else of the ratings less their mean
}

// Check wants a width.
func (o ALSOptions) Check() error {
	if err := atLeast("embedding_dim", float64(o.EmbeddingDim), 1); err != nil {
		return err
	}
	if !(o.L2 > 0) {
		return atLeast("l2", o.L2, 1e-9)
	}
	return atLeast("passes", float64(o.Passes), 1)
}

// ALS is matrix factorization by alternating least squares: with one side's factors fixed, those of each id of the other
// are a ridge regression, whose penalty is l2 times the id's ratings.
//
// Zhou et al., "Large-scale Parallel Collaborative Filtering for the Netflix Prize", AAIM 2008, §3.
type ALS struct {
	ALSOptions
	seed       uint64
	bias       *Bias
	users, its []float64 // [ids, embedding_dim]
}

// NewALS makes one for a schema whose first fields are user and item; seed draws the items' first factors.
func NewALS(s batch.Schema, o ALSOptions, bias BiasOptions, seed uint64) *ALS {
	u, i := sides(s)
	return &ALS{ALSOptions: o, seed: seed, bias: NewBias(s, bias), users: make([]float64, u*o.EmbeddingDim), its: make([]float64, i*o.EmbeddingDim)}
}

// Fit solves for one side after the other.
func (m *ALS) Fit(rows Batches) error {
	byUser, byItem, err := readRatings(rows, len(m.bias.users), len(m.bias.its))
	if err != nil {
		return err
	}
	if !m.Biases {
		m.bias.Passes = 0
	}
	m.bias.fit(byUser, byItem)
	m.bias.rest(byUser, byItem)
	r := rand.New(rand.NewPCG(m.seed, 0))
	for k := range m.its {
		m.its[k] = 0.1 * r.NormFloat64()
	}
	for range m.Passes {
		m.solve(m.users, m.its, byUser)
		m.solve(m.its, m.users, byItem)
	}
	return nil
}

// solve finds all factors of a side.
func (m *ALS) solve(own, other []float64, by *rated) {
	d := m.EmbeddingDim
	gram, right := mat.NewSymDense(d, nil), mat.NewVecDense(d, nil)
	var c mat.Cholesky
	for s := range len(by.from) - 1 {
		ids, left := by.of(int32(s))
		factors := mat.NewVecDense(d, own[s*d:][:d])
		factors.Zero()
		if len(ids) == 0 {
			continue
		}
		gram.Zero()
		right.Zero()
		for k, o := range ids {
			x := mat.NewVecDense(d, other[int(o)*d:][:d])
			gram.SymRankOne(gram, 1, x)
			right.AddScaledVec(right, float64(left[k]), x)
		}
		for j := range d {
			gram.SetSym(j, j, gram.At(j, j)+m.L2*float64(len(ids)))
		}
		if !c.Factorize(gram) || c.SolveVecTo(factors, right) != nil {
			factors.Zero() // of numbers that are not finite
		}
	}
}

// Predict writes ratings.
func (m *ALS) Predict(dst []float32, b *batch.Batch) {
	d := m.EmbeddingDim
	for n, u := range b.Sparse[user].IDs {
		i := b.Sparse[item].IDs[n]
		sum := m.bias.at(u, i)
		q := m.its[int(i)*d:][:d]
		for j, p := range m.users[int(u)*d:][:d] {
			sum += p * q[j]
		}
		dst[n] = float32(sum)
	}
}

// Params are the factors and the biases.
func (m *ALS) Params() int64 { return int64(len(m.users)+len(m.its)) + m.bias.Params() }
