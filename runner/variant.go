package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ctrlab/datasets/batch"
	"ctrlab/experiments"
	"ctrlab/runner/tune"
)

// Variant is a variant whose configuration is to be chosen.
type Variant struct {
	experiments.Tunable
	Base Trial   // as the file has it
	ends []Trial // at the ends of its space
}

// Proposed is where a trial stands in a search.
type Proposed struct {
	Label  string // of the variant
	Repeat int    // from 1
	Place  int    // in the search, from 0
	Share  float64
	Point  string // JSON, the values by key
}

// tune plans searches: every end of every space must make a model that fits the data.
func (p *planner) tune(ctx context.Context) error {
	e := p.plan.Experiment
	searches := 0
	for _, t := range e.Tuning.Variants {
		base, err := p.trial(ctx, t.Trial)
		if err != nil {
			return err
		}
		if base.Spec.Baseline != nil { // learns by no rate
			t.Space = slices.DeleteFunc(slices.Clone(t.Space), func(d tune.Dimension) bool { return strings.HasPrefix(d.Key, "train.") })
		}
		v := &Variant{Tunable: t, Base: *base}
		if len(t.Space) > 0 {
			searches++
			for _, point := range t.Space.Ends() {
				end, err := p.at(ctx, v, tune.Proposal{Point: point, Share: 1}, 0)
				if err != nil {
					return err
				}
				v.ends = append(v.ends, *end)
			}
		}
		if base.Source.Rows(batch.Valid) == 0 {
			return fmt.Errorf("%s: %s: the valid split, by which configurations are chosen, is empty", e.File, t.Label)
		}
		p.plan.Variants = append(p.plan.Variants, v)
	}
	if searches == 0 {
		return fmt.Errorf("%s: no variant has a key of [tune.space] that it learns by", e.File)
	}
	p.plan.Digest = digest(struct {
		Name     string       `json:"name"`
		Tune     tune.Options `json:"tune"`
		Seeds    []uint64     `json:"seeds"`
		Variants [][]string   `json:"variants"`
	}{e.Name, e.Tuning.Options, e.Seeds, p.plan.bases()})
	return nil
}

func (p *Plan) bases() [][]string {
	var l [][]string
	for _, v := range p.Variants {
		l = append(l, []string{v.Label, v.Base.Variant})
	}
	return l
}

// at is the trial of a proposal for a variant.
func (p *planner) at(ctx context.Context, v *Variant, proposal tune.Proposal, seed uint64) (*Trial, error) {
	t, err := v.At(proposal.Point)
	if err != nil {
		return nil, err
	}
	t.Seed, t.Train = seed, t.Train.Part(proposal.Share, v.Base.Source.Rows(batch.Train))
	return p.trial(ctx, t)
}

// searches are those of a plan, by variant, then by repeat.
func (p *Plan) searches() []*course {
	var out []*course
	o := p.Experiment.Tuning.Options
	for _, v := range p.Variants {
		for r := 1; r <= o.Repeats && len(v.Space) > 0; r++ {
			out = append(out, &course{variant: v, Search: tune.Search{Options: o, Space: v.Space, Repeat: r}})
		}
	}
	return out
}

// Expected is how many trials the searches of a variant have together, and how many full trainings they are worth; 0 where budgets
// are seconds.
func (p *Plan) Expected(v *Variant) (trials int, full float64) {
	for _, c := range p.searches() {
		if c.variant != v || c.Budget.Seconds > 0 {
			continue
		}
		for next, ok := c.Next(c.tried); ok; next, ok = c.Next(c.tried) {
			c.tried = append(c.tried, tune.Tried{Proposal: next})
			trials, full = trials+1, full+next.Share
		}
	}
	return trials, full
}
