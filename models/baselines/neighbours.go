package baselines

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"ctrlab/datasets/batch"
)

// NeighboursOptions are the options of item_knn and user_knn.
type NeighboursOptions struct {
	K          int     `json:"k"`          // neighbours
	Similarity string  `json:"similarity"` // cosine or pearson
	Shrinkage  float64 `json:"shrinkage"`  // of similarities of few common ratings: s·n/(n + shrinkage)
	Centre     string  `json:"centre"`     // what ratings are counted from: baseline (of bias), mean (of the neighbour's own) or none
	BiasOptions
}

// Check wants known ways.
func (o NeighboursOptions) Check() error {
	if err := atLeast("k", float64(o.K), 1); err != nil {
		return err
	}
	if err := atLeast("shrinkage", o.Shrinkage, 0); err != nil {
		return err
	}
	if o.Similarity != "cosine" && o.Similarity != "pearson" {
		return fmt.Errorf("similarity is %q, want cosine or pearson", o.Similarity)
	}
	if !slices.Contains([]string{"baseline", "mean", "none"}, o.Centre) {
		return fmt.Errorf("centre is %q, want baseline, mean or none", o.Centre)
	}
	return nil
}

// mostNeighbours is how many items, or users, can be held against each other: a similarity for each pair is in memory.
const mostNeighbours = 30_000

// Neighbours predicts a user's rating of an item from the k items most like it that the user rated, or with bySide user from
// the k users most like them who rated the item: c + Σ s (r − c) / Σ s over neighbours of s > 0, where c is the centre of
// each rating. Similarity is the cosine of common ratings, counted from the neighbour's mean (pearson; from its baseline
// where that is the centre) or as they are (cosine), shrunk by how few they are.
//
// Where rows are to be ranked, a user has an item or not: likeness is the cosine of who has them, and a score the sum of the k highest.
//
// Sarwar et al., "Item-based Collaborative Filtering Recommendation Algorithms", WWW 2001; Koren, TKDD 2010, §2.2, with baselines;
// Deshpande & Karypis, "Item-Based Top-N Recommendation Algorithms", TOIS 2004, §4, of lists.
type Neighbours struct {
	NeighboursOptions
	lists   bool
	bySide  int // item or user: whose likeness counts
	bias    *Bias
	mean    []float64 // of the side's ids, where the centre is the mean
	similar []float32 // [n, n]
	n       int
	by      *rated // ratings of the other side, counted from the centre
}

// NewNeighbours makes one for a schema whose first fields are user and item.
func NewNeighbours(s batch.Schema, side string, o NeighboursOptions) (*Neighbours, error) {
	users, items := sides(s)
	m := &Neighbours{NeighboursOptions: o, lists: s.Rating == nil, bySide: item, n: items, bias: NewBias(s, o.BiasOptions)}
	if side == "user" {
		m.bySide, m.n = user, users
	}
	if m.n > mostNeighbours {
		return nil, fmt.Errorf("it holds all pairs of %ss in memory, and of the %d there are can take %d at most", side, m.n, mostNeighbours)
	}
	if m.lists && (o.Similarity != "cosine" || o.Centre != "none") {
		return nil, fmt.Errorf(`similarity is %q and centre %q, and of lists, which have no ratings, want "cosine" and "none"`, o.Similarity, o.Centre)
	}
	return m, nil
}

// Fit finds the centre of every rating and then all similarities.
func (m *Neighbours) Fit(rows Batches) error {
	byUser, byItem, err := readRatings(rows, len(m.bias.users), len(m.bias.its))
	if err != nil {
		return err
	}
	if m.lists {
		byUser, byItem = byUser.had(), byItem.had()
	}
	m.bias.fit(byUser, byItem)
	side, other := byItem, byUser
	if m.bySide == user {
		side, other = byUser, byItem
	}
	m.mean = make([]float64, m.n)
	for s := range m.mean {
		m.mean[s] = m.bias.mean
		if _, r := side.of(int32(s)); len(r) > 0 {
			m.mean[s] = meanOf(r)
		}
	}
	m.by = other
	if m.Similarity == "cosine" {
		m.compare()
		m.centre()
		return nil
	}
	if m.Centre == "none" { // similarities of deviations, and ratings as they are
		raw := slices.Clone(other.value)
		m.takeMeans()
		m.compare()
		other.value = raw
		return nil
	}
	m.centre()
	m.compare()
	return nil
}

// centre counts the ratings from their centre.
func (m *Neighbours) centre() {
	switch m.Centre {
	case "mean":
		m.takeMeans()
	case "baseline":
		for o := range len(m.by.from) - 1 {
			ids, left := m.by.of(int32(o))
			for k, s := range ids {
				left[k] -= float32(m.baseline(s, int32(o)))
			}
		}
	}
}

func (m *Neighbours) takeMeans() {
	for k, s := range m.by.other {
		m.by.value[k] -= float32(m.mean[s])
	}
}

// baseline is that of a rating of id s of the side and o of the other.
func (m *Neighbours) baseline(s, o int32) float64 {
	if m.bySide == user {
		return m.bias.at(s, o)
	}
	return m.bias.at(o, s)
}

// compare fills similar: for each pair, sums over those who rated both.
func (m *Neighbours) compare() {
	n := m.n
	dot, common := make([]float32, n*n), make([]uint16, n*n)
	square := make([]float32, n*n) // of s among the ratings in common with t, at [s, t]
	for o := range len(m.by.from) - 1 {
		ids, r := m.by.of(int32(o))
		for a, s := range ids {
			row := int(s) * n
			for b, t := range ids {
				dot[row+int(t)] += r[a] * r[b]
				square[row+int(t)] += r[a] * r[a]
				if c := &common[row+int(t)]; *c < math.MaxUint16 {
					*c++
				}
			}
		}
	}
	for s := range n {
		for t := range n {
			at := s*n + t
			norm := math.Sqrt(float64(square[at]) * float64(square[t*n+s]))
			if m.lists {
				norm = math.Sqrt(float64(square[s*n+s]) * float64(square[t*n+t]))
			}
			count := float64(common[at])
			if norm == 0 {
				dot[at] = 0
				continue
			}
			dot[at] = float32(float64(dot[at]) / norm * count / (count + m.Shrinkage))
		}
	}
	m.similar = dot
}

// neighbour is a rating of the other side with its likeness.
type neighbour struct{ likeness, rating float32 }

// Predict writes ratings.
func (m *Neighbours) Predict(dst []float32, b *batch.Batch) {
	var near []neighbour
	sides := [2][]int32{b.Sparse[user].IDs, b.Sparse[item].IDs}
	for n := range b.N {
		s, o := sides[m.bySide][n], sides[1-m.bySide][n]
		near = m.nearest(near[:0], s, o)
		sum, weight := 0.0, 0.0
		for _, x := range near {
			sum += float64(x.likeness) * float64(x.rating)
			weight += float64(x.likeness)
		}
		at := m.at(s, o)
		switch {
		case m.lists:
			at = weight
		case weight > 0 && m.Centre == "none":
			at = sum / weight
		case weight > 0:
			at += sum / weight
		}
		dst[n] = float32(at)
	}
}

// at is what is predicted without neighbours: the centre, or where that is none the mean.
func (m *Neighbours) at(s, o int32) float64 {
	if m.Centre == "baseline" {
		return m.baseline(s, o)
	}
	return m.mean[s]
}

// nearest are the k ratings of o most like s, of those that are like it at all; of equals the first.
func (m *Neighbours) nearest(near []neighbour, s, o int32) []neighbour {
	ids, ratings := m.by.of(o)
	row := m.similar[int(s)*m.n:]
	for k, t := range ids {
		if like := row[t]; like > 0 && t != s {
			near = append(near, neighbour{like, ratings[k]})
		}
	}
	slices.SortStableFunc(near, func(a, b neighbour) int { return cmp.Compare(b.likeness, a.likeness) })
	return near[:min(len(near), m.K)]
}

// Params are the similarities and the baselines.
func (m *Neighbours) Params() int64 { return int64(m.n)*int64(m.n) + m.bias.Params() }

func meanOf(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x)
	}
	return sum / float64(len(v))
}

func atLeast(key string, v, least float64) error {
	if !(v >= least) {
		return fmt.Errorf("%s is %g, want at least %g", key, v, least)
	}
	return nil
}
