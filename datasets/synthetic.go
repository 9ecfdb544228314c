package datasets

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"ctrlab/datasets/batch"
)

// Synthetic are the options of a set with planted truth. A row is a function of them and its number alone: with
// Cold also of where train ends, with Drift of how many rows there are.
//
// To learn P parameters from n rows costs a model about P/2n nats of log loss, more where it has more than the truth.
// For that to be little beside what there is to gain, ids must be few, rows many or a term strong: fm with dim 4
// and strength 2 over 10 fields of 100 ids gains 0.21 nats, of which 800,000 rows cost 0.003.
type Synthetic struct {
	Seed         uint64         `json:"seed"`
	Rows         int            `json:"rows"`
	Fields       Fields         `json:"fields"`
	RowsPerField int            `json:"rows_per_field"`     // of fields that do not say
	Zipf         float64        `json:"zipf"`               // likewise: P(id) ∝ (id+1)^-zipf
	Missing      float64        `json:"missing,omitempty"`  // likewise, and of dense features: share of rows without a value
	Cold         float64        `json:"cold,omitempty"`     // likewise: share of ids that train does not have
	Locality     *Locality      `json:"locality,omitempty"` // likewise: how soon ids come again
	Dense        Dense          `json:"dense"`              // features ~ N(0, 1)
	BaseRate     float64        `json:"base_rate"`          // mean of the true probability, before labels are flipped
	LabelNoise   float64        `json:"label_noise,omitempty"`
	Drift        float64        `json:"drift,omitempty"`  // right angles that the truth's vectors turn by from the first row to the last
	Unseen       []string       `json:"unseen,omitempty"` // two fields whose ids together, in valid and test, are pairs that train does not have
	Split        SyntheticSplit `json:"split"`
	Truth        Terms          `json:"truth"`
}

// SyntheticSplit cuts the rows by number into train, valid and test.
type SyntheticSplit struct {
	Fractions []float64 `json:"fractions"`
}

func syntheticDefaults() Synthetic {
	return Synthetic{
		Seed: 1, Rows: 1_000_000, Fields: Fields{Count: 10}, RowsPerField: 100, Zipf: 1.1, BaseRate: 0.5,
		Split: SyntheticSplit{Fractions: defaultFractions()},
		Truth: Terms{{"linear", LinearTruth{Strength: 1}}, {"fm", FMTruth{Strength: 2, Dim: 4}}},
	}
}

const (
	maxMissing = 0.99
	maxCold    = 0.5
	maxNoise   = 0.49
)

// Check refuses values out of range and truths that do not fit the fields.
func (o Synthetic) Check() error {
	switch {
	case o.Rows < 1 || o.Rows > 1<<40:
		return fmt.Errorf("rows is %d, want 1 to %d", o.Rows, 1<<40)
	case o.RowsPerField < 1 || o.RowsPerField > maxRows:
		return fmt.Errorf("rows_per_field is %d, want 1 to %d", o.RowsPerField, maxRows)
	case !between(o.Zipf, 0, maxZipf):
		return fmt.Errorf("zipf is %g, want 0 to %d", o.Zipf, maxZipf)
	case !between(o.Missing, 0, maxMissing):
		return fmt.Errorf("missing is %g, want 0 to %g", o.Missing, maxMissing)
	case !between(o.Cold, 0, maxCold):
		return fmt.Errorf("cold is %g, want 0 to %g", o.Cold, maxCold)
	case !between(o.BaseRate, 0.001, 0.999):
		return fmt.Errorf("base_rate is %g, want 0.001 to 0.999", o.BaseRate)
	case !between(o.LabelNoise, 0, maxNoise):
		return fmt.Errorf("label_noise is %g, want 0 to %g", o.LabelNoise, maxNoise)
	case !between(o.Drift, 0, 1):
		return fmt.Errorf("drift is %g, want 0 to 1", o.Drift)
	case len(o.Truth) == 0:
		return fmt.Errorf("truth is empty, want at least one [[data.truth]]")
	}
	fields, dense := o.columns()
	if err := checkColumns(fields, dense); err != nil {
		return err
	}
	for i, f := range fields {
		if err := f.Locality.fit(f.warm()); err != nil && f.Locality == o.Locality {
			return fmt.Errorf("%w of fields[%d]", err, i)
		} else if err != nil {
			return fmt.Errorf("fields[%d].%w", i, err)
		}
	}
	if err := checkUnseen(o.Unseen, fields); err != nil {
		return err
	}
	return o.checkTruth(o.names())
}

func (o Synthetic) checkTruth(names columnNames) error {
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

// columns returns the fields and the dense features with nothing left to guess.
func (o Synthetic) columns() ([]Field, []DenseColumn) {
	fields, dense := o.Fields.resolve(), o.Dense.resolve()
	for i := range fields {
		fields[i].resolve(o)
	}
	for i := range dense {
		dense[i].resolve(o)
	}
	return fields, dense
}

func (o Synthetic) names() (c columnNames) {
	fields, dense := o.columns()
	c.dense = make([]string, 0, len(dense))
	for _, d := range dense {
		c.dense = append(c.dense, d.Name)
	}
	for _, f := range fields {
		c.sparse = append(c.sparse, f.Name)
	}
	return c
}

// synthetic is a Source of generated rows; it is never changed.
type synthetic struct {
	generator
	names    columnNames
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
	return &synthetic{*g, o.names(), cut(o.Rows, o.Split.Fractions), identify("synthetic", 1, o)}, nil
}

func (s *synthetic) Schema() batch.Schema    { return s.schema }
func (s *synthetic) Rows(sp batch.Split) int { return s.bounds[sp+1] - s.bounds[sp] }
func (s *synthetic) Identity() string        { return s.identity }
func (s *synthetic) About() About            { return About{} }

func (s *synthetic) Batches(sp batch.Split, n int, order uint64) iter.Seq2[*batch.Batch, error] {
	return s.BatchesFrom(sp, n, order, 0)
}

// BatchesFrom implements batch.Seeker.
func (s *synthetic) BatchesFrom(sp batch.Split, n int, order uint64, first int) iter.Seq2[*batch.Batch, error] {
	if n < 1 {
		panic("datasets: a batch has no rows")
	}
	return func(yield func(*batch.Batch, error) bool) {
		rows := s.Rows(sp)
		place := s.places(sp, order)
		d := s.drawer(min(n, rows))
		numbers := make([]uint64, 0, min(n, rows))
		for from := first * n; from < rows; from += n {
			numbers = numbers[:0]
			for i := from; i < min(from+n, rows); i++ {
				numbers = append(numbers, uint64(place(i)))
			}
			d.start()
			d.draw(numbers)
			if !yield(&d.batch, nil) {
				return
			}
		}
	}
}

// places returns which row stands at a place of a split. Of rows with locality an order is one of whole segments,
// and of rows within a few of them: what is drawn in sequence is drawn once.
func (s *synthetic) places(sp batch.Split, order uint64) func(int) int {
	first, rows := s.bounds[sp], s.Rows(sp)
	if s.segment == 0 || order == 0 {
		place := shuffled(rows, order)
		return func(i int) int { return first + place(i) }
	}
	return newWindows(first, rows, s.segment, order).place
}

// checkColumns refuses fields and dense features that do not fit each other.
func checkColumns(fields []Field, dense []DenseColumn) error {
	if max(len(fields), len(dense)) > maxFields {
		return fmt.Errorf("fields or dense are %d, want 0 to %d", max(len(fields), len(dense)), maxFields)
	}
	if len(fields)+len(dense) == 0 {
		return fmt.Errorf("fields is 0 and so is dense, want at least one of either")
	}
	names := map[string]string{}
	for i, d := range dense {
		if names[d.Name] != "" {
			return fmt.Errorf("dense[%d].name is %q, which another has", i, d.Name)
		}
		names[d.Name] = "a dense feature"
	}
	for i, f := range fields {
		if whose := names[f.Name]; whose != "" {
			return fmt.Errorf("fields[%d].name is %q, which %s has", i, f.Name, whose)
		}
		names[f.Name] = "another field"
		if err := f.fit(fields[:i]); err != nil {
			return fmt.Errorf("fields[%d].%w", i, err)
		}
	}
	for i, d := range dense {
		if err := checkOf(d.Of, fields); err != nil {
			return fmt.Errorf("dense[%d].%w", i, err)
		}
	}
	return nil
}

// checkOf refuses to make a column of what is no one-hot field among some.
func checkOf(name string, fields []Field) error {
	if name == "" {
		return nil
	}
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return fmt.Errorf("of is %q, which is no field before it", name)
	}
	if fields[i].MultiHot > 0 {
		return fmt.Errorf("of is %q, which is multi-hot", name)
	}
	return nil
}
