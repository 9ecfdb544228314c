package vec

import (
	"fmt"
	"math"
	"testing"
)

// shapes cross every edge of the tiles: rows of 1 to 7 and beyond a block of 192, columns of 1 to 33, k beyond 256.
var shapes = []struct{ m, n, k int }{
	{0, 3, 2}, {1, 1, 1}, {2, 3, 0}, {1, 16, 5}, {1, 40, 300}, {3, 1, 67}, {5, 1, 300}, {6, 16, 16}, {7, 17, 31}, {8, 15, 7},
	{9, 33, 64}, {10, 48, 13}, {11, 2, 257}, {13, 100, 1}, {31, 31, 31}, {67, 67, 67}, {200, 20, 520}, {390, 64, 3}, {1, 150, 300}, {2, 70, 9},
}

// strided returns a matrix's strides for either orientation, with a gap between its lines, and its length.
func strided(rows, cols int, transposed bool) (rs, cs, size int) {
	rs, cs = cols+3, 1
	if transposed {
		rs, cs = 1, rows+3
	}
	if rows == 0 || cols == 0 {
		return rs, cs, 0
	}
	return rs, cs, (rows-1)*rs + (cols-1)*cs + 1
}

// product is the definition, in float64.
func product(a []float32, rsa, csa int, b []float32, rsb, csb, i, j, k int) (s float64) {
	for p := range k {
		s += float64(a[i*rsa+p*csa]) * float64(b[p*rsb+j*csb])
	}
	return s
}

func TestMul(t *testing.T) {
	eachSet(t, func(t *testing.T) { testMul(t, Mul, MulScratch) })
	t.Run("twin", func(t *testing.T) { testMul(t, mulGo, mulScratchGo) })
}

type mulFunc func(c []float32, ldc int, a []float32, rsa, csa int, b []float32, rsb, csb int, m, n, k int, accumulate bool, scratch []float32)

func testMul(t *testing.T, mul mulFunc, scratch func(m, n, k int) int) {
	for _, s := range shapes {
		for form := range 8 {
			accumulate := form&1 > 0
			rsa, csa, la := strided(s.m, s.k, form&2 > 0)
			rsb, csb, lb := strided(s.k, s.n, form&4 > 0)
			ldc := s.n + 2
			x := newArgs([]int{s.m * ldc, la, lb, scratch(s.m, s.n, s.k)}, whole(1))
			c, a, b := x.s[0], x.s[1], x.s[2]
			old := append([]float32(nil), c...)
			mul(c, ldc, a, rsa, csa, b, rsb, csb, s.m, s.n, s.k, accumulate, x.s[3])
			x.checkGuards(t)
			for at, v := range c {
				want := float64(old[at])
				if i, j := at/ldc, at%ldc; j < s.n {
					if !accumulate {
						want = 0
					}
					want += product(a, rsa, csa, b, rsb, csb, i, j, s.k)
				}
				if float64(v) != want {
					t.Fatalf("%+v form %d: c[%d, %d] is %v, want %v", s, form, at/ldc, at%ldc, v, want)
				}
			}
		}
	}
}

func TestMulPacked(t *testing.T) {
	eachSet(t, func(t *testing.T) { testMulPacked(t, MulPacked) })
	t.Run("twin", func(t *testing.T) { testMulPacked(t, mulPackedGo) })
}

type mulPackedFunc func(c []float32, ldc int, a []float32, lda int, b []float32, m, n, k int, e Epilogue)

func testMulPacked(t *testing.T, mulPacked mulPackedFunc) {
	for _, s := range shapes {
		for form := range 32 {
			rs, cs, lb := strided(s.k, s.n, form&1 > 0)
			lda, ldc := s.k+1, s.n+2
			x := newArgs([]int{s.m * ldc, s.m * lda, lb, PackedLen(s.k, s.n), s.n, s.m * (s.n + 1)}, whole(2))
			c, a, b, packed := x.s[0], x.s[1], x.s[2], x.s[3]
			e := Epilogue{Accumulate: form&2 > 0, ReLU: form&8 > 0}
			if form&4 > 0 {
				e.Bias = x.s[4]
			}
			if form&16 > 0 {
				e.Mask, e.MaskStride = x.s[5], s.n+1
			}
			old := append([]float32(nil), c...)
			Pack(packed, b, rs, cs, s.k, s.n)
			mulPacked(c, ldc, a, lda, packed, s.m, s.n, s.k, e)
			x.checkGuards(t)
			for at, v := range c {
				i, j := at/ldc, at%ldc
				want := float64(old[at])
				if j < s.n {
					want = e.want(old[at], i, j, product(a, lda, 1, b, rs, cs, i, j, s.k))
				}
				if float64(v) != want {
					t.Fatalf("%+v form %d: c[%d, %d] is %v, want %v", s, form, i, j, v, want)
				}
			}
		}
	}
}

// want is the epilogue's definition.
func (e Epilogue) want(c float32, i, j int, product float64) float64 {
	if e.Accumulate {
		product += float64(c)
	}
	if e.Bias != nil {
		product += float64(e.Bias[j])
	}
	if e.ReLU {
		product = math.Max(product, 0)
	}
	if e.Mask != nil && e.Mask[i*e.MaskStride+j] <= 0 {
		product = 0
	}
	return product
}

// TestPackRange: what owners of parts pack is what one packs at once.
func TestPackRange(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		const k, n = 21, 50
		for _, transposed := range []bool{false, true} {
			rs, cs, size := strided(k, n, transposed)
			x := newArgs([]int{size, PackedLen(k, n), PackedLen(k, n)}, whole(3))
			Pack(x.s[1], x.s[0], rs, cs, k, n)
			packGo(x.s[2], x.s[0], rs, cs, k, 0, k, 0, n)
			equal(t, "Pack against its twin", x.s[1], x.s[2])
			clear(x.s[2])
			for _, part := range [][4]int{{0, 5, 0, n}, {5, 21, 32, n}, {5, 20, 0, 32}, {20, 21, 0, 16}, {20, 21, 16, 32}} {
				PackRange(x.s[2], x.s[0], rs, cs, k, n, part[0], part[1], part[2], part[3])
			}
			equal(t, "parts", x.s[2], x.s[1])
			x.checkGuards(t)
		}
	})
}

// TestRowsStandAlone: a row of the product has the same bits in any company.
func TestRowsStandAlone(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, s := range []struct{ m, n, k int }{{67, 40, 300}, {200, 1, 77}, {13, 17, 5}, {20, 3, 600}, {9, 150, 300}} {
			x := newArgs([]int{s.m * s.n, s.m * s.n, s.m * s.k, PackedLen(s.k, s.n), s.n}, positive(4))
			e := Epilogue{Bias: x.s[4], ReLU: true}
			MulPacked(x.s[0], s.n, x.s[2], s.k, x.s[3], s.m, s.n, s.k, e)
			for i, step := 0, 1; i < s.m; i, step = i+step, step%9+1 {
				rows := min(step, s.m-i)
				MulPacked(x.s[1][i*s.n:], s.n, x.s[2][i*s.k:], s.k, x.s[3], rows, s.n, s.k, e)
			}
			equal(t, fmt.Sprint(s), x.s[1], x.s[0])
		}
	})
}

// TestOuterRowsGradRowsStandAlone: a row's gradient once had other bits as the last one, near the end of dz.
func TestOuterRowsGradRowsStandAlone(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		const n, fa = 5, 3
		for fb := 1; fb < 40; fb++ {
			x := newArgs([]int{n * fa, n * fb, n * fa, n * fb, n * fa * fb, n * fa, n * fb}, positive(5))
			copy(x.s[2], x.s[0])
			copy(x.s[3], x.s[1])
			dz, a, b := x.s[4], x.s[5], x.s[6]
			OuterRowsGrad(x.s[0], fa, x.s[1], fb, dz, a, fa, b, fb, n, fa, fb)
			for i := range n {
				OuterRowsGrad(x.s[2][i*fa:], fa, x.s[3][i*fb:], fb, dz[i*fa*fb:][:fa*fb], a[i*fa:], fa, b[i*fb:], fb, 1, fa, fb)
			}
			equal(t, "da", x.s[2], x.s[0])
			equal(t, "db", x.s[3], x.s[1])
		}
	})
}

func equal(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i, v := range got {
		if math.Float32bits(v) != math.Float32bits(want[i]) {
			t.Fatalf("%s: [%d] is %v, want %v", what, i, v, want[i])
		}
	}
}

func TestMulDoesNotAllocate(t *testing.T) {
	c, a, b, packed, scratch := fill(36), fill(36), fill(36), fill(PackedLen(6, 6)), fill(MulScratch(6, 6, 6))
	got := testing.AllocsPerRun(10, func() {
		Pack(packed, b, 6, 1, 6, 6)
		MulPacked(c, 6, a, 6, packed, 6, 6, 6, Epilogue{Bias: a, ReLU: true})
		Mul(c, 6, a, 1, 6, b, 6, 1, 6, 6, 6, true, scratch)
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}
