package tune

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Search is one search for the best point.
type Search struct {
	Options
	Space  Space // those keys of Options.Space that the variant has
	Repeat int   // from 1
}

// Proposal is a point to try.
type Proposal struct {
	Point Point
	Share float64 // of a full training's steps
}

// Tried is a proposal with what came of it.
type Tried struct {
	Proposal
	Score   float64 // on valid, higher is better; NaN: it has none, since training failed
	Seconds float64 // of training
}

// method is a row of the table of methods.
type method struct {
	name, about string
	keys        []string // of [tune] that are its own
	independent bool     // trials are drawn alike, whatever came of others
	whole       bool     // the space has an end, and the budget may be left out
	most        int      // dimensions; 0: any
	next        func(s *Search, tried []Tried) (Proposal, bool)
}

var methods = []method{
	{"grid", "every combination of values, in random order", nil, false, true, 0, inTurn(grid)},
	{"random", "independent draws", nil, true, false, 0, inTurn(random)},
	{"sobol", "Sobol's sequence, shifted at random: draws that keep apart", nil, false, false, len(joeKuo) + 1, inTurn(sobol)},
	{"tpe", "tree-structured Parzen estimator: more draws where trials were good", []string{"startup"}, false, false, 0, tpe},
	{"halving", "successive halving: random draws train briefly, and the best of them longer", []string{"eta", "rungs"}, false, false, 0, halving},
}

// Methods are the values of the key method.
func Methods() (names []string) {
	for _, m := range methods {
		names = append(names, m.name)
	}
	return names
}

// Independent says whether a method draws every trial alike, so that any order of its trials is as likely.
func Independent(name string) bool {
	return slices.ContainsFunc(methods, func(m method) bool { return m.name == name && m.independent })
}

// Next returns what to try after what was tried, in order; false at the end of the budget or of the space.
func (s *Search) Next(tried []Tried) (Proposal, bool) {
	trials, seconds := Spent(tried)
	if b := s.Budget; b.Seconds > 0 && seconds >= b.Seconds || b.Trials > 0 && trials > float64(b.Trials)-1e-9 {
		return Proposal{}, false
	}
	i := slices.Index(Methods(), s.Method)
	return methods[i].next(s, tried)
}

// Spent counts full trainings, and seconds.
func Spent(tried []Tried) (trials, seconds float64) {
	for _, t := range tried {
		trials, seconds = trials+t.Share, seconds+t.Seconds
	}
	return trials, seconds
}

// Best is the place of the trial to choose: the first of the best scores among those trained longest; −1 where none
// has one.
func Best(tried []Tried) int {
	best := -1
	for i, t := range tried {
		if math.IsNaN(t.Score) {
			continue
		}
		if best < 0 || t.Share > tried[best].Share || t.Share == tried[best].Share && t.Score > tried[best].Score {
			best = i
		}
	}
	return best
}

// sequence is a method that proposes the same points whatever comes of them.
type sequence interface {
	point(i int) (Point, bool) // false after the last
}

// inTurn proposes a sequence's points in order, each once.
func inTurn(of func(*Search) sequence) func(*Search, []Tried) (Proposal, bool) {
	return func(s *Search, tried []Tried) (Proposal, bool) {
		p, ok := s.fresh(of(s), tried)
		return Proposal{p, 1}, ok
	}
}

// fresh is the first point of a sequence that was not tried.
func (s *Search) fresh(of sequence, tried []Tried) (Point, bool) {
	d := newDistinct(s, of)
	for {
		p, ok := d.next()
		if !ok || !slices.ContainsFunc(tried, func(t Tried) bool { return slices.Equal(t.Point, p) }) {
			return p, ok
		}
	}
}

// distinct walks the points of a sequence that differ from all before.
type distinct struct {
	of   sequence
	size int
	i    int
	seen map[string]bool
}

func newDistinct(s *Search, of sequence) *distinct {
	return &distinct{of: of, size: s.Space.Size(), seen: map[string]bool{}}
}

func (d *distinct) next() (Point, bool) {
	for repeats := 0; d.size == 0 || len(d.seen) < d.size; repeats++ {
		p, ok := d.of.point(d.i)
		if !ok || repeats > 1000+100*d.size { // all there is, as good as certainly
			return nil, false
		}
		d.i++
		if key := fmt.Sprint(p); !d.seen[key] {
			d.seen[key] = true
			return p, true
		}
	}
	return nil, false
}

// stream is the random stream of a name: all variants whose space has a key try the same values of it in the same order.
func (s *Search) stream(name ...any) *rand.Rand {
	sum := sha256.Sum256(fmt.Appendln(nil, append([]any{"tune", s.Seed, s.Repeat}, name...)...))
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
}

// draws is the sequence of independent draws.
type draws struct{ *Search }

func random(s *Search) sequence { return draws{s} }

func (d draws) point(i int) (Point, bool) {
	p := make(Point, len(d.Space))
	for k, dim := range d.Space {
		p[k] = dim.at(d.stream(i, dim.Key).Float64())
	}
	return p, true
}

// lattice is the sequence of a grid's points.
type lattice struct {
	axes  [][]float64
	order []int // random, so that a budget's first points are no corner
}

func grid(s *Search) sequence {
	var l lattice
	n := 1
	for _, d := range s.Space {
		axis := d.axis()
		l.axes = append(l.axes, axis)
		n *= len(axis)
	}
	l.order = s.stream("grid").Perm(n)
	return l
}

// axis is a dimension's values on a grid.
func (d Dimension) axis() (out []float64) {
	switch {
	case d.Choices != nil:
		return d.ends()
	case d.Points == 0:
		for v := d.Low; v <= d.High; v++ {
			out = append(out, v)
		}
		return out
	}
	low, high := d.Low, d.High
	if d.Log {
		low, high = math.Log(low), math.Log(high)
	}
	for i := range d.Points {
		v := d.value(low + (high-low)*float64(i)/float64(d.Points-1))
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func (l lattice) point(i int) (Point, bool) {
	if i >= len(l.order) {
		return nil, false
	}
	at, p := l.order[i], make(Point, len(l.axes))
	for k, axis := range slices.Backward(l.axes) {
		p[k] = axis[at%len(axis)]
		at /= len(axis)
	}
	return p, true
}
