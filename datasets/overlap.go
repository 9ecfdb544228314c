package datasets

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"ctrlab/datasets/batch"
)

// inTrain counts, for valid and test, the rows whose key some row of train has. Only keys of valid and test are held.
func (c *columns) inTrain(key func(row int32) uint64) (counts [batch.Splits]int) {
	seen := map[uint64]bool{}
	for _, split := range heldOut {
		for _, row := range c.splits[split] {
			seen[key(row)] = false
		}
	}
	for _, row := range c.splits[batch.Train] {
		k := key(row)
		if _, held := seen[k]; held {
			seen[k] = true
		}
	}
	for _, split := range heldOut {
		for _, row := range c.splits[split] {
			if seen[key(row)] {
				counts[split]++
			}
		}
	}
	return counts
}

var heldOut = []batch.Split{batch.Valid, batch.Test}

// naturalRepeats is the share of a split's rows that may stand in train too without a warning: far above what is natural,
// since of the 15,000 rows with which the Criteo challenge's train.txt begins 1 repeats another, and none of samples drawn
// apart; and far below what a file in two splits gives.
const naturalRepeats = 0.01

// warnRepeats tells of whole rows that valid and test share with train; ids are those that the files have.
func (c *columns) warnRepeats() {
	nd, nf := len(c.dense)/len(c.label), len(c.ids)/len(c.label)
	counts := c.inTrain(func(row int32) uint64 {
		return hashRow(c.ids[int(row)*nf:][:nf], c.dense[int(row)*nd:][:nd], c.label[row])
	})
	for _, split := range heldOut {
		if n := len(c.splits[split]); float64(counts[split]) > naturalRepeats*float64(n) {
			c.warn("%s of %s %v rows stand in train too, number by number: on them a model is tested for memory", grouped(counts[split]), grouped(n), split)
		}
	}
}

// warnPairs tells of ratings in valid and test whose user has rated the same item in train.
func (c *columns) warnPairs(r *ratings) {
	counts := c.inTrain(func(row int32) uint64 { return mix(uint64(r.user[row])<<32 | uint64(uint32(r.item[row]))) })
	for _, split := range heldOut {
		if n := counts[split]; n > 0 {
			c.warn("%s of %s %v ratings are of (user, item) pairs that stand in train: their error is that of memory", grouped(n), grouped(len(c.splits[split])), split)
		}
	}
}

// warnCopies tells of files of one content; sums are the files' in order.
func (c *columns) warnCopies(files []named, sums []string) {
	for i, sum := range sums {
		if first := slices.Index(sums, sum); first < i {
			c.warn("%s has the same content as %s", files[i].file, files[first].file)
		}
	}
}

func (c *columns) warn(format string, args ...any) {
	c.about.Warnings = append(c.about.Warnings, fmt.Sprintf(format, args...))
}

func hashRow(ids []int32, dense []float32, label float32) uint64 {
	h := mix(uint64(math.Float32bits(label)) + golden)
	for _, id := range ids {
		h = mix(h ^ uint64(uint32(id)))
	}
	for _, x := range dense {
		h = mix(h ^ uint64(math.Float32bits(x)))
	}
	return h
}

// grouped spells a count with commas between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
