package vec

// Attention lets the f rows of each of n examples attend to each other, in heads of d numbers side by side:
// y_i = relu(y_i + Σ_j p_ij·v_j), where p_i is the softmax over j of a·q_i·k_j, a > 0. q, k and v are [n·f, heads·d], ld from
// row to row; scratch has at least AttentionScratch(f, d) numbers.
func Attention(y []float32, ldy int, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	fits(y, n*f, heads*d, ldy)
	attends(q, k, v, ld, n, f, heads, d, scratch)
	if n > 0 && f > 0 {
		attention(y, ldy, q, k, v, ld, n, f, heads, d, a, scratch)
	}
}

// AttentionGrad sets dq, dk and dv to their gradients, where dy is that of the sum inside the ReLU; ldd is from row to row of
// all four. The probabilities are made again: to keep f² numbers a head would gain 3 % of AutoInt's time.
func AttentionGrad(dq, dk, dv, dy []float32, ldd int, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	for _, s := range [...][]float32{dq, dk, dv, dy} {
		fits(s, n*f, heads*d, ldd)
	}
	attends(q, k, v, ld, n, f, heads, d, scratch)
	if n > 0 && f > 0 {
		attentionGrad(dq, dk, dv, dy, ldd, q, k, v, ld, n, f, heads, d, a, scratch)
	}
}

// AttentionScratch is how many numbers of scratch Attention and AttentionGrad need: two matrices of probabilities, and one
// of the others in panels, as it is or transposed.
func AttentionScratch(f, d int) int {
	return 2*f*((f+7)/8*8) + max(PackedLen(f, d), PackedLen(d, f))
}

func attends(q, k, v []float32, ld, n, f, heads, d int, scratch []float32) {
	if n < 0 || f < 0 || heads < 0 || d < 0 {
		panic("vec: bad shape")
	}
	for _, s := range [...][]float32{q, k, v} {
		fits(s, n*f, heads*d, ld)
	}
	if len(scratch) < AttentionScratch(f, d) {
		panic("vec: slice is too short")
	}
}
