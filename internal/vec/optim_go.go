package vec

import "math"

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

func adagradGo(w, s, g []float32, lr, eps float32) {
	for i, x := range g {
		s[i] += x * x
		w[i] -= lr * x / (sqrt(s[i]) + eps)
	}
}

func adamGo(w, m, v, g []float32, lr, b1, b2, eps, c1, c2 float32) {
	for i, x := range g {
		m[i] = b1*m[i] + (1-b1)*x
		v[i] = b2*v[i] + (1-b2)*x*x
		w[i] -= lr * (m[i] / c1) / (sqrt(v[i]/c2) + eps)
	}
}

func sgdRowsGo(w []float32, d int, rows []int32, g []float32, lr float32) bool {
	if !withinGo(rows, len(w), d) {
		return false
	}
	for i, r := range rows {
		axpyGo(w[int(r)*d:][:d], -lr, g[i*d:][:d])
	}
	return true
}

func adagradRowsGo(w, s []float32, d int, rows []int32, g []float32, lr, eps float32) bool {
	if !withinGo(rows, len(w), d) {
		return false
	}
	for i, r := range rows {
		at := int(r) * d
		adagradGo(w[at:][:d], s[at:][:d], g[i*d:][:d], lr, eps)
	}
	return true
}

func rowwiseAdagradRowsGo(w, s []float32, d int, rows []int32, g []float32, lr, eps float32) bool {
	if !withinGo(rows, len(w), d) {
		return false
	}
	for i, r := range rows {
		x := g[i*d:][:d]
		s[r] += dotGo(x, x) / float32(d)
		axpyGo(w[int(r)*d:][:d], -lr/(sqrt(s[r])+eps), x)
	}
	return true
}

func adamRowsGo(w, m, v []float32, d int, rows []int32, g []float32, lr, b1, b2, eps, c1, c2 float32) bool {
	if !withinGo(rows, len(w), d) {
		return false
	}
	for i, r := range rows {
		at := int(r) * d
		adamGo(w[at:][:d], m[at:][:d], v[at:][:d], g[i*d:][:d], lr, b1, b2, eps, c1, c2)
	}
	return true
}
