package datasets

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"ctrlab/internal/strict"
)

// Locality is how soon an id comes again, as in the trace generator of DLRM: a row either has a new id, or the id at
// a distance drawn from a distribution in the stack of those used last, of which 1 is the last one. In a file it is
// a table of the distribution, or the share of rows that repeat one of the last 64, at distance d as often as 1/d.
//
// So that any row can be drawn by itself, rows are in segments, each with a stack of its own that is full from the
// start: of a segment's first rows some repeat what only the stack has seen.
type Locality struct {
	Repeat     float64   `json:"-"`
	Distances  []int     `json:"distances"`  // ascending; 0 is a new id
	Cumulative []float64 `json:"cumulative"` // probability of each and those before it
}

const (
	lastIDs     = 64
	maxDistance = 1 << 16
	leastRows   = 1 << 13 // of a segment
)

// DecodeValue accepts a number or a table.
func (l *Locality) DecodeValue(v any, at strict.Place) error {
	switch v := v.(type) {
	case *strict.Table:
		type plain Locality // without this method
		*l = Locality{}
		if err := v.Decode((*plain)(l)); err != nil {
			return err
		}
		if err := l.check(); err != nil {
			return at.Errorf("%w", err)
		}
		return nil
	case int64, float64:
		*l = Locality{}
		if err := at.Decode(v, &l.Repeat); err != nil || between(l.Repeat, 0, 1) {
			return err
		}
		return at.Errorf("is %g, want 0 to 1", l.Repeat)
	}
	return at.Errorf("is neither a share of rows nor a table { distances, cumulative }")
}

// MarshalJSON writes what DecodeValue reads.
func (l *Locality) MarshalJSON() ([]byte, error) {
	if l.Distances == nil {
		return json.Marshal(l.Repeat)
	}
	type plain Locality
	return json.Marshal((*plain)(l))
}

func (l *Locality) check() error {
	if len(l.Distances) == 0 || len(l.Distances) != len(l.Cumulative) {
		return fmt.Errorf("has %d distances and %d cumulative probabilities, want as many, at least 1", len(l.Distances), len(l.Cumulative))
	}
	last, sum := -1, 0.0
	for i, d := range l.Distances {
		if d <= last || d > maxDistance {
			return fmt.Errorf("has distances[%d] %d, want ascending ones, 0 to %d", i, d, maxDistance)
		}
		if p := l.Cumulative[i]; !between(p, sum, 1) {
			return fmt.Errorf("has cumulative[%d] %g, want ascending ones up to 1", i, p)
		}
		last, sum = d, l.Cumulative[i]
	}
	if math.Abs(sum-1) > 1e-6 {
		return fmt.Errorf("has cumulative probabilities up to %g, want 1", sum)
	}
	return nil
}

// fit refuses distances that a field of so many ids in training cannot have.
func (l *Locality) fit(ids int) error {
	if l == nil || len(l.Distances) == 0 {
		return nil
	}
	if most := l.Distances[len(l.Distances)-1]; most >= ids {
		return fmt.Errorf("locality reaches %d ids back, want less than the %d that training has", most, ids)
	}
	return nil
}

// stacks draws the ids of a field, each row's from that row's bits and the stack that those before it left.
type stacks struct {
	distances  []int
	cumulative []float64
}

// newStacks returns nil where rows repeat nothing.
func newStacks(l *Locality, ids int) *stacks {
	if l == nil {
		return nil
	}
	s := &stacks{l.Distances, l.Cumulative}
	if most := min(lastIDs, ids-1); l.Distances == nil && l.Repeat > 0 && most > 0 {
		total, sum := 0.0, 1-l.Repeat
		for d := range most {
			total += 1 / float64(d+1)
		}
		s.distances, s.cumulative = []int{0}, []float64{sum}
		for d := range most {
			sum += l.Repeat / float64(d+1) / total
			s.distances, s.cumulative = append(s.distances, d+1), append(s.cumulative, sum)
		}
	}
	if s.depth() == 0 {
		return nil
	}
	return s
}

func (s *stacks) depth() int {
	if len(s.distances) == 0 {
		return 0
	}
	return s.distances[len(s.distances)-1]
}

// segment is how many rows share a stack: a power of two, and many times what is on it.
func (s *stacks) segment() int {
	rows := leastRows
	for rows < 8*s.depth() {
		rows *= 2
	}
	return rows
}

// distance draws one.
func (s *stacks) distance(u uint64) int {
	i, _ := slices.BinarySearch(s.cumulative, unit(u))
	return s.distances[min(i, len(s.distances)-1)]
}

// lru is the ids used last, the last one at the end.
type lru struct {
	ids []int32 // of which the stack is the last depth
	has map[int32]bool
}

// draw sets ids to those of the rows from a number on.
func (s *stacks) draw(g *generator, c *fieldColumn, ids []int32, number uint64) {
	depth := s.depth()
	l := lru{make([]int32, 0, depth+len(ids)), make(map[int32]bool, depth)}
	before := stream(mix(g.rows+number*golden) ^ c.lost ^ c.noisy) // what the stack has before the first row
	for range depth {
		l.push(c.fresh(&before, &l, number < g.train), depth)
	}
	for r := range ids {
		at := number + uint64(r)
		bits := stream(mix(g.rows+at*golden) ^ c.key)
		if d := s.distance(bits.next()); d > 0 {
			ids[r] = l.use(d)
		} else {
			ids[r] = c.fresh(&bits, &l, at < g.train)
			l.push(ids[r], depth)
		}
		ids[r] += c.first
	}
}

// fresh draws an id that is not on the stack: from the field's distribution, or where that has hardly any other, the
// next one from any.
func (c *fieldColumn) fresh(bits *stream, l *lru, train bool) int32 {
	for range 16 {
		if id := c.draw(bits, train) - c.first; !l.has[id] {
			return id
		}
	}
	values := int32(c.values())
	id := int32(bits.below(int(values)))
	for l.has[id] || train && c.isCold(id) {
		if id++; id == values {
			id = 0
		}
	}
	return id
}

func (l *lru) push(id int32, depth int) {
	l.ids = append(l.ids, id)
	l.has[id] = true
	if n := len(l.ids); n > depth {
		delete(l.has, l.ids[n-depth-1])
	}
}

// use moves the id at a distance to the end.
func (l *lru) use(distance int) int32 {
	at := len(l.ids) - distance
	id := l.ids[at]
	copy(l.ids[at:], l.ids[at+1:])
	l.ids[len(l.ids)-1] = id
	return id
}

// segments keeps the ids of segments that were drawn: of so many as a window has.
type segments struct {
	g     *generator
	ids   map[uint64][][]int32 // of a segment's fields
	spare [][][]int32
}

func newSegments(g *generator) *segments { return &segments{g: g, ids: map[uint64][][]int32{}} }

// append adds the ids of rows.
func (s *segments) append(to []int32, field int, numbers []uint64) []int32 {
	size := uint64(s.g.segment)
	last, column := uint64(math.MaxUint64), []int32(nil)
	for _, n := range numbers {
		if n/size != last {
			last = n / size
			column = s.column(last, field)
		}
		to = append(to, column[n%size])
	}
	return to
}

func (s *segments) column(segment uint64, field int) []int32 {
	columns := s.ids[segment]
	if columns == nil {
		if len(s.ids) >= windowSegments(s.g.segment) {
			for _, c := range s.ids {
				s.spare = append(s.spare, c)
			}
			clear(s.ids)
		}
		columns = s.draw(segment)
		s.ids[segment] = columns
	}
	return columns[field]
}

func (s *segments) draw(segment uint64) [][]int32 {
	if len(s.spare) == 0 {
		columns := make([][]int32, len(s.g.fields))
		for f := range columns {
			if s.g.fields[f].local != nil {
				columns[f] = make([]int32, s.g.segment)
			}
		}
		s.spare = append(s.spare, columns)
	}
	columns := s.spare[len(s.spare)-1]
	s.spare = s.spare[:len(s.spare)-1]
	for f := range columns {
		if c := &s.g.fields[f]; c.local != nil {
			c.local.draw(s.g, c, columns[f], segment*uint64(s.g.segment))
		}
	}
	return columns
}
