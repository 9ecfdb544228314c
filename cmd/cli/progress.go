package cli

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/report"
	"ctrlab/runner"
)

const (
	barEvery  = 100 * time.Millisecond // a terminal's bar
	lineEvery = 10 * time.Second       // a pipe's lines
	barWidth  = 10
	lineWidth = 79
)

// progress shows on stderr how far a plan is: a bar on a terminal, in a pipe a plain line now and then.
type progress struct {
	w        io.Writer
	terminal bool
	quiet    bool
	now      func() time.Time

	total, ended, skipped int
	started, shown        time.Time
	running               map[string]*course // by trial
	last                  *course
	troubled              string // what was told last
}

// course is a trial under way.
type course struct {
	name  string
	since time.Time
	metric.Progress
}

func newProgress(w io.Writer, trials int, quiet bool) *progress {
	p := &progress{w: w, terminal: terminal(w), quiet: quiet, now: time.Now, total: trials, running: map[string]*course{}}
	p.started = p.now()
	p.shown = p.started
	return p
}

func (p *progress) event(e runner.Event) {
	switch e.Kind {
	case runner.Started:
		p.last = &course{name: fmt.Sprintf("%s, seed %d", e.Trial.Label, e.Trial.Seed), since: p.now()}
		p.running[e.Trial.ID] = p.last
	case runner.Progressed:
		if c := p.running[e.Trial.ID]; c != nil {
			c.Progress = e.Progress
			p.last = c
		}
	case runner.Ended:
		delete(p.running, e.Trial.ID)
		p.ended++
		if e.State == runner.Skipped {
			p.skipped++
		}
		if e.State == store.Failed {
			p.clear()
			fmt.Fprintf(p.w, "ctrlab: %s, seed %d: %v\n", e.Trial.Label, e.Trial.Seed, e.Err)
		}
	case runner.Retrying:
		p.trouble(e)
	case runner.Told:
		if !p.quiet {
			p.clear()
			fmt.Fprintf(p.w, "ctrlab: %s, seed %d: %s\n", e.Trial.Label, e.Trial.Seed, e.Text)
		}
	case runner.Waiting:
		if e.Elsewhere > 0 && !p.quiet {
			p.clear()
			fmt.Fprintf(p.w, "ctrlab: waiting for %s of other processes\n", plural(e.Elsewhere, "trial"))
		}
	}
	p.show()
}

// trouble tells what is tried again, once for as long as it is the same.
func (p *progress) trouble(e runner.Event) {
	text := e.Err.Error()
	if e.Trial != nil {
		delete(p.running, e.Trial.ID)
		text = fmt.Sprintf("%s, seed %d: %s", e.Trial.Label, e.Trial.Seed, text)
	}
	if p.quiet || text == p.troubled {
		return
	}
	p.troubled = text
	p.clear()
	fmt.Fprintf(p.w, "ctrlab: %s; trying again\n", text)
}

// show draws where enough time has passed.
func (p *progress) show() {
	every := lineEvery
	if p.terminal {
		every = barEvery
	}
	now := p.now()
	if p.quiet || p.last == nil || now.Sub(p.shown) < every {
		return
	}
	p.shown = now
	if !p.terminal {
		fmt.Fprintln(p.w, strings.Join(p.words(), ", "))
		return
	}
	drawBar(p.w, p.share(), strings.Join(p.words(), ", "))
}

// drawBar draws a line over the last one of a terminal.
func drawBar(w io.Writer, share float64, words string) {
	full := int(min(max(share, 0), 1) * barWidth)
	text := strings.Repeat("█", full) + strings.Repeat("░", barWidth-full) + " " + words
	if r := []rune(text); len(r) > lineWidth {
		text = string(r[:lineWidth-1]) + "…"
	}
	fmt.Fprint(w, "\r"+text+"\x1b[K")
}

// share is how much of all trials is behind us.
func (p *progress) share() float64 {
	if p.total == 0 {
		return 0
	}
	done := float64(p.ended)
	for _, c := range p.running {
		if c.Total > 0 {
			done += min(float64(c.Examples)/float64(c.Total), 1)
		}
	}
	return done / float64(p.total)
}

// words are the trials done, rate and loss of the trial under way, the time left for all, and the trial.
func (p *progress) words() []string {
	now := p.now()
	words := []string{fmt.Sprintf("%d of %d", p.ended, p.total)}
	if t := now.Sub(p.last.since).Seconds(); t > 0 && p.last.Examples > 0 {
		words = append(words, report.Count(float64(p.last.Examples)/t)+" examples/s")
		if !math.IsNaN(p.last.Loss) {
			words = append(words, fmt.Sprintf("loss %.4g", p.last.Loss))
		}
	}
	if p.total == 0 { // budgets of seconds: no one knows how many
		return append([]string{plural(p.ended, "trial")}, append(words[1:], p.last.name)...)
	}
	skipped := float64(p.skipped) / float64(p.total) // took no time
	if share := p.share(); share > skipped {
		left := now.Sub(p.started).Seconds() * (1 - share) / (share - skipped)
		words = append(words, report.Rough(left)+" left")
	}
	return append(words, p.last.name)
}

func (p *progress) clear() {
	if p.terminal && !p.quiet {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// end removes the bar.
func (p *progress) end() { p.clear() }
