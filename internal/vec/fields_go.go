package vec

func scaleFieldsGo(y []float32, ldy int, x []float32, ldx int, v []float32, n, f, d int) {
	for e := range n {
		for i := range f {
			out := y[e*ldy+i*d:][:d]
			for j := range out {
				out[j] = x[e*ldx+i] * v[i*d+j]
			}
		}
	}
}

func scaleFieldsGradGo(dv, dy []float32, ldy int, x []float32, ldx, n, f, d int) {
	for e := range n {
		for i := range f {
			axpyGo(dv[i*d:][:d], x[e*ldx+i], dy[e*ldy+i*d:][:d])
		}
	}
}

func transposeGo(y, x []float32, n, f, d int) {
	for e := range n {
		out, in := y[e*f*d:][:f*d], x[e*f*d:][:f*d]
		for i := range f {
			for j, v := range in[i*d:][:d] {
				out[j*f+i] = v
			}
		}
	}
}

func transposeAddGo(y, x []float32, n, f, d int) {
	for e := range n {
		out, in := y[e*f*d:][:f*d], x[e*f*d:][:f*d]
		for i := range f {
			for j, v := range in[i*d:][:d] {
				out[j*f+i] += v
			}
		}
	}
}

func outerRowsGo(z, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
	for t := range n {
		rb := b[t*ldb:][:fb]
		for i, v := range a[t*lda:][:fa] {
			out := z[(t*fa+i)*fb:][:fb]
			for j, w := range rb {
				out[j] = v * w
			}
		}
	}
}

func outerRowsGradGo(da []float32, ldda int, db []float32, lddb int, dz, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
	for t := range n {
		rb, gb := b[t*ldb:][:fb], db[t*lddb:][:fb]
		for i, v := range a[t*lda:][:fa] {
			g := dz[(t*fa+i)*fb:][:fb]
			da[t*ldda+i] += dotGo(g, rb)
			axpyGo(gb, v, g)
		}
	}
}
