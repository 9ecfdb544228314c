package stat

import "math"

// Reproduction is what our values say of a published one.
type Reproduction int

// The verdicts. CannotTell: more seeds are wanted; Absent: there is no value of ours.
const (
	Absent Reproduction = iota
	NotReproduced
	CannotTell
	Reproduced
	Exceeded // ours is better, by more than the tolerance
)

// String returns the words that reports use.
func (r Reproduction) String() string {
	return [...]string{"not run", "not reproduced", "cannot tell", "reproduced", "better"}[r]
}

// Power with which the seeds that Reproduce asks for would decide.
const wantedPower = 0.8

// Reproduce judges d, ours − theirs by seed, a figure: reproduced where the interval of the mean lies above −tolerance, with higher or
// lower as the better side; not reproduced where it lies below that. exact says that all seeds have one value, so that one seed is enough.
// seeds is how many would probably decide, where it cannot be told; 0 where a thousand would not, or where nothing is known of the spread.
func Reproduce(d []float64, higher bool, tolerance float64, exact bool) (i Interval, r Reproduction, seeds int) {
	i, low, high := oriented(d, higher, exact)
	switch {
	case i.N == 0:
		return i, Absent, 0
	case low > tolerance:
		return i, Exceeded, 0
	case low >= -tolerance:
		return i, Reproduced, 0
	case high < -tolerance:
		return i, NotReproduced, 0
	}
	return i, CannotTell, needed(d, math.Abs(sign(higher)*i.Mean+tolerance))
}

// ReproduceOrder judges d, by seed what the better of two has more than the other: reproduced where the interval of the mean lies above 0,
// not reproduced where it lies below 0, or no higher than the tolerance.
func ReproduceOrder(d []float64, higher bool, tolerance float64, exact bool) (i Interval, r Reproduction, seeds int) {
	i, low, high := oriented(d, higher, exact)
	switch {
	case i.N == 0:
		return i, Absent, 0
	case low > 0:
		return i, Reproduced, 0
	case high < 0 || high <= tolerance:
		return i, NotReproduced, 0
	}
	return i, CannotTell, needed(d, math.Abs(i.Mean))
}

// oriented is the interval, and its ends with the better side up.
func oriented(d []float64, higher, exact bool) (i Interval, low, high float64) {
	i = MeanInterval(d)
	if exact {
		i.Half = 0
	}
	if higher {
		return i, i.Low(), i.High()
	}
	return i, -i.High(), -i.Low()
}

func sign(higher bool) float64 {
	if higher {
		return 1
	}
	return -1
}

// needed is how many seeds show a distance.
func needed(d []float64, distance float64) int {
	if len(d) < 2 || distance == 0 {
		return 0
	}
	return Seeds(AllPairs, 2, distance, SD(d), wantedPower)
}
