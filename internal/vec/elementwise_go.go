package vec

import "math"

func axpyGo(y []float32, a float32, x []float32) {
	for i := range y {
		y[i] += a * x[i]
	}
}

func dotGo(x, y []float32) float32 {
	var s [4]float32 // four sums at once: one would wait for each addition
	n := len(x) &^ 3
	for i := 0; i < n; i += 4 {
		s[0] += x[i] * y[i]
		s[1] += x[i+1] * y[i+1]
		s[2] += x[i+2] * y[i+2]
		s[3] += x[i+3] * y[i+3]
	}
	for i := n; i < len(x); i++ {
		s[0] += x[i] * y[i]
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

func sumGo(x []float32) float32 {
	var s [4]float32
	for i, v := range x {
		s[i&3] += v
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

func sumSquaresGo(x []float32) float64 {
	var s float64
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return s
}

func scaleGo(x []float32, a float32) {
	for i := range x {
		x[i] *= a
	}
}

func addGo(y, x []float32) {
	for i := range y {
		y[i] += x[i]
	}
}

func mul2Go(y, a, b []float32) {
	for i := range y {
		y[i] = a[i] * b[i]
	}
}

func mulAddGo(y, a, b []float32) {
	for i := range y {
		y[i] += a[i] * b[i]
	}
}

func addRowsGo(dst, x []float32, ldx, n, c int) {
	for i := range n {
		addGo(dst, x[i*ldx:][:c])
	}
}

func reluGo(y, x []float32) {
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		y[i] = v
	}
}

func reluGradGo(dx []float32, ldd int, dy []float32, ldy int, y []float32, ldyy, n, c int) {
	for i := range n {
		dst, src, on := dx[i*ldd:][:c], dy[i*ldy:][:c], y[i*ldyy:][:c]
		for j, v := range src {
			if !(on[j] > 0) {
				v = 0
			}
			dst[j] = v
		}
	}
}

func sigmoidGo(y, x []float32) {
	for i, v := range x {
		y[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
}
