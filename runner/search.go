package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"ctrlab/experiments"
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/runner/tune"
)

// course is a search under way.
type course struct {
	tune.Search
	variant *Variant
	id      int64 // in the store
	known   []store.Tried
	tried   []tune.Tried
	ended   bool
}

// tune runs the searches of a plan to their end, all at once: a wave has the next trial of each, so that what a trial is to be
// depends on no other search, and not on how many run at a time. Then what they chose is the plan's trials.
func (p *pool) tune(ctx context.Context) error {
	courses, err := p.courses(ctx)
	if err != nil {
		return err
	}
	plan, failFast := p.plan, p.options.FailFast
	p.options.FailFast = false // a trial that fails there is a result
	for {
		wave, err := p.wave(ctx, plan, courses)
		if err != nil {
			return err
		}
		if len(wave) == 0 {
			break
		}
		p.plan, p.saved = &Plan{Experiment: plan.Experiment, Trials: wave}, pending(wave)
		if _, err := p.run(ctx); err != nil {
			return err
		}
		if err := p.learn(ctx, courses); err != nil {
			return err
		}
	}
	p.plan, p.options.FailFast = plan, failFast
	if err := plan.choose(ctx, courses); err != nil {
		return err
	}
	for _, c := range courses {
		if tune.Best(c.tried) < 0 {
			p.summary.Failed++
		}
	}
	p.saved = plan.stored()
	return p.patiently(ctx, func() error { return p.store.Choose(p.experiment, p.saved, p.options.Build) })
}

func pending(trials []Trial) []store.Trial {
	out := make([]store.Trial, len(trials))
	for i := range trials {
		out[i] = trials[i].stored()
		out[i].State = store.Pending
	}
	return out
}

// courses stores the searches of the plan, and takes up what the store has of them.
func (p *pool) courses(ctx context.Context) ([]*course, error) {
	all := p.plan.searches()
	rows := make([]store.Search, len(all))
	for i, c := range all {
		space, err := json.Marshal(c.Space)
		if err != nil {
			return nil, err
		}
		rows[i] = store.Search{Label: c.variant.Label, Repeat: c.Repeat, Method: c.Method, Metric: c.metric().Name, Trials: c.Budget.Trials,
			Seconds: c.Budget.Seconds, Space: string(space)}
	}
	err := p.patiently(ctx, func() error {
		if err := p.store.SaveSearches(p.experiment, rows); err != nil {
			return err
		}
		known, err := p.store.Searches(p.experiment, p.options.Build)
		for i := range known {
			all[i].id, all[i].known = known[i].ID, known[i].Tried
		}
		return err
	})
	return all, err
}

// wave is the next trial of every search that has one.
func (p *pool) wave(ctx context.Context, plan *Plan, courses []*course) (trials []Trial, err error) {
	for _, c := range courses {
		if c.ended {
			continue
		}
		t, err := c.next(ctx, plan)
		if err != nil {
			return nil, err
		}
		err = p.patiently(ctx, func() error {
			if t == nil {
				c.ended = true
				return p.store.EndSearch(c.id, len(c.tried), tune.Best(c.tried))
			}
			return p.store.Propose(c.id, t.Proposed.Place, store.Tried{Trial: t.stored(), Point: t.Proposed.Point, Share: t.Proposed.Share})
		})
		if err != nil {
			return nil, err
		}
		if t != nil {
			trials = append(trials, *t)
		}
	}
	return trials, nil
}

// next is the first trial that the search proposes and this build has not done; nil at its end.
func (c *course) next(ctx context.Context, plan *Plan) (*Trial, error) {
	for {
		proposal, ok := c.Next(c.tried)
		if !ok {
			return nil, nil
		}
		t, err := plan.planner.at(ctx, c.variant, proposal, plan.Experiment.Tuning.SearchSeed(c.Repeat))
		if err != nil {
			return nil, err
		}
		place := len(c.tried)
		if place < len(c.known) && c.known[place].ID == t.ID && c.settled(place) {
			c.tried = append(c.tried, tune.Tried{Proposal: proposal, Score: c.score(c.known[place]), Seconds: c.known[place].Seconds})
			continue
		}
		t.Proposed = &Proposed{c.variant.Label, c.Repeat, place, proposal.Share, c.point(proposal)}
		return t, nil
	}
}

func (c *course) settled(place int) bool {
	return c.known[place].State == store.Done || c.known[place].State == store.Failed
}

// point is JSON of a proposal's values.
func (c *course) point(p tune.Proposal) string {
	m := map[string]any{}
	for i, v := range c.Space.Values(p.Point) {
		switch v.(type) {
		case string, bool, int64, float64:
			m[c.Space[i].Key] = v
		default:
			m[c.Space[i].Key] = tune.Spell(v)
		}
	}
	return canonical(m)
}

// metric is what the search goes by: all that it is ever told of a trial.
func (c *course) metric() metric.Metric {
	m, _ := metric.Find("valid." + c.variant.Base.Train.Select)
	m.Name = "valid." + m.Name
	return m
}

func (c *course) score(t store.Tried) float64 {
	m := c.metric()
	v, ok := t.Results[m.Name]
	switch {
	case !ok:
		return math.NaN()
	case m.Better == metric.Lower:
		return -v
	}
	return v
}

// learn reads what has come of the trials of a wave.
func (p *pool) learn(ctx context.Context, courses []*course) error {
	for _, c := range courses {
		if c.ended {
			continue
		}
		place := len(c.tried)
		err := p.patiently(ctx, func() error {
			t, err := p.store.Tried(c.id, place, p.options.Build)
			c.known = append(c.known[:min(place, len(c.known))], t)
			return err
		})
		if err != nil {
			return err
		}
		if !c.settled(place) {
			return fmt.Errorf("%s: it could not be trained for now; the same command goes on", c.known[place].Label)
		}
	}
	return nil
}

// choose makes the trials of the plan: of every variant and repeat what its search chose, with fresh seeds.
func (p *Plan) choose(ctx context.Context, courses []*course) error {
	p.Trials = nil
	for _, v := range p.Variants {
		for repeat := 1; repeat <= p.Experiment.Tuning.Repeats; repeat++ {
			from, ok, err := v.chosen(courses, repeat)
			if err == nil && ok {
				err = p.repeat(ctx, from, repeat)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// chosen is the variant as a repeat's search chose it, or as the file has it where nothing of it is tuned; false where all trials
// of the search failed.
func (v *Variant) chosen(courses []*course, repeat int) (t experiments.Trial, ok bool, err error) {
	t = v.Trial
	for _, c := range courses {
		if c.variant == v && c.Repeat == repeat {
			best := tune.Best(c.tried)
			if best < 0 {
				return t, false, nil
			}
			t, err = v.At(c.tried[best].Point)
		}
	}
	t.Label = v.Label
	return t, true, err
}

// repeat adds a configuration with the seeds of a repeat.
func (p *Plan) repeat(ctx context.Context, from experiments.Trial, repeat int) error {
	for _, seed := range p.Experiment.Seeds {
		from.Seed = p.Experiment.Tuning.Seed(repeat, seed)
		t, err := p.planner.trial(ctx, from)
		if err != nil {
			return err
		}
		t.Ordinal, t.Repeat = len(p.Trials), repeat
		p.Trials = append(p.Trials, *t)
	}
	return nil
}
