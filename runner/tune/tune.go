// Package tune searches for the best configuration of a model. A Space has the keys with the values that each may take;
// a Search proposes points of it, one after the other, until its Budget is spent, and says which of those tried to
// choose.
//
// A proposal is a function of the options and of what was tried before, in order: a search that was killed goes on from
// its results alone. All that it is told of a trial is a score on valid and the seconds that training took.
package tune

import (
	"math"
	"slices"
	"strings"

	"ctrlab/internal/strict"
)

// Options is the [tune] table of an experiment.
type Options struct {
	Method  string `json:"method"`
	Budget  Budget `json:"budget"`  // of every search
	Repeats int    `json:"repeats"` // searches of every variant, each with random streams of its own
	Seed    uint64 `json:"seed"`    // of proposals
	Startup int    `json:"startup"` // of tpe: random trials before it models any
	Eta     int    `json:"eta"`     // of halving: one of so many goes on to the next rung, and trains so many times as long
	Rungs   int    `json:"rungs"`   // of halving: the last one is a full training
	Space   Space  `json:"space"`
}

// Budget is what a search may spend: so many trials, or so many seconds of training. A trial that began within the
// seconds is finished.
type Budget struct {
	Trials  int     `json:"trials"` // full trainings; one of a ninth of the steps counts a ninth
	Seconds float64 `json:"seconds"`
}

// Decode reads a [tune] table.
func Decode(t *strict.Table) (Options, error) {
	o := Options{Repeats: 3, Seed: 1}
	if err := t.Decode(&o); err != nil {
		return o, err
	}
	m, err := o.choose(t)
	if err != nil {
		return o, err
	}
	if err := o.own(t, m); err != nil {
		return o, err
	}
	if err := o.limits(t, m); err != nil {
		return o, err
	}
	if len(o.Space) == 0 {
		return o, t.Errorf("space", `is empty, want the keys to tune, like "train.learning_rate" = { log = [1e-4, 1e-1] }`)
	}
	return o, o.Space.fits(m)
}

// choose finds the method.
func (o *Options) choose(t *strict.Table) (method, error) {
	names := Methods()
	if !t.Has("method") {
		return method{}, t.Errorf("", "has no method, want one of %s", strings.Join(names, ", "))
	}
	if i := slices.Index(names, o.Method); i >= 0 {
		return methods[i], nil
	}
	if near := strict.Nearest(o.Method, names); near != "" {
		return method{}, t.Errorf("method", "is %q, which there is not; did you mean %s?", o.Method, near)
	}
	return method{}, t.Errorf("method", "is %q, want one of %s", o.Method, strings.Join(names, ", "))
}

// own refuses keys of other methods, and fills in those of m.
func (o *Options) own(t *strict.Table, m method) error {
	for _, k := range []struct {
		key         string
		value       *int
		usual, most int
		least       int
	}{{"startup", &o.Startup, 10, 1e6, 2}, {"eta", &o.Eta, 3, 100, 2}, {"rungs", &o.Rungs, 3, 20, 2}} {
		switch has := slices.Contains(m.keys, k.key); {
		case has && !t.Has(k.key):
			*k.value = k.usual
		case has && (*k.value < k.least || *k.value > k.most):
			return t.Errorf(k.key, "is %d, want %d to %d", *k.value, k.least, k.most)
		case !has && t.Has(k.key):
			return t.Errorf(k.key, "is a key that the method %s has no use for", o.Method)
		}
	}
	return nil
}

// limits checks what bounds the search.
func (o *Options) limits(t *strict.Table, m method) error {
	const most = 100_000
	b := o.Budget
	switch {
	case o.Repeats < 1 || o.Repeats > 1000:
		return t.Errorf("repeats", "is %d, want 1 to 1000", o.Repeats)
	case b.Trials < 0 || b.Trials > most:
		return t.Errorf("budget", "has %d trials, want 1 to %d", b.Trials, most)
	case b.Seconds < 0:
		return t.Errorf("budget", "has %g seconds, want more than 0", b.Seconds)
	case b.Trials > 0 && b.Seconds > 0:
		return t.Errorf("budget", "has both trials and seconds, want one of them: the other is counted, and shown beside it")
	case o.Rungs > 0 && math.Pow(float64(o.Eta), float64(o.Rungs-1)) > most:
		return t.Errorf("rungs", "is %d, and a bracket would begin with %d^%d draws; want at most %d", o.Rungs, o.Eta, o.Rungs-1, most)
	case b == Budget{} && !m.whole:
		return t.Errorf("budget", "is missing, want { trials = 20 } or { seconds = 600 }: of every search")
	}
	return nil
}
