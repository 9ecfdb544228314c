package train

import (
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
	task  func(int)
	fault atomic.Pointer[any] // of the first panic
}

func newTeam(workers int) *team {
	t := &team{}
	for range workers - 1 {
		c := make(chan struct{})
		t.start = append(t.start, c)
		go func() {
			for range c {
				t.work()
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

// do runs task(0) … task(n−1) and returns when all are done. A panic in one of them goes on in the caller.
func (t *team) do(n int, task func(int)) {
	t.tasks, t.task = n, task
	t.next.Store(0)
	helpers := t.start[:min(len(t.start), max(n-1, 0))]
	t.done.Add(len(helpers))
	for _, c := range helpers {
		c <- struct{}{}
	}
	t.work()
	t.done.Wait()
	if p := t.fault.Swap(nil); p != nil {
		panic(*p)
	}
}

func (t *team) work() {
	defer func() {
		if r := recover(); r != nil {
			p := r // on the heap only now
			t.fault.CompareAndSwap(nil, &p)
		}
	}()
	for {
		i := int(t.next.Add(1)) - 1
		if i >= t.tasks {
			return
		}
		t.task(i)
	}
}
