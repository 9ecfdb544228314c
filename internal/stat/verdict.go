package stat

import "math"

// Verdict is what an interval says of a difference, beside a margin within which differences do not matter.
type Verdict int

// The verdicts. An interval reaches 0 or leaves it out, and lies within ±margin or not: these are the four cases, two of them signed.
const (
	Unresolved       Verdict = iota // it reaches 0 and beyond the margin: more seeds are wanted
	Better                          // all above 0
	Worse                           // all below 0
	NegligiblyBetter                // all above 0, and all within the margin
	NegligiblyWorse
	Equivalent // it reaches 0, and lies within the margin
	Untested   // there is no interval
)

// String returns the words that reports use.
func (v Verdict) String() string {
	return [...]string{"unresolved", "better", "worse", "better, but negligible", "worse, but negligible", "equivalent", "not tested"}[v]
}

// MarshalText implements encoding.TextMarshaler with the words.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Told reports whether the interval leaves 0 out.
func (v Verdict) Told() bool { return v >= Better && v <= NegligiblyWorse }

// Up reports whether the first of the two is the better one, by however little.
func (v Verdict) Up() bool { return v == Better || v == NegligiblyBetter }

// Judge reads the verdict off the interval of a difference a − b. higher says which way is better; margin is in the metric's unit, and 0
// where the experiment declares none, so that nothing is equivalent but what is the same on every seed.
func (i Interval) Judge(higher bool, margin float64) Verdict {
	if !i.Known() || math.IsNaN(i.Half) {
		return Untested
	}
	low, high := i.Low(), i.High()
	if !higher {
		low, high = -high, -low
	}
	within := -margin <= low && high <= margin
	switch {
	case low > 0 && within:
		return NegligiblyBetter
	case low > 0:
		return Better
	case high < 0 && within:
		return NegligiblyWorse
	case high < 0:
		return Worse
	case within:
		return Equivalent
	}
	return Unresolved
}
