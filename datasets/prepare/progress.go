package prepare

import (
	"sync"
	"time"
)

// Progress is how far a Build is.
type Progress struct {
	Step      string // reading, fitting, writing: one after the other
	Name      string // of the Input or the column
	Rows      int64  // done; while fitting and writing, a row is done when all of its columns are
	Bytes, Of int64  // of the files; then of columns. Of is 0 where it is not known
	PerSecond float64
	Left      time.Duration // of the step; 0 where it is not known
}

// meter reports progress, not more often than every tenth of a second.
type meter struct {
	report func(Progress)

	mu          sync.Mutex
	begun, now  Progress
	rows        int64 // all of them, where they are known
	start, last time.Time
}

const often = time.Second / 10

// begin starts a step at what of it was done before. rows is 0 where they are counted as they come.
func (m *meter) begin(at Progress, rows int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun, m.now, m.rows, m.start, m.last = at, at, int64(rows), time.Now(), time.Time{}
}

func (m *meter) advance(name string, rows, bytes int64) {
	if m.report == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.now
	p.Name, p.Rows, p.Bytes = name, p.Rows+rows, p.Bytes+bytes
	t := time.Now()
	if t.Sub(m.last) < often {
		return
	}
	m.last = t
	m.estimate(t.Sub(m.start).Seconds())
	m.report(*p)
}

func (m *meter) estimate(seconds float64) {
	p := &m.now
	if m.rows > 0 && p.Of > 0 {
		p.Rows = int64(float64(m.rows) * float64(p.Bytes) / float64(p.Of))
	}
	p.PerSecond = float64(p.Rows-m.begun.Rows) / max(seconds, 1e-3)
	if done := p.Bytes - m.begun.Bytes; p.Of > 0 && done > 0 {
		p.Left = time.Duration(float64(p.Of-p.Bytes) / float64(done) * seconds * float64(time.Second)).Round(time.Second)
	}
}
