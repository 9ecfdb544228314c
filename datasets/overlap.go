package datasets

import (
	"fmt"
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

// grouped spells a count with commas between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
