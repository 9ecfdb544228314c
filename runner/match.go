package runner

import (
	"context"
	"fmt"
	"strings"

	"ctrlab/experiments"
	"ctrlab/models"
)

// Match is what sizing to a common budget made of a trial's model.
type Match struct {
	models.Budget
	Most   float64 // the budget
	Has    float64 // what the model came to
	Widths string  // "top=[71,35] (was top=[64,32])"; "" where the model has nothing to size
}

// matcher sizes models to a budget, one a data set.
type matcher struct {
	of      models.Budget
	budgets map[*Source]float64
	sized   map[matchKey]*Match
	models  map[matchKey]models.Config
}

type matchKey struct {
	source *Source
	model  string // canonical JSON
}

// newMatcher finds the budget of each data set: what the experiment says, or as much as the largest of its variants has.
func (p *planner) newMatcher(ctx context.Context, e *experiments.Experiment) (*matcher, error) {
	of, ok := models.FindBudget(e.Match)
	if !ok {
		return nil, nil
	}
	m := &matcher{of, map[*Source]float64{}, map[matchKey]*Match{}, map[matchKey]models.Config{}}
	for _, t := range e.Trials {
		if t.Seed != e.Seeds[0] {
			continue
		}
		source, err := p.open(ctx, t.Data)
		if err != nil {
			return nil, err
		}
		m.budgets[source] = max(m.budgets[source], e.Budget)
		if e.Budget > 0 {
			continue
		}
		spec, err := t.Model.Spec(source.Schema())
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", e.File, t.Label, err)
		}
		if spec.Baseline == nil {
			m.budgets[source] = max(m.budgets[source], of.Of(spec.Cost()))
		}
	}
	return m, nil
}

// size sets a trial's model, and what became of it.
func (m *matcher) size(t *Trial, s *Source) error {
	key := matchKey{s, canonical(t.Model)}
	if m.sized[key] == nil {
		fit, err := t.Model.Fit(s.Schema(), m.of, m.budgets[s])
		if err != nil {
			return err
		}
		spec, err := fit.Spec(s.Schema())
		if err != nil {
			return err
		}
		match := &Match{Budget: m.of, Most: m.budgets[s], Has: m.of.Of(spec.Cost())}
		if was, is := spelt(t.Model.Widths()), spelt(fit.Widths()); was != is {
			match.Widths = is + " (was " + was + ")"
		} else {
			match.Widths = is
		}
		m.sized[key], m.models[key] = match, fit
	}
	t.Model, t.Match = m.models[key], m.sized[key]
	return nil
}

func spelt(widths []models.Width) string {
	var words []string
	for _, w := range widths {
		words = append(words, w.String())
	}
	return strings.Join(words, " ")
}
