package vec

import (
	"encoding/binary"
	"math"
)

func encode(codes []byte, table []float32, d, bits int) {
	size, top := CodesLen(d, bits), float32(int(1)<<bits-1)
	for r := range len(table) / d {
		row, to := table[r*d:][:d], codes[r*size:][:size]
		lo, hi := row[0], row[0]
		for _, x := range row {
			lo, hi = min(lo, x), max(hi, x)
		}
		scale, per := (hi-lo)/top, float32(0)
		if scale > 0 {
			per = 1 / scale
		}
		binary.LittleEndian.PutUint32(to, math.Float32bits(scale))
		binary.LittleEndian.PutUint32(to[4:], math.Float32bits(lo))
		to = to[codesHead:]
		clear(to)
		for j, x := range row {
			code := byte(min((x-lo)*per+0.5, top))
			if at := j - len(to); at >= 0 {
				to[at] |= code << 4
			} else {
				to[j] = code
			}
		}
	}
}

func gatherCodesGo(dst []float32, ldd int, codes []byte, d, bits int, ids, offsets []int32, n int, mean bool) bool {
	from, to := int32(0), int32(n)
	if offsets != nil {
		from, to = offsets[0], offsets[n]
	}
	if !withinGo(ids[from:to], len(codes), CodesLen(d, bits)) {
		return false
	}
	for e := range n {
		y, bag, a := dst[e*ldd:][:d], ids[e:], float32(1)
		if offsets == nil {
			bag = bag[:1]
		} else if bag = ids[offsets[e]:offsets[e+1]]; mean {
			a = shareGo(offsets, e)
		}
		clear(y)
		for _, id := range bag {
			addCodesGo(y, codes[int(id)*CodesLen(d, bits):], bits)
		}
		scaleGo(y, a)
	}
	return true
}

// addCodesGo adds a row.
func addCodesGo(y []float32, row []byte, bits int) {
	scale := math.Float32frombits(binary.LittleEndian.Uint32(row))
	bias := math.Float32frombits(binary.LittleEndian.Uint32(row[4:]))
	row = row[codesHead:]
	half := (len(y) + 1) / 2
	for j := range y {
		var code byte
		switch {
		case bits == 8:
			code = row[j]
		case j < half:
			code = row[j] & 15
		default:
			code = row[j-half] >> 4
		}
		y[j] += bias + scale*float32(code)
	}
}
