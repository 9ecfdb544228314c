package nn

import (
	"hash/fnv"
	"math"

	"ctrlab/nn/onnx"
)

// Dropout sets each number to 0 with probability p and multiplies the others by 1/(1−p); in prediction it does nothing. What
// it drops is a hash of seed, name, step, row of the batch and column: Backward hashes again.
//
// Srivastava et al. 2014; scaled in training, as is usual.
type Dropout struct {
	name   uint64
	least  uint64     // of 32 bits, for a number to stay
	factor [2]float32 // of what stays, of what is dropped
}

// NewDropout wants 0 ≤ p < 1.
func NewDropout(b *Builder, p float64) *Dropout {
	h := fnv.New64a()
	h.Write([]byte(b.prefix))
	return &Dropout{name: h.Sum64(), least: uint64(math.Round(p * (1 << 32))), factor: [2]float32{float32(1 / (1 - p)), 0}}
}

// Forward drops in x itself.
func (l *Dropout) Forward(s *Step, x Mat) {
	if s.Train {
		l.drop(s, x)
	}
}

// Backward takes dy to dx in its place, after Forward of the same step.
func (l *Dropout) Backward(s *Step, dy Mat) { l.Forward(s, dy) }

// ONNX is prediction in a graph: nothing.
func (l *Dropout) ONNX(_ *onnx.Graph, x onnx.Value) onnx.Value { return x }

// drop uses a hash for two columns. A branch for each number would be guessed wrong too often.
func (l *Dropout) drop(s *Step, x Mat) {
	step := mix(mix(s.Seed^l.name) + uint64(s.Step))
	for n := range x.N {
		row, state := x.Row(n), mix(step+uint64(s.Row+n))
		for len(row) > 1 {
			state += golden
			h := mix(state)
			row[0] *= l.factor[(h&math.MaxUint32-l.least)>>63]
			row[1] *= l.factor[(h>>32-l.least)>>63]
			row = row[2:]
		}
		if len(row) == 1 {
			row[0] *= l.factor[(mix(state+golden)&math.MaxUint32-l.least)>>63]
		}
	}
}

// mix is the output function of SplitMix64 (Steele et al. 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// golden is the step from one state of SplitMix64 to the next.
const golden = 0x9e3779b97f4a7c15

// Cost is nothing that counts: there is none in prediction.
func (l *Dropout) Cost() Cost { return Cost{} }
