package tune

import "math/bits"

// joeKuo are the primitive polynomials and initial direction numbers of dimensions 2, 3, …: degree, coefficients, m.
//
// Joe & Kuo, "Constructing Sobol' sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30, 2008: the
// first lines of new-joe-kuo-6.21201.
var joeKuo = []struct {
	degree, a int
	m         []uint32
}{
	{1, 0, []uint32{1}},
	{2, 1, []uint32{1, 3}},
	{3, 1, []uint32{1, 3, 1}},
	{3, 2, []uint32{1, 1, 1}},
	{4, 1, []uint32{1, 1, 3, 3}},
	{4, 4, []uint32{1, 3, 5, 13}},
	{5, 2, []uint32{1, 1, 5, 5, 17}},
	{5, 4, []uint32{1, 1, 5, 5, 5}},
	{5, 7, []uint32{1, 1, 7, 11, 19}},
	{5, 11, []uint32{1, 1, 5, 1, 1}},
	{5, 13, []uint32{1, 1, 1, 3, 11}},
	{5, 14, []uint32{1, 3, 5, 5, 31}},
	{6, 1, []uint32{1, 3, 3, 9, 7, 49}},
	{6, 13, []uint32{1, 1, 1, 15, 21, 21}},
	{6, 16, []uint32{1, 3, 1, 13, 27, 49}},
	{6, 19, []uint32{1, 1, 1, 15, 7, 5}},
	{6, 22, []uint32{1, 3, 1, 15, 13, 25}},
	{6, 25, []uint32{1, 1, 5, 5, 19, 61}},
	{7, 1, []uint32{1, 3, 7, 11, 23, 15, 103}},
	{7, 4, []uint32{1, 3, 7, 13, 13, 15, 69}},
}

// directions are the direction numbers of a dimension, from 0.
func directions(dim int) (v [32]uint32) {
	if dim == 0 {
		for i := range v {
			v[i] = 1 << (31 - i)
		}
		return v
	}
	p := joeKuo[dim-1]
	for i := range v {
		if i < p.degree {
			v[i] = p.m[i] << (31 - i)
			continue
		}
		v[i] = v[i-p.degree] ^ v[i-p.degree]>>p.degree
		for k := 1; k < p.degree; k++ {
			if p.a>>(p.degree-1-k)&1 == 1 {
				v[i] ^= v[i-k]
			}
		}
	}
	return v
}

// sobolAt is the i-th number of a dimension, in the order of Gray's code: 32 binary digits.
func sobolAt(v *[32]uint32, i uint32) (x uint32) {
	for gray := i ^ i>>1; gray != 0; gray &= gray - 1 {
		x ^= v[bits.TrailingZeros32(gray)]
	}
	return x
}

// shifted is Sobol's sequence with the digits of each dimension flipped at random, which keeps its distances.
type shifted struct {
	space Space
	v     [][32]uint32
	shift []uint32
}

func sobol(s *Search) sequence {
	q := shifted{space: s.Space}
	for i, d := range s.Space {
		q.v, q.shift = append(q.v, directions(i)), append(q.shift, s.stream("shift", d.Key).Uint32())
	}
	return q
}

func (q shifted) point(i int) (Point, bool) {
	p := make(Point, len(q.space))
	for k, d := range q.space {
		p[k] = d.at(float64(sobolAt(&q.v[k], uint32(i))^q.shift[k]) / (1 << 32))
	}
	return p, uint64(i) < 1<<32
}
