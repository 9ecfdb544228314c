package datasets

import (
	"context"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"

	"ctrlab/datasets/batch"
)

// Synthetic are the options of a set with planted truth. A row is a function of (Seed, its number) alone.
//
// To learn P parameters from n rows costs a model about P/2n nats of log loss, more where it has more than the truth.
// For that to be little beside what there is to gain, ids must be few, rows many or a term strong: fm with dim 4
// and strength 2 over 10 fields of 100 ids gains 0.21 nats, of which 800,000 rows cost 0.003.
type Synthetic struct {
	Seed         uint64         `json:"seed"`
	Rows         int            `json:"rows"`
	Fields       Fields         `json:"fields"`
	RowsPerField int            `json:"rows_per_field"` // of fields that do not say
	Zipf         float64        `json:"zipf"`           // likewise: P(id) ∝ (id+1)^-zipf
	Dense        int            `json:"dense"`          // features d0, d1, … ~ N(0, 1)
	BaseRate     float64        `json:"base_rate"`      // mean of the true probability
	Split        SyntheticSplit `json:"split"`
	Truth        []Truth        `json:"truth"`
}

// SyntheticSplit cuts the rows by number into train, valid and test.
type SyntheticSplit struct {
	Fractions []float64 `json:"fractions"`
}

func syntheticDefaults() Synthetic {
	return Synthetic{
		Seed: 1, Rows: 1_000_000, Fields: Fields{Count: 10}, RowsPerField: 100, Zipf: 1.1, BaseRate: 0.5,
		Split: SyntheticSplit{Fractions: defaultFractions()},
		Truth: []Truth{{"linear", LinearTruth{Strength: 1}}, {"fm", FMTruth{Strength: 2, Dim: 4}}},
	}
}

// Check refuses values out of range and truths that do not fit the fields.
func (o Synthetic) Check() error {
	switch {
	case o.Rows < 1 || o.Rows > 1<<40:
		return fmt.Errorf("rows is %d, want 1 to %d", o.Rows, 1<<40)
	case o.RowsPerField < 1 || o.RowsPerField > maxRows:
		return fmt.Errorf("rows_per_field is %d, want 1 to %d", o.RowsPerField, maxRows)
	case !between(o.Zipf, 0, maxZipf):
		return fmt.Errorf("zipf is %g, want 0 to %d", o.Zipf, maxZipf)
	case o.Dense < 0 || o.Dense > maxFields:
		return fmt.Errorf("dense is %d, want 0 to %d", o.Dense, maxFields)
	case !between(o.BaseRate, 0.001, 0.999):
		return fmt.Errorf("base_rate is %g, want 0.001 to 0.999", o.BaseRate)
	case len(o.Truth) == 0:
		return fmt.Errorf("truth is empty, want at least one [[data.truth]]")
	}
	if err := o.Fields.check(); err != nil {
		return err
	}
	names := o.names()
	for i, name := range names.sparse {
		if slices.Contains(names.dense, name) {
			return fmt.Errorf("fields[%d].name is %q, which a dense feature has", i, name)
		}
	}
	if len(names.dense)+len(names.sparse) == 0 {
		return fmt.Errorf("fields is 0 and so is dense, want at least one of either")
	}
	if n := len(names.sparse); n < 2 && reflect.DeepEqual(o.Truth, syntheticDefaults().Truth) {
		return fmt.Errorf(`fields is %d, and the default truth, linear and fm, wants 2: add fields, or a [[data.truth]] of a kind that does with less, like "linear"`, n)
	}
	for i, t := range o.Truth {
		if err := t.Options.fit(names); err != nil {
			return fmt.Errorf("truth[%d].%w", i, err)
		}
	}
	return nil
}

// Check refuses fractions that are none.
func (s SyntheticSplit) Check() error { return checkFractions(s.Fractions) }

func (o Synthetic) names() columnNames {
	c := columnNames{dense: make([]string, o.Dense)}
	for k := range c.dense {
		c.dense[k] = fmt.Sprintf("d%d", k)
	}
	for _, f := range o.Fields.resolve(o.RowsPerField, o.Zipf) {
		c.sparse = append(c.sparse, f.Name)
	}
	return c
}

// synthetic is a Source of generated rows; it is never changed.
type synthetic struct {
	generator
	bounds   [batch.Splits + 1]int
	identity string
}

func openSynthetic(_ context.Context, o Synthetic) (Source, error) {
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("data.%w", err)
	}
	g, err := newGenerator(o)
	if err != nil {
		return nil, err
	}
	return &synthetic{*g, cut(o.Rows, o.Split.Fractions), identify("synthetic", 1, o)}, nil
}

func (s *synthetic) Schema() batch.Schema    { return s.schema }
func (s *synthetic) Rows(sp batch.Split) int { return s.bounds[sp+1] - s.bounds[sp] }
func (s *synthetic) Identity() string        { return s.identity }
func (s *synthetic) About() About            { return About{} }

func (s *synthetic) Batches(sp batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	if n < 1 {
		panic("datasets: a batch has no rows")
	}
	return func(yield func(*batch.Batch, error) bool) {
		first, rows := s.bounds[sp], s.Rows(sp)
		place := shuffled(rows, order)
		d := s.drawer(min(n, rows))
		for from := 0; from < rows; from += n {
			d.start()
			for i := from; i < min(from+n, rows); i++ {
				d.draw(uint64(first + place(i)))
				d.label()
			}
			if !yield(&d.batch, nil) {
				return
			}
		}
	}
}

// generator draws rows of a synthetic set.
type generator struct {
	schema    batch.Schema
	fields    []Field
	zipfs     []*zipf
	dense     []uint64 // a column's key, as below
	sparse    []uint64
	rows      uint64 // keys of the rows and of their labels
	labels    uint64
	terms     []plantedTerm
	intercept float64
	tmp       int
}

// plantedTerm adds scale·(value − mean) to the logit.
type plantedTerm struct {
	term
	mean, scale float64
}

func newGenerator(o Synthetic) (*generator, error) {
	names := o.names()
	g := &generator{
		fields: o.Fields.resolve(o.RowsPerField, o.Zipf),
		rows:   keyOf(o.Seed, "rows"), labels: keyOf(o.Seed, "labels"),
	}
	g.schema.Dense = names.dense
	for _, name := range names.dense {
		g.dense = append(g.dense, keyOf(o.Seed, "column", name))
	}
	samplers := map[[2]float64]*zipf{}
	for _, f := range g.fields {
		g.schema.Sparse = append(g.schema.Sparse, f.schema())
		g.sparse = append(g.sparse, keyOf(o.Seed, "column", f.Name))
		like := [2]float64{float64(f.Rows), *f.Zipf}
		if samplers[like] == nil {
			samplers[like] = newZipf(f.Rows, *f.Zipf)
		}
		g.zipfs = append(g.zipfs, samplers[like])
	}
	p := &planter{names: names, fields: g.fields, zipfs: g.zipfs}
	for i, t := range o.Truth {
		p.key = keyOf(o.Seed, "truth", t.Kind, fmt.Sprint(i))
		g.terms = append(g.terms, plantedTerm{term: t.Options.plant(p)})
	}
	g.tmp = p.tmp
	return g, g.calibrate(o)
}

const sampleRows = 1 << 16

// calibrate gives each term the mean 0 and the standard deviation of its strength, and the set its base rate, over
// a sample of rows that no split has.
func (g *generator) calibrate(o Synthetic) error {
	values := make([][]float64, len(g.terms))
	d := g.drawer(1)
	for i := range sampleRows {
		d.start()
		d.draw(1<<63 + uint64(i))
		for j, t := range g.terms {
			values[j] = append(values[j], t.value(&d.row))
		}
	}
	logits := make([]float64, sampleRows)
	for j := range g.terms {
		mean, sd := moments(values[j])
		if !(sd > 1e-9) {
			return fmt.Errorf("data.truth[%d] (%s) is the same in every row, want fields that vary", j, o.Truth[j].Kind)
		}
		t := &g.terms[j]
		t.mean, t.scale = mean, o.Truth[j].Options.strength()/sd
		for i, v := range values[j] {
			logits[i] += t.scale * (v - mean)
		}
	}
	g.intercept = interceptFor(logits, o.BaseRate)
	return nil
}

func moments(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, math.Sqrt(sd)
}

// interceptFor bisects for the b at which the mean of σ(b + logit) is rate.
func interceptFor(logits []float64, rate float64) float64 {
	lo, hi := -1000.0, 1000.0
	for range 50 {
		mid, mean := (lo+hi)/2, 0.0
		for _, l := range logits {
			mean += sigmoid(mid+l) / float64(len(logits))
		}
		if mean < rate {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
