package datasets

import "math/bits"

// permutation is a random order of n things in no memory: a Feistel network over the next power of two, walked
// until it comes back below n (Black & Rogaway, "Ciphers with arbitrary finite domains", 2002).
type permutation struct {
	n           uint64
	left, right int // bits of the two halves
	keys        [6]uint64
}

func newPermutation(n int, key uint64) permutation {
	width := bits.Len64(uint64(max(n, 4) - 1))
	p := permutation{n: uint64(n), left: width / 2, right: width - width/2}
	s := stream(key)
	for i := range p.keys {
		p.keys[i] = s.next()
	}
	return p
}

// at returns which thing stands at place i, 0 ≤ i < n; each of n things has one place.
func (p *permutation) at(i int) int {
	x := uint64(i)
	for {
		if x = p.round(x); x < p.n {
			return int(x)
		}
	}
}

func (p *permutation) round(x uint64) uint64 {
	lmask, rmask := uint64(1)<<p.left-1, uint64(1)<<p.right-1
	l, r := x>>p.right, x&rmask
	for i := 0; i < len(p.keys); i += 2 {
		l = (l ^ mix(r+p.keys[i])) & lmask
		r = (r ^ mix(l+p.keys[i+1])) & rmask
	}
	return l<<p.right | r
}
