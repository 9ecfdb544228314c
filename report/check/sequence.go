package check

import "ctrlab/internal/stat"

// sequence asks of several samples at once whether each lies above −margin, looking as they grow.
//
// A question is answered pass where it is shown to lie above −margin, at the look's level: of a gate that passes when all pass, none needs more than its
// own level (an intersection–union test). It is answered regressed where it is shown to lie below −margin, and improved
// above +margin, at a level that Holm shares among all questions. Answered once, a question stays so.
type sequence struct {
	test      stat.Test
	looks     []int
	levels    []float64 // a look each
	questions []*question
	next      int // look
}

// question is of values of which higher is better; 0 is no difference.
type question struct {
	values  []float64
	margin  float64
	verdict Verdict // "" while open
}

func newSequence(test stat.Test, looks []int) *sequence {
	return &sequence{test: test, looks: looks, levels: stat.Spend(Level, looks)}
}

// wants is the size that the open questions' samples are to have next; 0: all is decided.
func (s *sequence) wants() int {
	for _, q := range s.questions {
		if q.verdict == "" {
			return s.looks[s.next]
		}
	}
	return 0
}

// look decides what can be decided with the samples as they are, and at the last look all.
func (s *sequence) look() {
	level := s.levels[s.next]
	worse, better := make([]float64, len(s.questions)), make([]float64, len(s.questions))
	for i, q := range s.questions {
		worse[i], better[i] = 1, 1
		if q.verdict == "" {
			worse[i], better[i] = s.test(negative(q.values), q.margin), s.test(q.values, q.margin)
		}
	}
	regressed, improved := stat.Holm(worse, level), stat.Holm(better, level)
	s.next++
	for i, q := range s.questions {
		switch {
		case q.verdict != "":
		case regressed[i]:
			q.verdict = Regressed
		case improved[i]:
			q.verdict = Improved
		case s.test(q.values, -q.margin) <= level:
			q.verdict = Pass
		case s.next == len(s.looks):
			q.verdict = Inconclusive
		}
	}
}

func negative(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = -v
	}
	return y
}
