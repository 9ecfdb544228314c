package vec

func gatherGo(dst []float32, ldd int, table []float32, d int, ids []int32) bool {
	if !withinGo(ids, table, d) {
		return false
	}
	for i, id := range ids {
		copy(dst[i*ldd:][:d], table[int(id)*d:])
	}
	return true
}

func gatherBagsGo(dst []float32, ldd int, table []float32, d int, ids, offsets []int32, mean bool) bool {
	if !withinGo(ids[offsets[0]:offsets[len(offsets)-1]], table, d) {
		return false
	}
	for i := range len(offsets) - 1 {
		y, bag := dst[i*ldd:][:d], ids[offsets[i]:offsets[i+1]]
		clear(y)
		for _, id := range bag {
			addGo(y, table[int(id)*d:][:d])
		}
		if mean && len(bag) > 1 {
			scaleGo(y, 1/float32(len(bag)))
		}
	}
	return true
}

func scatterAddGo(acc []float32, d int, slots []int32, src []float32, lds int) bool {
	if !withinGo(slots, acc, d) {
		return false
	}
	for i, s := range slots {
		addGo(acc[int(s)*d:][:d], src[i*lds:][:d])
	}
	return true
}

func scatterAddBagsGo(acc []float32, d int, slots, offsets []int32, src []float32, lds int, mean bool) bool {
	if !withinGo(slots[offsets[0]:offsets[len(offsets)-1]], acc, d) {
		return false
	}
	for i := range len(offsets) - 1 {
		bag, a := slots[offsets[i]:offsets[i+1]], float32(1)
		if mean && len(bag) > 1 {
			a = 1 / float32(len(bag))
		}
		for _, s := range bag {
			axpyGo(acc[int(s)*d:][:d], a, src[i*lds:][:d])
		}
	}
	return true
}

// withinGo says whether every id is a row of the table.
func withinGo(ids []int32, table []float32, d int) bool {
	if d == 0 {
		return true
	}
	rows := len(table) / d
	for _, id := range ids {
		if int(uint32(id)) >= rows {
			return false
		}
	}
	return true
}
