package vec

func scaleFieldsGo(y, x, v []float32) {
	d := len(v) / len(x)
	for k, a := range x {
		out, in := y[k*d:][:d], v[k*d:][:d]
		for j := range out {
			out[j] = a * in[j]
		}
	}
}

func scaleFieldsGradGo(dv, x, dy []float32) {
	d := len(dv) / len(x)
	for k, a := range x {
		axpyGo(dv[k*d:][:d], a, dy[k*d:][:d])
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
