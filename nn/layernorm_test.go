package nn

import (
	"math"
	"testing"
)

// Rows of two parts by hand: (1, 3) has mean 2 and variance 1, (0, 0) has none: what is left of it is the bias.
func TestLayerNorm(t *testing.T) {
	b := NewBuilder(1, 1, true, DefaultInits)
	l := NewLayerNorm(b, 2, 2)
	copy(l.weight.Value, []float32{2, 1, 5, 5})
	copy(l.bias.Value, []float32{0, 10, 7, 8})
	y := NewMat(1, 4)
	l.Forward(y, Mat{N: 1, C: 4, Stride: 4, Data: []float32{1, 3, 0, 0}})
	s := 1 / math.Sqrt(1+1e-5)
	for c, want := range []float64{-2 * s, 10 + s, 7, 8} {
		if got := float64(y.Data[c]); math.Abs(got-want) > 1e-6 {
			t.Errorf("y[%d] is %v, want %v", c, got, want)
		}
	}
}

// Gradients against finite differences of the formula in float64; windows of wider matrices, in place.
func TestLayerNormGradient(t *testing.T) {
	for _, c := range []struct{ n, parts, d int }{{1, 1, 1}, {3, 1, 7}, {4, 3, 5}, {2, 2, 16}} {
		b := NewBuilder(c.n+1, 1, true, DefaultInits) // a short batch
		l := NewLayerNorm(b, c.parts, c.d)
		w := c.parts * c.d
		x, dy := NewMat(c.n, w+2).Cols(1, 1+w), NewMat(c.n, w+3).Cols(2, 2+w)
		for i := range x.Data {
			x.Data[i] = float32((i*7)%11) / 3
		}
		for i := range dy.Data {
			dy.Data[i] = float32((i*5)%7) - 3
		}
		for i := range w {
			l.weight.Value[i], l.bias.Value[i] = float32(i%3)-0.5, float32(i%4)
		}
		loss := func() float64 {
			sum := 0.0
			for n := range c.n {
				for p := range c.parts {
					sum += normLoss(x.Row(n)[p*c.d:][:c.d], dy.Row(n)[p*c.d:][:c.d], l.weight.Value[p*c.d:], l.bias.Value[p*c.d:])
				}
			}
			return sum
		}
		g, y := NewMat(c.n, w), NewMat(c.n, w)
		for n := range c.n {
			copy(g.Row(n), dy.Row(n))
		}
		l.Forward(y, x)
		l.Backward(g, g)
		check := func(what string, v *float32, got float32) {
			const h = 1.0 / 64
			was := *v
			*v = was + h
			up := loss()
			*v = was - h
			want := (up - loss()) / (2 * h)
			*v = was
			if math.Abs(float64(got)-want) > 0.01*(1+math.Abs(want)) {
				t.Errorf("%+v: gradient of %s is %v, finite differences say %v", c, what, got, want)
			}
		}
		for n := range c.n {
			for i := range w {
				check("x", &x.Row(n)[i], g.Row(n)[i])
			}
		}
		for i := range w {
			check("weight", &l.weight.Value[i], l.weight.Grad[i])
			check("bias", &l.bias.Value[i], l.bias.Grad[i])
		}
		l.Backward(g, dy)
		for i := range w {
			sum := float32(0)
			for n := range c.n {
				sum += dy.Row(n)[i]
			}
			if l.bias.Grad[i] != 2*sum {
				t.Fatalf("%+v: a second Backward makes the bias's gradient %v, want twice %v", c, l.bias.Grad[i], sum)
			}
		}
		if n := testing.AllocsPerRun(5, func() { l.Forward(y, x); l.Backward(g, dy) }); n != 0 {
			t.Errorf("%g allocations", n)
		}
	}
}

// normLoss is Σ dy·LayerNorm(x), in float64.
func normLoss(x, dy, weight, bias []float32) (sum float64) {
	mean, square := 0.0, 0.0
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for _, v := range x {
		square += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	for c, v := range x {
		sum += float64(dy[c]) * ((float64(v)-mean)/math.Sqrt(square+1e-5)*float64(weight[c]) + float64(bias[c]))
	}
	return sum
}

// A square is the identity; otherwise each row has one 1.
func TestIdentity(t *testing.T) {
	for _, c := range []struct{ out, in int }{{3, 3}, {5, 2}, {2, 5}} {
		p := NewBuilder(1, 1, false, DefaultInits).Param("p", Init{Kind: "identity"}, c.out, c.in)
		for o := range c.out {
			sum := float32(0)
			for _, v := range p.Value[o*c.in:][:c.in] {
				sum += v
			}
			if sum != 1 || c.out == c.in && p.Value[o*c.in+o] != 1 {
				t.Errorf("%+v: row %d of %v", c, o, p.Value)
			}
		}
	}
}
