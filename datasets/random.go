package datasets

import (
	"math"
	"math/bits"

	"ctrlab/datasets/order"
)

// Everything random here is a function of (seed, name, row or id): nothing depends on what was drawn before,
// so any row can be made at any time, in any order, by any goroutine.

const golden = order.Golden

func mix(x uint64) uint64 { return order.Mix(x) }

func keyOf(seed uint64, names ...string) uint64 { return order.Key(seed, names...) }

// stream is SplitMix64: 64 bits a call.
type stream uint64

func (s *stream) next() uint64 {
	*s += golden
	return mix(uint64(*s))
}

// below returns an integer in [0, n), n > 0, for n far below 2⁶⁴.
func (s *stream) below(n int) int {
	hi, _ := bits.Mul64(s.next(), uint64(n))
	return int(hi)
}

// unit maps 64 random bits to [0, 1).
func unit(u uint64) float64 { return float64(u>>11) * 0x1p-53 }

// quantiles[i] is the standard normal's quantile at (i+½)/4096.
var quantiles = func() (q [1 << 12]float32) {
	for i := range q {
		q[i] = float32(quantile((float64(i) + 0.5) / float64(len(q))))
	}
	return q
}()

func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// coarse is a standard normal number of 4096 values from 12 bits: what latents are made of.
func coarse(u uint16) float32 { return quantiles[u>>4] }

// normal is a standard normal number from 64 bits: linear between the quantiles, exact in the tails.
func normal(u uint64) float32 {
	at := unit(u)*float64(len(quantiles)) - 0.5
	i := int(at)
	if at < 8 || i > len(quantiles)-10 {
		return float32(quantile(float64(u>>12)*0x1p-52 + 0x1p-53))
	}
	return quantiles[i] + float32(at-float64(i))*(quantiles[i+1]-quantiles[i])
}

// shuffled returns which of n rows stands at a place: the same one for seed 0.
func shuffled(n int, seed uint64) func(int) int {
	if seed == 0 {
		return func(i int) int { return i }
	}
	p := order.New(n, keyOf(seed, "order"))
	return p.At
}
