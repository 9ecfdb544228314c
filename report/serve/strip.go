package serve

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"ctrlab/internal/store"
	"ctrlab/report"
)

//go:embed live.html
var liveHTML string

var templates = template.Must(template.New("").Parse(liveHTML))

func fill(name string, v any) ([]byte, error) {
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, name, v)
	return report.Upright(b.Bytes()), err
}

// standing is how an experiment stands, as JSON has it; the strip shows the same.
type standing struct {
	ID       int64     `json:"id"`
	Name     string    `json:"name"`
	Question string    `json:"question"`
	Created  time.Time `json:"created"`
	States   states    `json:"trials"`
}

// states are trials by state.
type states struct {
	Done    int `json:"done"`
	Running int `json:"running"`
	Pending int `json:"pending"`
	Failed  int `json:"failed"`
	Lost    int `json:"lost"`
}

func (s states) All() int { return s.Done + s.Running + s.Pending + s.Failed + s.Lost }

func (s states) String() string {
	var words []string
	for _, x := range []struct {
		n    int
		what string
	}{{s.Running, "running"}, {s.Pending, "waiting"}, {s.Failed, "failed"}, {s.Lost, "lost with their process"}} {
		if x.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", x.n, x.what))
		}
	}
	noun := "trials"
	if s.All() == 1 {
		noun = "trial"
	}
	return strings.Join(append([]string{fmt.Sprintf("%d of %d %s done", s.Done, s.All(), noun)}, words...), " · ")
}

func standingOf(e store.Experiment, n map[string]int) standing {
	return standing{e.ID, e.Name, e.Question, e.Created, states{n[store.Done], n[store.Running], n[store.Pending], n[store.Failed], n[store.Lost]}}
}

// experiment is how an experiment's trials stand.
type experiment struct {
	standing
	Running  []running     `json:"running"`
	Waiting  []queued      `json:"waiting"`
	Failures []failure     `json:"failed"`
	Shape    string        `json:"-"`
	Figure   template.HTML `json:"-"`
}

// running is a run under way. What no heartbeat has said yet is null.
type running struct {
	Run      int64     `json:"run"`
	Label    string    `json:"label"`
	Seed     uint64    `json:"seed"`
	Started  time.Time `json:"started"`
	Beat     time.Time `json:"heartbeat"`
	Lost     bool      `json:"lost"`
	Examples int64     `json:"examples"`
	Total    int64     `json:"total"`
	Share    float64   `json:"share"`
	Loss     *float64  `json:"loss"`
	Rate     *float64  `json:"examples_per_second"`
	Left     *float64  `json:"seconds_left"`
	Workers  int       `json:"workers"`
	Process  string    `json:"process"`
}

type queued struct {
	Label string `json:"label"`
	Seed  uint64 `json:"seed"`
}

type failure struct {
	Run   int64     `json:"run"`
	Label string    `json:"label"`
	Seed  uint64    `json:"seed"`
	Error string    `json:"error"`
	Log   string    `json:"log"`
	Ended time.Time `json:"ended"`
}

func experimentOf(l *store.Live) experiment {
	x := experiment{standing: standingOf(l.Experiment, l.States), Shape: l.Shape, Running: []running{}, Waiting: []queued{}, Failures: []failure{}}
	for _, u := range l.Running {
		x.Running = append(x.Running, runningOf(u))
	}
	for _, q := range l.Waiting {
		x.Waiting = append(x.Waiting, queued(q))
	}
	for _, f := range l.Failed {
		x.Failures = append(x.Failures, failure(f))
	}
	return x
}

func runningOf(u store.Underway) running {
	r := running{Run: u.Run, Label: u.Label, Seed: u.Seed, Started: u.Started, Beat: u.Beat, Lost: u.Lost, Examples: u.Examples, Total: u.Total,
		Workers: u.Workers, Process: u.Process}
	if u.Total > 0 {
		r.Share = min(float64(u.Examples)/float64(u.Total), 1)
		if !math.IsNaN(u.Loss) {
			r.Loss = &u.Loss
		}
	}
	if u.Rate > 0 {
		left := float64(max(u.Total-u.Examples, 0)) / u.Rate
		r.Rate, r.Left = &u.Rate, &left
	}
	return r
}

// More is how many trials wait beside those that are named.
func (x experiment) More() int { return max(0, x.States.Pending-len(x.Waiting)) }

func (r running) Percent() string { return fmt.Sprintf("%.0f %%", 100*r.Share) }

func (r running) Seen() string { return report.Count(float64(r.Examples)) }

func (r running) Of() string { return report.Count(float64(r.Total)) }

func (r running) LossText() string {
	return text(r.Loss, func(x float64) string { return fmt.Sprintf("%.4g", x) })
}

func (r running) RateText() string { return text(r.Rate, report.Count) }

func (r running) LeftText() string { return text(r.Left, report.Rough) }

func text(x *float64, f func(float64) string) string {
	if x == nil {
		return "–"
	}
	return f(*x)
}

func makeStrip(l *store.Live) ([]byte, error) {
	x := experimentOf(l)
	svg, err := report.Underway(l)
	if err != nil {
		return nil, err
	}
	x.Figure = template.HTML(svg)
	return fill("strip", x)
}

func stripJSON(l *store.Live) ([]byte, error) { return json.MarshalIndent(experimentOf(l), "", "  ") }

// list answers with the experiments.
func (h *Handler) list(w http.ResponseWriter, r *http.Request) {
	h.view("text/html", func(*store.Live) ([]byte, error) {
		all, err := h.standings()
		if err != nil {
			return nil, err
		}
		return fill("list", all)
	})(w, r)
}

// A listing is the experiments of a database.
type listing struct {
	Style       template.CSS
	Path        string
	Experiments []standing
}

func (h *Handler) standings() (listing, error) {
	all, err := h.db.Standings()
	out := listing{Style: report.Style(), Path: h.path, Experiments: []standing{}}
	for _, e := range all {
		out.Experiments = append(out.Experiments, standingOf(e.Experiment, e.States))
	}
	slices.SortStableFunc(out.Experiments, func(a, b standing) int { return min(b.States.Running, 1) - min(a.States.Running, 1) })
	return out, err
}

func (h *Handler) makeList(*store.Live) ([]byte, error) {
	all, err := h.standings()
	if err != nil {
		return nil, err
	}
	return fill("experiments", all)
}

func (h *Handler) listJSON(*store.Live) ([]byte, error) {
	all, err := h.standings()
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(all.Experiments, "", "  ")
}
