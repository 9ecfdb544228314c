package order

// Golden is 2⁶⁴ over the golden ratio, odd: SplitMix64's step.
const Golden = 0x9e3779b97f4a7c15

// Mix is SplitMix64's finaliser: Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014.
func Mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Key derives the key of what is named from a seed.
func Key(seed uint64, names ...string) uint64 {
	k := Mix(seed + Golden)
	for _, name := range names {
		for _, c := range []byte(name) {
			k = Mix(k ^ uint64(c))
		}
		k = Mix(k + Golden)
	}
	return k
}
