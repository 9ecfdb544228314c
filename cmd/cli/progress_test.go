package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ctrlab/experiments"
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/runner"
)

// play shows four trials of which the first was done before: the second is half through after 30 s of training,
// the third fails. It returns what was written.
func play(terminal, quiet bool) string {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgress(&out, 4, quiet)
	p.terminal, p.started, p.shown, p.now = terminal, now, now, func() time.Time { return now }
	trials := make([]runner.Trial, 4)
	for i := range trials {
		trials[i] = runner.Trial{ID: fmt.Sprint(i), Trial: experiments.Trial{Label: "fm", Seed: uint64(i + 1)}}
	}
	p.event(runner.Event{Kind: runner.Ended, Trial: &trials[0], State: runner.Skipped})
	p.event(runner.Event{Kind: runner.Started, Trial: &trials[1]})
	for range 3 {
		now = now.Add(10 * time.Second)
		same := trials[1] // an executor has a trial of its own
		p.event(runner.Event{Kind: runner.Progressed, Trial: &same, Progress: metric.Progress{Examples: now.Unix() * 50_000, Total: 3_000_000, Loss: 0.43125}})
	}
	p.event(runner.Event{Kind: runner.Ended, Trial: &trials[1], State: store.Done})
	p.event(runner.Event{Kind: runner.Started, Trial: &trials[2]})
	p.event(runner.Event{Kind: runner.Ended, Trial: &trials[2], State: store.Failed, Err: errors.New("the loss is NaN")})
	p.end()
	return out.String()
}

// After 10, 20 and 30 s a sixth, a third and a half of one of three trials is done: 170, 160 and 150 s are left.
func TestProgress(t *testing.T) {
	const pipe = `1 of 4, 50k examples/s, loss 0.4313, 3 min left, fm, seed 2
1 of 4, 50k examples/s, loss 0.4313, 3 min left, fm, seed 2
1 of 4, 50k examples/s, loss 0.4313, 2 min left, fm, seed 2
ctrlab: fm, seed 3: the loss is NaN
`
	if got := play(false, false); got != pipe {
		t.Errorf("pipe: got\n%s\nwant\n%s", got, pipe)
	}
	if got := play(true, false); !strings.Contains(got, "\r███░░░░░░░ 1 of 4, 50k examples/s, loss 0.4313, 2 min left, fm, seed 2\x1b[K") {
		t.Errorf("terminal: got\n%q", got)
	}
	if got, want := play(true, true), "ctrlab: fm, seed 3: the loss is NaN\n"; got != want {
		t.Errorf("quiet: got %q, want %q", got, want)
	}
}
