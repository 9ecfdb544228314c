package baselines

import (
	"fmt"
	"math"
	"slices"

	"ctrlab/datasets/batch"
)

// ContentOptions are the options of content.
type ContentOptions struct {
	Features []string `json:"features"` // fields that say what an item is; [] stands for all behind user and item
}

// Content compares items with what a user liked before. An item's profile x is the values of its features, each weighed by
// ln(items / items that have it), and together of length 1; a user's is p = Σ w x over the items met in train, w being what a rating
// has above its baseline, or where rows are to be ranked the label. It predicts b + β cos(p, x) with the baseline b of Bias, or ranks
// by the cosine. β is fitted by least squares on train, each rating with a p that it is left out of.
//
// Pazzani & Billsus, "Content-Based Recommendation Systems", The Adaptive Web 2007, §10.2; weights as Lops et al. 2011, §3.3.1.
type Content struct {
	features []int // fields
	first    []int // of each feature's values among all values
	lists    bool
	bias     *Bias

	items  [][]int32 // the values of each; nil before an item is met
	weight []float64 // of each value
	users  []float64 // [users, values]
	length []float64 // of each user's profile
	slope  float64
	row    []int32 // values of a row; scratch
}

// mostProfile bounds users × values, which are in memory.
const mostProfile = 1 << 28

// NewContent makes one for a schema whose first fields are user and item.
func NewContent(s batch.Schema, o ContentOptions, bias BiasOptions) (*Content, error) {
	m := &Content{lists: s.Rating == nil, bias: NewBias(s, bias), slope: 1}
	for i, name := range o.Features {
		if slices.Contains(o.Features[:i], name) || !slices.ContainsFunc(s.Sparse, func(f batch.Field) bool { return f.Name == name }) {
			return nil, fmt.Errorf("features has %q, want categorical fields of the data, each once", name)
		}
	}
	values := 0
	for f, of := range s.Sparse {
		if f > item && len(o.Features) == 0 || slices.Contains(o.Features, of.Name) {
			m.features, m.first = append(m.features, f), append(m.first, values)
			values += of.Rows
		}
	}
	users, items := sides(s)
	switch {
	case values == 0:
		return nil, fmt.Errorf("it compares items by their features, and the data has no field behind user and item")
	case users*values > mostProfile:
		return nil, fmt.Errorf("it holds a number for each user and value of a feature in memory, and %d times %d are too many", users, values)
	}
	m.items, m.weight = make([][]int32, items), make([]float64, values)
	m.users, m.length = make([]float64, users*values), make([]float64, users)
	return m, nil
}

// Fit weighs the values, adds up the users' profiles and fits the slope.
func (m *Content) Fit(rows Batches) error {
	byUser, byItem, err := readRatings(m.meeting(rows), len(m.length), len(m.items))
	if err != nil {
		return err
	}
	m.weigh()
	if !m.lists {
		m.bias.fit(byUser, byItem)
		m.bias.rest(byUser, byItem)
	}
	for u := range m.length {
		p := m.profile(int32(u))
		ids, above := byUser.of(int32(u))
		for k, i := range ids {
			if norm := m.norm(m.items[i]); norm > 0 {
				for _, v := range m.items[i] {
					p[v] += float64(above[k]) * m.weight[v] / norm
				}
			}
		}
		for _, x := range p {
			m.length[u] += x * x
		}
		m.length[u] = math.Sqrt(m.length[u])
	}
	if !m.lists {
		m.fitSlope(byUser)
	}
	return nil
}

// meeting passes rows on and notes the values of every item that comes for the first time.
func (m *Content) meeting(rows Batches) Batches {
	return func(yield func(*batch.Batch, error) bool) {
		for b, err := range rows {
			if err == nil {
				for n, i := range b.Sparse[item].IDs {
					if m.items[i] == nil {
						m.items[i] = append([]int32{}, m.values(b, n)...)
					}
				}
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// values of a row's item, each once, until the next call.
func (m *Content) values(b *batch.Batch, n int) []int32 {
	m.row = m.row[:0]
	for k, f := range m.features {
		for _, id := range b.Sparse[f].Bag(n) {
			if v := int32(m.first[k]) + id; !slices.Contains(m.row, v) {
				m.row = append(m.row, v)
			}
		}
	}
	return m.row
}

// weigh sets weight to ln(items / items that have the value), 0 for a value that none has.
func (m *Content) weigh() {
	met := 0.0
	for _, values := range m.items {
		if values != nil {
			met++
		}
		for _, v := range values {
			m.weight[v]++
		}
	}
	for v, n := range m.weight {
		if n > 0 {
			m.weight[v] = math.Log(met / n)
		}
	}
}

func (m *Content) profile(u int32) []float64 { return m.users[int(u)*len(m.weight):][:len(m.weight)] }

func (m *Content) norm(values []int32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += m.weight[v] * m.weight[v]
	}
	return math.Sqrt(sum)
}

// project returns p·x of a user and an item; ok says that x has a length.
func (m *Content) project(u int32, values []int32) (dot float64, ok bool) {
	norm := m.norm(values)
	if norm == 0 {
		return 0, false
	}
	p := m.profile(u)
	for _, v := range values {
		dot += p[v] * m.weight[v] / norm
	}
	return dot, true
}

// fitSlope leaves each rating out of its user's profile: p − w x.
func (m *Content) fitSlope(byUser *rated) {
	above, squares := 0.0, 0.0
	for u := range m.length {
		ids, w := byUser.of(int32(u))
		for k, i := range ids {
			dot, ok := m.project(int32(u), m.items[i])
			w := float64(w[k])
			if c := cosine(dot-w, m.length[u]*m.length[u]-2*w*dot+w*w); ok {
				above += c * w
				squares += c * c
			}
		}
	}
	if m.slope = 0; squares > 0 {
		m.slope = above / squares
	}
}

// cosine is dot over the root of a square, 0 of nothing but rounding.
func cosine(dot, square float64) float64 {
	if square < 1e-9 {
		return 0
	}
	return dot / math.Sqrt(square)
}

// Predict writes ratings, or cosines.
func (m *Content) Predict(dst []float32, b *batch.Batch) {
	for n, u := range b.Sparse[user].IDs {
		dot, _ := m.project(u, m.values(b, n))
		score := m.slope * cosine(dot, m.length[u]*m.length[u])
		if !m.lists {
			score += m.bias.at(u, b.Sparse[item].IDs[n])
		}
		dst[n] = float32(score)
	}
}

// Params are the weights, the profiles, the baselines and the slope.
func (m *Content) Params() int64 {
	n := int64(len(m.weight) + len(m.users))
	if !m.lists {
		n += m.bias.Params() + 1
	}
	return n
}
