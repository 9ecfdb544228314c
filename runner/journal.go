package runner

import (
	"fmt"
	"strings"
	"sync"

	"ctrlab/internal/metric"
)

// journal is the last lines of a trial's log: the points that it recorded, a line a step.
type journal struct {
	mu    sync.Mutex
	lines []string
	step  int
}

const journalLines = 20

func newJournal() *journal { return &journal{step: -1} }

func (j *journal) point(p metric.Point) {
	j.mu.Lock()
	defer j.mu.Unlock()
	value := fmt.Sprintf(" %s %.6g", p.Name, p.Value)
	if p.Step == j.step {
		j.lines[len(j.lines)-1] += value
		return
	}
	j.step = p.Step
	j.lines = append(j.lines, fmt.Sprintf("step %d, %d examples, %.1f s:%s", p.Step, p.Examples, p.Seconds, value))
	j.lines = j.lines[max(0, len(j.lines)-journalLines):]
}

// say adds a line.
func (j *journal) say(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.step = -1
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
	j.lines = j.lines[max(0, len(j.lines)-journalLines):]
}

// String returns the lines.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines, "\n")
}
