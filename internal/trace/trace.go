// Package trace holds a model against another framework: a Trace pins down a few training steps, Verify replays them with the
// trainer and compares number by number.
//
// A trace is a JSON object: format ("ctrlab-trace/1"), name, model (a [[model]] table), train (optimizer, learning_rate, loss, and
// what else of [train] concerns a step), schema (dense names; sparse: name, rows, multi_hot, pool), params (name → shape, data) before the first step, steps (dense,
// sparse, label and, of a right implementation, logit and loss before the update), grads of the first step's loss, without
// penalties, and final parameters. The logit is a prediction's, the loss that of training, which differ with BatchNorm; its running
// statistics stand among params and final.
// Logit, grads and final may be left out; what is not there is not compared.
package trace

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"

	"ctrlab/datasets/batch"
	"ctrlab/internal/strict"
	"ctrlab/internal/train"
	"ctrlab/models"
)

// Format is the only one there is.
const Format = "ctrlab-trace/1"

// Trace is a trace file, checked against the model it names.
type Trace struct {
	Name   string
	spec   models.Spec
	train  train.Options
	params map[string]tensor
	steps  []step
	grads  map[string]tensor
	final  map[string]tensor
}

// file is the JSON of a trace; model is decoded as a [[model]] table is.
type file struct {
	Format string            `json:"format"`
	Name   string            `json:"name"`
	Model  json.RawMessage   `json:"model"`
	Train  json.RawMessage   `json:"train"`
	Schema schema            `json:"schema"`
	Params map[string]tensor `json:"params"`
	Steps  []step            `json:"steps"`
	Grads  map[string]tensor `json:"grads"`
	Final  map[string]tensor `json:"final"`
}

type schema struct {
	Dense  []string `json:"dense"`
	Sparse []struct {
		Name     string `json:"name"`
		Rows     int    `json:"rows"`
		MultiHot bool   `json:"multi_hot"`
		Pool     string `json:"pool"`
	} `json:"sparse"`
}

type tensor struct {
	Shape []int    `json:"shape"`
	Data  []number `json:"data"`
}

type step struct {
	Dense  [][]number `json:"dense"`
	Sparse [][][]id   `json:"sparse"`
	Label  []number   `json:"label"`
	Logit  []number   `json:"logit"`
	Loss   *number    `json:"loss"`
}

// number and id are numbers that null does not stand for.
type (
	number float64
	id     int32
)

func (n *number) UnmarshalJSON(text []byte) error { return unmarshal(text, (*float64)(n), "a number") }

func (i *id) UnmarshalJSON(text []byte) error { return unmarshal(text, (*int32)(i), "an id") }

func unmarshal(text []byte, into any, want string) error {
	if string(text) == "null" || json.Unmarshal(text, into) != nil {
		return fmt.Errorf("%s stands where %s is wanted", text, want)
	}
	return nil
}

// options are the keys of the train table; those of its own are needed.
type options struct {
	Optimizer    string  `json:"optimizer"`
	LearningRate float64 `json:"learning_rate"`
	Loss         string  `json:"loss"`
	train.Rules
}

// Read reads a trace file. Its errors say what does not fit, with the parameter's name where it is one.
func Read(path string) (*Trace, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := Parse(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Parse reads a trace.
func Parse(src []byte) (*Trace, error) {
	var f file
	if err := json.Unmarshal(src, &f); err != nil {
		return nil, fmt.Errorf("is no trace: %w", err)
	}
	if f.Format != Format {
		return nil, fmt.Errorf("format is %q, want %q", f.Format, Format)
	}
	t := &Trace{Name: f.Name, params: f.Params, steps: f.Steps, grads: f.Grads, final: f.Final}
	if len(t.steps) == 0 {
		return nil, fmt.Errorf("steps is empty, want at least one")
	}
	for key, raw := range map[string]json.RawMessage{"model": f.Model, "train": f.Train} {
		if len(raw) == 0 {
			return nil, fmt.Errorf("%s is missing", key)
		}
	}
	s, err := f.Schema.resolve()
	if err != nil {
		return nil, err
	}
	table, err := strict.JSON("model", f.Model)
	if err != nil {
		return nil, err
	}
	config, err := models.Decode(table)
	if err != nil {
		return nil, err
	}
	if t.spec, err = config.Spec(s); err != nil {
		return nil, err
	}
	if t.spec.Baseline != nil {
		return nil, fmt.Errorf("model %s is not trained by gradient: there is nothing to trace", config.Name)
	}
	if t.train, err = f.options(); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t, t.fits()
}

// options reads the train table; a batch is one step's.
func (f file) options() (train.Options, error) {
	o := train.Defaults()
	table, err := strict.JSON("train", f.Train)
	if err != nil {
		return o, err
	}
	given := options{Rules: o.Rules}
	if err := table.Decode(&given); err != nil {
		return o, err
	}
	for _, key := range []string{"optimizer", "learning_rate", "loss"} {
		if !table.Has(key) {
			return o, fmt.Errorf("train misses %s", key)
		}
	}
	o.Optimizer, o.LearningRate, o.Loss, o.Rules = given.Optimizer, given.LearningRate, given.Loss, given.Rules
	for _, s := range f.Steps {
		o.BatchSize = max(o.BatchSize, len(s.Label))
	}
	if err := o.Check(); err != nil {
		return o, fmt.Errorf("train: %w", err)
	}
	return o, nil
}

func (s schema) resolve() (batch.Schema, error) {
	out := batch.Schema{Dense: s.Dense}
	for _, f := range s.Sparse {
		pool := slices.Index([]string{"sum", "mean"}, f.Pool)
		if f.Pool == "" {
			pool = int(batch.Sum)
		}
		if pool < 0 {
			return out, fmt.Errorf("schema: pool of %s is %q, want sum or mean", f.Name, f.Pool)
		}
		if f.Rows < 1 {
			return out, fmt.Errorf("schema: rows of %s is %d, want at least 1", f.Name, f.Rows)
		}
		out.Sparse = append(out.Sparse, batch.Field{Name: f.Name, Rows: f.Rows, MultiHot: f.MultiHot, Pool: batch.Pool(pool)})
	}
	return out, nil
}

// check holds the steps against the schema.
func (t *Trace) check() error {
	for i, s := range t.steps {
		n := len(s.Label)
		if n == 0 {
			return fmt.Errorf("steps[%d].label is empty, want at least one", i)
		}
		if len(s.Sparse) != n || len(t.spec.Schema.Dense) > 0 && len(s.Dense) != n || s.Logit != nil && len(s.Logit) != n {
			return fmt.Errorf("steps[%d] has %d labels, and dense, sparse or logit of another length", i, n)
		}
		if err := t.checkRows(i, s); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trace) checkRows(i int, s step) error {
	for n := range s.Label {
		if len(t.spec.Schema.Dense) > 0 && len(s.Dense[n]) != len(t.spec.Schema.Dense) {
			return fmt.Errorf("steps[%d].dense[%d] has %d values, want %d", i, n, len(s.Dense[n]), len(t.spec.Schema.Dense))
		}
		if len(s.Sparse[n]) != len(t.spec.Schema.Sparse) {
			return fmt.Errorf("steps[%d].sparse[%d] has %d bags, want %d", i, n, len(s.Sparse[n]), len(t.spec.Schema.Sparse))
		}
		for k, f := range t.spec.Schema.Sparse {
			bag := s.Sparse[n][k]
			if !f.MultiHot && len(bag) != 1 {
				return fmt.Errorf("steps[%d].sparse[%d] has %d ids for %s, want 1", i, n, len(bag), f.Name)
			}
			for _, row := range bag {
				if row < 0 || int(row) >= f.Rows {
					return fmt.Errorf("steps[%d].sparse[%d] has id %d for %s, want 0 to %d", i, n, row, f.Name, f.Rows-1)
				}
			}
		}
	}
	return nil
}

// fits refuses parameters that are missing, too many, or of another shape than the model's; it builds nothing.
func (t *Trace) fits() error {
	shapes, running := t.spec.Shapes()
	all := maps.Clone(shapes)
	maps.Copy(all, running)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if _, ok := t.params[name]; !ok {
			return fmt.Errorf("params misses %s", name)
		}
	}
	for _, group := range []struct {
		what    string
		tensors map[string]tensor
		shapes  map[string][]int
	}{{"params", t.params, all}, {"grads", t.grads, shapes}, {"final", t.final, all}} {
		for _, name := range slices.Sorted(maps.Keys(group.tensors)) {
			shape, ok := group.shapes[name]
			if !ok {
				return fmt.Errorf("%s has %s, which the model does not", group.what, name)
			}
			n := 1
			for _, s := range shape {
				n *= s
			}
			if given := group.tensors[name]; !slices.Equal(given.Shape, shape) || len(given.Data) != n {
				return fmt.Errorf("%s has %s in shape %v with %d numbers, want shape %v", group.what, name, given.Shape, len(given.Data), shape)
			}
		}
	}
	return nil
}

// batch lays a step out.
func (t *Trace) batch(s step) *batch.Batch {
	b := &batch.Batch{N: len(s.Label)}
	for n, y := range s.Label {
		b.Label = append(b.Label, float32(y))
		if len(t.spec.Schema.Dense) > 0 {
			for _, x := range s.Dense[n] {
				b.Dense = append(b.Dense, float32(x))
			}
		}
	}
	for k, f := range t.spec.Schema.Sparse {
		var bags batch.Bags
		if f.MultiHot {
			bags.Offsets = []int32{0}
		}
		for n := range s.Label {
			for _, row := range s.Sparse[n][k] {
				bags.IDs = append(bags.IDs, int32(row))
			}
			if f.MultiHot {
				bags.Offsets = append(bags.Offsets, int32(len(bags.IDs)))
			}
		}
		b.Sparse = append(b.Sparse, bags)
	}
	return b
}

// Error is the relative error of a and b, |a − b| / (1e-3 + |b|).
func Error(a, b float64) float64 {
	if e := math.Abs(a-b) / (1e-3 + math.Abs(b)); !math.IsNaN(e) {
		return e
	}
	return math.Inf(1)
}
