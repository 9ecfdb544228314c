package prepare

import (
	"math"

	"ctrlab/datasets/order"
	"ctrlab/datasets/raw"
)

// addHash adds a hash of each row's label and values as they are in the file, by which rows of other splits are recognised.
func (a *appender) addHash(r *raw.Rows) error {
	h := a.hashes[:0]
	for _, y := range r.Label {
		h = append(h, order.Mix(uint64(math.Float32bits(y))+order.Golden))
	}
	for _, column := range r.Dense {
		for n, x := range column {
			if x != x {
				x = missing // any NaN is
			}
			h[n] = order.Mix(h[n] ^ uint64(math.Float32bits(x)))
		}
	}
	for i, keys := range r.Keys {
		if a.bags[i] == nil {
			for n, k := range keys {
				h[n] = order.Mix(h[n] ^ k)
			}
			continue
		}
		for n, length := range r.Bags[i] {
			h[n] = order.Mix(h[n] + uint64(length))
			for _, k := range keys[:length] {
				h[n] = order.Mix(h[n] ^ k)
			}
			keys = keys[length:]
		}
	}
	a.hashes = h
	return put(a.hash, h)
}

var missing = float32(math.NaN())
