package cli

import (
	"encoding/json"
	"io"
	"math"

	"ctrlab/internal/store"
	"ctrlab/runner"
)

// lines writes JSON objects, one a line, and keeps the first error.
type lines struct {
	enc *json.Encoder
	err error
}

func newLines(w io.Writer) *lines {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &lines{enc: enc}
}

func (l *lines) write(v any) {
	if l.err == nil {
		l.err = l.enc.Encode(v)
	}
}

// number is null in JSON where it is not finite.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// trialLine is what run --json and report --json print of a trial.
type trialLine struct {
	Experiment string            `json:"experiment"`
	Trial      string            `json:"trial"`
	Label      string            `json:"label"`
	Model      string            `json:"model"`
	Seed       uint64            `json:"seed"`
	State      string            `json:"state"`
	Error      string            `json:"error"`
	Metrics    map[string]number `json:"metrics"`
	Repeat     int               `json:"repeat,omitempty"` // of the search that chose the configuration
	Search     *searchLine       `json:"search,omitempty"` // that the trial is part of
}

// searchLine is where a trial stands in a search.
type searchLine struct {
	Variant string          `json:"variant"`
	Repeat  int             `json:"repeat"`
	Place   int             `json:"place"`
	Share   float64         `json:"share"` // of a full training's steps
	Point   json.RawMessage `json:"point"`
	Chosen  bool            `json:"chosen,omitempty"` // of report --json: by the search
}

func numbers(results map[string]float64) map[string]number {
	m := make(map[string]number, len(results))
	for k, v := range results {
		m[k] = number(v)
	}
	return m
}

func lineOf(experiment string, e runner.Event) trialLine {
	l := trialLine{experiment, e.Trial.ID, e.Trial.Label, e.Trial.Model.Name, e.Trial.Seed, e.State, "", numbers(e.Results), e.Trial.Repeat, nil}
	if s := e.Trial.Proposed; s != nil {
		l.Search = &searchLine{s.Label, s.Repeat, s.Place, s.Share, json.RawMessage(s.Point), false}
	}
	if e.Err != nil {
		l.Error = e.Err.Error()
	}
	return l
}

func storedLine(experiment string, t store.Trial) trialLine {
	return trialLine{experiment, t.ID, t.Label, t.Model, t.Seed, t.State, t.Error, numbers(t.Results), t.Repeat, nil}
}

// searchLines are those of all trials of an experiment's searches.
func searchLines(experiment string, searches []store.Search) (out []trialLine) {
	for _, s := range searches {
		for i, t := range s.Tried {
			l := storedLine(experiment, t.Trial)
			l.Search = &searchLine{s.Label, s.Repeat, i, t.Share, json.RawMessage(t.Point), i == s.Chosen}
			out = append(out, l)
		}
	}
	return out
}
