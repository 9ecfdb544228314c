package vec

import "math"

func dotRowsGo(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	for e := range n {
		y[e*ldy] = dotGo(a[e*lda:][:c], b[e*ldb:][:c])
	}
}

func axpyRowsGo(y []float32, ldy int, s []float32, lds int, x []float32, ldx, n, c int) {
	for e := range n {
		axpyGo(y[e*ldy:][:c], s[e*lds], x[e*ldx:][:c])
	}
}

func mulRowsGo(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	for e := range n {
		mul2Go(y[e*ldy:][:c], a[e*lda:][:c], b[e*ldb:][:c])
	}
}

func mulAddRowsGo(y []float32, ldy int, a []float32, lda int, b []float32, ldb, n, c int) {
	for e := range n {
		mulAddGo(y[e*ldy:][:c], a[e*lda:][:c], b[e*ldb:][:c])
	}
}

func softmaxRowsGo(y []float32, ldy, n, c int) {
	for e := range n {
		row := y[e*ldy:][:c]
		most, sum := row[0], float32(0)
		for _, v := range row {
			most = max(most, v)
		}
		for j, v := range row {
			row[j] = float32(math.Exp(float64(v - most)))
			sum += row[j]
		}
		scaleGo(row, 1/sum)
	}
}

func biGo(y []float32, ldy int, sum, x []float32, n, f, d int) {
	for e := range n {
		for j := range d {
			s, q := float32(0), float32(0)
			for i := range f {
				a := x[(e*f+i)*d+j]
				s += a
				q += a * a
			}
			sum[e*d+j] = s
			y[e*ldy+j] = 0.5 * (s*s - q)
		}
	}
}

func biGradGo(dx, dy []float32, ldy int, sum, x []float32, n, f, d int) {
	for e := range n {
		for i := range f {
			for j := range d {
				at := (e*f+i)*d + j
				dx[at] += dy[e*ldy+j] * (sum[e*d+j] - x[at])
			}
		}
	}
}

func fieldAwareGo(y []float32, ldy int, x []float32, n, f, d int) {
	for e := range n {
		sum := float32(0)
		for i := range f {
			for j := i + 1; j < f; j++ {
				sum += dotGo(x[((e*f+i)*f+j)*d:][:d], x[((e*f+j)*f+i)*d:][:d])
			}
		}
		y[e*ldy] = sum
	}
}

func fieldAwareGradGo(dx, dy []float32, ldy int, x []float32, n, f, d int) {
	for e := range n {
		for i := range f {
			for j := range f {
				if i != j {
					axpyGo(dx[((e*f+i)*f+j)*d:][:d], dy[e*ldy], x[((e*f+j)*f+i)*d:][:d])
				}
			}
		}
	}
}
