package vec

// Attention lets the f rows of each of n examples attend to each other, in heads of d numbers side by side:
// y_i = relu(y_i + Σ_j p_ij·v_j), where p_i is the softmax over j of a·q_i·k_j, a > 0. q, k and v are [n·f, heads·d], ld from
// row to row; keep, of AttentionKept numbers an example, is for AttentionGrad; scratch has at least AttentionScratch(f, d) numbers.
func Attention(y []float32, ldy int, keep, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	fits(y, n*f, heads*d, ldy)
	attends(keep, q, k, v, ld, n, f, heads, d, scratch)
	if n > 0 && f > 0 {
		attention(y, ldy, keep, q, k, v, ld, n, f, heads, d, a, scratch)
	}
}

// AttentionGrad sets dq, dk and dv to their gradients, where dy is that of the sum inside the ReLU; ldd is from row to row of
// all four. The probabilities are made again from what Attention kept of them: f² numbers a head would take longer to fetch.
func AttentionGrad(dq, dk, dv, dy []float32, ldd int, keep, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	for _, s := range [...][]float32{dq, dk, dv, dy} {
		fits(s, n*f, heads*d, ldd)
	}
	attends(keep, q, k, v, ld, n, f, heads, d, scratch)
	if n > 0 && f > 0 {
		attentionGrad(dq, dk, dv, dy, ldd, keep, q, k, v, ld, n, f, heads, d, a, scratch)
	}
}

// AttentionKept is how many numbers Attention keeps of an example: of each query what its softmax took off the logits and
// multiplied with.
func AttentionKept(f, heads int) int { return 2 * heads * eights(f) }

// AttentionScratch is how many numbers of scratch Attention and AttentionGrad need: two matrices of probabilities, a row of
// them, and of the others one transposed and one in panels.
func AttentionScratch(f, d int) int { return (2*f+d+1)*eights(f) + PackedLen(f, d) }

func eights(n int) int { return (n + 7) / 8 * 8 }

func attends(keep, q, k, v []float32, ld, n, f, heads, d int, scratch []float32) {
	if n < 0 || f < 0 || heads < 0 || d < 0 {
		panic("vec: bad shape")
	}
	for _, s := range [...][]float32{q, k, v} {
		fits(s, n*f, heads*d, ld)
	}
	if len(keep) < n*AttentionKept(f, heads) || len(scratch) < AttentionScratch(f, d) {
		panic("vec: slice is too short")
	}
}
