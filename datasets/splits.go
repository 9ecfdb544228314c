package datasets

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"ctrlab/datasets/batch"
)

// FileSplit cuts the rows of files into train, valid and test. Kind is a name of splitKinds, which tells the keys of each.
type FileSplit struct {
	Kind      string    `json:"kind"`
	Fractions []float64 `json:"fractions,omitempty"` // train, valid, test
	User      string    `json:"user,omitempty"`      // the field whose values are users
	Folds     *int      `json:"folds,omitempty"`
	Fold      *int      `json:"fold,omitempty"` // the one that is test, from 1; the next is valid
}

// splitKind is a way to cut; assign gives the split of every row of path, in the rows' order.
type splitKind struct {
	name   string
	keys   []string
	assign func(f *Files, r rowsToSplit) iter.Seq[batch.Split]
}

var splitKinds = []splitKind{
	{"order", []string{"fractions"}, inOrder},
	{"random", []string{"fractions"}, atRandom},
	{"time", []string{"fractions"}, byTime},
	{"user", []string{"fractions", "user"}, byUser},
	{"leave-one-out", []string{"user"}, leaveOneOut},
	{"k-fold", []string{"folds", "fold"}, kFold},
	{"sevenths", nil, sevenths},
}

// SplitKinds returns the names of all kinds; a source has some of them.
func SplitKinds() (names []string) {
	for _, k := range splitKinds {
		names = append(names, k.name)
	}
	return names
}

// rowsToSplit is what a split may look at. times and users, in the rows' order, may be walked several times.
type rowsToSplit struct {
	n     int
	times iter.Seq[int64]  // nil where rows have none
	users iter.Seq[uint64] // values of the field that split.user names
}

const (
	defaultUser  = "user"
	defaultFolds = 10
)

// Check refuses numbers that make no sense; which kinds there are, the source says.
func (s FileSplit) Check() error {
	switch {
	case s.Folds != nil && *s.Folds < 3:
		return fmt.Errorf("folds is %d, want at least 3: test, valid and train", *s.Folds)
	case s.Fold != nil && *s.Fold < 1:
		return fmt.Errorf("fold is %d, want at least 1", *s.Fold)
	case s.Fractions == nil:
		return nil
	}
	return checkFractions(s.Fractions)
}

// resolve refuses keys that the kind does not use and fills in the others.
func (s *FileSplit) resolve(kinds []string) error {
	i := slices.IndexFunc(splitKinds, func(k splitKind) bool { return k.name == s.Kind })
	if i < 0 || !slices.Contains(kinds, s.Kind) {
		return fmt.Errorf("split.kind is %q, want %s", s.Kind, alternatives(kinds))
	}
	for _, key := range []struct {
		name    string
		given   bool
		missing func()
	}{
		{"fractions", s.Fractions != nil, func() { s.Fractions = defaultFractions() }},
		{"user", s.User != "", func() { s.User = defaultUser }},
		{"folds", s.Folds != nil, func() { s.Folds = new(defaultFolds) }},
		{"fold", s.Fold != nil, func() { s.Fold = new(1) }},
	} {
		switch used := slices.Contains(splitKinds[i].keys, key.name); {
		case key.given && !used:
			return fmt.Errorf("split.%s is of no use with kind %q", key.name, s.Kind)
		case used && !key.given:
			key.missing()
		}
	}
	if err := s.Check(); err != nil {
		return err
	}
	if s.Fold != nil && *s.Fold > *s.Folds {
		return fmt.Errorf("split.fold is %d, want 1 to %d", *s.Fold, *s.Folds)
	}
	return nil
}

func alternatives(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func defaultFractions() []float64 { return []float64{0.8, 0.1, 0.1} }

func checkFractions(f []float64) error {
	if len(f) != int(batch.Splits) {
		return fmt.Errorf("fractions has %d numbers, want three: train, valid, test", len(f))
	}
	sum := 0.0
	for i, v := range f {
		if !between(v, 0, 1) {
			return fmt.Errorf("fractions[%d] is %g, want 0 to 1", i, v)
		}
		sum += v
	}
	if math.Abs(sum-1) > 1e-6 {
		return fmt.Errorf("fractions sum to %g, want 1", sum)
	}
	if f[batch.Train] == 0 {
		return fmt.Errorf("fractions[0] is 0, want rows to train on")
	}
	return nil
}

// bounds are the first place of each split, and the end of the last.
type bounds [batch.Splits + 1]int

// cut divides places.
func cut(rows int, fractions []float64) (b bounds) {
	sum := 0.0
	for s, f := range fractions {
		sum += f
		b[s+1] = int(math.Round(min(sum, 1) * float64(rows)))
	}
	b[batch.Splits] = rows
	return b
}

func (b bounds) of(place int) batch.Split {
	for s := batch.Train; s < batch.Test; s++ {
		if place < b[s+1] {
			return s
		}
	}
	return batch.Test
}

// splits gives the split of every row, in the rows' order. counts are the rows read for train, valid and test, or with
// paths that are not named so, all of them under train; r.n counts those of train alone.
func (f *Files) splits(counts [batch.Splits]int, r rowsToSplit) iter.Seq[batch.Split] {
	r.n = counts[batch.Train]
	own := f.cutter()(f, r)
	return func(yield func(batch.Split) bool) {
		for s := range own {
			if !yield(s) {
				return
			}
		}
		for s := batch.Valid; s < batch.Splits; s++ {
			for range counts[s] {
				if !yield(s) {
					return
				}
			}
		}
	}
}

func (f *Files) cutter() func(*Files, rowsToSplit) iter.Seq[batch.Split] {
	if f.Split == nil {
		return offTrain
	}
	i := slices.IndexFunc(splitKinds, func(k splitKind) bool { return k.name == f.Split.Kind })
	return splitKinds[i].assign
}
