package baselines

import "ctrlab/datasets/batch"

// BiasOptions are the options of bias.
type BiasOptions struct {
	UserShrinkage float64 `json:"user_shrinkage"` // ratings at the mean that a user's own are weighed against
	ItemShrinkage float64 `json:"item_shrinkage"`
	Passes        int     `json:"passes"`
}

// Check wants numbers that shrink.
func (o BiasOptions) Check() error {
	if err := atLeast("user_shrinkage", o.UserShrinkage, 0); err != nil {
		return err
	}
	if err := atLeast("item_shrinkage", o.ItemShrinkage, 0); err != nil {
		return err
	}
	return atLeast("passes", float64(o.Passes), 1)
}

// Bias predicts μ + b_u + b_i. In every pass b_i = Σ_u (r − μ − b_u) / (λ_i + n_i), then b_u likewise: what minimises
// Σ (r − μ − b_u − b_i)² + λ_u Σ b_u² + λ_i Σ b_i².
//
// Koren, "Factor in the Neighbors: Scalable and Accurate Collaborative Filtering", TKDD 2010, §2.1.
type Bias struct {
	BiasOptions
	mean       float64
	users, its []float64
}

// NewBias makes one for a schema whose first fields are user and item.
func NewBias(s batch.Schema, o BiasOptions) *Bias {
	u, i := sides(s)
	return &Bias{BiasOptions: o, users: make([]float64, u), its: make([]float64, i)}
}

// Fit solves for one side after the other.
func (m *Bias) Fit(rows Batches) error {
	byUser, byItem, err := readRatings(rows, len(m.users), len(m.its))
	if err != nil {
		return err
	}
	m.fit(byUser, byItem)
	return nil
}

func (m *Bias) fit(byUser, byItem *rated) {
	for _, r := range byUser.value {
		m.mean += float64(r)
	}
	m.mean /= float64(max(len(byUser.value), 1))
	for range m.Passes {
		m.solve(m.its, m.users, byItem, m.ItemShrinkage)
		m.solve(m.users, m.its, byUser, m.UserShrinkage)
	}
}

func (m *Bias) solve(bias, other []float64, by *rated, shrinkage float64) {
	for s := range bias {
		ids, ratings := by.of(int32(s))
		sum := 0.0
		for k, o := range ids {
			sum += float64(ratings[k]) - m.mean - other[o]
		}
		if n := float64(len(ids)); n > 0 {
			bias[s] = sum / (shrinkage + n)
		}
	}
}

func (m *Bias) at(u, i int32) float64 { return m.mean + m.users[u] + m.its[i] }

// rest takes the predictions off the ratings.
func (m *Bias) rest(byUser, byItem *rated) {
	for u := range m.users {
		ids, left := byUser.of(int32(u))
		for k, i := range ids {
			left[k] -= float32(m.at(int32(u), i))
		}
	}
	for i := range m.its {
		ids, left := byItem.of(int32(i))
		for k, u := range ids {
			left[k] -= float32(m.at(u, int32(i)))
		}
	}
}

// Predict writes ratings.
func (m *Bias) Predict(dst []float32, b *batch.Batch) {
	for n, u := range b.Sparse[user].IDs {
		dst[n] = float32(m.at(u, b.Sparse[item].IDs[n]))
	}
}

// Params are the biases and the mean.
func (m *Bias) Params() int64 { return int64(len(m.users) + len(m.its) + 1) }
