package datasets

import "math"

// row is what a term sees of a row.
type row struct {
	dense []float32
	bags  [][]int32
	tmp   []float32 // scratch of the terms
}

// latents gives a vector to each column of a row for one term: to a bag the sum or mean of its ids' vectors,
// to a dense feature x_k times a vector of its own. An id's vector comes from hashing it, so that none is stored.
//
// Numbers are N(0,1), or ±1 with signs, and then centred over the field's distribution. A product of several
// columns' vectors thus has mean 0 given any part of them: nothing of it is there for a model of lower order.
type latents struct {
	dim     int
	signs   bool
	columns []latentColumn
}

type latentColumn struct {
	at     int // in row.dense or row.bags
	dense  bool
	mean   bool // of the bag
	key    uint64
	signs  []float32 // of the most frequent ids, where the latents are signs
	centre []float32
}

// latents serves the columns of the given numbers, in that order.
func (p *planter) latents(dim int, signs bool, columns []int) *latents {
	l := &latents{dim: dim, signs: signs}
	nd := len(p.names.dense)
	for _, c := range columns {
		if c < nd {
			l.columns = append(l.columns, latentColumn{at: c, dense: true, key: keyOf(p.key, "latent", p.names.dense[c])})
			continue
		}
		c -= nd
		col := latentColumn{at: c, mean: p.fields[c].Pool == "mean", key: keyOf(p.key, "latent", p.names.sparse[c])}
		if signs {
			col.signs = balanced(p.zipfs[c].pmf, stream(col.key))
		}
		l.centreOn(&col, p.zipfs[c].pmf)
		l.columns = append(l.columns, col)
	}
	return l
}

// balanced draws a sign for each probability, so that the signs' mean is as near 0 as the last of them allow: a
// parity of signs that are not balanced shows in the columns by themselves.
func balanced(pmf []float64, s stream) []float32 {
	signs, sum, left := make([]float32, len(pmf)), 0.0, 0.0
	for _, p := range pmf {
		left += p
	}
	for i, p := range pmf {
		left -= p
		sign := float64(1 - 2*s.below(2))
		if math.Abs(sum)+p > left {
			sign = -math.Copysign(1, sum)
		}
		sum += sign * p
		signs[i] = float32(sign)
	}
	return signs
}

// centreOn sets the mean vector of a field's ids, over the most frequent ones: the many others have a mean of 0.
func (l *latents) centreOn(c *latentColumn, pmf []float64) {
	mean, v := make([]float64, l.dim), make([]float32, l.dim)
	for id, p := range pmf {
		l.draw(v, c, int32(id))
		for d := range v {
			mean[d] += p * float64(v[d])
		}
	}
	c.centre = make([]float32, l.dim)
	for d := range mean {
		c.centre[d] = float32(mean[d])
	}
}

// draw sets v to the vector of an id before it is centred.
func (l *latents) draw(v []float32, c *latentColumn, id int32) {
	s := stream(mix(c.key ^ uint64(id)))
	if l.signs {
		l.sign(v, c, id, s)
		return
	}
	for from := 0; from < len(v); from += 4 {
		u := s.next()
		for d := from; d < min(from+4, len(v)); d++ {
			v[d] = coarse(uint16(u))
			u >>= 16
		}
	}
}

func (l *latents) sign(v []float32, c *latentColumn, id int32, s stream) {
	for d := range v {
		if int(id) < len(c.signs) {
			v[d] = c.signs[id]
		} else {
			v[d] = float32(1 - 2*s.below(2))
		}
	}
}

// vector sets v, of length dim, to the vector of the i-th column.
func (l *latents) vector(v []float32, r *row, i int) {
	c := &l.columns[i]
	if c.dense {
		l.scaled(v, c, r.dense[c.at])
		return
	}
	bag := r.bags[c.at]
	if len(bag) != 1 {
		l.pool(v, c, bag)
		return
	}
	l.draw(v, c, bag[0])
	for d := range v {
		v[d] -= c.centre[d]
	}
}

func (l *latents) scaled(v []float32, c *latentColumn, x float32) {
	l.draw(v, c, 0)
	if l.signs {
		x = float32(math.Copysign(1, float64(x)))
	}
	for d := range v {
		v[d] *= x
	}
}

func (l *latents) pool(v []float32, c *latentColumn, bag []int32) {
	var buf [maxDim]float32
	one := buf[:l.dim]
	clear(v)
	for _, id := range bag {
		l.draw(one, c, id)
		for d := range v {
			v[d] += one[d] - c.centre[d]
		}
	}
	if c.mean && len(bag) > 0 {
		for d := range v {
			v[d] /= float32(len(bag))
		}
	}
}
