package runner

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"ctrlab/datasets"
	"ctrlab/datasets/batch"
	"ctrlab/experiments"
	"ctrlab/internal/metric"
	"ctrlab/internal/store"
	"ctrlab/internal/train"
	"ctrlab/models"
)

// Plan is an experiment with its data opened and every trial resolved.
type Plan struct {
	Experiment *experiments.Experiment
	Digest     string // of the name, and of the trials with their labels
	Sources    []*Source
	Trials     []Trial
	Variants   []*Variant // that are to be tuned: Run finds Trials for them. None where nothing is tuned

	planner *planner
}

// Source is a data source that trials share.
type Source struct {
	datasets.Source
	Name    string // row of datasets.All
	Options string // canonical JSON

	known known
}

// Unwrap gives what else it can do: see train.Paired.
func (s *Source) Unwrap() any { return s.Source }

// Trial is a trial that can run.
type Trial struct {
	experiments.Trial
	Ordinal int    // place in the plan, from 0
	ID      string // digest of data, dataset, model, train and seed
	Variant string // the same without the seed
	Config  string // canonical JSON of data, model and train
	Source  datasets.Source
	Spec    models.Spec
	Cost    models.Cost

	Repeat   int            // of the search that chose the configuration; 0 where nothing is tuned
	Proposed *Proposed      // by a search; nil for a trial of a plan
	pairs    []metric.Pair  // what training found of its fields
	slices   []metric.Slice // how parts of test were scored
	files    *files         // where it keeps its state, while it runs
	pace     *pace          // how far it is then
	Match    *Match         // nil where the experiment sizes nothing to a budget

	unseeded [2]string // canonical JSON that ID is of, before and behind the seed
}

// NewPlan opens each distinct source of an experiment once and puts every model together for it, so that what
// makes no sense is refused before anything runs. It writes nothing but what env keeps of data.
func NewPlan(ctx context.Context, env datasets.Env, e *experiments.Experiment) (*Plan, error) {
	p := &planner{plan: &Plan{Experiment: e}, env: env, sources: map[string]*Source{}, variants: map[string]*Trial{}, ids: map[string]string{}}
	p.plan.planner = p
	if e.Tuning != nil {
		return p.plan, p.tune(ctx)
	}
	var err error
	if p.match, err = p.newMatcher(ctx, e); err != nil {
		return nil, err
	}
	for _, t := range e.Trials {
		if err := p.add(ctx, t); err != nil {
			return nil, err
		}
	}
	p.plan.Digest = digest(struct {
		Name   string     `json:"name"`
		Trials [][]string `json:"trials"`
		Match  string     `json:"match,omitempty"`
		Budget float64    `json:"budget,omitempty"`
	}{e.Name, p.names(), e.Match, e.Budget})
	return p.plan, nil
}

// planner remembers what trials have in common.
type planner struct {
	plan     *Plan
	env      datasets.Env
	sources  map[string]*Source // by canonical JSON
	variants map[string]*Trial  // one of each
	ids      map[string]string  // labels
	match    *matcher           // nil: none
	last     experiments.Trial  // as it was given, and
	made     Trial              // as it was put together
}

func (p *planner) add(ctx context.Context, from experiments.Trial) error {
	t, err := p.trial(ctx, from)
	if err != nil {
		return err
	}
	if other, ok := p.ids[t.ID]; ok {
		return fmt.Errorf("%s: %s and %s with seed %d are the same trial", p.plan.Experiment.File, other, t.Label, t.Seed)
	}
	p.ids[t.ID] = t.Label
	t.Ordinal = len(p.plan.Trials)
	p.plan.Trials = append(p.plan.Trials, *t)
	return nil
}

// trial puts a trial together.
func (p *planner) trial(ctx context.Context, from experiments.Trial) (*Trial, error) {
	if p.made.ID != "" && another(p.last, from) {
		t := p.made
		t.sow(from.Seed)
		return &t, nil
	}
	t, err := p.first(ctx, from)
	if err != nil {
		return nil, err
	}
	p.last, p.made = from, *t
	return t, nil
}

// another says whether two trials differ by their seeds alone.
func another(a, b experiments.Trial) bool {
	a.Seed = b.Seed
	return reflect.DeepEqual(a, b)
}

// first puts a trial together that differs from the last by more than its seed.
func (p *planner) first(ctx context.Context, from experiments.Trial) (*Trial, error) {
	source, err := p.open(ctx, from.Data)
	if err != nil {
		return nil, err
	}
	t := &Trial{Trial: from, Source: source}
	if t.Model.Options, err = fingerprint(t.Model.Options); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", p.plan.Experiment.File, t.Label, err)
	}
	if p.match != nil {
		if err := p.match.size(t, source); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", p.plan.Experiment.File, t.Label, err)
		}
	}
	t.identify(source)
	if same := p.variants[t.Variant]; same != nil {
		t.Spec, t.Cost = same.Spec, same.Cost
		return t, nil
	}
	if t.Spec, err = t.Model.Spec(source.Schema()); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", p.plan.Experiment.File, t.Label, err)
	}
	if err := (train.Job{Options: t.Train, Data: source}).Check(); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", p.plan.Experiment.File, t.Label, err)
	}
	t.Cost = t.Spec.Cost()
	p.variants[t.Variant] = t
	return t, nil
}

// open opens a source that no trial before had.
func (p *planner) open(ctx context.Context, c datasets.Config) (*Source, error) {
	options := canonical(c.Options)
	key := c.Source + " " + options
	if s := p.sources[key]; s != nil {
		return s, nil
	}
	opened, err := c.Open(ctx, p.env)
	if err != nil {
		return nil, fmt.Errorf("data %s: %w", c.Source, err)
	}
	if opened.Rows(batch.Train) == 0 {
		return nil, fmt.Errorf("data %s: its train split has no rows", c.Source)
	}
	s := &Source{Source: opened, Name: c.Source, Options: options}
	p.sources[key] = s
	p.plan.Sources = append(p.plan.Sources, s)
	return s, nil
}

func (p *planner) names() [][]string {
	var l [][]string
	for _, t := range p.plan.Trials {
		l = append(l, []string{t.Label, t.ID})
	}
	return l
}

// identify sets ID, Variant and Config.
func (t *Trial) identify(s *Source) {
	// The data's identity covers its content and its options but for the paths: moved or packed files are the same.
	dataset, model, train := canonical(s.Name+" "+s.Identity()), canonical(t.Model), canonical(t.Train)
	t.Config = `{"data":` + canonical(t.dataJSON(s)) + `,"model":` + model + `,"train":` + train + `}`
	t.Variant = sum(`{"dataset":` + dataset + `,"model":` + model + `,"train":` + train + `}`)
	t.unseeded = [2]string{`{"dataset":` + dataset + `,"model":` + model + `,"seed":`, `,"train":` + train + `}`}
	t.sow(t.Seed)
}

// sow sets the seed, and the ID.
func (t *Trial) sow(seed uint64) {
	t.Seed = seed
	t.ID = sum(t.unseeded[0] + strconv.FormatUint(seed, 10) + t.unseeded[1])
}

// dataJSON is the [data] table: source, and the options beside it.
func (t *Trial) dataJSON(s *Source) map[string]any {
	m := decode([]byte(s.Options)).(map[string]any)
	m["source"] = s.Name
	return m
}

// save stores the plan, and returns its number; the trials say how they stand for the build.
func (p *Plan) save(s *store.Store, build string, at time.Time) (int64, []store.Trial, error) {
	e := &store.Experiment{
		Name: p.Experiment.Name, Question: p.Experiment.Question, File: string(p.Experiment.Source),
		Overrides: p.Experiment.Overrides, PlanDigest: p.Digest, Created: at, Match: p.Experiment.Match, Reference: canonical(p.Experiment.Reference), Tuned: p.Variants != nil,
	}
	var data []store.Dataset
	for _, d := range p.Sources {
		about := d.About()
		data = append(data, store.Dataset{
			ID: d.Identity(), Source: d.Name, Options: d.Options, Schema: canonical(d.Schema()),
			Rows:    [3]int{d.Rows(batch.Train), d.Rows(batch.Valid), d.Rows(batch.Test)},
			BadRows: about.BadRows, Warnings: about.Warnings, Digests: about.Digests,
		})
	}
	trials := p.stored()
	err := s.SavePlan(e, data, trials, build)
	return e.ID, trials, err
}

func (p *Plan) stored() []store.Trial {
	trials := make([]store.Trial, len(p.Trials))
	for i := range p.Trials {
		trials[i] = p.Trials[i].stored()
	}
	return trials
}

func (t *Trial) stored() store.Trial {
	s := store.Trial{
		ID: t.ID, Label: t.Label, Model: t.Model.Name, Variant: t.Variant, Seed: t.Seed, Config: t.Config, Dataset: t.Source.Identity(), Repeat: t.Repeat,
	}
	if m := t.Match; m != nil {
		s.Budget, s.Widths = m.Most, m.Widths
	}
	return s
}
