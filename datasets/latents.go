package datasets

import "math"

// latents gives a vector to each column of a row for one term: to a bag the sum or mean of its ids' vectors,
// to a dense feature x_k times a vector of its own. An id's vector comes from hashing it, so that none but those of
// the most frequent ids is stored.
//
// Numbers are N(0,1), or ±1 with signs, and then centred over the field's distribution. A product of several
// columns' vectors thus has mean 0 given any part of them: nothing of it is there for a model of lower order.
//
// With drift a vector is cos·a + sin·b of two such ones, and so of the same size at any time.
type latents struct {
	dim     int
	signs   bool
	columns []latentColumn
}

type latentColumn struct {
	at    int // in the block's dense features or bags
	dense bool
	mean  bool // of the bag
	book  codebook
	next  *codebook // to which drift turns; nil without
}

// codebook is the vectors of a column's ids.
type codebook struct {
	key    uint64
	dim    int
	random bool      // signs, of ids that have none here
	signs  []float32 // of the most frequent ids, where the latents are signs
	centre []float32
	table  []float32 // vectors of the most frequent ids
}

// latents serves the columns of the given numbers, in that order.
func (p *planter) latents(dim int, signs bool, columns []int) *latents {
	l := &latents{dim: dim, signs: signs}
	nd := len(p.names.dense)
	for _, i := range columns {
		c := latentColumn{at: i, dense: i < nd}
		var name string
		var pmf []float64
		if c.dense {
			name = p.names.dense[i]
		} else {
			c.at -= nd
			f := p.fields[c.at]
			name, pmf, c.mean = f.Name, f.pmf, f.Pool == "mean"
		}
		c.book = newCodebook(keyOf(p.key, "latent", name), dim, signs, pmf)
		if p.drift {
			next := newCodebook(keyOf(p.key, "latent", name, "next"), dim, signs, pmf)
			c.next = &next
		}
		l.columns = append(l.columns, c)
	}
	return l
}

// newCodebook centres on a distribution; the one vector of a dense feature has none.
func newCodebook(key uint64, dim int, signs bool, pmf []float64) codebook {
	c := codebook{key: key, dim: dim, random: signs, centre: make([]float32, dim)}
	if signs && pmf != nil {
		c.signs = balanced(pmf, stream(key))
	}
	v, mean := make([]float32, dim), make([]float64, dim)
	for id, p := range pmf { // the many others have a mean of 0
		c.draw(v, int32(id))
		for d := range v {
			mean[d] += p * float64(v[d])
		}
	}
	for d := range mean {
		c.centre[d] = float32(mean[d])
	}
	table := make([]float32, min(max(len(pmf), 1), max(tableFloats/dim, 1))*dim)
	for id := range len(table) / dim {
		c.vector(table[id*dim:][:dim], int32(id))
	}
	c.table = table
	return c
}

// tableFloats is how many numbers of a column's vectors are stored: a few ids take most rows, and a nearby cache.
const tableFloats = 1 << 12

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

// draw sets v to the vector of an id before it is centred.
func (c *codebook) draw(v []float32, id int32) {
	s := stream(mix(c.key ^ uint64(id)))
	if c.random {
		c.sign(v, id, s)
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

func (c *codebook) sign(v []float32, id int32, s stream) {
	for d := range v {
		if int(id) < len(c.signs) {
			v[d] = c.signs[id]
		} else {
			v[d] = float32(1 - 2*s.below(2))
		}
	}
}

// vector sets v to the vector of an id.
func (c *codebook) vector(v []float32, id int32) {
	if at := int(id) * c.dim; at < len(c.table) {
		copy(v, c.table[at:])
		return
	}
	c.draw(v, id)
	for d := range v {
		v[d] -= c.centre[d]
	}
}

// fill sets v [rows, dim] to the vectors of the i-th column.
func (l *latents) fill(v []float32, b *block, i int) {
	c := &l.columns[i]
	if c.next == nil && !c.dense && b.bags[c.at].Offsets == nil {
		c.book.lookup(v, b.bags[c.at].IDs)
		return
	}
	var buf, next [maxDim]float32
	for r := range b.n {
		one := v[r*l.dim:][:l.dim]
		switch {
		case c.dense:
			c.vector(one, next[:l.dim], b, r, 0)
			l.scale(one, b.dense[r*(len(b.dense)/b.n)+c.at])
		case b.bags[c.at].Offsets == nil:
			c.vector(one, next[:l.dim], b, r, b.bags[c.at].IDs[r])
		default:
			c.pool(one, buf[:l.dim], next[:l.dim], b, r)
		}
	}
}

// lookup sets v [ids, dim] to the vectors of ids.
func (c *codebook) lookup(v []float32, ids []int32) {
	table, dim := c.table, c.dim
	if dim == 1 {
		for r, id := range ids {
			if int(id) < len(table) {
				v[r] = table[id]
			} else {
				c.vector(v[r:r+1], id)
			}
		}
		return
	}
	for r, id := range ids {
		one := v[r*dim:][:dim]
		if at := int(id) * dim; dim == 4 && at+4 <= len(table) {
			*(*[4]float32)(one) = [4]float32(table[at:])
		} else {
			c.vector(one, id)
		}
	}
}

// vector sets v to the vector that an id has at the time of a row.
func (c *latentColumn) vector(v, next []float32, b *block, r int, id int32) {
	c.book.vector(v, id)
	if c.next == nil {
		return
	}
	c.next.vector(next, id)
	turn := b.turn[r]
	for d := range v {
		v[d] = turn[0]*v[d] + turn[1]*next[d]
	}
}

func (l *latents) scale(v []float32, x float32) {
	if l.signs {
		x = float32(math.Copysign(1, float64(x)))
	}
	for d := range v {
		v[d] *= x
	}
}

func (c *latentColumn) pool(v, one, next []float32, b *block, r int) {
	bag := b.bags[c.at].Bag(r)
	clear(v)
	for _, id := range bag {
		c.vector(one, next, b, r, id)
		for d := range v {
			v[d] += one[d]
		}
	}
	if c.mean && len(bag) > 0 {
		for d := range v {
			v[d] /= float32(len(bag))
		}
	}
}
