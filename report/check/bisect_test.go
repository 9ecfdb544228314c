package check

import (
	"errors"
	"slices"
	"testing"
)

// Every place of the first bad one is found, with revisions in the way that cannot be told too.
func TestBisect(t *testing.T) {
	for n := 1; n <= 20; n++ {
		for bad := range n {
			for unknown := range n {
				tests := 0
				first, last, err := Bisect(n, func(i int) (Outcome, error) {
					tests++
					switch {
					case i == unknown:
						return Unknown, nil
					case i >= bad:
						return Bad, nil
					}
					return Good, nil
				})
				alone := first == bad && last == bad
				if err != nil || first > bad || last < bad || !alone && (last-first != 1 || !slices.Contains([]int{first, last}, unknown)) || tests > 7 {
					t.Errorf("%d revisions, bad from %d, %d unknown: %d to %d after %d tests, %v", n, bad, unknown, first, last, tests, err)
				}
			}
		}
	}
	stop := errors.New("stop")
	if _, _, err := Bisect(4, func(int) (Outcome, error) { return Unknown, stop }); !errors.Is(err, stop) {
		t.Errorf("an error is lost: %v", err)
	}
}
