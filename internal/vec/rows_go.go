package vec

func gatherGo(dst []float32, ldd int, table []float32, d int, ids []int32, add bool) bool {
	if !withinGo(ids, len(table), d) {
		return false
	}
	for i, id := range ids {
		y, row := dst[i*ldd:][:d], table[int(id)*d:][:d]
		if add {
			addGo(y, row)
		} else {
			copy(y, row)
		}
	}
	return true
}

func gatherBagsGo(dst []float32, ldd int, table []float32, d int, ids, offsets []int32, mean, add bool) bool {
	if !withinGo(ids[offsets[0]:offsets[len(offsets)-1]], len(table), d) {
		return false
	}
	for i := range len(offsets) - 1 {
		y, bag, a := dst[i*ldd:][:d], ids[offsets[i]:offsets[i+1]], float32(1)
		if mean {
			a = shareGo(offsets, i)
		}
		for j := range y {
			s := float32(0)
			for _, id := range bag {
				s += table[int(id)*d+j]
			}
			if s *= a; add {
				s += y[j]
			}
			y[j] = s
		}
	}
	return true
}

func byRowGo(rows, starts, uses, slots, index []int32, bits, most int, ids, offsets []int32, n int) int {
	if offsets != nil {
		ids = ids[offsets[0]:offsets[n]]
	}
	if !withinGo(ids, most, 1) {
		return -1
	}
	mask, m := uint32(1)<<bits-1, int32(0)
	index = index[:mask+1]
	for i := range index {
		index[i] = -1
	}
	clear(starts[:len(ids)+2])
	for i, id := range ids {
		at := uint32(id) * 2654435769 >> (32 - bits)
		for index[at] >= 0 && rows[index[at]] != id {
			at = (at + 1) & mask
		}
		if index[at] < 0 {
			index[at], rows[m] = m, id
			m++
		}
		slots[i] = index[at]
		starts[slots[i]+2]++
	}
	for i := range m + 1 {
		starts[i+1] += starts[i]
	}
	use := func(i, e int) {
		next := &starts[slots[i]+1]
		uses[*next] = int32(e)
		*next++
	}
	for e := range n {
		if offsets == nil {
			use(e, e)
			continue
		}
		for i := offsets[e]; i < offsets[e+1]; i++ {
			use(int(i-offsets[0]), e)
		}
	}
	return int(m)
}

func sumRowsGo(g []float32, d int, starts, uses []int32, src []float32, lds, n int, offsets []int32) bool {
	m := len(starts) - 1
	for i, s := range starts {
		if s < 0 || i < m && s > starts[i+1] {
			return false
		}
	}
	if !withinGo(uses[starts[0]:starts[m]], n, 1) {
		return false
	}
	for i := range m {
		row := g[i*d:][:d]
		clear(row)
		for _, e := range uses[starts[i]:starts[i+1]] {
			axpyGo(row, shareGo(offsets, int(e)), src[int(e)*lds:][:d])
		}
	}
	return true
}

// shareGo is what an example gives each row of its bag.
func shareGo(offsets []int32, e int) float32 {
	if offsets == nil || offsets[e+1]-offsets[e] < 2 {
		return 1
	}
	return 1 / float32(offsets[e+1]-offsets[e])
}

// withinGo says whether every id is a row of a table of n numbers, d a row; of nothing, there is any number of rows.
func withinGo(ids []int32, n, d int) bool {
	if d == 0 {
		return true
	}
	for _, id := range ids {
		if int(uint32(id)) >= n/d {
			return false
		}
	}
	return true
}
