package vec

import (
	"slices"
	"testing"
)

// GatherCodes and its twin over rows of 0 to 67 numbers, in either number of bits, of ids and of bags.
func TestCodesTwins(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for n := 1; n < 68; n++ {
			for _, bits := range []int{4, 8} {
				for _, offsets := range [][]int32{nil, someBags} {
					rows := ids7
					if offsets != nil {
						rows = bag7
					}
					draw := positive(uint64(n))
					table := make([]float32, 8*n)
					for i := range table {
						table[i] = draw()
					}
					codes := make([]byte, 8*CodesLen(n, bits))
					Encode(codes, table, n, bits)
					a, want := newArgs([]int{(rows-1)*(n+2) + n}, draw), make([]float32, (rows-1)*(n+2)+n)
					GatherCodes(a.s[0], n+2, codes, n, bits, someIDs, offsets, true)
					gatherCodesGo(want, n+2, codes, n, bits, someIDs, offsets, rows, true)
					a.checkGuards(t)
					for r := range rows {
						for j := range n {
							if got, want := a.s[0][r*(n+2)+j], want[r*(n+2)+j]; !near(got, want, 1e-6) {
								t.Fatalf("%d bits, length %d, row %d: [%d] is %v, the twin has %v", bits, n, r, j, got, want)
							}
						}
					}
				}
			}
		}
	})
}

// A row's least number and its largest are exact, and no other is off by more than half a step, 1/30 of the range in 4 bits.
func TestEncode(t *testing.T) {
	row := []float32{-3, 0.4, 12, 1, 5.5}
	codes := make([]byte, CodesLen(5, 4))
	Encode(codes, row, 5, 4)
	y := make([]float32, 5)
	GatherCodes(y, 5, codes, 5, 4, []int32{0}, nil, false)
	if want := []float32{-3, 0, 12, 1, 6}; !slices.Equal(y, want) { // steps of 1, halves up
		t.Errorf("%v becomes %v, want %v", row, y, want)
	}
}

func TestCodesMisuse(t *testing.T) {
	for want, run := range map[string]func(){
		"vec: lengths differ":       func() { Encode(make([]byte, 19), make([]float32, 4), 2, 8) },
		"vec: bad shape":            func() { Encode(nil, nil, 2, 6) },
		"vec: id outside the table": func() { GatherCodes(make([]float32, 2), 2, make([]byte, 20), 2, 8, []int32{2}, nil, false) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("got the panic %v, want %s", got, want)
				}
			}()
			run()
		}()
	}
}
