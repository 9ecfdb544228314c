package vec

import (
	"fmt"
	"math"
	"testing"
)

// attended is a case of Attention: windows 3 numbers apart of q, k, v, and of dq, dk, dv, dy.
type attended struct {
	n, f, heads, d int
	a              float32
}

func (c attended) ld() int { return c.heads*c.d + 3 }

// sizes are those of y, q, k, v, scratch, dq, dk, dv, dy and what is kept.
func (c attended) sizes() []int {
	in := 0
	if rows := c.n * c.f; rows > 0 {
		in = (rows-1)*c.ld() + c.heads*c.d
	}
	return []int{in, in, in, in, AttentionScratch(c.f, c.d), in, in, in, in, c.n * AttentionKept(c.f, c.heads)}
}

func (c attended) forward(s [][]float32) {
	Attention(s[0], c.ld(), s[9], s[1], s[2], s[3], c.ld(), c.n, c.f, c.heads, c.d, c.a, s[4])
}

func (c attended) backward(s [][]float32) {
	AttentionGrad(s[5], s[6], s[7], s[8], c.ld(), s[9], s[1], s[2], s[3], c.ld(), c.n, c.f, c.heads, c.d, c.a, s[4])
}

// centred draws from [-0.5, 0.5).
func centred(seed uint64) func() float32 {
	next := positive(seed)
	return func() float32 { return next() - 1 }
}

// TestAttention: kernels against their twins; differences are measured by the greatest number of an argument, since
// gradients of a softmax cancel.
func TestAttention(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, c := range []attended{
			{2, 39, 2, 16, 1}, {3, 2, 2, 3, 0.5}, {2, 1, 1, 1, 1}, {2, 17, 3, 5, 0.25}, {1, 22, 1, 9, 1}, {1, 41, 1, 32, 0.1}, {1, 8, 1, 8, 1}, {1, 33, 1, 40, 0.1}, {1, 270, 1, 2, 1}, {0, 4, 2, 4, 1}, {2, 0, 2, 4, 1},
		} {
			t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
				got, want := newArgs(c.sizes(), centred(1)), newArgs(c.sizes(), centred(1))
				c.forward(got.s)
				c.backward(got.s)
				w, ld := want.s, c.ld()
				attentionGo(w[0], ld, w[9], w[1], w[2], w[3], ld, c.n, c.f, c.heads, c.d, c.a, w[4])
				attentionGradGo(w[5], w[6], w[7], w[8], ld, w[9], w[1], w[2], w[3], ld, c.n, c.f, c.heads, c.d, c.a, w[4])
				got.checkGuards(t)
				for i := range w {
					if i == 4 || i == 9 {
						continue // scratch, and what the twin does without
					}
					most := 1.0
					for _, v := range w[i] {
						most = max(most, math.Abs(float64(v)))
					}
					for j, v := range got.s[i] {
						if d := math.Abs(float64(v - w[i][j])); !(d <= 2e-6*most) {
							t.Fatalf("argument %d[%d] is %v, the twin has %v", i, j, v, w[i][j])
						}
					}
				}
				if n := testing.AllocsPerRun(5, func() { c.forward(got.s); c.backward(got.s) }); n != 0 {
					t.Errorf("it allocates %v times", n)
				}
			})
		}
	})
}

// TestAttentionRows: an example alone has the bits that it has among others.
func TestAttentionRows(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		c := attended{5, 13, 2, 6, 1}
		all, one := newArgs(c.sizes(), centred(3)), newArgs(c.sizes(), centred(3))
		c.forward(all.s)
		c.backward(all.s)
		for e := range c.n {
			from, last := e*c.f*c.ld(), attended{1, c.f, c.heads, c.d, 1}
			s := make([][]float32, len(one.s))
			for i := range s {
				switch size := last.sizes()[i]; i {
				case 4:
					s[i] = one.s[i]
				case 9:
					s[i] = one.s[i][e*size:][:size]
				default:
					s[i] = one.s[i][from:][:size]
				}
			}
			last.forward(s)
			last.backward(s)
		}
		for i := range all.s {
			for j, v := range all.s[i] {
				if i != 4 && v != one.s[i][j] {
					t.Fatalf("argument %d[%d] is %v among others and %v alone", i, j, v, one.s[i][j])
				}
			}
		}
	})
}

// TestSoftmax: the second of two probabilities, e^-t/(1+e^-t), to 4 units in the last place; beyond t = 87 next to nothing is left of
// it. Logits as great as 1e30 do no harm.
func TestSoftmax(t *testing.T) {
	second := func(logits ...float32) float64 {
		y := []float32{0, 0}
		Attention(y, 1, make([]float32, AttentionKept(2, 1)), []float32{1, 1}, logits, []float32{0, 1}, 1, 1, 2, 1, 1, 1, make([]float32, AttentionScratch(2, 1)))
		return float64(y[0])
	}
	eachSet(t, func(t *testing.T) {
		for x := 0.0; x < 86; x += 1.0 / 32 {
			want := math.Exp(-x) / (1 + math.Exp(-x))
			if got := second(5, float32(5-x)); math.Abs(got-want) > 4*want/(1<<23) {
				t.Fatalf("%g apart: %g, want %g", x, got, want)
			}
		}
		for _, c := range []struct{ a, b, want float32 }{{0, -200, 0}, {-200, 0, 1}, {1e30, 1e30, 0.5}, {-1e30, 1e30, 1}} {
			if got := second(c.a, c.b); math.Abs(got-float64(c.want)) > 1e-37 {
				t.Errorf("of %g and %g: %g, want %g", c.a, c.b, got, c.want)
			}
		}
		if got := second(0, float32(math.NaN())); got == got {
			t.Errorf("a NaN is lost: %g", got)
		}
	})
}
