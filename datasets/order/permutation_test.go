package order

import "testing"

func TestPermutationIsOne(t *testing.T) {
	for n := 1; n <= 300; n++ {
		p := New(n, Key(uint64(n)))
		seen := make([]bool, n)
		for i := range n {
			at := p.At(i)
			if at < 0 || at >= n || seen[at] {
				t.Fatalf("n = %d: place %d is %d, twice or out of range", n, i, at)
			}
			seen[at] = true
		}
	}
}

// Of the permutations of 3 things drawn with 6000 keys, each of the six comes 1000 times, sd 29.
func TestPermutationsAreLikely(t *testing.T) {
	counts := map[[3]int]int{}
	for key := range 6000 {
		p := New(3, Key(uint64(key)))
		counts[[3]int{p.At(0), p.At(1), p.At(2)}]++
	}
	for order, n := range counts {
		if n < 850 || n > 1150 {
			t.Errorf("%v came %d times of 6000, want about 1000", order, n)
		}
	}
	if len(counts) != 6 {
		t.Errorf("%d orders came, want 6", len(counts))
	}
}

// A random order has no memory of places: the sum over i of [i and i+1 stand next to each other] is Poisson(2).
func TestPermutationMixes(t *testing.T) {
	const n = 100_000
	p := New(n, 7)
	together := 0
	for i := range n - 1 {
		if d := p.At(i) - p.At(i+1); d == 1 || d == -1 {
			together++
		}
	}
	if together > 10 {
		t.Errorf("%d neighbours stayed together, want about 2", together)
	}
}
