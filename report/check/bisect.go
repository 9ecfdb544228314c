package check

// Outcome is what a test of a revision says.
type Outcome int

// The outcomes. What cannot be told, as that it does not compile, is passed over.
const (
	Unknown Outcome = iota
	Good
	Bad
)

// Bisect finds among n revisions, oldest first, of which the last is bad and what is before the first is good, the one that is bad
// first: it is one of [first, last], which differ where those between cannot be told.
func Bisect(n int, test func(i int) (Outcome, error)) (first, last int, err error) {
	good, bad := -1, n-1
	unknown := map[int]bool{}
	for {
		i := middle(good, bad, unknown)
		if i < 0 {
			return good + 1, bad, nil
		}
		outcome, err := test(i)
		if err != nil {
			return good + 1, bad, err
		}
		switch outcome {
		case Good:
			good = i
		case Bad:
			bad = i
		default:
			unknown[i] = true
		}
	}
}

// middle is what is nearest to the middle between two and not known to be unknown, −1 where there is nothing.
func middle(good, bad int, unknown map[int]bool) int {
	at := (good + bad) / 2
	for d := range bad - good {
		for _, i := range []int{at - d, at + d} {
			if i > good && i < bad && !unknown[i] {
				return i
			}
		}
	}
	return -1
}
