package vec

// ScaleFields writes y[k·d+j] = x[k]·v[k·d+j] for the dense features of one example: d = len(v)/len(x).
func ScaleFields(y, x, v []float32) {
	d := len(v) / len(x)
	for k, a := range x {
		out, in := y[k*d:][:d], v[k*d:][:d]
		for j := range out {
			out[j] = a * in[j]
		}
	}
}

// ScaleFieldsGrad adds dv[k·d+j] += x[k]·dy[k·d+j].
func ScaleFieldsGrad(dv, x, dy []float32) {
	d := len(dv) / len(x)
	for k, a := range x {
		out, in := dv[k*d:][:d], dy[k*d:][:d]
		for j := range out {
			out[j] += a * in[j]
		}
	}
}

// Transpose turns the f × d matrix of each of n examples: y[e, j, i] = x[e, i, j].
func Transpose(y, x []float32, n, f, d int) {
	for e := range n {
		out, in := y[e*f*d:][:f*d], x[e*f*d:][:f*d]
		for i := range f {
			for j, v := range in[i*d:][:d] {
				out[j*f+i] = v
			}
		}
	}
}

// TransposeAdd adds the transposed: y[e, j, i] += x[e, i, j].
func TransposeAdd(y, x []float32, n, f, d int) {
	for e := range n {
		out, in := y[e*f*d:][:f*d], x[e*f*d:][:f*d]
		for i := range f {
			for j, v := range in[i*d:][:d] {
				out[j*f+i] += v
			}
		}
	}
}

// OuterRows writes the outer product of each of n row pairs: z[t, i·fb+j] = a[t, i]·b[t, j], z contiguous.
func OuterRows(z, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
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

// OuterRowsGrad adds da[t, i] += Σ_j dz[t, i·fb+j]·b[t, j] and db[t, j] += Σ_i dz[t, i·fb+j]·a[t, i].
func OuterRowsGrad(da []float32, ldda int, db []float32, lddb int, dz, a []float32, lda int, b []float32, ldb, n, fa, fb int) {
	for t := range n {
		rb, gb := b[t*ldb:][:fb], db[t*lddb:][:fb]
		for i, v := range a[t*lda:][:fa] {
			sum := float32(0)
			for j, g := range dz[(t*fa+i)*fb:][:fb] {
				sum += g * rb[j]
				gb[j] += g * v
			}
			da[t*ldda+i] += sum
		}
	}
}
