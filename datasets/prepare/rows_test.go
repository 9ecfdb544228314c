package prepare

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"testing"

	"ctrlab/datasets/batch"
	"ctrlab/datasets/raw"
)

// given is a job without a folder, of rows with one dense column and one field, and their splits.
func given(labels, dense []float32, keys []uint64, splits []batch.Split) Job {
	r := &raw.Rows{N: len(labels), Label: labels, Dense: [][]float32{dense}, Keys: [][]uint64{keys}, Bags: [][]int32{nil}}
	return Job{
		Layout: raw.Layout{Dense: []string{"I1"}, Fields: []raw.Field{{Name: "C1"}}},
		Inputs: []Input{{Name: "given", Read: func(_ context.Context, to Reading) (string, error) { return "sum", to.Emit(r, 0) }}},
		Assign: func(*Staged) (iter.Seq[batch.Split], error) { return slices.Values(splits), nil },
		Dense:  []DenseStep{{Kind: None}}, Fields: make([]FieldStep, 1), Memory: 1 << 20, Workers: 1,
	}
}

const train, valid, test = batch.Train, batch.Valid, batch.Test

// A row of valid or test repeats one of train where label and all values are the same, missing ones too.
func TestRepeats(t *testing.T) {
	j := given(
		[]float32{1, 0, 1 /**/, 1, 0, 1, 1, 1 /**/, 1, 1, 0, 1, 1},
		[]float32{2, 3, nan /**/, 2, 3, nan, 2, 2 /**/, math.Float32frombits(0xffc00001), 0, 4, 2, 2},
		[]uint64{5, 6, 7 /**/, 5, 6, 7, 6, 5 /**/, 7, 7, 6, 8, 5},
		[]batch.Split{train, train, train, valid, valid, valid, valid, Dropped, test, test, test, test, test},
	)
	for _, memory := range []int64{1, 1 << 20} {
		j.Memory = memory
		notes, err := NotesOf(build(t, j).Meta())
		if want := [batch.Splits]int{0, 3, 2}; notes.Repeats != want || notes.Dropped != 1 || err != nil {
			t.Errorf("%v rows repeat others, want %v; %d are dropped, want 1 (%v)", notes.Repeats, want, notes.Dropped, err)
		}
	}
}

// One test row in two is a row of train, found with a table for 192 of 4,000.
func TestRepeatsWithoutMemory(t *testing.T) {
	const n = 8000
	labels, dense, keys, splits := make([]float32, n), make([]float32, n), make([]uint64, n), make([]batch.Split, n)
	for i := range n {
		dense[i] = float32(i)
		if i >= n/2 {
			splits[i] = test
			dense[i] = float32(2 * (i - n/2))
		}
	}
	j := given(labels, dense, keys, splits)
	j.Memory = 1
	notes, _ := NotesOf(build(t, j).Meta())
	if want := [batch.Splits]int{0, 0, n / 4}; notes.Repeats != want {
		t.Errorf("%v rows repeat others, want %v", notes.Repeats, want)
	}
}

// A digest is of the values of a split's rows in their order, not of preprocessing or of other splits.
func TestDigests(t *testing.T) {
	digests := func(change func(j *Job), keys ...uint64) [batch.Splits]string {
		j := given([]float32{1, 0, 0}, []float32{1, 2, 3}, keys, []batch.Split{train, train, valid})
		change(&j)
		return build(t, j).Meta().Digests
	}
	same := func(*Job) {}
	was := digests(same, 5, 6, 7)
	for name, c := range map[string]struct {
		now   [batch.Splits]string
		equal [batch.Splits]bool
	}{
		"again":         {digests(same, 5, 6, 7), [batch.Splits]bool{true, true, true}},
		"other steps":   {digests(func(j *Job) { j.Fields[0].MinCount = 9 }, 5, 6, 7), [batch.Splits]bool{true, true, true}},
		"another value": {digests(same, 5, 6, 8), [batch.Splits]bool{true, false, true}},
		"another split": {digests(func(j *Job) {
			j.Assign = func(*Staged) (iter.Seq[batch.Split], error) {
				return slices.Values([]batch.Split{train, test, valid}), nil
			}
		}, 5, 6, 7), [batch.Splits]bool{false, true, false}},
	} {
		for s := range batch.Splits {
			if (c.now[s] == was[s]) != c.equal[s] {
				t.Errorf("%s: the digest of %v is the same: %t, want %t", name, s, !c.equal[s], c.equal[s])
			}
		}
	}
}

func TestPositions(t *testing.T) {
	const n = 250
	labels, splits := make([]float32, n), make([]batch.Split, n)
	for i := range labels {
		if i >= n-3 {
			splits[i] = valid
		}
		if i >= 200 {
			labels[i] = 1
		}
	}
	labels[n-1] = 0
	notes, _ := NotesOf(build(t, given(labels, make([]float32, n), make([]uint64, n), splits)).Meta())
	for part, mean := range notes.Position[train] {
		want := float32(0)
		if part > 80 { // 247 rows of train: row 200 is in part 100·200/247 = 80
			want = 1
		}
		if part != 80 && float32(mean) != want {
			t.Errorf("the mean label of part %d is %g, want %g", part, mean, want)
		}
	}
	if got := fmt.Sprint(len(notes.Position[train]), notes.Position[valid], notes.Position[test]); got != "100 [1 1 0] []" {
		t.Errorf("parts are %s, want 100, [1 1 0] and none", got)
	}
}

func TestNoTrainingRows(t *testing.T) {
	j := given([]float32{1}, []float32{1}, []uint64{1}, []batch.Split{test})
	if _, err := Build(t.Context(), j); err == nil || err.Error() != "1 rows leave none to train on" {
		t.Errorf("the error is %v", err)
	}
}
