package prepare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	sha "hash"
	"math"

	"ctrlab/datasets/batch"
)

// fitRows finds what rowsNote tells.
func (b *building) fitRows(ctx context.Context) (n rowsNote, err error) {
	var digests [batch.Splits]sha.Hash
	for s := range digests {
		digests[s] = sha256.New()
	}
	err = eachValue(ctx, b.stage, "hash", func(hashes []uint64, splits []int8) error {
		for from, to := range runs(splits) {
			if s := splits[from]; s >= 0 {
				digests[s].Write(bytesOf(hashes[from:to]))
			}
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	for s := range digests {
		n.Digests[s] = hex.EncodeToString(digests[s].Sum(nil))
	}
	if n.Position, err = b.positions(ctx); err != nil {
		return n, err
	}
	n.Repeats, err = b.repeats(ctx)
	return n, err
}

// runs yields the first and the end of each run of equal splits.
func runs(splits []int8) func(yield func(from, to int) bool) {
	return func(yield func(int, int) bool) {
		for from := 0; from < len(splits); {
			to := from + 1
			for to < len(splits) && splits[to] == splits[from] {
				to++
			}
			if !yield(from, to) {
				return
			}
			from = to
		}
	}
}

const positions = 100

// positions are the mean labels of equal parts of splits.
func (b *building) positions(ctx context.Context) (mean [batch.Splits][]float64, err error) {
	rows := b.stage.state.Assigned.Splits
	var at [batch.Splits]int
	var counts [batch.Splits][positions]float64
	for s := range mean {
		mean[s] = make([]float64, min(positions, rows[s]))
	}
	err = b.stage.eachFloat(ctx, "label", func(labels []float32, splits []int8) error {
		for i, y := range labels {
			if s := splits[i]; s >= 0 {
				part := at[s] * len(mean[s]) / rows[s]
				at[s]++
				counts[s][part]++
				mean[s][part] += float64(y)
			}
		}
		return nil
	})
	for s := range mean {
		for p := range mean[s] {
			mean[s][p] /= counts[s][p]
		}
	}
	return mean, err
}

// repeats counts rows of valid and test that train has too. Only their hashes are held, so many at a time as there is memory for.
func (b *building) repeats(ctx context.Context) (counts [batch.Splits]int, err error) {
	for lo := uint64(0); ; {
		t := newTable(lo, b.tableMemory())
		for _, visit := range []func(h uint64, split int8){
			func(h uint64, split int8) {
				if split > 0 && t.within(hash(h)) {
					t.add(h, hash(h), 0)
				}
			},
			func(h uint64, split int8) {
				if split == 0 && t.within(hash(h)) {
					if s := t.find(h, hash(h)); s != nil {
						s.n |= inTrain
					}
				}
			},
			func(h uint64, split int8) {
				if split > 0 && t.within(hash(h)) && t.find(h, hash(h)).n&inTrain != 0 {
					counts[split]++
				}
			},
		} {
			err := eachValue(ctx, b.stage, "hash", func(hashes []uint64, splits []int8) error {
				for i, h := range hashes {
					visit(h, splits[i])
				}
				return nil
			})
			if err != nil {
				return counts, err
			}
		}
		if t.hi == math.MaxUint64 {
			return counts, nil
		}
		lo = t.hi + 1
	}
}
