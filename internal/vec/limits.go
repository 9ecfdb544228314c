package vec

// Round is what the length of a run of multiply-adds is a multiple of.
const Round = 96

// MultiplyAdds runs n multiply-adds, a whole number of Rounds, on registers alone and as many at once as the processor
// overlaps: what no kernel can be faster than. It returns what they come to, the number 2 but for short runs.
func MultiplyAdds(n int) float32 {
	if n < 0 || n%Round != 0 {
		panic("vec: bad number of multiply-adds")
	}
	return multiplyAdds(n)
}

// Triad sets y = x + a·z without reading y into the cache where the processor can: what measures memory bandwidth.
func Triad(y, x []float32, a float32, z []float32) {
	same(len(y), len(x), len(z))
	triad(y, x, a, z)
}
