// Package order puts things in a random order that is a function of a key: a Permutation of any size in no memory,
// and the Mix and the Key that everything random about data is made of.
package order

import "math/bits"

// Permutation is a random order of n things in no memory: a Feistel network over the next power of two, walked
// until it comes back below n (Black & Rogaway, "Ciphers with arbitrary finite domains", 2002).
type Permutation struct {
	n           uint64
	left, right int // bits of the two halves
	keys        [6]uint64
}

// New returns the order of n things that key stands for.
func New(n int, key uint64) Permutation {
	width := bits.Len64(uint64(max(n, 4) - 1))
	p := Permutation{n: uint64(n), left: width / 2, right: width - width/2}
	for i := range p.keys {
		key += Golden
		p.keys[i] = Mix(key)
	}
	return p
}

// At returns which thing stands at place i, 0 ≤ i < n; each of n things has one place.
func (p *Permutation) At(i int) int {
	x := uint64(i)
	for {
		if x = p.round(x); x < p.n {
			return int(x)
		}
	}
}

func (p *Permutation) round(x uint64) uint64 {
	lmask, rmask := uint64(1)<<p.left-1, uint64(1)<<p.right-1
	l, r := x>>p.right, x&rmask
	for i := 0; i < len(p.keys); i += 2 {
		l = (l ^ Mix(r+p.keys[i])) & lmask
		r = (r ^ Mix(l+p.keys[i+1])) & rmask
	}
	return l<<p.right | r
}
