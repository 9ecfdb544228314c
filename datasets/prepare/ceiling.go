package prepare

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
)

// one makes a process prepare one job at a time: Memory is the process's.
var one = make(chan struct{}, 1)

// ceiling has the garbage collector keep the process to the memory that it has now and so much more, until release.
func ceiling(ctx context.Context, memory int64) (release func(), err error) {
	select {
	case one <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	limit := debug.SetMemoryLimit(-1) // which the user may have set
	debug.SetMemoryLimit(min(limit, int64(sample[0].Value.Uint64()-sample[1].Value.Uint64())+memory))
	return func() {
		debug.SetMemoryLimit(limit)
		<-one
	}, nil
}
