package train

import (
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// team is the threads of a trainer. It hands tasks out as threads come free; what a task does must not depend on
// who does it.
type team struct {
	start []chan struct{} // one a helper; the caller is a worker too
	done  sync.WaitGroup
	next  atomic.Int64
	tasks int
	task  func(worker, i int)
	fault atomic.Pointer[any] // of the first panic
}

func newTeam(workers int) *team {
	t := &team{}
	for w := 1; w < workers; w++ {
		c := make(chan struct{})
		t.start = append(t.start, c)
		go func() {
			for range c {
				t.work(w)
				t.done.Done()
			}
		}()
	}
	return t
}

// close ends the helpers.
func (t *team) close() {
	for _, c := range t.start {
		close(c)
	}
}

// do runs task(w, 0) … task(w, n−1), w being the worker at it, the caller 0, and returns when all are done. A panic in one of them goes on in the caller.
func (t *team) do(n int, task func(worker, i int)) {
	t.tasks, t.task = n, task
	t.next.Store(0)
	helpers := t.start[:min(len(t.start), max(n-1, 0))]
	t.done.Add(len(helpers))
	for _, c := range helpers {
		c <- struct{}{}
	}
	t.work(0)
	t.done.Wait()
	if p := t.fault.Swap(nil); p != nil {
		panic(*p)
	}
}

func (t *team) work(w int) {
	defer func() {
		if r := recover(); r != nil {
			p := caught(r) // on the heap only now
			t.fault.CompareAndSwap(nil, &p)
		}
	}()
	for {
		i := int(t.next.Add(1)) - 1
		if i >= t.tasks {
			return
		}
		t.task(w, i)
	}
}

// Panic is a panic of one of the trainer's threads as it goes on in the caller, with the stack where it began.
type Panic struct {
	Value any
	Stack []byte
}

// caught is what recover returned, as a Panic.
func caught(r any) any {
	if p, ok := r.(*Panic); ok {
		return p
	}
	return &Panic{r, debug.Stack()}
}
