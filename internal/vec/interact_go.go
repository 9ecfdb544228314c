package vec

func fmGo(y []float32, ldy int, sum, x []float32, n, f, d int) {
	for i := range n {
		s, squares := sum[i*d:][:d], float32(0)
		clear(s)
		for j := range f {
			v := x[(i*f+j)*d:][:d]
			addGo(s, v)
			squares += dotGo(v, v)
		}
		y[i*ldy] = (dotGo(s, s) - squares) / 2
	}
}

func fmGradGo(dx, dy []float32, ldy int, sum, x []float32, n, f, d int) {
	for i := range n {
		g, s := dy[i*ldy], sum[i*d:][:d]
		for j := range f {
			at := (i*f + j) * d
			v, dv := x[at:][:d], dx[at:][:d]
			for t := range dv {
				dv[t] += g * (s[t] - v[t])
			}
		}
	}
}

func dotPairsGo(y []float32, ldy int, x []float32, n, f, d int, self bool) {
	for e := range n {
		v, out := x[e*f*d:][:f*d], y[min(e*ldy, len(y)):]
		at := 0
		for i := range f {
			for j := range i + diagonal(self) {
				out[at] = dotGo(v[i*d:][:d], v[j*d:][:d])
				at++
			}
		}
	}
}

func dotPairsGradGo(dx, dy []float32, ldy int, x []float32, n, f, d int, self bool) {
	for e := range n {
		v, dv, g := x[e*f*d:][:f*d], dx[e*f*d:][:f*d], dy[min(e*ldy, len(dy)):]
		at := 0
		for i := range f {
			for j := range i + diagonal(self) {
				axpyGo(dv[i*d:][:d], g[at], v[j*d:][:d])
				axpyGo(dv[j*d:][:d], g[at], v[i*d:][:d])
				at++
			}
		}
	}
}

func diagonal(self bool) int {
	if self {
		return 1
	}
	return 0
}

func hadamardPairsGo(y []float32, ldy int, x []float32, n, f, d int) {
	for e := range n {
		v, at := x[e*f*d:][:f*d], e*ldy
		for i := range f {
			for j := i + 1; j < f; j++ {
				mul2Go(y[at:][:d], v[i*d:][:d], v[j*d:][:d])
				at += d
			}
		}
	}
}

func hadamardPairsGradGo(dx, dy []float32, ldy int, x []float32, n, f, d int) {
	for e := range n {
		v, dv, at := x[e*f*d:][:f*d], dx[e*f*d:][:f*d], e*ldy
		for i := range f {
			for j := i + 1; j < f; j++ {
				g := dy[at:][:d]
				mulAddGo(dv[i*d:][:d], g, v[j*d:][:d])
				mulAddGo(dv[j*d:][:d], g, v[i*d:][:d])
				at += d
			}
		}
	}
}

func crossVectorGo(y, s, x0, xl, w, b []float32, n, c int) {
	for i := range n {
		in, at := xl[i*c:][:c], i*c
		s[i] = dotGo(in, w)
		for j, v := range in {
			y[at+j] = x0[at+j]*s[i] + b[j] + v
		}
	}
}

func crossVectorGradGo(dx0, dxl, dw, db, dy, s, x0, xl, w []float32, n, c int) {
	for i := range n {
		at := i * c
		g, in := dy[at:][:c], xl[at:][:c]
		t := dotGo(g, x0[at:][:c])
		axpyGo(dx0[at:][:c], s[i], g)
		axpyGo(dw, t, in)
		addGo(db, g)
		for j, v := range g {
			dxl[at+j] = v + w[j]*t
		}
	}
}
