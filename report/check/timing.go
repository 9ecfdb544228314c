package check

import (
	"math"

	"ctrlab/internal/stat"
)

// Looks are how many rounds the looks of a timing have.
var Looks = []int{12, 20, 30, 40}

// Visit is what one process measured: seconds by subject.
type Visit map[string]float64

// Round is base, head, head, base, then base again twice in head's place, and base: what drifts evenly drifts out of both comparisons.
type Round struct {
	Base  [3]Visit `json:"base"`  // first, fourth and last
	Head  [2]Visit `json:"head"`  // between the first two
	Again [2]Visit `json:"again"` // of base, between the last two
}

// Ratio is ln of head's seconds over base's.
func (r Round) Ratio(subject string) float64 { return quad(subject, r.Base[0], r.Head, r.Base[1]) }

// Floor is the same with base in head's place: what two measurements of one program differ by.
func (r Round) Floor(subject string) float64 { return quad(subject, r.Base[1], r.Again, r.Base[2]) }

func quad(subject string, before Visit, x [2]Visit, after Visit) float64 {
	return (math.Log(x[0][subject]) + math.Log(x[1][subject]) - math.Log(before[subject]) - math.Log(after[subject])) / 2
}

// Rounds are those of a timing, and of its confirmation.
type Rounds struct {
	First   []Round `json:"first"`
	Confirm []Round `json:"confirm,omitempty"`
}

// Timing holds the speed of two builds against each other.
type Timing struct {
	Subjects []string
	Rounds   []Round
	margin   float64
	seq      *sequence
	floors   *sequence // the same questions of base against base
}

// NewTiming begins a timing; margin is what head may be slower by, 0.05 for 5 %.
func NewTiming(subjects []string, margin float64, looks []int) *Timing {
	t := &Timing{Subjects: subjects, margin: margin, seq: newSequence(stat.MedianAbove, looks), floors: newSequence(stat.MedianAbove, looks)}
	for range subjects {
		t.seq.questions = append(t.seq.questions, &question{margin: math.Log1p(margin)})
		t.floors.questions = append(t.floors.questions, &question{margin: math.Log1p(margin)})
	}
	return t
}

// Wants is how many rounds there are to be before the next Look; 0: all is decided.
func (t *Timing) Wants() int { return t.seq.wants() }

// Open are the subjects that are not decided yet.
func (t *Timing) Open() (open []string) {
	for i, q := range t.seq.questions {
		if q.verdict == "" {
			open = append(open, t.Subjects[i])
		}
	}
	return open
}

// Look decides what can be decided with the rounds so far. A subject that base against base is not shown to be alike in has not regressed.
func (t *Timing) Look() {
	n := t.seq.wants()
	for i, q := range t.seq.questions {
		if q.verdict == "" {
			floor := t.floors.questions[i]
			q.values, floor.values = nil, nil
			for _, r := range t.Rounds[:n] {
				q.values = append(q.values, -r.Ratio(t.Subjects[i]))
				floor.values = append(floor.values, -r.Floor(t.Subjects[i]))
			}
		}
	}
	t.seq.look()
	for i, q := range t.seq.questions {
		if q.verdict == Regressed && !t.quiet(i) {
			q.verdict = ""
			if t.seq.next == len(t.seq.looks) {
				q.verdict = Inconclusive
			}
		}
	}
}

// quiet says whether base against base is alike within the margin, either way, at the level of the look that was.
func (t *Timing) quiet(i int) bool {
	floor, level := t.floors.questions[i], t.seq.levels[t.seq.next-1]
	return stat.MedianAbove(floor.values, -floor.margin) <= level && stat.MedianAbove(negative(floor.values), -floor.margin) <= level
}

// Regressed are the subjects that are to be confirmed by rounds of their own.
func (t *Timing) Regressed() (all []string) {
	for i, q := range t.seq.questions {
		if q.verdict == Regressed {
			all = append(all, t.Subjects[i])
		}
	}
	return all
}

// Findings are what is decided. fresh is the confirmation, nil where none was needed: a regression that it does not find again is what
// it finds.
func (t *Timing) Findings(fresh *Timing) (all []Finding) {
	for i, q := range t.seq.questions {
		f := t.finding(i, q)
		if q.verdict == Regressed && fresh != nil {
			for j, again := range fresh.seq.questions {
				if fresh.Subjects[j] == t.Subjects[i] {
					f = fresh.finding(j, again)
				}
			}
			if f.Verdict != Regressed {
				f.Note = "slower at first, and not in a fresh run"
			} else {
				f.Note = "confirmed by a fresh run"
			}
		}
		all = append(all, f)
	}
	return all
}

func (t *Timing) finding(i int, q *question) Finding {
	f := Finding{Subject: t.Subjects[i], Metric: "seconds", Tier: ByRounds, Verdict: q.verdict, Margin: t.margin, N: len(q.values)}
	var base, head, ratios []float64
	for _, r := range t.Rounds[:f.N] {
		for _, v := range r.Base[:2] {
			base = append(base, v[f.Subject])
		}
		for _, v := range r.Head {
			head = append(head, v[f.Subject])
		}
		ratios = append(ratios, r.Ratio(f.Subject))
	}
	f.Base, f.Head, f.Change = stat.Median(base), stat.Median(head), math.Expm1(stat.Median(ratios))
	if low, high := stat.MedianInterval(ratios, stat.Level); !math.IsInf(low, 0) {
		f.Interval = &[2]float64{math.Expm1(low), math.Expm1(high)}
	}
	if f.Verdict == Inconclusive && !t.quietOr(i) {
		f.Note = "base against base differs as much: the machine is too noisy"
	}
	return f
}

// quietOr is quiet where there was a look.
func (t *Timing) quietOr(i int) bool { return t.seq.next == 0 || t.quiet(i) }
