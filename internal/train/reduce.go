package train

import (
	"iter"
	"time"
)

// course is a lane of a model that reduces: a coroutine, made once, that goes from one reduction to the next. Any thread may
// take it on.
type course struct {
	next func() ([]float64, bool)
	stop func()
	v    []float64 // what it stands waiting with; nil: it has done its part of the step
}

// gone is what a course that is stopped in the middle panics with, to itself.
type gone struct{}

// newCourse makes the coroutine of lane l.
func (t *Trainer) newCourse(l int) course {
	next, stop := iter.Pull(func(yield func([]float64) bool) {
		defer func() {
			if r := recover(); r != nil && r != (gone{}) {
				panic(caught(r))
			}
		}()
		t.lanes[l].sum = func(v []float64) {
			began := time.Now()
			if !yield(v) {
				panic(gone{})
			}
			t.lanes[l].waited += time.Since(began)
		}
		for {
			t.train(l)
			if !yield(nil) {
				return
			}
		}
	})
	return course{next: next, stop: stop}
}

// begin takes lane l from the step's start to its first reduction, or where there are none to its end.
func (t *Trainer) begin(l int) {
	if t.courses == nil {
		t.train(l)
		return
	}
	c := &t.courses[l]
	c.v, _ = c.next()
}

// resume takes lane l, if it waits, to its next reduction.
func (t *Trainer) resume(_, l int) {
	if t.courses[l].v != nil {
		t.begin(l)
	}
}

// reduce sums what lanes wait with, in their order, and gives the sum to all of them; it says whether any waits.
func (t *Trainer) reduce() bool {
	var sum []float64
	for l := range t.courses {
		v := t.courses[l].v
		switch {
		case v == nil && sum != nil && t.hasRows(l):
			panic("train: a lane left out a reduction")
		case v == nil:
		case sum == nil:
			if l > 0 {
				panic("train: a lane left out a reduction")
			}
			sum = v
		case len(v) != len(sum):
			panic("train: lanes reduce numbers in different lengths")
		default:
			for i, x := range v {
				sum[i] += x
			}
		}
	}
	for l := range t.courses {
		copy(t.courses[l].v, sum)
	}
	return sum != nil
}

// hasRows says whether lane l has a shard of the batch.
func (t *Trainer) hasRows(l int) bool { return l < t.shards(t.b.N) }
