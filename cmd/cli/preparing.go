package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"ctrlab/datasets/prepare"
	"ctrlab/report"
)

// preparing shows on stderr how far the preparing of data is, as progress shows trials.
type preparing struct {
	w        io.Writer
	terminal bool
	now      func() time.Time
	shown    time.Time
}

func newPreparing(w io.Writer) *preparing {
	return &preparing{w: w, terminal: terminal(w), now: time.Now, shown: time.Now()}
}

// show draws where enough time has passed. Calls come one at a time.
func (p *preparing) show(s prepare.Progress) {
	every := lineEvery
	if p.terminal {
		every = barEvery
	}
	now := p.now()
	if now.Sub(p.shown) < every {
		return
	}
	p.shown = now
	if !p.terminal {
		fmt.Fprintln(p.w, preparingWords(s))
		return
	}
	share := 0.0
	if s.Of > 0 {
		share = float64(s.Bytes) / float64(s.Of)
	}
	drawBar(p.w, share, preparingWords(s))
}

// tell prints a line above the bar.
func (p *preparing) tell(text string) {
	p.end()
	fmt.Fprintf(p.w, "ctrlab: warning: %s\n", text)
}

func preparingWords(s prepare.Progress) string {
	words := []string{strings.TrimSpace(s.Step + " " + s.Name), report.Count(float64(s.Rows)) + " rows"}
	if s.PerSecond > 0 {
		words = append(words, report.Count(s.PerSecond)+" rows/s")
	}
	if s.Left > 0 {
		words = append(words, report.Rough(s.Left.Seconds())+" left")
	}
	return strings.Join(words, ", ")
}

// end removes the bar.
func (p *preparing) end() {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
