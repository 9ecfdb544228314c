package embeddings

import (
	"hash/fnv"

	"ctrlab/nn"
)

// Index finds the rows of ids. Two that compare equal find the same.
type Index interface {
	// Find writes to rows, as long as ids, the row of each.
	Find(rows, ids []int32)
}

// quotient is ⌊id/by⌋.
type quotient struct{ by int32 }

func (x quotient) Find(rows, ids []int32) {
	for i, id := range ids {
		rows[i] = id / x.by
	}
}

// remainder is id mod by.
type remainder struct{ by int32 }

func (x remainder) Find(rows, ids []int32) {
	for i, id := range ids {
		rows[i] = id % x.by
	}
}

// mixer is a hash to rows: SplitMix64's finalizer of id + salt, scaled to rows by its upper half.
//
// Steele et al. 2014; Lemire 2019, "Fast random integer generation in an interval".
type mixer struct {
	rows uint64
	salt uint64
}

func (x mixer) Find(rows, ids []int32) {
	for i, id := range ids {
		z := uint64(uint32(id)) + x.salt
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		rows[i] = int32((z ^ z>>31) >> 32 * x.rows >> 32)
	}
}

// newMixer returns a hash of its own for every name.
func newMixer(rows int, name string) mixer {
	h := fnv.New64a()
	h.Write([]byte(name))
	return mixer{uint64(rows), h.Sum64()}
}

// ranks are rows by counts, as numbers of the model's state, for the first own ids; the rows of all others stand behind them, and so
// do those that a file has no row for.
type ranks struct {
	rows   *nn.Running
	own    int32
	others Index // nil: they share one
}

func (x ranks) Find(rows, ids []int32) {
	if x.others != nil {
		x.others.Find(rows, ids)
	}
	for i, id := range ids {
		row := int32(x.rows.Value[id])
		switch {
		case uint32(row) < uint32(x.own):
			rows[i] = row
		case x.others == nil:
			rows[i] = x.own
		default:
			rows[i] += x.own
		}
	}
}
