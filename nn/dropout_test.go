package nn

import (
	"math"
	"slices"
	"testing"
)

func dropped(l *Dropout, s Step, n, c int) []float32 {
	x := NewMat(n, c)
	for i := range x.Data {
		x.Data[i] = 1
	}
	s.Train = true
	l.Forward(&s, x)
	return x.Data
}

// A share p is 0 and the rest 1/(1−p): of 120,000 numbers five standard deviations are 0.7 % and less. What is dropped does not
// depend on how rows are cut into shards, and changes with step, seed and name.
func TestDropout(t *testing.T) {
	b := NewBuilder(1000, 1, true, DefaultInits)
	for _, p := range []float64{0.01, 0.2, 0.5, 0.9} {
		l := NewDropout(b, p)
		all, zeros := dropped(l, Step{Seed: 3, Step: 5}, 1000, 120), 0
		for _, v := range all {
			switch v {
			case 0:
				zeros++
			case float32(1 / (1 - p)):
			default:
				t.Fatalf("p = %g leaves %g", p, v)
			}
		}
		if share := float64(zeros) / 120000; math.Abs(share-p) > 5*math.Sqrt(p*(1-p)/120000) {
			t.Errorf("p = %g drops %g", p, share)
		}
		if part := dropped(l, Step{Seed: 3, Step: 5, Row: 700}, 300, 120); !slices.Equal(part, all[700*120:]) {
			t.Errorf("p = %g: a shard drops other numbers than the batch", p)
		}
		same := func(v []float32) (n int) {
			for i := range v {
				if v[i] == all[i] {
					n++
				}
			}
			return n
		}
		chance := p*p + (1-p)*(1-p)
		for what, v := range map[string][]float32{
			"step": dropped(l, Step{Seed: 3, Step: 6}, 1000, 120), "seed": dropped(l, Step{Seed: 4, Step: 5}, 1000, 120),
			"name": dropped(NewDropout(b.In("other"), p), Step{Seed: 3, Step: 5}, 1000, 120), "row": dropped(l, Step{Seed: 3, Step: 5, Row: 1}, 1000, 120),
		} {
			if share := float64(same(v)) / 120000; math.Abs(share-chance) > 5*math.Sqrt(chance*(1-chance)/120000) {
				t.Errorf("p = %g: another %s drops the same in %g of numbers, want %g", p, what, share, chance)
			}
		}
	}
	x := Mat{N: 1, C: 3, Stride: 3, Data: []float32{1, -2, 3}}
	NewDropout(b, 0.9).Forward(&Step{}, x)
	if !slices.Equal(x.Data, []float32{1, -2, 3}) {
		t.Errorf("prediction drops: %v", x.Data)
	}
}

// Neighbouring columns are dropped independently: of two, both with probability p².
func TestDropoutOfNeighbours(t *testing.T) {
	const p, n, c = 0.3, 2000, 64
	v := dropped(NewDropout(NewBuilder(n, 1, true, DefaultInits), p), Step{Seed: 1}, n, c)
	for _, apart := range []int{1, 2, c} {
		both := 0
		for i := range len(v) - apart {
			if v[i] == 0 && v[i+apart] == 0 {
				both++
			}
		}
		share := float64(both) / float64(len(v)-apart)
		if math.Abs(share-p*p) > 0.005 {
			t.Errorf("numbers %d apart are dropped together in %g of places, want %g", apart, share, p*p)
		}
	}
}
