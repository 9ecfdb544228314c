package vec

import (
	"math"
	"slices"
	"testing"
)

// TestValues: small cases worked out by hand from the formulas in the comments of the functions.
func TestValues(t *testing.T) {
	// Two examples of three fields of two numbers; the second is all zeros.
	x := []float32{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0}
	for _, c := range []struct {
		name string
		run  func() []float32
		want []float32
	}{
		{"FM: (1,2)·(3,4) + (1,2)·(5,6) + (3,4)·(5,6)", func() []float32 {
			y, sum := make([]float32, 2), make([]float32, 4)
			FM(y, 1, sum, x, 2, 3, 2)
			return slices.Concat(y, sum)
		}, []float32{11 + 17 + 39, 0, 9, 12, 0, 0}},
		{"FMGrad: 2·(the sum of the others), added to 1", func() []float32 {
			dx := []float32{1, 1, 1, 1, 1, 1}
			FMGrad(dx, []float32{2}, 1, []float32{9, 12}, x[:6], 1, 3, 2)
			return dx
		}, []float32{17, 21, 13, 17, 9, 13}},
		{"DotPairs: (1,0), (2,0), (2,1)", func() []float32 {
			y := make([]float32, 3)
			DotPairs(y, 3, x[:6], 1, 3, 2, false)
			return y
		}, []float32{11, 17, 39}},
		{"DotPairs with the diagonal: (0,0), (1,0), (1,1), (2,0), …", func() []float32 {
			y := make([]float32, 6)
			DotPairs(y, 6, x[:6], 1, 3, 2, true)
			return y
		}, []float32{5, 11, 25, 17, 39, 61}},
		{"DotPairsGrad: of 1·(1,0) + 10·(2,0) + 100·(2,1)", func() []float32 {
			dx := make([]float32, 6)
			DotPairsGrad(dx, []float32{1, 10, 100}, 3, x[:6], 1, 3, 2, false)
			return dx
		}, []float32{53, 64, 501, 602, 310, 420}},
		{"DotPairsGrad: of the diagonal, 1, 10 and 100 times", func() []float32 {
			dx := make([]float32, 6)
			DotPairsGrad(dx, []float32{1, 0, 10, 0, 0, 100}, 6, x[:6], 1, 3, 2, true)
			return dx
		}, []float32{2, 4, 60, 80, 1000, 1200}},
		{"HadamardPairs: (0,1), (0,2), (1,2)", func() []float32 {
			y := make([]float32, 6)
			HadamardPairs(y, 6, x[:6], 1, 3, 2)
			return y
		}, []float32{3, 8, 5, 12, 15, 24}},
		{"CrossVector: s = 1·3 + 2·4, y = x0·s + b + xl", func() []float32 {
			y, s := make([]float32, 2), make([]float32, 1)
			CrossVector(y, s, []float32{5, 6}, []float32{1, 2}, []float32{3, 4}, []float32{7, 8}, 1, 2)
			return slices.Concat(y, s)
		}, []float32{5*11 + 7 + 1, 6*11 + 8 + 2, 11}},
		{"ScaleFields: 2·(1,2), 3·(3,4) and a gap, then 1 and 10 times the same", func() []float32 {
			y := make([]float32, 9)
			ScaleFields(y, 5, []float32{2, 3, 0, 1, 10}, 3, x[:4], 2, 2, 2)
			return y
		}, []float32{2, 4, 9, 12, 0, 1, 2, 30, 40}},
		{"ScaleFieldsGrad: 2·(1,2) + 1·(5,6) and 3·(3,4) + 10·(7,8), added to 1", func() []float32 {
			dv := []float32{1, 1, 1, 1}
			ScaleFieldsGrad(dv, []float32{1, 2, 3, 4, 9, 5, 6, 7, 8}, 5, []float32{2, 3, 0, 1, 10}, 3, 2, 2, 2)
			return dv
		}, []float32{8, 11, 80, 93}},
		{"Attention: equal logits mean means, (1,2) and (3,4) give (2,3); the second head's −8 on the −1 and 1 that y held", func() []float32 {
			y := []float32{1, 1, 9, 10, -1, 1, 9, 10}
			q, v := make([]float32, 8), []float32{1, 2, -8, -8, 3, 4, -8, -8}
			Attention(y, 4, make([]float32, AttentionKept(2, 2)), q, q, v, 4, 1, 2, 2, 2, 1, make([]float32, AttentionScratch(2, 2)))
			return y
		}, []float32{3, 4, 1, 2, 1, 4, 1, 2}},
		{"AttentionGrad: p = ½; dv = ½(1 + 5); dp = (1, 3) and (5, 15), ds = ½(dp − mean) = ∓½ and ∓2½; dq = ds·k, dk = ds·q", func() []float32 {
			g, scratch := make([]float32, 6), make([]float32, AttentionScratch(2, 1))
			q, k, v, keep := []float32{2, 4}, []float32{7, 7}, []float32{1, 3}, make([]float32, AttentionKept(2, 1))
			Attention(g, 1, keep, q, k, v, 1, 1, 2, 1, 1, 1, scratch)
			AttentionGrad(g, g[2:], g[4:], []float32{1, 5}, 1, keep, q, k, v, 1, 1, 2, 1, 1, 1, scratch)
			return g
		}, []float32{0, 0, -0.5*2 - 2.5*4, 0.5*2 + 2.5*4, 3, 3}},
		{"GatherBags: rows 2 and 0, none, row 1; from an offset above 0", func() []float32 {
			y := []float32{9, 9, 9, 9, 9, 9}
			GatherBags(y, 2, x[:6], 2, []int32{1, 2, 0, 1}, []int32{1, 3, 3, 4}, true, false)
			return y
		}, []float32{3, 4, 0, 0, 3, 4}},
		{"SumRows: (1,2) twice and (5,6); none; of a bag of two (3,4) halved and (5,6)", func() []float32 {
			g := make([]float32, 6)
			SumRows(g, 2, []int32{1, 4, 4, 6}, []int32{9, 0, 0, 2, 1, 2}, x[:6], 2, 3, []int32{0, 1, 3, 4})
			return g
		}, []float32{7, 10, 0, 0, 6.5, 8}},
		{"Adagrad: s = 7 + 3² = 16, w = 1 − 0.5·3/4", func() []float32 {
			w, s := []float32{1}, []float32{7}
			Adagrad(w, s, []float32{3}, 0.5, 0)
			return append(w, s...)
		}, []float32{0.625, 16}},
		{"RowwiseAdagradRows: s = 3.5 + (3² + 4²)/2 = 16, w = 1 − 0.5·(3, 4)/4 on row 1", func() []float32 {
			w, s := []float32{1, 1, 1, 1}, []float32{0, 3.5}
			RowwiseAdagradRows(w, s, 2, []int32{1}, []float32{3, 4}, 0.5, 0)
			return append(w, s...)
		}, []float32{1, 1, 0.625, 0.5, 0, 16}},
		{"Adam: m = 0.5·4 + 0.5·2 = 3, v = 0.5·28 + 0.5·2² = 16, w = 1 − 0.5·(3/0.5)/√(16/0.25)", func() []float32 {
			w, m, v := []float32{1}, []float32{4}, []float32{28}
			Adam(w, m, v, []float32{2}, 0.5, 0.5, 0.5, 0, 0.5, 0.25)
			return []float32{w[0], m[0], v[0]}
		}, []float32{0.625, 3, 16}},
		{"ReLU keeps a NaN", func() []float32 {
			y := []float32{-1, 0, 2, float32(math.NaN()), -1, -1, -1, float32(math.NaN()), 1}
			ReLU(y, y)
			return y
		}, []float32{0, 0, 2, float32(math.NaN()), 0, 0, 0, float32(math.NaN()), 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachSet(t, func(t *testing.T) {
				got := c.run()
				if len(got) != len(c.want) {
					t.Fatalf("%v, want %v", got, c.want)
				}
				for i := range got {
					if !near(got[i], c.want[i], 0) {
						t.Fatalf("%v, want %v", got, c.want)
					}
				}
			})
		})
	}
}

// TestSigmoid: the promised error against float64's exp, nothing but numbers at the far ends, and NaN for NaN.
func TestSigmoid(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		x := []float32{float32(math.Inf(-1)), -1e30, -200, 200, 1e30, float32(math.Inf(1)), float32(math.Copysign(0, -1))}
		for v := float32(-100); v <= 100; v += 1.0 / 64 {
			x = append(x, v)
		}
		y := make([]float32, len(x))
		Sigmoid(y, x)
		for i, v := range x {
			if want := 1 / (1 + math.Exp(-float64(v))); !(math.Abs(float64(y[i])-want) < 1e-6) || y[i] < 0 || y[i] > 1 {
				t.Errorf("of %v: %v, want %v", v, y[i], want)
			}
		}
		nan := []float32{1, float32(math.NaN()), 1, 1, 1, 1, 1, 1, float32(math.NaN())}
		Sigmoid(nan, nan)
		if nan[1] == nan[1] || nan[8] == nan[8] {
			t.Errorf("a NaN is lost: %v", nan)
		}
	})
}

// TestTwinsRefuseIDs: a twin says what its kernel does of an id outside the table of two rows.
func TestTwinsRefuseIDs(t *testing.T) {
	table, x, bag := make([]float32, 4), make([]float32, 4), []int32{0, 2}
	i := func(n int) []int32 { return make([]int32, n) }
	for id, want := range map[int32]bool{-1: false, 0: true, 1: true, 2: false} {
		ids := []int32{0, id}
		for name, got := range map[string]bool{
			"gather":               gatherGo(x, 2, table, 2, ids, false),
			"gather bags":          gatherBagsGo(x, 2, table, 2, ids, bag, false, false),
			"by row":               byRowGo(i(2), i(4), i(2), i(2), i(8), 3, 2, ids, nil, 2) >= 0,
			"sum rows":             sumRowsGo(table, 2, bag, ids, x, 2, 2, nil),
			"sgd rows":             sgdRowsGo(table, 2, ids, x, 1),
			"adagrad rows":         adagradRowsGo(table, x, 2, ids, x, 1, 1),
			"rowwise adagrad rows": rowwiseAdagradRowsGo(table, x, 2, ids, x, 1, 1),
			"adam rows":            adamRowsGo(table, x, x, 2, ids, x, 1, 1, 1, 1, 1, 1),
		} {
			if got != want {
				t.Errorf("%s, id %d: %v, want %v", name, id, got, want)
			}
		}
	}
}

// TestMisuse: what does not fit panics before anything is touched.
func TestMisuse(t *testing.T) {
	s := func(n int) []float32 { return make([]float32, n) }
	i := func(n int) []int32 { return make([]int32, n) }
	for _, c := range []struct {
		want string
		run  func()
	}{
		{"vec: lengths differ", func() { Axpy(s(3), 1, s(4)) }},
		{"vec: lengths differ", func() { Adam(s(2), s(2), s(1), s(2), 1, 1, 1, 1, 1, 1) }},
		{"vec: lengths differ", func() { SGDRows(s(8), 2, []int32{1}, s(3), 1) }},
		{"vec: lengths differ", func() { FMGrad(s(12), s(2), 1, s(4), s(11), 2, 3, 2) }},
		{"vec: slice is too short", func() { DotPairs(s(5), 3, s(12), 2, 3, 2, false) }},
		{"vec: slice is too short", func() { MulPacked(s(4), 2, s(3), 2, s(32), 2, 2, 2, Epilogue{}) }},
		{"vec: slice is too short", func() { MulPacked(s(4), 2, s(4), 2, s(31), 2, 2, 2, Epilogue{}) }},
		{"vec: slice is too short", func() { MulPacked(s(4), 2, s(4), 2, s(32), 2, 2, 2, Epilogue{Bias: s(1)}) }},
		{"vec: slice is too short", func() { MulPacked(s(4), 2, s(4), 2, s(32), 2, 2, 2, Epilogue{Mask: s(3), MaskStride: 2}) }},
		{"vec: slice is too short", func() { Mul(s(4), 2, s(4), 2, 1, s(4), 2, 1, 2, 2, 2, false, nil) }},
		{"vec: slice is too short", func() { ScaleFields(s(8), 4, s(3), 2, s(4), 2, 2, 2) }},
		{"vec: lengths differ", func() { ScaleFieldsGrad(s(3), s(8), 4, s(4), 2, 2, 2, 2) }},
		{"vec: slice is too short", func() { Attention(s(8), 2, s(32), s(8), s(8), s(7), 2, 2, 2, 1, 2, 1, s(99)) }},
		{"vec: slice is too short", func() { Attention(s(8), 2, s(31), s(8), s(8), s(8), 2, 2, 2, 1, 2, 1, s(99)) }},
		{"vec: slice is too short", func() { Attention(s(8), 2, s(32), s(8), s(8), s(8), 2, 2, 2, 1, 2, 1, s(AttentionScratch(2, 2)-1)) }},
		{"vec: bad shape", func() { AttentionGrad(s(8), s(8), s(8), s(8), 1, s(32), s(8), s(8), s(8), 2, 2, 2, 1, 2, 1, s(99)) }},
		{"vec: slice is too short", func() { Gather(s(3), 2, s(8), 2, []int32{0, 1}, false) }},
		{"vec: bad shape", func() { AddRows(s(4), s(8), 3, 2, 4) }},
		{"vec: bad range of a packed matrix", func() { PackRange(s(64), s(64), 32, 1, 2, 32, 0, 2, 8, 32) }},
		{"vec: id outside the table", func() { Gather(s(2), 2, s(8), 2, []int32{4}, false) }},
		{"vec: id outside the table", func() { Gather(s(2), 2, s(8), 2, []int32{-1}, false) }},
		{"vec: id outside the table", func() { GatherBags(s(2), 2, s(8), 2, []int32{9, 4}, []int32{1, 2}, false, false) }},
		{"vec: id outside the table", func() { ByRow(i(1), i(3), i(1), i(99), 4, []int32{4}, nil) }},
		{"vec: slice is too short", func() { ByRow(i(1), i(2), i(1), i(99), 4, []int32{3}, nil) }},
		{"vec: slice is too short", func() { ByRow(i(1), i(3), i(1), i(ByRowScratch(1)-1), 4, []int32{3}, nil) }},
		{"vec: id outside the table", func() { SumRows(s(2), 2, []int32{0, 1}, []int32{2}, s(4), 2, 2, nil) }},
		{"vec: id outside the table", func() { SumRows(s(4), 2, []int32{0, 2, 1}, []int32{0, 0}, s(4), 2, 2, nil) }},
		{"vec: offsets beyond the ids", func() { SumRows(s(2), 2, []int32{0, 2}, []int32{0}, s(4), 2, 2, nil) }},
		{"vec: lengths differ", func() { SumRows(s(2), 2, []int32{0, 1}, []int32{0}, s(4), 2, 2, i(2)) }},
		{"vec: id outside the table", func() { AdagradRows(s(8), s(8), 2, []int32{4}, s(2), 1, 1) }},
		{"vec: offsets descend", func() { GatherBags(s(4), 2, s(8), 2, []int32{1, 1}, []int32{0, 2, 1}, false, false) }},
		{"vec: offsets beyond the ids", func() { GatherBags(s(2), 2, s(8), 2, []int32{1}, []int32{0, 2}, false, false) }},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("%v, want %q", got, c.want)
				}
			}()
			c.run()
			t.Errorf("no panic, want %q", c.want)
		}()
	}
}
