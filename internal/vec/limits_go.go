package vec

func multiplyAddsGo(n int) float32 {
	var s [8]float32
	x, y := float32(0.5), float32(1)
	for i := 0; i < n; i += len(s) {
		s[0], s[1], s[2], s[3] = s[0]*x+y, s[1]*x+y, s[2]*x+y, s[3]*x+y
		s[4], s[5], s[6], s[7] = s[4]*x+y, s[5]*x+y, s[6]*x+y, s[7]*x+y
	}
	return sumGo(s[:]) / float32(len(s))
}

func triadGo(y, x []float32, a float32, z []float32) {
	for i := range y {
		y[i] = x[i] + a*z[i]
	}
}
