package vec

import "math"

// The twins keep nothing for the gradient: they make a query's probabilities from its logits whenever they want them.

func attentionGo(y []float32, ldy int, _, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	p := scratch[:f]
	for e := range n * f {
		first := e / f * f
		for c := 0; c < heads*d; c += d {
			probabilitiesGo(p, q[e*ld+c:][:d], k, ld, first, c, a)
			out := y[e*ldy+c:][:d]
			for j, w := range p {
				axpyGo(out, w, v[(first+j)*ld+c:][:d])
			}
			reluGo(out, out)
		}
	}
}

func attentionGradGo(dq, dk, dv, dy []float32, ldd int, _, q, k, v []float32, ld, n, f, heads, d int, a float32, scratch []float32) {
	p, dp := scratch[:f], scratch[f:2*f]
	for e := range n * f {
		for _, s := range [...][]float32{dq, dk, dv} {
			clear(s[e*ldd:][:heads*d])
		}
	}
	for e := range n * f {
		first := e / f * f
		for c := 0; c < heads*d; c += d {
			x, g := q[e*ld+c:][:d], dy[e*ldd+c:][:d]
			probabilitiesGo(p, x, k, ld, first, c, a)
			mean := float32(0)
			for j, w := range p {
				dp[j] = dotGo(g, v[(first+j)*ld+c:][:d])
				mean += w * dp[j]
			}
			for j, w := range p {
				from, to := (first+j)*ld+c, (first+j)*ldd+c
				ds := a * w * (dp[j] - mean)
				axpyGo(dv[to:][:d], w, g)
				axpyGo(dk[to:][:d], ds, x)
				axpyGo(dq[e*ldd+c:][:d], ds, k[from:][:d])
			}
		}
	}
}

// probabilitiesGo sets p to the softmax of a·x·k_j over the rows of k from first on, columns from c on.
func probabilitiesGo(p, x, k []float32, ld, first, c int, a float32) {
	most, sum := float32(math.Inf(-1)), float32(0)
	for j := range p {
		p[j] = dotGo(x, k[(first+j)*ld+c:][:len(x)])
		most = max(most, p[j])
	}
	for j, s := range p {
		p[j] = float32(math.Exp(float64(a * (s - most))))
		sum += p[j]
	}
	scaleGo(p, 1/sum)
}
