package vec

import (
	"slices"
	"testing"
)

// TestByRow compares with a map: ids that meet in the index and ids that cannot, one an example and bags.
func TestByRow(t *testing.T) {
	ids := make([]int32, 3000)
	for i := range ids {
		ids[i] = int32(i * i * 7919 % 1234567)
	}
	few := make([]int32, 3000)
	for i := range few {
		few[i] = int32(i * i % 1009)
	}
	bags := []int32{5}
	for i := range 900 {
		bags = append(bags, bags[i]+int32(i%4))
	}
	for _, c := range []struct {
		name         string
		most         int
		ids, offsets []int32
	}{
		{"many", 1234567, ids, nil}, {"few", 1009, few, nil}, {"bags", 1234567, ids, bags}, {"bags of few", 1009, few, bags},
		{"multiples of 65536", 1 << 30, []int32{1 << 16, 0, 7 << 16, 1 << 16, 3 << 16}, nil}, {"none", 5, nil, nil}, {"empty bags", 5, ids, []int32{3, 3, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachSet(t, func(t *testing.T) { checkByRow(t, c.most, c.ids, c.offsets, ByRow) })
			checkByRow(t, c.most, c.ids, c.offsets, func(rows, starts, uses, scratch []int32, most int, ids, offsets []int32) int {
				examples, n := len(ids), len(ids)
				if offsets != nil {
					examples, n = len(offsets)-1, int(offsets[len(offsets)-1]-offsets[0])
				}
				return byRowGo(rows, starts, uses, scratch[:n], scratch[n:], indexBits(n), most, ids, offsets, examples)
			})
		})
	}
}

func checkByRow(t *testing.T, most int, ids, offsets []int32, run func(rows, starts, uses, scratch []int32, most int, ids, offsets []int32) int) {
	t.Helper()
	var order []int32
	users := map[int32][]int32{}
	use := func(id int32, e int) {
		if users[id] == nil {
			order = append(order, id)
		}
		users[id] = append(users[id], int32(e))
	}
	n := len(ids)
	if offsets == nil {
		for e, id := range ids {
			use(id, e)
		}
	} else {
		n = int(offsets[len(offsets)-1] - offsets[0])
		for e := range len(offsets) - 1 {
			for _, id := range ids[offsets[e]:offsets[e+1]] {
				use(id, e)
			}
		}
	}
	const guard = -7
	guarded := func(n int) []int32 { return append(slices.Repeat([]int32{9}, n), guard) }
	rows, starts, uses, scratch := guarded(n), guarded(n+2), guarded(n), guarded(ByRowScratch(n))
	m := run(rows[:n], starts[:n+2], uses[:n], scratch[:ByRowScratch(n)], most, ids, offsets)
	for _, s := range [][]int32{rows, starts, uses, scratch} {
		if s[len(s)-1] != guard {
			t.Error("a guard is overwritten")
		}
	}
	if !slices.Equal(rows[:m], order) {
		t.Fatalf("%d rows, want %d; or in another order", m, len(order))
	}
	for i, id := range order {
		if got := uses[starts[i]:starts[i+1]]; !slices.Equal(got, users[id]) {
			t.Fatalf("row %d is looked up by %v, want %v", id, got, users[id])
		}
	}
}
