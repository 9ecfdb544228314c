package runner

import (
	"sync"
	"time"

	"ctrlab/internal/metric"
)

// pace is how far a trial under way is, and how fast it goes.
type pace struct {
	mu        sync.Mutex
	first, at metric.Progress
	began     time.Time // of first
	seen      time.Time // of at
}

func (p *pace) see(at metric.Progress, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.began.IsZero() {
		p.first, p.began = at, now
	}
	p.at, p.seen = at, now
}

// get returns the last progress with the examples a second since the first, evaluations included; 0 where no one knows yet.
func (p *pace) get() (at metric.Progress, rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.seen.Sub(p.began).Seconds(); t > 0 {
		rate = float64(p.at.Examples-p.first.Examples) / t
	}
	return p.at, rate
}
