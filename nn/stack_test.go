package nn

import (
	"slices"
	"testing"
)

// Three weights [17, 3] over whole numbers: the parts of a product stand 32 apart, zeros between; gradients are those of each
// weight; lanes share the packs, and Repack in ranges, as owners do it, brings them up to date.
func TestStack(t *testing.T) {
	const n, in, out, step = 5, 3, 17, 32
	first := NewBuilder(n, 1, true, DefaultInits)
	declare := func(b *Builder) *Stack {
		return NewStack(b, b.Weight("a", out, in), b.Weight("b", out, in), b.Weight("c", out, in))
	}
	declare(first)
	lane := first.Lane(n, true)
	s := declare(lane)
	if s.Step() != step || s.Width(3) != 2*step+out {
		t.Fatalf("parts are %d apart, three are %d wide", s.Step(), s.Width(3))
	}
	for i, p := range first.Params() {
		for j := range p.Value {
			p.Value[j] = float32((i+j)%5 - 2)
		}
		p.Repack(16, 17)
		p.Repack(0, 16)
	}
	x, dx, want := NewMat(n, in), NewMat(n, in), NewMat(n, in)
	y, dy := NewMat(n, s.Width(3)), NewMat(n, s.Width(3))
	for i := range x.Data {
		x.Data[i] = float32(i%4 - 1)
	}
	s.Forward(y, x, 0, 3)
	for r := range n {
		for c, got := range y.Row(r) {
			part, o := c/step, c%step
			if o >= out {
				if got != 0 {
					t.Fatalf("%g between the parts", got)
				}
				continue
			}
			w, sum, g := lane.Params()[part], float32(0), float32((r+c)%3-1)
			dy.Row(r)[c] = g
			for k, v := range x.Row(r) {
				sum += v * w.Value[o*in+k]
				want.Row(r)[k] += g * w.Value[o*in+k]
			}
			if got != sum {
				t.Fatalf("part %d, row %d, output %d is %g, want %g", part, r, o, got, sum)
			}
		}
	}
	s.Backward(dx, dy, x, true)
	if !slices.Equal(dx.Data, want.Data) {
		t.Errorf("gradient of the input is %v, want %v", dx.Data, want.Data)
	}
	for part, w := range lane.Params() {
		for j, got := range w.Grad {
			sum := float32(0)
			for r := range n {
				sum += dy.Row(r)[part*step+j/in] * x.Row(r)[j%in]
			}
			if got != sum {
				t.Fatalf("gradient of weight %d[%d] is %g, want %g", part, j, got, sum)
			}
		}
	}
	last := NewMat(n, out)
	s.Forward(last, x, 2, 3)
	if !slices.Equal(last.Row(4), y.Cols(2*step, 2*step+out).Row(4)) {
		t.Error("one part alone differs from the same among others")
	}
}
